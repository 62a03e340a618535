"""Draws each flow as Mermaid Markdown: `python -m bot.flows.diagram flows domain.yml OUTDIR`.

One file per flow, named after it, and `README.md` that lists them. The same flows give the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.flows.errors import FlowErrors
from bot.flows.facts import DomainFacts
from bot.flows.loader import load_flows
from bot.flows.model import ACTION, CALL_STEP, COLLECT, LINK, SET_SLOTS, Flow, Flows, Step
from bot.flows.stack import END

SHAPES = {
    ACTION: ("[", "]"),
    COLLECT: ("[/", "/]"),
    SET_SLOTS: ("[[", "]]"),
    LINK: ("([", "])"),
    CALL_STEP: ("[[", "]]"),
}
BRANCH_SHAPE = ("{", "}")


def to_markdown(flow: Flow) -> str:
    """Heading, what starts the flow, and the drawing."""
    facts = [flow.description, ""]
    if flow.triggers:
        facts.append("Started by: " + ", ".join(f"`{one.intent}`" for one in flow.triggers))
    if flow.guard is not None:
        facts.append(f"Only if: `{flow.guard}`")
    if flow.persisted_slots:
        facts.append("Kept afterwards: " + ", ".join(f"`{name}`" for name in flow.persisted_slots))
    drawing = ["```mermaid", *to_mermaid(flow), "```"]
    return "\n".join([f"# {flow.title} (`{flow.id}`)", "", *facts, "", *drawing, ""])


def to_mermaid(flow: Flow) -> list[str]:
    """The lines of a Mermaid flowchart."""
    names = {step.id: f"s{place}" for place, step in enumerate(flow.steps)} | {END: "done"}
    lines = ["flowchart TD", "  start((start))", "  done((end))", f"  start --> {names[flow.steps[0].id]}"]
    for step in flow.steps:
        left, right = SHAPES.get(step.kind, BRANCH_SHAPE)
        lines.append(f'  {names[step.id]}{left}"{_quoted(_label(step))}"{right}')
        if step.kind == LINK:
            continue
        for branch in step.next:
            alone = len(step.next) == 1 and branch.when is None
            label = "" if alone else f'|"{_quoted(branch.when or "else")}"|'
            lines.append(f"  {names[step.id]} -->{label} {names[branch.to]}")
        for one in step.rejections:
            text = _quoted(f"rejected: {one.when} → {one.utter}")
            lines.append(f'  {names[step.id]} -.->|"{text}"| {names[step.id]}')
    return lines


def _label(step: Step) -> str:
    if step.kind == SET_SLOTS:
        return ", ".join(f"{name} = {'null' if value is None else value}" for name, value in step.slots)
    if step.kind == COLLECT:
        return f"ask {step.value}" + (" (each time)" if step.ask_before_filling else "")
    if step.kind in (CALL_STEP, LINK):
        return f"{step.kind} {step.value}"
    return step.value or step.id


def _quoted(text: str) -> str:
    """Mermaid labels in quotes take HTML entities for what would end them."""
    for sign, entity in (("&", "#amp;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        text = text.replace(sign, entity)
    return text


def write(flows: Flows, folder: Path) -> list[Path]:
    """Write a page per flow and the list; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for flow in flows.values():
        path = folder / f"{flow.id}.md"
        path.write_text(to_markdown(flow), encoding="utf-8")
        written.append(path)
    lines = [f"- [{flow.title}]({flow.id}.md): {flow.description}" for flow in flows.values()]
    index = folder / "README.md"
    index.write_text("\n".join(["# Flows", "", *lines, ""]), encoding="utf-8")
    return [*written, index]


def main(arguments: list[str]) -> int:
    """0 when written, 1 when the flows do not load, 2 for wrong arguments."""
    if len(arguments) != 3:
        print("usage: python -m bot.flows.diagram FLOWS DOMAIN OUTDIR", file=sys.stderr)
        return 2
    try:
        flows = load_flows(Path(arguments[0]), DomainFacts.from_yaml(Path(arguments[1])))
    except FlowErrors as errors:
        print(errors)
        return 1
    write(flows, Path(arguments[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
