"""Reads `flows/*.yml` into `Flows`, or raises FlowErrors with everything that is wrong, at its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.flows.check_conditions import check_condition
from bot.flows.errors import FlowErrors
from bot.flows.facts import DomainFacts
from bot.flows.model import LINK, PATTERN_PREFIX, Flow, Flows, Trigger
from bot.flows.read_steps import StepReader
from bot.flows.vocabulary import (
    FLOW_KEYS,
    PATTERN_CONTEXT,
    PUSHED_PATTERNS,
    REFUSED_KEYS,
    REFUSED_PATTERNS,
)
from bot.flows.yaml_items import Item, Report, read

DEFAULT_PATTERNS = Path(__file__).with_name("default_patterns.yml")
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*$")


@dataclass
class _Draft:
    """A flow that was read, with the places that later checks need."""

    flow: Flow
    item: Item
    fields: dict[str, Item]
    reader: StepReader


def load_flows(folder: Path | str, facts: DomainFacts) -> Flows:
    """All flows below the folder, and the default patterns that it does not override.

    Errors name files as given: `folder` joined with the path below it. Raises FlowErrors.
    """
    folder = Path(folder)
    report = Report()
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".yml", ".yaml") and path.is_file())
    if not files:
        report.add(str(folder), 0, "flows", "no .yml file in this folder")
    own = _bodies(files, report)
    default = _bodies([DEFAULT_PATTERNS], report)
    flow_ids = frozenset(own) | frozenset(default)
    drafts = [_read_flow(flow_id, item, facts, flow_ids) for flow_id, item in own.items()]
    linked = {name for draft in drafts for name in draft.flow.uses}
    drafts += _needed_defaults(default, own, linked, facts, flow_ids)
    _check_between(drafts, report)
    if report.errors:
        raise FlowErrors(report.errors)
    return Flows({draft.flow.id: draft.flow for draft in drafts}, facts)


def _bodies(files: list[Path], report: Report) -> dict[str, Item]:
    """Flow id → its YAML, over all files."""
    found: dict[str, Item] = {}
    for path in files:
        name = path.name if path == DEFAULT_PATTERNS else str(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            report.add(name, 0, "file", f"cannot be read: {error}")
            continue
        top = read(text, name, report)
        if top is None:
            continue
        fields = top.mapping()
        for key, item in fields.items():
            if key not in ("flows", "version"):
                item.error("unknown key; expected flows")
        if "flows" not in fields:
            top.error("expected the key flows") if top.is_map else None
            continue
        for flow_id, item in fields["flows"].mapping().items():
            placed = Item(item.node, name, flow_id, report, item.line)
            if not _ID.match(flow_id):
                placed.error("a flow id has letters, digits, _ and -, and does not begin with -")
            if flow_id in found:
                first = found[flow_id]
                placed.error(f"flow {flow_id} is given twice, first in {first.file}:{first.line}")
            else:
                found[flow_id] = placed
    return found


def _needed_defaults(
    default: dict[str, Item],
    own: dict[str, Item],
    linked: set[str],
    facts: DomainFacts,
    flow_ids: frozenset[str],
) -> list[_Draft]:
    """The default patterns that can run: not overridden, and reached by the engine, a trigger or a link."""
    drafts: list[_Draft] = []
    needed = PUSHED_PATTERNS | linked
    waiting = [name for name in default if name not in own]
    while ready := [name for name in waiting if name in needed or _has_known_trigger(default[name], facts)]:
        for name in ready:
            waiting.remove(name)
            draft = _read_flow(name, default[name], facts, flow_ids, is_default=True)
            _say_how_to_override(default[name].report, name)
            needed = needed | set(draft.flow.uses)
            drafts.append(draft)
    return drafts


def _say_how_to_override(report: Report, name: str) -> None:
    """An error inside a default pattern is mended in the domain or by an override, not where it stands."""
    report.errors = [
        replace(error, message=f"{error.message}; add it, or define {name} in flows/")
        if error.file == DEFAULT_PATTERNS.name and error.key.split(".")[0] == name
        else error
        for error in report.errors
    ]


def _has_known_trigger(item: Item, facts: DomainFacts) -> bool:
    triggers = item.value().get("nlu_trigger") or []
    return any(one.get("intent") in facts.intents for one in triggers)


def _read_flow(
    flow_id: str, item: Item, facts: DomainFacts, flow_ids: frozenset[str], *, is_default: bool = False
) -> _Draft:
    fields = item.mapping()
    for name, one in fields.items():
        if name in REFUSED_KEYS:
            one.error(REFUSED_KEYS[name])
        elif name not in FLOW_KEYS:
            one.error(f"unknown key; expected {', '.join(sorted(FLOW_KEYS))}")
    for name in ("description", "steps"):
        if item.is_map and name not in fields:
            item.error(f"{name} is missing")
    reader = StepReader(flow_id, facts, flow_ids)
    flow = Flow(
        id=flow_id,
        steps=reader.read(fields["steps"]) if "steps" in fields else (),
        name=fields["name"].text() if "name" in fields else "",
        description=fields["description"].text() if "description" in fields else "",
        guard=_guard(fields, flow_id, facts),
        triggers=_triggers(fields, facts, is_default=is_default),
        persisted_slots=_persisted(fields),
        run_pattern_completed=_flag(fields, "run_pattern_completed", True),
        metadata=_metadata(fields),
        file=item.file,
        line=item.line,
    )
    _flag(fields, "always_include_in_prompt", False)
    _check_pattern_name(flow, item)
    _check_persisted(flow, fields, reader)
    return _Draft(flow, item, fields, reader)


def _flag(fields: dict[str, Item], name: str, default: bool) -> bool:
    return fields[name].flag(default) if name in fields else default


def _guard(fields: dict[str, Item], flow_id: str, facts: DomainFacts) -> str | bool | None:
    if "if" not in fields:
        return None
    item = fields["if"]
    if item.value() is False:
        return False
    return check_condition(item, flow_id, facts) or None


def _triggers(fields: dict[str, Item], facts: DomainFacts, *, is_default: bool) -> tuple[Trigger, ...]:
    found: list[Trigger] = []
    for entry in fields["nlu_trigger"].items() if "nlu_trigger" in fields else ():
        pair = entry.mapping()
        for name, item in pair.items():
            if name != "intent":
                item.error("unknown key; expected intent")
        if "intent" not in pair:
            entry.error("expected intent") if entry.is_map else None
            continue
        trigger = _trigger(pair["intent"])
        if trigger.intent and trigger.intent not in facts.intents:
            if is_default:
                continue
            pair["intent"].error(f"the domain has no intent {trigger.intent}")
        found.append(trigger)
    return tuple(found)


def _trigger(item: Item) -> Trigger:
    if not item.is_map:
        return Trigger(item.text())
    fields = item.mapping()
    for name, one in fields.items():
        if name not in ("name", "confidence_threshold"):
            one.error("unknown key; expected name, confidence_threshold")
    if "name" not in fields:
        item.error("name is missing")
    threshold: Any = fields["confidence_threshold"].value() if "confidence_threshold" in fields else 0.0
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not 0 <= threshold <= 1:
        fields["confidence_threshold"].error("expected a number from 0 to 1")
        threshold = 0.0
    return Trigger(fields["name"].text() if "name" in fields else "", float(threshold))


def _persisted(fields: dict[str, Item]) -> tuple[str, ...]:
    if "persisted_slots" not in fields:
        return ()
    return tuple(item.text() for item in fields["persisted_slots"].items())


def _metadata(fields: dict[str, Item]) -> dict[str, Any]:
    if "metadata" not in fields:
        return {}
    item = fields["metadata"]
    item.mapping()
    value = item.value()
    return value if isinstance(value, dict) else {}


def _check_pattern_name(flow: Flow, item: Item) -> None:
    if not flow.is_pattern:
        return
    if flow.id in REFUSED_PATTERNS:
        item.error(REFUSED_PATTERNS[flow.id])
    elif flow.id not in PATTERN_CONTEXT and not flow.triggers:
        item.error("no pattern of this name, and without nlu_trigger it would never run")


def _check_persisted(flow: Flow, fields: dict[str, Item], reader: StepReader) -> None:
    if "persisted_slots" not in fields:
        return
    for item in reader.resets:
        item.error("cannot be mixed with persisted_slots")
    for item in fields["persisted_slots"].items():
        name = item.value()
        if name in flow.persisted_slots and name not in (*flow.collects, *flow.sets):
            item.error(f"{name} must be filled by a collect or set_slots step of this flow")


def _check_between(drafts: list[_Draft], report: Report) -> None:
    _check_unique(drafts, "name")
    _check_unique(drafts, "description")
    flows = {draft.flow.id: draft.flow for draft in drafts}
    for draft in drafts:
        for item, target in draft.reader.calls:
            child = flows[target]
            if any(step.kind == LINK for step in child.steps):
                item.error(f"{target} contains a link, so it cannot be called")
            if draft.flow.id in _called_from(flows, target):
                item.error(f"{target} calls {draft.flow.id} again, without end")


def _called_from(flows: dict[str, Flow], flow_id: str) -> set[str]:
    found: set[str] = set()
    waiting = [flow_id]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += [s.value for s in flows[one].steps if s.kind == "call" and s.value in flows]
    return found


def _check_unique(drafts: list[_Draft], key: str) -> None:
    """Compared as Rasa does: without punctuation, spaces and case."""
    seen: dict[str, _Draft] = {}
    for draft in sorted(drafts, key=lambda one: one.flow.id.startswith(PATTERN_PREFIX)):
        text = re.sub(r"[\W_]+", "", str(getattr(draft.flow, key))).lower()
        if not text or key not in draft.fields:
            continue
        if text in seen:
            draft.fields[key].error(f"the same {key} as flow {seen[text].flow.id}")
        else:
            seen[text] = draft
