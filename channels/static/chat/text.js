// The Markdown subset as nodes: paragraphs, lists, bold, links. Never HTML: what is not known stays text.

const TOKEN =
  /\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>()"]*[^\s<>()".,;:!?])|([\w.+-]+@[\w-]+(?:\.[\w-]+)+)/g;
const ITEM = /^\s*(?:[-*•]|(\d{1,2})[.)])\s+(.*)$/;

export function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key in node && key !== "role") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

export function toNodes(text) {
  const nodes = [];
  let list = null;
  let lines = [];
  const paragraph = () => {
    if (lines.length) nodes.push(element("p", {}, ...lines.flatMap((line, n) => [...(n ? [element("br")] : []), ...inline(line)])));
    lines = [];
  };
  for (const line of text.split("\n")) {
    const item = ITEM.exec(line);
    if (item) {
      paragraph();
      const kind = item[1] ? "OL" : "UL";
      if (list?.nodeName !== kind) {
        list = element(kind, item[1] ? { start: Number(item[1]) } : {});
        nodes.push(list);
      }
      list.append(element("li", {}, ...inline(item[2])));
      continue;
    }
    if (line.trim()) {
      list = null;
      lines.push(line);
    } else paragraph();
  }
  paragraph();
  return nodes;
}

function inline(line) {
  const nodes = [];
  let end = 0;
  for (const found of line.matchAll(TOKEN)) {
    const [all, bold, label, target, bare, email] = found;
    nodes.push(line.slice(end, found.index));
    if (bold) nodes.push(element("strong", {}, bold));
    else nodes.push(link(target ?? bare ?? `mailto:${email}`, label ?? bare ?? email) ?? all);
    end = found.index + all.length;
  }
  return [...nodes, line.slice(end)].filter((node) => node !== "");
}

function link(target, label) {
  const protocol = URL.canParse(target) ? new URL(target).protocol : "";
  if (!["http:", "https:", "mailto:"].includes(protocol)) return null;
  return element("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, label);
}

// Pictures come from our own origin or not at all.
export function picture({ src, ...rest }) {
  const url = new URL(src, import.meta.url);
  return url.origin === new URL(import.meta.url).origin ? element("img", { src: url.href, ...rest }) : "";
}
