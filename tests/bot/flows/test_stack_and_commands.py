"""What goes through JSON and comes back, what old stacks become, and what a turn may cost."""

import json
from typing import Any

import pytest

from bot.flows import (
    MAX_STEPS,
    CannotHandle,
    Clarify,
    Command,
    CorrectSlot,
    Frame,
    SetSlot,
    SlotFacts,
    StartFlow,
    command_from_json,
    next_move,
    open_question,
    stack_from_json,
    stack_to_json,
)
from bot.flows.commands import BY_WORD
from tests.support.flow_talk import Talk, flows_of, places

FLOWS = {
    "a": {"steps": [{"collect": "name"}, {"action": "utter_a"}]},
    "b": {"steps": [{"collect": "email"}]},
    "loop": {"steps": [{"id": "one", "action": "utter_hello", "next": "one"}]},
}
COMMANDS: list[Command] = [
    StartFlow("a"),
    StartFlow("a", waits=True),
    CorrectSlot("x", 1, again=True),
    SetSlot("x", [1, None]),
    Clarify(("a", "b")),
    CannotHandle("why"),
    *(cls() for word, cls in BY_WORD.items() if word not in ("start flow", "set slot", "correct slot")),
]


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_commands_survive_json(command: Command) -> None:
    assert command_from_json(json.loads(json.dumps(command.to_json()))) == command


def test_what_is_ours_stands_in_json_only_where_it_says_something() -> None:
    assert StartFlow("a").to_json() == {"command": "start flow", "flow": "a"}
    assert StartFlow("a", waits=True).to_json() == {"command": "start flow", "flow": "a", "waits": True}


def test_the_words_of_commands() -> None:
    assert SetSlot("x", 1).to_json() == {"command": "set slot", "name": "x", "value": 1}
    assert set(BY_WORD) >= {"start flow", "human handoff", "cannot handle", "chit chat", "internal error"}


@pytest.mark.parametrize(
    "data", [{}, {"command": "fly"}, {"command": "set slot"}, {"command": "cancel flow", "x": 1}]
)
def test_malformed_commands(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        command_from_json(data)


@pytest.mark.parametrize("data", [5, [5], ["x"], [{"x": 1}], "{", '"x"'])
def test_malformed_stacks(data: Any) -> None:
    with pytest.raises(ValueError):
        stack_from_json(data)


def test_stacks_survive_json_as_data_and_as_text() -> None:
    stack = (Frame("1", "a", "x", "flow", {"trail": ["x"]}), Frame("2", "b"))
    data = stack_to_json(stack)
    assert stack_from_json(data) == stack == stack_from_json(json.dumps(data))
    assert stack_from_json(None) == ()


@pytest.mark.parametrize(
    ("slot", "value", "wanted"),
    [
        (SlotFacts("s", "bool"), "True", True),
        (SlotFacts("s", "bool"), False, False),
        (SlotFacts("s", "bool"), None, None),
        (SlotFacts("s", "categorical", ("Red", "1")), "red", "Red"),
        (SlotFacts("s", "categorical", ("Red", "1")), 1, "1"),
        (SlotFacts("s", "float"), "1.5", 1.5),
        (SlotFacts("s", "text"), 5, "5"),
        (SlotFacts("s", "any"), [1], [1]),
        (SlotFacts("s", "bool"), "perhaps", ValueError),
        (SlotFacts("s", "categorical", ("Red",)), "green", ValueError),
        (SlotFacts("s", "float"), "old", ValueError),
        (SlotFacts("s", "float"), "nan", ValueError),
    ],
)
def test_values_of_slots(slot: SlotFacts, value: Any, wanted: Any) -> None:
    if wanted is ValueError:
        with pytest.raises(ValueError):
            slot.coerce(value)
    else:
        assert slot.coerce(value) == wanted and type(slot.coerce(value)) is type(wanted)


def test_a_turn_that_does_not_end_is_ended() -> None:
    talk = Talk(flows_of(FLOWS))
    said = talk.turn(StartFlow("loop"))
    assert said == ["utter_hello"] * MAX_STEPS + ["utter_internal_error_rasa"]
    assert talk.stack == ()


def test_an_apology_that_does_not_end_is_ended_too() -> None:
    apology = {"steps": [{"id": "one", "action": "utter_a", "next": "one"}]}
    talk = Talk(flows_of({**FLOWS, "pattern_internal_error": apology}))
    said = talk.turn(StartFlow("loop"))
    assert len(said) == MAX_STEPS + 5 and talk.stack == ()


@pytest.mark.parametrize(
    "stack",
    [
        (Frame("1", "gone", "x"),),
        (Frame("1", "a", "gone"),),
        (Frame("1", "a", "2_utter_a"), Frame("2", "pattern_collect_information", "wait", "pattern")),
        (Frame("1", "pattern_collect_information", "wait", "pattern"),),
        (Frame("1", "a", "1_name"), Frame("2", "b", "START", "call")),
        (Frame("1", "b", "START", "call"),),
    ],
)
def test_a_stack_of_other_flows_is_said_and_dropped(stack: tuple[Frame, ...]) -> None:
    talk = Talk(flows_of(FLOWS))
    talk.stack = stack
    assert talk.turn(SetSlot("name", "n")) == ["utter_inform_code_change"]
    assert (talk.stack, talk.slots["name"]) == ((), None)


def test_what_was_asked_for_is_started_after_a_code_change() -> None:
    talk = Talk(flows_of(FLOWS))
    talk.stack = (Frame("1", "gone", "x"),)
    assert talk.turn(StartFlow("b"), StartFlow("a")) == ["utter_inform_code_change", "utter_ask_email"]
    assert places(talk.stack) == ["a.START", "b.1_email", "ask email"]


def test_nothing_is_open_on_an_empty_stack_or_in_a_flow_that_says_something() -> None:
    assert open_question(()) is None
    assert open_question((Frame("1", "a"),)) is None


def test_frames_are_named_anew_each_time() -> None:
    flows = flows_of(FLOWS)
    ids = [next_move(flows, (), {}, [StartFlow("a")]).stack[0].frame_id for _ in range(2)]
    assert ids[0] != ids[1]


def test_what_is_given_is_not_changed() -> None:
    flows, slots = flows_of(FLOWS), {"name": None}
    stack = next_move(flows, (), slots, [StartFlow("a")]).stack
    before = json.dumps(stack_to_json(stack))
    next_move(flows, stack, slots, [SetSlot("name", "n"), StartFlow("b")])
    assert (json.dumps(stack_to_json(stack)), slots) == (before, {"name": None})
