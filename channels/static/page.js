// The help page: rows hand their need to the chat.

import "./chat/element.js";

const chat = document.querySelector("hmis-help-chat");

for (const button of document.querySelectorAll("button[data-need]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    chat.scrollIntoView({ block: "nearest" });
    chat.ask(button.dataset.need);
  });
}
