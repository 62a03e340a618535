"""The director by itself: faults become an apology, events do not answer questions."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot import director as module
from bot.director import LAST_RESORT, Director, Turn
from bot.flows import DomainFacts, Flows, load_flows
from tests.support.assistant_process import FIXTURE

FACTS = DomainFacts.from_yaml(FIXTURE / "domain.yml")
FLOWS: Flows = load_flows(FIXTURE / "flows", FACTS)
ACTIONS = frozenset({*FACTS.actions, *FACTS.responses})


def turn(**more: Any) -> Turn:
    parse = {"text": "", "intent": {"name": "order"}, "entities": []}
    return Turn(**{"parse": parse, "slots": FACTS.initial_slots(), **more})


def test_an_event_starts_its_flow() -> None:
    step = Director(FLOWS, FACTS, ACTIONS).next_step(turn())
    assert step.action == "utter_ask_color"
    assert step.note["happened"] == [["flow_started", "order"]]
    assert step.stack


def test_a_stack_that_is_none_counts_as_empty() -> None:
    step = Director(FLOWS, FACTS, ACTIONS).next_step(
        turn(slots={**FACTS.initial_slots(), "flow_stack": "[1"})
    )
    assert step.action == "utter_ask_color"


def test_a_stack_of_an_older_model_is_told_and_left() -> None:
    frame = {"frame_id": "x", "flow_id": "gone", "step_id": "s", "kind": "flow", "context": {}}
    step = Director(FLOWS, FACTS, ACTIONS).next_step(
        turn(slots={**FACTS.initial_slots(), "flow_stack": [frame]})
    )
    assert step.action == "utter_inform_code_change"


def test_an_action_that_the_domain_lacks_is_an_internal_error(caplog: pytest.LogCaptureFixture) -> None:
    director = Director(FLOWS, FACTS, ACTIONS - {"utter_ask_color"})
    assert director.next_step(turn()).action == LAST_RESORT
    assert "utter_ask_color" in caplog.text


@pytest.mark.parametrize(("steps", "action"), [(0, LAST_RESORT), (1, None)])
def test_a_broken_engine_apologises_once_and_listens(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, steps: int, action: str | None
) -> None:
    def broken(*_args: Any, **_more: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(module, "next_move", broken)
    with caplog.at_level(logging.ERROR):
        step = Director(FLOWS, FACTS, ACTIONS).next_step(turn(steps=steps))
    assert (step.action, step.stack) == (action, [])
    bare = Director(FLOWS, FACTS, frozenset()).next_step(turn(steps=steps))
    assert bare.action is None


def test_data_that_are_no_slots_are_left_out() -> None:
    parse = {
        "text": "",
        "intent": {"name": "event_ticket_filed"},
        "entities": [],
        "event": {"ticket_id": 7, "color": "green", "flow_stack": "x", "nothing": 1, "confirm_ticket": "yes"},
    }
    step = Director(FLOWS, FACTS, ACTIONS).next_step(turn(parse=parse))
    assert step.action == "utter_ticket_filed"
    given = {name: step.slot_changes[name] for name in ("ticket_id", "confirm_ticket")}
    assert given == {"ticket_id": "7", "confirm_ticket": True}
    assert not {"color", "flow_stack", "nothing"} & {
        name for name, value in step.slot_changes.items() if value is not None
    }
