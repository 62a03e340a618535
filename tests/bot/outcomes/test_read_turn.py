"""A turn's events → what they mean for the counts, as a table (events.yml)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.outcomes import Sign, load_table, read_turn

CASES = yaml.safe_load((Path(__file__).parent / "events.yml").read_text(encoding="utf-8"))
AT = "2026-11-23T18:00:00+00:00"


def frame(flow: str, **context: Any) -> dict[str, Any]:
    kind = "pattern" if flow.startswith("pattern_") else "flow"
    return {"frame_id": flow, "flow_id": flow, "step_id": "1", "kind": kind, "context": context}


def to_event(short: dict[str, Any]) -> dict[str, Any]:
    """The event as Rasa logs it."""
    metadata = {"turn_id": "t", "at": AT, "channel": "web", "identity": {"level": "anonymous", "email": None}}
    if "user" in short:
        parse: dict[str, Any] = {"text": short["user"], "intent": {"name": "inform"}}
        return {"event": "user", "text": short["user"], "parse_data": parse, "metadata": metadata}
    if "pressed" in short:
        parse = {"text": "", "commands": [{"command": "cannot handle"}], "intent": {"name": None}}
        return {"event": "user", "text": "", "parse_data": parse, "metadata": metadata}
    if "intent" in short:
        parse = {"text": "", "intent": {"name": short["intent"]}, "event": {}}
        return {"event": "user", "text": "", "parse_data": parse, "metadata": metadata}
    if "did" in short:
        return {"event": "action", "name": short["did"]}
    if "said" in short:
        return {"event": "bot", "text": "…", "metadata": {"utter_action": short["said"]}}
    if "set" in short:
        return {"event": "slot", "name": short["set"], "value": short["value"], "metadata": {}}
    stack = [frame(flow) | {"kind": "queued"} for flow in short.get("queued", [])]
    stack += [frame(flow) for flow in short["stack"]]
    if "asks" in short:
        stack.append(frame("pattern_collect_information", collect=short["asks"]))
    if "waits" in short:
        stack.append(frame(short["waits"]))
    note = {"happened": short["flows"]} | ({"repeats": short["repeats"]} if "repeats" in short else {})
    return {"event": "slot", "name": "flow_stack", "value": stack, "metadata": note}


def to_line(sign: Sign) -> str:
    under = ["under", sign.under] if sign.under else []
    return " ".join([sign.kind, *([sign.row] if sign.row else []), *under])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_a_turn_means(case: dict[str, Any]) -> None:
    turn = read_turn([to_event(short) for short in case["events"]], load_table())
    assert turn is not None
    assert [to_line(sign) for sign in turn.signs] == case["signs"]
    assert turn.asking == case.get("asking")
    assert (turn.event, turn.channel, turn.at.isoformat()) == (case.get("event"), "web", AT)


@pytest.mark.parametrize(
    "events",
    [
        [],
        [to_event({"did": "action_listen"}), to_event({"said": "utter_in_again"})],
        [{"event": "user", "text": "hello", "parse_data": {"text": "hello"}}],
        [{"event": "user", "text": "hello", "parse_data": None, "metadata": {"at": None, "channel": "web"}}],
    ],
)
def test_what_is_no_turn_counts_nothing(events: list[dict[str, Any]]) -> None:
    assert read_turn(events, load_table()) is None
