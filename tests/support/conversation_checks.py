"""What can be said about one turn: each check gives None, or one line with what was expected and found."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.tracker_log import LoggedTurn

Problem = str | None


@dataclass(frozen=True)
class TurnSeen:
    """`messages` as they came out of the assistant's door; `logged` as its tracker has them."""

    messages: Sequence[Mapping[str, Any]]
    logged: LoggedTurn

    def said(self) -> list[dict[str, Any]]:
        """Each message with its response's name and its buttons' payloads, which never leave the tracker."""
        utterances = [event for event in self.logged.utterances() if event.get("text") or event.get("data")]
        by_id = {event["metadata"].get("message_id"): event for event in utterances}
        return [_joined(message, by_id.get(message["id"])) for message in self.messages]


def _joined(message: Mapping[str, Any], event: Mapping[str, Any] | None) -> dict[str, Any]:
    payloads = [button.get("payload") for button in ((event or {}).get("data", {}).get("buttons") or [])]
    titles = [button["title"] for button in message["buttons"]]
    return {
        "text": message["text"] or "",
        "utter_name": (event or {}).get("metadata", {}).get("utter_action"),
        "buttons": [
            {"title": title, "payload": payload}
            for title, payload in zip(titles, payloads or [None] * len(titles), strict=False)
        ],
    }


def check_bot(turn: TurnSeen, wanted: str) -> Problem:
    said = [_plain(message["text"]) for message in turn.said()]
    return None if _plain(wanted) in said else f"expected the message {wanted!r}; the messages were {said}"


def check_utter(turn: TurnSeen, wanted: str) -> Problem:
    names = [message["utter_name"] for message in turn.said()]
    return None if wanted in names else f"expected {wanted}; the responses were {names}"


def check_slot_was_set(turn: TurnSeen, wanted: Sequence[Mapping[str, Any]]) -> Problem:
    """Set in this turn, or holding the value at its end."""
    for slot in wanted:
        name = slot["name"]
        values = [*turn.logged.slots_set().get(name, []), turn.logged.slots.get(name)]
        if "value" in slot and not any(_same(value, slot["value"]) for value in values):
            return f"expected slot {name} = {slot['value']!r}; it is {values[-1]!r}"
        if "value" not in slot and all(value is None for value in values):
            return f"expected slot {name} to be set; it is not"
    return None


def check_slot_was_not_set(turn: TurnSeen, wanted: Sequence[Mapping[str, Any]]) -> Problem:
    """Neither set in this turn nor holding a value (or this value) at its end."""
    for slot in wanted:
        name = slot["name"]
        values = [*turn.logged.slots_set().get(name, []), turn.logged.slots.get(name)]
        if "value" in slot and any(_same(value, slot["value"]) for value in values):
            return f"expected slot {name} never to be {slot['value']!r}; it was"
        if "value" not in slot and any(value is not None for value in values):
            return f"expected slot {name} not to be set; it is {values[-1]!r}"
    return None


def check_flow_started(turn: TurnSeen, wanted: tuple[str, Sequence[str]]) -> Problem:
    return _contains("flows started", turn.logged.flows_started(), wanted)


def check_flow_completed(turn: TurnSeen, wanted: str) -> Problem:
    return _contains("flows completed", turn.logged.flows_completed(), ("all", [wanted]))


def check_flow_cancelled(turn: TurnSeen, wanted: str) -> Problem:
    return _contains("flows cancelled", turn.logged.flows_cancelled(), ("all", [wanted]))


def check_clarification(turn: TurnSeen, wanted: tuple[str, Sequence[str]]) -> Problem:
    return _contains("flows offered", turn.logged.flows_offered(), wanted)


def check_action_executed(turn: TurnSeen, wanted: str) -> Problem:
    return _contains("actions executed", turn.logged.actions(), ("all", [wanted]))


def check_bot_uttered(turn: TurnSeen, wanted: Mapping[str, Any]) -> Problem:
    """One message fits everything that is asked for."""
    if any(_fits(message, wanted) for message in turn.said()):
        return None
    return f"expected a message with {dict(wanted)}; the messages were {turn.said()}"


def check_bot_did_not_utter(turn: TurnSeen, wanted: Mapping[str, Any]) -> Problem:
    fitting = [message for message in turn.said() if _fits(message, wanted)]
    return f"expected no message with {dict(wanted)}; there was {fitting[0]}" if fitting else None


CHECKS: dict[str, Callable[[TurnSeen, Any], Problem]] = {
    "bot": check_bot,
    "utter": check_utter,
    "slot_was_set": check_slot_was_set,
    "slot_was_not_set": check_slot_was_not_set,
    "flow_started": check_flow_started,
    "flow_completed": check_flow_completed,
    "flow_cancelled": check_flow_cancelled,
    "pattern_clarification_contains": check_clarification,
    "action_executed": check_action_executed,
    "bot_uttered": check_bot_uttered,
    "bot_did_not_utter": check_bot_did_not_utter,
}


def _fits(message: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    if "utter_name" in wanted and message["utter_name"] != wanted["utter_name"]:
        return False
    if "text_matches" in wanted and not re.search(wanted["text_matches"], message["text"]):
        return False
    if "buttons" in wanted:
        buttons = message["buttons"]
        return len(buttons) == len(wanted["buttons"]) and all(
            all(button.get(key) == value for key, value in expected.items())
            for button, expected in zip(buttons, wanted["buttons"], strict=True)
        )
    return True


def _contains(what: str, found: Sequence[str], wanted: tuple[str, Sequence[str]]) -> Problem:
    operator, names = wanted
    holds = any if operator == "any" else all
    if holds(name in found for name in names):
        return None
    return f"expected {operator} of {list(names)} among the {what}; there were {list(found)}"


def _same(found: Any, wanted: Any) -> bool:
    """YAML reads `1001` as a number and `2026-11-23` as a date; slots hold text."""
    if isinstance(wanted, bool) or isinstance(found, bool) or wanted is None or found is None:
        return found is wanted
    return bool(found == wanted) or str(found) == str(wanted)


def _plain(text: str) -> str:
    return " ".join(text.split())
