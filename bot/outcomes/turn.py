"""What one turn means for the counts, read from its events as the log has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.flows import open_question, stack_from_json
from bot.flows.stack import QUEUED
from bot.outcomes.table import Table

STACK_SLOT, ROW_SLOT, RESULT = "flow_stack", "row", "_outcome"
CAME, ENDED, MISSED, STOPPED = "came", "ended", "missed", "stopped"


@dataclass(frozen=True)
class Sign:
    """One thing that happened, in its order: `came` to a row, a row `ended`, or a meaning of the table.

    `row`: the row that was come to, has ended, or was stopped while the one below goes on; None elsewhere,
    for the row under way. `under`: the row whose flow goes on after an end.
    """

    kind: str
    row: str | None = None
    under: str | None = None


@dataclass(frozen=True)
class TurnFacts:
    """`at`: the turn's moment, aware. `event`: its intent when not a person but something outside spoke.

    `asking`: the slot of the question that is open at the end.
    """

    at: datetime
    channel: str
    event: str | None
    signs: tuple[Sign, ...]
    asking: str | None = None


def read_turn(events: Iterable[Mapping[str, Any]], table: Table) -> TurnFacts | None:
    """The newest turn among the events (as logged); None when there is none that can be counted."""
    spoken: Mapping[str, Any] | None = None
    signs: list[Sign] = []
    stack: Sequence[Any] = ()
    action, repeats = "", False
    for event in events:
        kind = event.get("event")
        if kind == "user":
            spoken, signs, action, repeats = event, [], "", False
        elif spoken is None:
            continue
        elif kind == "action":
            action = str(event.get("name"))
        elif kind == "slot" and event.get("name") == STACK_SLOT:
            note = event.get("metadata") or {}
            repeats = bool(note.get("repeats"))
            stack = event.get("value") or ()
            signs += _flow_signs(note.get("happened") or (), stack, table)
        elif kind == "slot":
            signs += _slot_signs(str(event.get("name")), event.get("value"), action, table)
        elif kind == "bot" and not repeats:
            said = str((event.get("metadata") or {}).get("utter_action"))
            meanings = [meaning for meaning in table.says.get(said, ()) if meaning != "nothing"]
            signs += [Sign(meaning, _just_ended(signs, meaning)) for meaning in meanings]
    return _to_facts(spoken, signs, _asking(stack), table) if spoken is not None else None


def _just_ended(signs: Sequence[Sign], meaning: str) -> str | None:
    """A stop is told after its flow is gone: it is about that row, not about the one that goes on below."""
    ended = next((sign for sign in reversed(signs) if sign.kind == ENDED), None)
    return ended.row if ended and ended.under and meaning == STOPPED else None


def _asking(stack: Sequence[Any]) -> str | None:
    try:
        question = open_question(stack_from_json(stack))
    except ValueError:  # an older program's
        return None
    return question.slot if question else None


def _to_facts(
    spoken: Mapping[str, Any], signs: list[Sign], asking: str | None, table: Table
) -> TurnFacts | None:
    metadata = spoken.get("metadata") or {}
    if not isinstance(metadata.get("at"), str) or not metadata.get("channel"):
        return None
    event = _event_of(spoken)
    if event is not None:
        signs = [sign for sign in signs if sign.kind != "in"]  # only the person's own word counts as said
        signs += [Sign(table.events[event])] if event in table.events else []
    at = datetime.fromisoformat(metadata["at"])
    return TurnFacts(at, str(metadata["channel"]), event, tuple(signs), asking)


def _event_of(spoken: Mapping[str, Any]) -> str | None:
    """The intent of what happened outside the chat; None for what a person typed or pressed."""
    parse = spoken.get("parse_data") or {}
    intent = (parse.get("intent") or {}).get("name")
    return str(intent) if intent and not parse.get("text") and not parse.get("commands") else None


def _flow_signs(happened: Iterable[Sequence[str]], stack: Sequence[Any], table: Table) -> list[Sign]:
    signs: list[Sign] = []
    for kind, flow in happened:
        row = table.rows.get(flow)
        if row is None:
            continue
        if kind != "flow_started":
            signs.append(Sign(ENDED, row, _row_on_top(stack, table)))
            continue
        signs.append(Sign(CAME, row))
        if flow in table.human_flows:
            signs.append(Sign("human"))
    return signs


def _row_on_top(stack: Sequence[Any], table: Table) -> str | None:
    """Of the flow that goes on; one that waits for its turn has not begun."""
    under_way = [frame for frame in stack if isinstance(frame, Mapping) and frame.get("kind") != QUEUED]
    flows = [str(frame.get("flow_id")) for frame in reversed(under_way)]
    return next((table.rows[flow] for flow in flows if flow in table.rows), None)


def _slot_signs(name: str, value: Any, action: str, table: Table) -> list[Sign]:
    if name == ROW_SLOT:
        return [Sign(CAME, value)] if value in table.rows.values() else []
    # A result counts where its action has just given it, not where an interrupted flow gets it back.
    if name in table.results and action == f"action_{name.removesuffix(RESULT)}":
        meaning = table.results[name].get(str(value))
        return [Sign(meaning)] if meaning else []
    return []
