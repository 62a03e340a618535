// Tabs of one conversation: one of them holds the stream and passes on what it hears.

export class Tabs {
  #channel;
  #done = new AbortController();

  constructor(conversation, heard) {
    this.name = `hmis-help-chat ${conversation}`;
    this.#channel = new BroadcastChannel(this.name);
    this.#channel.onmessage = ({ data }) => heard(data.name, data.data);
  }

  tell(name, data) {
    this.#channel.postMessage({ name, data });
  }

  // Runs `work` while this tab is the one; without Web Locks (plain http) every tab is.
  async alone(work) {
    if (!navigator.locks) return work();
    try {
      await navigator.locks.request(this.name, { signal: this.#done.signal }, work);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  close() {
    this.#done.abort();
    this.#channel.close();
  }
}
