"""Functions of Rasa 3.6.21 replaced by quicker ones with the same results; `install()` puts them in place.

Only what no extension point reaches is here. Each has its reason, and the hash of the source that it
replaces: a test compares them, so another Rasa calls for another look.
"""

from __future__ import annotations

import hashlib
import inspect
from functools import lru_cache
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError, best_match
from rasa.core import processor
from rasa.core.actions.action import ActionExtractSlots, RemoteAction
from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses

REPLACED = {
    "rasa.core.actions.action.ActionExtractSlots.run": ActionExtractSlots.run,
    "rasa.core.actions.action.RemoteAction._validate_action_result": RemoteAction._validate_action_result,
    "rasa.core.processor": processor,
    "rasa.shared.core.events.Event.resolve_by_type": Event.resolve_by_type,
}
"""Name → Rasa's own function or module, taken before anything was replaced."""

SOURCES = {
    "rasa.core.actions.action.ActionExtractSlots.run": "13487835d751b652",
    "rasa.core.actions.action.RemoteAction._validate_action_result": "f8cdb4be68123961",
    "rasa.core.processor": "f42dfbf26e2ffcb6",
    "rasa.shared.core.events.Event.resolve_by_type": "b5cf570fa7f286c7",
}
"""Name → hash of its source in Rasa 3.6.21."""


def source_hash(function: Any) -> str:
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _action_validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Rasa compiles and checks the schema at every answer: 23 of 34 ms of a turn with an action.

    Its error would put the whole answer into the log; this one says only where it is wrong.
    """
    error = best_match(_action_validator().iter_errors(result))
    if error is not None:
        raise ValidationError(f"an action's answer does not fit Rasa's schema at {error.json_path}")
    return True


@lru_cache(maxsize=256)
def _event_class(type_name: str) -> Any:
    return next((one for one in all_subclasses(Event) if one.type_name == type_name), None)


def resolve_by_type(type_name: str, default: Any = None) -> Any:
    """Rasa walks the tree of all event classes for every event: most of a long conversation's time."""
    found = _event_class(type_name)
    if found is not None:
        return found
    return REPLACED["rasa.shared.core.events.Event.resolve_by_type"](type_name, default)


_told_only: tuple[Domain, bool] | None = None


def are_slots_told_only(domain: Domain) -> bool:
    """All slots have the mapping `custom` and nothing else: no message ever fills one by itself."""
    global _told_only
    if _told_only is None or _told_only[0] is not domain:
        mappings = [mapping for slot in domain.slots for mapping in slot.mappings]
        told_only = ACTION_VALIDATE_SLOT_MAPPINGS not in domain.user_actions
        _told_only = (domain, told_only and all(mapping == {"type": "custom"} for mapping in mappings))
    return _told_only[1]


async def extract_slots(
    self: ActionExtractSlots, output_channel: Any, nlg: Any, tracker: Any, domain: Domain
) -> list[Event]:
    """Rasa tries every mapping of every slot at each message, also where none can give anything."""
    if are_slots_told_only(domain):
        return []
    own = REPLACED["rasa.core.actions.action.ActionExtractSlots.run"]
    events: list[Event] = await own(self, output_channel, nlg, tracker, domain)
    return events


class NoCopies:
    """In the place of `copy` in Rasa's processor, which copies a turn's events for its debug log alone."""

    @staticmethod
    def deepcopy(value: Any) -> Any:
        return value


def install() -> None:
    """Put the quicker functions in place; doing it twice changes nothing."""
    ActionExtractSlots.run = extract_slots
    processor.copy = NoCopies
    RemoteAction._validate_action_result = validate_action_result
    Event.resolve_by_type = staticmethod(resolve_by_type)
