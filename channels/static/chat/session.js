// One conversation: what was said, what still has to go out, and the connection. Knows nothing of the page.
//
// Tells `on`: message(m, fresh), queued(item), waiting(bool), status(name), refused(item, error), ended(why),
// started(). Messages have sequence numbers without holes, so a replay is harmless and a gap is noticed.

import * as api from "./api.js";
import { Tabs } from "./tabs.js";

const KEY = "hmis-help-chat";
const LONGEST_PAUSE = 15_000;

export class Session {
  ref = null;
  outbox = [];
  draft = "";
  #on;
  #seen = new Map();
  #tabs;
  #stop = new AbortController();
  #sending = false;
  #away = false;
  #sleepers = new Set();
  #checking = false;

  constructor(on) {
    this.#on = on;
    try {
      Object.assign(this, JSON.parse(sessionStorage.getItem(KEY)) ?? {});
    } catch {
      // Storage is off or broken: the conversation then lives as long as the page.
    }
    for (const name of ["online", "pageshow", "focus"]) addEventListener(name, () => this.#nudge());
    document.addEventListener("visibilitychange", () => document.hidden || this.#nudge());
    addEventListener("offline", () => this.#lost());
  }

  get over() {
    return this.#stop.signal.aborted;
  }

  // Nothing has been said in this tab, and there is nothing to come back to.
  get fresh() {
    return !this.ref && !this.outbox.length;
  }

  start() {
    for (const item of this.outbox) this.#on.queued(item);
    if (!navigator.onLine) this.#lost();
    this.#run(this.#stop.signal);
  }

  // Kept in this tab's storage before it is sent: from here on only the server's word removes it.
  send(said, title) {
    const item = { client_id: crypto.getRandomValues(new Uint32Array(4)).join("-"), ...said };
    this.outbox.push({ ...item, title });
    this.save();
    this.#on.queued({ ...item, title });
    this.#flush();
  }

  save() {
    const { ref, outbox, draft } = this;
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ ref, outbox, draft }));
    } catch {
      // See the constructor.
    }
  }

  async erase() {
    if (this.ref) await api.erase(this.ref);
    this.outbox = [];
    this.#tabs?.tell("gone", {});
    this.#end("deleted");
  }

  // A new conversation in place of one that has ended; what has not gone out goes there.
  restart() {
    this.#close();
    this.ref = null;
    this.#seen.clear();
    this.#stop = new AbortController();
    this.save();
    this.#run(this.#stop.signal);
  }

  async #run(signal) {
    await this.#persist(signal, async () => {
      const begun = this.ref;
      if (!begun) {
        const { conversation_id: id, token } = await api.open();
        this.ref = { id, token };
        this.save();
      }
      // Who has spoken already is told what the greeting says; who has not reads it when it suits.
      await this.#catchUp(!begun && this.outbox.length > 0);
    });
    if (signal.aborted) return;
    this.#on.started();
    this.#tabs = new Tabs(this.ref.id, (name, data) => this.#heard(name, data));
    this.#flush();
    await this.#tabs.alone(() =>
      this.#persist(signal, async () => {
        await api.listen(this.ref, this.#cursor(), signal, (name, data) => {
          this.#heard(name, data);
          if (data) this.#tabs.tell(name, data);
        });
        throw new api.Offline();
      }),
    );
  }

  async #catchUp(fresh) {
    for (let more = true; more; ) {
      const page = await api.history(this.ref, this.#cursor());
      for (const message of page.messages) this.#receive(message, fresh);
      more = page.more;
      this.#on.waiting(page.pending);
    }
    this.#found();
  }

  // Until it works or the conversation is over. The first pause is short: a restarting server is soon back.
  async #persist(signal, work) {
    for (let tries = 0; !signal.aborted; tries += 1) {
      const began = Date.now();
      try {
        return await work();
      } catch (error) {
        if (signal.aborted) return;
        if (error.ended) return this.#end("ended");
        if (!(error instanceof api.Offline || error instanceof api.Refused)) console.error(error);
        if (Date.now() - began > 5_000) tries = 0;
        if (tries) this.#lost();
        await this.#pause(Math.max(tries, 0), error.wait);
      }
    }
  }

  #heard(name, data) {
    if (name === "open") this.#found();
    else if (name === "message") this.#receive(data, true);
    else if (name === "state") this.#on.waiting(data.pending);
    else if (name === "gone") this.#end("deleted");
  }

  async #flush() {
    if (this.#sending || !this.ref) return;
    this.#sending = true;
    const { signal } = this.#stop;
    for (let tries = 0; this.outbox.length && !signal.aborted; ) {
      const { title, ...said } = this.outbox[0];
      try {
        const answer = await api.say(this.ref, said);
        tries = 0;
        this.#found();
        this.#taken(said);
        for (const message of [answer.said, ...answer.messages]) if (message) this.#receive(message, true);
        this.#on.waiting(Boolean(answer.pending));
      } catch (error) {
        if (signal.aborted) break;
        if (error.ended) {
          this.#end("ended");
        } else if (error instanceof api.Refused && error.status !== 429) {
          this.#taken(said);
          this.#on.refused({ ...said, title }, error);
        } else {
          if (error.status === 429) this.#on.status("slow_down");
          else this.#lost();
          await this.#pause(tries, error.wait);
          tries += 1;
        }
      }
    }
    if (!signal.aborted) this.#sending = false;
  }

  #taken(said) {
    this.outbox = this.outbox.filter((item) => item.client_id !== said.client_id);
    this.save();
  }

  #receive(message, fresh) {
    if (this.#seen.has(message.seq)) return;
    this.#seen.set(message.seq, message);
    if (message.client_id) this.#taken(message);
    this.#on.message(message, fresh);
  }

  // The last seq up to which nothing is missing: replay begins behind it.
  #cursor() {
    let seq = 0;
    while (this.#seen.has(seq + 1)) seq += 1;
    return seq;
  }

  #lost() {
    this.#away = true;
    this.#on.status(navigator.onLine ? "lost" : "offline");
  }

  #found() {
    if (this.#away) this.#on.status("back");
    this.#away = false;
    this.#flush();
  }

  // Back from sleep, another tab or a dead network: go on at once, and see what was missed.
  async #nudge() {
    for (const wake of [...this.#sleepers]) wake();
    if (this.#checking || !this.#tabs) return;
    this.#checking = true;
    await this.#persist(this.#stop.signal, () => this.#catchUp(true));
    this.#checking = false;
  }

  #pause(tries, seconds) {
    const longest = Math.min(500 * 2 ** Math.min(tries, 8), LONGEST_PAUSE);
    const ms = seconds ? seconds * 1000 : longest * (0.5 + Math.random() / 2);
    return new Promise((done) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        done();
      };
      const timer = setTimeout(wake, ms);
      this.#sleepers.add(wake);
    });
  }

  #end(why) {
    if (this.#stop.signal.aborted) return;
    this.#close();
    this.ref = null;
    this.save();
    this.#on.ended(why);
  }

  #close() {
    this.#stop.abort();
    for (const wake of [...this.#sleepers]) wake();
    this.#sending = false;
    this.#tabs?.close();
    this.#tabs = null;
  }
}
