// <hmis-help-chat>: the chat as a custom element. `slot="human"` holds the way to a person.

import { Session } from "./session.js";
import { View } from "./view.js";

const CSS = new URL("chat.css", import.meta.url).href;

export class HmisHelpChat extends HTMLElement {
  #session;
  #view;

  connectedCallback() {
    if (this.#view) return;
    const root = this.attachShadow({ mode: "open" });
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = CSS;
    root.append(sheet);
    const view = () => this.#view;
    this.#session = new Session({
      message: (message, fresh) => view().message(message, fresh),
      queued: (item) => view().queued(item),
      waiting: (on) => view().waiting(on),
      status: (name) => view().status(name),
      refused: (item, error) => view().refused(item, error),
      started: () => view().started(),
      ended: (why) => view().ended(why),
    });
    const session = this.#session;
    this.#view = new View(
      root,
      {
        send: (said, title) => session.send(said, title),
        draft: (text) => {
          session.draft = text;
          session.save();
        },
        erase: () => session.erase(),
        restart: () => this.#restart(),
      },
      session.draft,
    );
    session.start();
  }

  #restart() {
    this.#session.restart();
    this.#view.cleared();
  }

  // No conversation yet, so that a link may begin one.
  get fresh() {
    return this.#session.fresh;
  }

  // Begin a row of the How-To for the person; the conversation shows its title.
  begin(row, title) {
    if (this.#session.over) this.#restart();
    this.#session.send({ start: row }, title);
    this.#view.focus();
  }
}

customElements.define("hmis-help-chat", HmisHelpChat);
