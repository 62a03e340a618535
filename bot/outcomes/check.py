"""Does table.yml fit the flows? What is renamed, or ends in a new way, is named before anything runs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from bot.flows import DomainFacts, Flow, Flows
from bot.flows.model import ACTION
from bot.flows.stack import END
from bot.outcomes.table import PATH, Table, TableError, load_table
from common.yaml_lines import Entry, read_mapping


def check_table(flows: Flows, facts: DomainFacts, path: Path = PATH) -> None:
    """Raises TableError for names that do not exist, and for flows and ends of flows that the table lacks."""
    table = load_table(path)
    root = read_mapping(path)
    findings = [
        *_unknown(root.child("rows"), table.rows, flows, "flow"),
        *_unknown(root.child("human_flows"), table.human_flows, table.rows, "flow among the rows"),
        *_unknown(root.child("results"), table.results, facts.slots, "slot"),
        *_unknown(root.child("events"), table.events, facts.intents, "intent"),
    ]
    says = root.child("says")
    for entry in says.mapping().values():
        findings += _unknown(entry, entry.value, facts.responses, "response")
    for flow in flows.values():
        if flow.metadata.get("offer") and flow.id not in table.rows:
            findings.append(str(root.child("rows").error(f"the flow {flow.id} is in no row")))
    for flow_id in table.rows:
        if flow_id in flows:
            findings += _uncounted_ends(flows[flow_id], flows, table, says)
    if findings:
        raise TableError("\n".join(dict.fromkeys(findings)))


def _unknown(entry: Entry, named: Iterable[str], known: Container[str], what: str) -> Iterator[str]:
    return (str(entry.error(f"there is no {what} {name}")) for name in named if name not in known)


def _uncounted_ends(flow: Flow, flows: Flows, table: Table, says: Entry) -> Iterator[str]:
    """Responses with which the flow, or one that it calls, can end, and which the table does not know."""
    for part in flows.subflows(flow):
        for step in part.steps:
            is_end = step.kind == ACTION and any(branch.to == END for branch in step.next)
            if is_end and step.value.startswith("utter_") and step.value not in table.says:
                place = f"{part.file}:{step.line}: {part.id}"
                yield str(says.error(f"{place} can end with {step.value}; name it under what it means"))
