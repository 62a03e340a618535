// What is seen and heard of a conversation. Builds nodes, never HTML; gets its words from the server's words.yml.

import { element, picture, toNodes } from "./text.js";
import words from "./words.js";

const READ_MS = 2_000;
const BACK_MS = 4_000;
const KEPT_MS = 10_000;
const LONGEST = 2_000;

export class View {
  #ask;
  #items = new Map();
  #choices = null;
  #waiting = false;
  #timers = {};
  #placed = 0;
  #parts = {};

  // `ask`: { send(said, title), draft(text), erase(), restart() }
  constructor(root, ask, draft) {
    this.#ask = ask;
    const part = (name, tag, properties, ...children) =>
      (this.#parts[name] = element(tag, { className: name, ...properties }, ...children));
    const button = (name, label, press, properties) =>
      part(name, "button", { type: "button", textContent: label, onclick: press, ...properties });

    part("typing", "p", { hidden: true, "aria-hidden": "true" }, element("i"), element("i"), element("i"));
    part("list", "ol", { role: "list" });
    part("log", "div", { role: "region", "aria-label": words.conversation, tabIndex: 0 }, this.#parts.list, this.#parts.typing);
    this.#parts.log.onscroll = () => this.#atEnd() && (this.#parts.newer.hidden = true);
    new ResizeObserver(() => this.#near() && this.#follow(true)).observe(this.#parts.log);
    button("newer", words.newer, () => this.#toEnd(), { hidden: true });
    // Announcements live outside the transcript, which says nothing by itself.
    part("said", "div", { role: "log", "aria-live": "polite" });
    part("status", "p", { role: "status" });
    part("error", "p", { role: "alert", id: "error" });
    part("input", "textarea", { id: "input", rows: 1, value: draft, placeholder: words.placeholder, autocomplete: "off" });
    part("send", "button", { textContent: words.send });
    part("form", "form", {}, element("label", { htmlFor: "input", className: "unseen", textContent: words.label }), this.#parts.input, this.#parts.send);
    part("ended", "div", { hidden: true }, part("why", "p"), button("fresh", words.start_new, () => this.#ask.restart()));
    button("over", words.over, () => this.#say(words.over));
    button("erase", words.erase, () => this.#parts.dialog.showModal());
    part(
      "dialog",
      "dialog",
      { "aria-labelledby": "question", "aria-describedby": "explained" },
      element("h3", { id: "question", textContent: words.erase_question }),
      element("p", { id: "explained", textContent: words.erase_explained }),
      element("div", { className: "answers" }, button("keep", words.erase_no, () => this.#parts.dialog.close()), button("yes", words.erase_yes, () => this.#erase())),
    );
    const p = this.#parts;
    part("dock", "div", {}, p.status, p.error, p.form, p.ended, element("div", { className: "tools" }, p.over, p.erase));
    root.append(
      element(
        "section",
        { className: "chat", "aria-labelledby": "name" },
        element("header", {}, element("h2", { id: "name", textContent: words.name }), element("p", { textContent: words.bot })),
        element("div", { className: "middle" }, p.log, p.newer),
        p.dock,
        element("footer", {}, element("slot", { name: "human" })),
      ),
      p.said,
      p.dialog,
    );
    this.#listen();
  }

  // Messages may come late and out of order; the list is in the server's order, unsent ones last.
  message(message, fresh) {
    const own = message.from === "person";
    const key = own && message.client_id ? message.client_id : message.id;
    const near = this.#near();
    const item = this.#item(message, own);
    this.#items.get(key)?.remove();
    this.#items.set(key, item);
    const after = [...this.#parts.list.children].find((other) => Number(other.dataset.seq) > message.seq);
    this.#parts.list.insertBefore(item, after ?? null);
    if (after?.hidden) after.hidden = false;
    if (own) this.#spend(message.seq);
    const offered = !own && message.buttons.length && this.#offer(message);
    if (fresh) {
      this.#announce(own ? words.said_you : words.said_assistant, item.querySelector(".text"));
      if (offered) this.#hear(`${words.choices_said} ${message.buttons.map((button) => button.title).join(", ")}`);
    }
    if (!own) this.#settle();
    this.#follow(near || !fresh);
  }

  // What this tab sends shows at once, and is replaced by the server's copy.
  queued(item) {
    this.#error("");
    const shown = this.#item({ text: item.title, seq: Infinity }, true);
    shown.classList.add("unsent");
    shown.append(element("p", { className: "note", textContent: words.not_sent }));
    // What a link said for the person waits for the greeting, which would push it down.
    shown.hidden = Boolean(item.start) && !this.#items.size;
    this.#items.set(item.client_id, shown);
    this.#parts.list.append(shown);
    this.#spend(Infinity);
    this.#follow(true);
  }

  waiting(on) {
    if (on === this.#waiting) return;
    this.#waiting = on;
    this.#parts.typing.hidden = !on;
    clearTimeout(this.#timers.kept);
    if (on) {
      this.#hear(words.writing);
      this.#timers.kept = setTimeout(() => this.status("kept"), KEPT_MS);
      this.#follow(this.#near());
    } else if (this.#parts.status.dataset.name === "kept") this.status("");
  }

  // Connection and waiting, in plain words; "back" goes by itself.
  status(name) {
    const { status } = this.#parts;
    clearTimeout(this.#timers.status);
    status.dataset.name = name;
    status.textContent = words[name] ?? "";
    this.#parts.list.classList.toggle("away", ["lost", "offline", "slow_down"].includes(name));
    if (name === "back") this.#timers.status = setTimeout(() => this.status(this.#waiting ? "kept" : ""), BACK_MS);
  }

  // The server will not take it: nothing typed is lost, it goes back to where it was written.
  refused(item, error) {
    this.#items.get(item.client_id)?.remove();
    this.#items.delete(item.client_id);
    const { input } = this.#parts;
    if (item.text && !input.value) {
      input.value = item.text;
      this.#drafted();
    }
    this.#error(error.message || words.failed);
  }

  started() {
    this.#parts.ended.hidden = true;
    this.#parts.form.hidden = false;
    this.#parts.over.hidden = this.#parts.erase.hidden = false;
    if (!this.#items.size) this.status("");
  }

  ended(why) {
    const { list, form, ended, why: reason, over, erase, fresh } = this.#parts;
    if (why === "deleted") {
      list.replaceChildren();
      this.#items.clear();
    }
    const focused = this.#focused();
    this.#spend(Infinity);
    this.waiting(false);
    this.status("");
    reason.textContent = words[why];
    form.hidden = over.hidden = erase.hidden = true;
    ended.hidden = false;
    this.#hear(words[why]);
    if (focused) fresh.focus();
  }

  // A new conversation: what is left of the old one goes.
  cleared() {
    const unsent = [...this.#items].filter(([, item]) => item.classList.contains("unsent"));
    this.#items = new Map(unsent);
    this.#parts.list.replaceChildren(...this.#items.values());
    this.started();
    this.#parts.input.focus();
  }

  focus() {
    this.#parts.input.focus();
  }

  #listen() {
    const { form, input } = this.#parts;
    form.onsubmit = (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (text.length > LONGEST) return this.#error(words.too_long);
      if (!text) return input.focus();
      input.value = "";
      this.#drafted();
      this.#say(text);
    };
    input.oninput = () => this.#drafted();
    input.onpointerdown = () => (input.inputMode = "");
    input.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    };
    this.#grow();
  }

  #say(text) {
    this.#ask.send({ text }, text);
    this.#parts.input.focus();
  }

  #drafted() {
    this.#error("");
    this.#grow();
    this.#ask.draft(this.#parts.input.value);
  }

  #grow() {
    const { input } = this.#parts;
    input.style.height = "auto";
    if (input.value) input.style.height = `${input.scrollHeight + 2}px`;
  }

  #error(text) {
    const { error, input } = this.#parts;
    error.textContent = text;
    for (const [name, value] of [["aria-invalid", "true"], ["aria-describedby", "error"]]) {
      if (text) input.setAttribute(name, value);
      else input.removeAttribute(name);
    }
  }

  async #erase() {
    const { dialog } = this.#parts;
    try {
      await this.#ask.erase();
    } catch {
      this.#error(words.failed);
    }
    dialog.close();
  }

  #item(message, own) {
    const text = element("div", { className: "text" }, ...(own ? [element("p", {}, message.text)] : toNodes(message.text)));
    if (message.image) text.append(picture(message.image));
    const who = element("p", { className: "who", textContent: own ? words.you : words.assistant });
    const item = element("li", { className: own ? "own" : "bot" }, who, text);
    item.dataset.seq = message.seq;
    return item;
  }

  // Quick replies: one toolbar, arrows between the buttons, gone as soon as something is said. Says whether they are offered.
  #offer(message) {
    const last = Math.max(...[...this.#parts.list.querySelectorAll(".own")].map((own) => Number(own.dataset.seq)));
    if (message.seq < last || message.seq < Number(this.#choices?.dataset.seq)) return false;
    this.#choices?.remove();
    const buttons = message.buttons.map(({ id, title }, place) =>
      element("button", { type: "button", textContent: title, tabIndex: place ? -1 : 0, onclick: (event) => this.#choose(id, title, event) }),
    );
    this.#choices = element("div", { className: "choices", role: "toolbar", "aria-label": words.choices }, ...buttons);
    this.#choices.dataset.seq = message.seq;
    this.#choices.onkeydown = (event) => {
      const at = buttons.indexOf(event.target);
      const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = buttons.at(to % buttons.length);
      for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
      next.focus();
    };
    this.#parts.typing.before(this.#choices);
    return true;
  }

  #choose(id, title, { pointerType }) {
    const { input } = this.#parts;
    // Focus first, then the buttons may go; a touch must not open the keyboard over the answer.
    if (pointerType === "touch") input.inputMode = "none";
    input.focus({ preventScroll: true });
    this.#ask.send({ button: id }, title);
  }

  #spend(seq) {
    if (!this.#choices || Number(this.#choices.dataset.seq) > seq) return;
    if (this.#choices.contains(this.#focused())) this.#parts.input.focus({ preventScroll: true });
    this.#choices.remove();
    this.#choices = null;
  }

  #focused() {
    return this.#parts.log.getRootNode().activeElement;
  }

  #settle() {
    if (this.#parts.status.dataset.name === "kept") this.status("");
  }

  #announce(speaker, text) {
    const blocks = [...text.children].flatMap((block) => (/[OU]L/.test(block.nodeName) ? [...block.children] : [block]));
    this.#hear(`${speaker} ${blocks.map((block) => block.alt ?? block.textContent).join(" ")}`);
  }

  // Entries leave after they were read, so that browsing does not meet everything twice.
  #hear(text) {
    const entry = element("p", {}, text);
    this.#parts.said.append(entry);
    setTimeout(() => entry.remove(), READ_MS);
  }

  #atEnd() {
    const { log } = this.#parts;
    return log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  }

  // Where the last message left it: the person has not scrolled away to read something.
  #near() {
    return this.#atEnd() || Math.abs(this.#parts.log.scrollTop - this.#placed) < 60;
  }

  #toEnd() {
    const { log } = this.#parts;
    log.scrollTop = log.scrollHeight;
    this.#parts.newer.hidden = true;
  }

  // To the end, but an answer longer than the window stays readable from where it begins.
  #follow(near) {
    const { log, list, newer } = this.#parts;
    if (!near) {
      newer.hidden = false;
      return;
    }
    const own = [...list.querySelectorAll(".own")].at(-1);
    const end = log.scrollHeight - log.clientHeight;
    log.scrollTop = this.#placed = own ? Math.max(0, Math.min(end, own.offsetTop - 8)) : 0;
    newer.hidden = this.#atEnd();
  }
}
