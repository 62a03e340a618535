// The help page: rows begin in the chat, links to a row are copied, and `/?start=row` begins a row once.

import "./chat/element.js";

const chat = document.querySelector("hmis-help-chat");
const rows = document.querySelectorAll("button[data-flow]");
const said = document.querySelector("#page-said");
const COPIED_MS = 4_000;

function begin({ flow, title }) {
  chat.begin(flow, title);
  chat.scrollIntoView({ block: "nearest" });
}

for (const button of rows) button.addEventListener("click", () => begin(button.dataset));

// Plain clicks copy; without a clipboard, and with any key held, a link stays a link.
for (const link of document.querySelectorAll("a.link")) {
  const done = link.nextElementSibling;
  link.addEventListener("click", async (event) => {
    if (!navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(location.origin + location.pathname + link.hash);
    } catch {
      location.assign(link.hash);
      return;
    }
    done.hidden = false;
    said.textContent = said.dataset.copied;
    setTimeout(() => {
      done.hidden = true;
      said.textContent = "";
    }, COPIED_MS);
  });
}

// Only a row of this page, only in a conversation that has not begun, and not again when the page is reloaded.
const address = new URL(location);
const wanted = [...rows].find(({ dataset }) => dataset.flow === address.searchParams.get("start"));
if (address.searchParams.has("start")) {
  address.searchParams.delete("start");
  if (wanted && chat.fresh) {
    address.hash = "";
    history.replaceState(history.state, "", address);
    begin(wanted.dataset);
  } else {
    history.replaceState(history.state, "", address);
    if (wanted) location.replace(`#${wanted.dataset.flow}`);
  }
}
