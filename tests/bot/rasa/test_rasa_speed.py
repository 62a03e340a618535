"""The replaced functions do what Rasa's do, and Rasa's are still the ones that were replaced."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core import processor
from rasa.core.actions.action import ActionExtractSlots, RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import rasa_speed
from bot.rasa_speed import REPLACED, SOURCES, source_hash


@pytest.mark.parametrize("name", sorted(REPLACED))
def test_rasas_own_source_is_unchanged(name: str) -> None:
    assert source_hash(REPLACED[name]) == SOURCES[name]


def test_every_replacement_has_its_hash() -> None:
    assert set(REPLACED) == set(SOURCES)


RESULTS: list[Any] = [
    {},
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": None}], "responses": [{"text": "x"}]},
    {"events": [{"event": "slot"}]},
    {"events": [{"event": "no such event"}]},
    {"events": {}, "responses": []},
    {"responses": ["x"]},
    [],
    None,
]


@pytest.mark.parametrize("result", RESULTS)
def test_an_actions_answer_is_judged_alike(result: Any) -> None:
    action = RemoteAction("action_x", None)
    own = REPLACED["rasa.core.actions.action.RemoteAction._validate_action_result"]
    assert judge(own, action, result) == judge(rasa_speed.validate_action_result, action, result)


def judge(function: Any, action: RemoteAction, result: Any) -> bool:
    try:
        return bool(function(action, result))
    except ValidationError:
        return False


def test_the_error_does_not_show_the_answer() -> None:
    result = {"events": [{"event": "slot", "nome": "Ann Private"}]}
    with pytest.raises(ValidationError) as raised:
        rasa_speed.validate_action_result(RemoteAction("action_x", None), result)
    assert "Private" not in str(raised.value)
    assert "events" in str(raised.value)


def test_event_classes_are_found_alike() -> None:
    own = REPLACED["rasa.shared.core.events.Event.resolve_by_type"]
    for name in ("user", "bot", "slot", "action", "restart", "session_started", "user_featurization"):
        assert rasa_speed.resolve_by_type(name) is own(name)
    assert rasa_speed.resolve_by_type("topic") is None
    assert rasa_speed.resolve_by_type("unheard of", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="unheard of"):
        rasa_speed.resolve_by_type("unheard of")


CUSTOM = {"type": "custom"}


def domain_with(*mappings: dict[str, Any], **more: Any) -> Domain:
    slots = {
        f"s{number}": {"type": "text", "influence_conversation": False, "mappings": [mapping]}
        for number, mapping in enumerate(mappings)
    }
    return Domain.from_dict({"version": "3.1", "intents": ["a"], "entities": ["e"], "slots": slots, **more})


@pytest.mark.parametrize(
    ("domain", "told_only"),
    [
        (domain_with(CUSTOM, CUSTOM), True),
        (domain_with(CUSTOM, {"type": "from_text"}), False),
        (domain_with({"type": "from_entity", "entity": "e"}), False),
        (domain_with({"type": "from_intent", "intent": "a", "value": "v"}), False),
        (domain_with({**CUSTOM, "action": "action_x"}, actions=["action_x"]), False),
        (domain_with(CUSTOM, actions=["action_validate_slot_mappings"]), False),
    ],
)
async def test_slots_are_filled_alike(domain: Domain, told_only: bool) -> None:
    assert rasa_speed.are_slots_told_only(domain) is told_only
    tracker = DialogueStateTracker.from_events("c", [], slots=domain.slots)
    entities = [{"entity": "e", "value": "v", "start": 0, "end": 1}]
    tracker.update(UserUttered("hello", {"name": "a"}, entities), domain)
    action = ActionExtractSlots(None)
    own = REPLACED["rasa.core.actions.action.ActionExtractSlots.run"]
    if "action_x" in domain.user_actions or "action_validate_slot_mappings" in domain.user_actions:
        return  # Rasa would call an action server
    quick = await rasa_speed.extract_slots(action, None, None, tracker, domain)
    theirs = await own(action, None, None, tracker, domain)
    assert [(event.key, event.value) for event in quick] == [(event.key, event.value) for event in theirs]
    assert bool(quick) is not told_only


def test_rasas_processor_copies_for_its_log_alone() -> None:
    lines = inspect.getsource(processor).splitlines()
    copying = [number for number, line in enumerate(lines) if "copy." in line and "import" not in line]
    calls = [
        next(one for one in reversed(lines[:number]) if one.rstrip().endswith("(")) for number in copying
    ]
    assert {call.strip() for call in calls} == {"structlogger.debug("}


def test_install_puts_them_in_place_and_back() -> None:
    own_validate, own_resolve = RemoteAction._validate_action_result, Event.resolve_by_type
    own_run, own_copy = ActionExtractSlots.run, processor.copy
    try:
        rasa_speed.install()
        rasa_speed.install()
        assert RemoteAction._validate_action_result is rasa_speed.validate_action_result
        assert Event.resolve_by_type("user") is UserUttered
        assert isinstance(Event.from_parameters({"event": "slot", "name": "a", "value": 1}), SlotSet)
        assert ActionExtractSlots.run is rasa_speed.extract_slots
    finally:
        ActionExtractSlots.run, processor.copy = own_run, own_copy
        RemoteAction._validate_action_result = own_validate
        Event.resolve_by_type = staticmethod(own_resolve)
