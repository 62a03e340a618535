"""Renders the responses of domain.yml: always the same variation, with slots, context, policy words and
dates.

Configured in endpoints.yml as `nlg: {type: bot.nlg.FlowNlg}`. What a message repeats, and the context of the
frame that speaks, come from the metadata of the newest SlotSet of `flow_stack` (see `bot.flow_policy`).
"""

from __future__ import annotations

import copy
import logging
import os
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.date_words import date_words
from bot.question import STACK_SLOT, question_mark, read_stack
from common.policy import Policy, load_policy

logger = logging.getLogger(__name__)
_NAME = re.compile(r"(?<!\{)\{(?:context\.)?([A-Za-z_]\w*)\}(?!\})")
_FILLED = ("text", "image", "buttons", "custom", "attachment")
_CHOICES = "choices"


class FlowNlg(TemplatedNaturalLanguageGenerator):  # type: ignore[misc]
    """Rasa sets `responses` when it has loaded the model's domain."""

    def __init__(
        self,
        endpoint_config: EndpointConfig | None = None,
        domain: Domain | None = None,
        policy: Policy | None = None,
    ) -> None:
        super().__init__(domain.responses if domain else {})
        self._policy = policy or load_policy(os.environ.get("POLICY_FILE") or "policy.yml")

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """The message for a response name; None when the domain has none (Rasa then says nothing)."""
        note = speaking_note(tracker)
        if repeated := _message_with_id(tracker, note.get("repeats")):
            return repeated
        slots = tracker.current_slot_values()
        variation = self._variation(utter_action, output_channel, slots)
        if variation is None:
            logger.error("no response %s for channel %s", utter_action, output_channel)
            return None
        context = note.get("context") or {}
        kwargs.pop("domain_responses", None)
        message = fill(variation, self._words(tracker, slots, context, kwargs), utter_action)
        message = with_choices(message, context)
        mark = question_mark(read_stack(slots.get(STACK_SLOT)))
        if mark is not None and mark["utter"] == utter_action:
            message["question"] = mark
        return message

    def _variation(self, name: str, channel: str, slots: Mapping[str, Any]) -> dict[str, Any] | None:
        """The first variation whose condition and channel fit; Rasa would draw lots."""
        if name not in self.responses:
            return None
        fitting = ResponseVariationFilter(self.responses).responses_for_utter_action(
            name, channel, dict(slots)
        )
        if not fitting:
            return None
        chosen = copy.deepcopy(fitting[0])
        return {
            key: value
            for key, value in chosen.items()
            if key not in ("condition", "channel", "id", "metadata")
        }

    def _words(
        self,
        tracker: DialogueStateTracker,
        slots: Mapping[str, Any],
        context: Mapping[str, Any],
        given: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Dates, policy words, context, slots, and what an action handed in: later ones win."""
        now = moment_of(tracker)
        layers = (date_words(slots, now, self._policy), self._policy.words(), context, slots, given)
        words: dict[str, Any] = {}
        for layer in layers:
            words.update({name: value for name, value in layer.items() if value is not None})
        return words


def speaking_note(tracker: DialogueStateTracker) -> Mapping[str, Any]:
    """What FlowPolicy noted for the action that runs now."""
    for event in reversed(tracker.events):
        if isinstance(event, SlotSet) and event.key == STACK_SLOT:
            note: Mapping[str, Any] = event.metadata
            return note
        if isinstance(event, (ActionExecuted, UserUttered)):
            break
    return {}


def moment_of(tracker: DialogueStateTracker) -> datetime:
    """The turn's `at`, which date words refer to; the system's clock only for a message without it."""
    latest = tracker.latest_message
    value = (latest.metadata or {}).get("at") if latest else None
    try:
        return datetime.fromisoformat(value) if value else datetime.now(timezone.utc)
    except ValueError:
        return datetime.now(timezone.utc)


def fill(response: dict[str, Any], words: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The response with every `{name}` replaced once, so braces in a value stay text.

    An unknown name becomes empty.
    """

    def word(match: re.Match[str]) -> str:
        value = words.get(match.group(1))
        if value is None:
            logger.error("response %s names {%s}, which has no value", name, match.group(1))
            return ""
        return f"{value:g}" if isinstance(value, float) else str(value)

    def filled(value: Any, key: str = "") -> Any:
        if isinstance(value, str):
            return value if key == "payload" else _NAME.sub(word, value)
        if isinstance(value, dict):
            return {inner: filled(one, inner) for inner, one in value.items()}
        if isinstance(value, list):
            return [filled(one) for one in value]
        return value

    return {key: filled(value) if key in _FILLED else value for key, value in response.items()}


def names_in(text: str) -> set[str]:
    """The `{names}` in a text that only slots, policy words or dates can fill, so not `{context.x}`."""
    return {match.group(1) for match in _NAME.finditer(text) if not match.group(0).startswith("{context.")}


def with_choices(message: dict[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """`custom: {choices: clarification_options}` becomes one button for each flow in the frame's context."""
    custom = message.get("custom")
    if not isinstance(custom, dict) or _CHOICES not in custom:
        return message
    options = context.get(custom[_CHOICES]) or []
    rest = {key: value for key, value in custom.items() if key != _CHOICES}
    message = {**message, "custom": rest or None}
    message["buttons"] = [*(message.get("buttons") or []), *(_to_button(option) for option in options)]
    return message


def _to_button(option: Mapping[str, Any]) -> dict[str, str]:
    flow = str(option["flow_id"])
    return {"title": str(option.get("name") or flow), "payload": f"/StartFlow({flow})"}


def _message_with_id(tracker: DialogueStateTracker, wanted: str | None) -> dict[str, Any] | None:
    """An earlier message once more, question and all."""
    if not wanted:
        return None
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered) and event.metadata.get("message_id") == wanted:
            message = {key: copy.deepcopy(value) for key, value in event.data.items() if value is not None}
            message["text"] = event.text
            if event.metadata.get("question"):
                message["question"] = event.metadata["question"]
            return message
    return None
