"""Properties: whatever is said in whatever order, the engine never raises and every turn ends."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.flows import (
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    Continue,
    CorrectSlot,
    DomainFacts,
    DropWaiting,
    Flows,
    HumanHandoff,
    InternalError,
    Repeat,
    Restart,
    SetSlot,
    SkipQuestion,
    StartFlow,
    load_flows,
    open_question,
)
from bot.flows.machine import GRACE, MAX_STEPS
from tests.support.flow_talk import Talk, flows_of

SMALL = flows_of(
    {
        "a": {
            "steps": [
                {"collect": "color", "next": [{"if": "slots.color = 'red'", "then": "red"}, {"else": "ask"}]},
                {"id": "red", "set_slots": [{"kind": "warm"}]},
                {"call": "child"},
                {"id": "ask", "collect": "sure", "ask_before_filling": True,
                 "next": [{"if": "slots.sure", "then": "file"}, {"else": "red"}]},
                {"id": "file", "action": "action_file_ticket"},
                {"link": "b"},
            ]
        },
        "b": {"steps": [{"collect": "email"}, {"action": "action_lookup"}, {"collect": "age", "rejections": [
            {"if": "slots.age < 18", "utter": "utter_bad_name"}]}]},
        "child": {"if": False, "steps": [
            {"collect": "name", "ask_before_filling": True}, {"collect": "code"}]},
        "loop": {"steps": [{"id": "one", "action": "utter_hello", "next": "one"}]},
        "stuck": {"steps": [{"noop": True, "next": [{"if": "slots.sure", "then": "END"}]}]},
    },
    quiet=False,
)  # fmt: skip
OWN = DomainFacts.from_yaml(Path("domain.yml"))
OURS = load_flows(Path("flows"), OWN)
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def values_of(flows: Flows, name: str) -> st.SearchStrategy[Any]:
    slot = flows.slots[name]
    known: list[Any] = [None, *slot.values, True, False, "x", "a@b.org", "Ann Lee", 5, 50]
    return st.sampled_from(known)


def commands(flows: Flows) -> st.SearchStrategy[Command]:
    flow_ids = st.sampled_from([*flows, "nowhere"])
    names = st.sampled_from([name for name in flows.slots if name != "flow_stack"])
    fills = names.flatmap(lambda name: values_of(flows, name).map(lambda value: (name, value)))
    # Answers and new flows are the greater part of what people say.
    return st.one_of(
        fills.map(lambda pair: SetSlot(*pair)),
        fills.map(lambda pair: SetSlot(*pair)),
        fills.map(lambda pair: CorrectSlot(*pair)),
        flow_ids.map(StartFlow),
        flow_ids.map(lambda flow: StartFlow(flow, waits=True)),
        st.lists(flow_ids, max_size=4).map(lambda ids: Clarify(tuple(ids))),
        st.sampled_from(
            [CancelFlow(), SkipQuestion(), Repeat(), HumanHandoff(), CannotHandle("x"), Restart(), ChitChat(),
             Continue(), InternalError("x"), DropWaiting()]
        ),
    )  # fmt: skip


def turns(flows: Flows) -> st.SearchStrategy[list[tuple[bool, list[Command]]]]:
    """Each turn: answer the open question first, or not, and up to three commands."""
    return st.lists(st.tuples(st.booleans(), st.lists(commands(flows), max_size=3)), max_size=12)


def play(flows: Flows, initial: dict[str, Any], script: list[tuple[bool, list[Command]]]) -> None:
    talk = Talk(flows, initial)
    talk.answers = {
        "action_file_ticket": {"file_ticket_outcome": "ok"},
        "action_prepare_ticket": {"prepare_ticket_outcome": "ok", "ticket_key": "k"},
    }
    most = len(flows) * 4
    for answers, given_commands in script:
        question = open_question(talk.stack)
        said: list[Command] = list(given_commands)
        if answers and question is not None:
            slot = flows.slots[question.slot]
            value = (slot.values or ({"bool": True, "float": 30}.get(slot.type, "Ann Lee"),))[0]
            said.insert(0, SetSlot(question.slot, value))
        actions = talk.turn(*said)
        assert len(actions) <= MAX_STEPS + GRACE
        assert len(talk.stack) <= most
        assert all(frame.flow_id in flows for frame in talk.stack)
        assert len({frame.frame_id for frame in talk.stack}) == len(talk.stack)
        # A pattern may wait above a question that was just answered; on top a question has no answer yet.
        if talk.stack and talk.stack[-1].is_collect:
            assert talk.slots[talk.stack[-1].context["collect"]] is None
        assert all("flow_stack" not in move.slot_changes for move in talk.moves)


@QUICK
@given(turns(SMALL))
def test_any_conversation_on_small_flows(script: list[tuple[bool, list[Command]]]) -> None:
    play(SMALL, {}, script)


@QUICK
@given(turns(OURS))
def test_any_conversation_on_our_flows(script: list[tuple[bool, list[Command]]]) -> None:
    play(OURS, OWN.initial_slots(), script)


@QUICK
@given(turns(SMALL))
def test_stored_flows_do_the_same(script: list[tuple[bool, list[Command]]]) -> None:
    one, other = Talk(SMALL), Talk(Flows.from_json(SMALL.to_json()))
    for _, given_commands in script:
        assert one.turn(*given_commands) == other.turn(*given_commands)
        assert one.stack == other.stack and one.slots == other.slots


@QUICK
@given(turns(OURS))
def test_nothing_is_filed_without_a_yes_in_the_turn_before(
    script: list[tuple[bool, list[Command]]],
) -> None:
    """The ticket leaves only right after the person said yes to the question that was open."""
    talk = Talk(OURS, OWN.initial_slots())
    talk.answers = {"action_prepare_ticket": {"prepare_ticket_outcome": "ok", "ticket_key": "k"}}
    for answers, given_commands in script:
        question = open_question(talk.stack)
        said: list[Command] = list(given_commands)
        if answers and question is not None:
            slot = OURS.slots[question.slot]
            text = "a@b.org" if question.slot == "requester_email" else "Ann Lee"
            said.insert(0, SetSlot(question.slot, slot.values[0] if slot.values else slot.coerce(
                True if slot.type == "bool" else text)))  # fmt: skip
        actions = talk.turn(*said)
        if "action_file_ticket" in actions:
            yes = [c for c in said if isinstance(c, (SetSlot, CorrectSlot)) and c.name == "confirm_ticket"]
            assert yes and question is not None and question.slot == "confirm_ticket"
