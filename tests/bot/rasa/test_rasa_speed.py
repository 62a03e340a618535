"""The replaced functions do what Rasa's do, and Rasa's are still the ones that were replaced."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event, SlotSet, UserUttered

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


def test_install_puts_them_in_place_and_back() -> None:
    own_validate, own_resolve = RemoteAction._validate_action_result, Event.resolve_by_type
    try:
        rasa_speed.install()
        rasa_speed.install()
        assert RemoteAction._validate_action_result is rasa_speed.validate_action_result
        assert Event.resolve_by_type("user") is UserUttered
        assert isinstance(Event.from_parameters({"event": "slot", "name": "a", "value": 1}), SlotSet)
    finally:
        RemoteAction._validate_action_result = own_validate
        Event.resolve_by_type = staticmethod(own_resolve)
