"""The only policy: asks the flow engine what comes next. All deciding is in `bot.flows` and `bot.commands`.

The dialogue stack is the slot `flow_stack`. Stack and slot changes travel as optional events, which Rasa
applies because this policy always wins. The newest SlotSet of `flow_stack` carries, in its metadata, what the
response about to be rendered may use (`context`) and which message it repeats (`repeats`); `bot.nlg` reads it
there.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException

from bot import fingerprint
from bot.director import Director, Step
from bot.flows import DomainFacts, FlowErrors, Flows, load_flows
from bot.question import STACK_SLOT
from bot.turn_so_far import read_turn

logger = logging.getLogger(__name__)
FLOWS_FILE = "flows.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class FlowPolicy(Policy):  # type: ignore[misc]
    """Configured in config.yml as `bot.flow_policy.FlowPolicy` with `flows:` naming the folder."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        flows: Flows | None = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context)
        self._flows = flows
        self._director: Director | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 1, "flows": "flows"}

    @staticmethod
    def supported_data() -> SupportedData:
        """The one rule in data/rules.yml exists for this policy: without any, Rasa trains none."""
        return SupportedData.ML_AND_RULE_DATA

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Everything that decides. One byte more in the engine, commands or flows means a new training."""
        return fingerprint.of_dialogue(Path(config.get("flows", "flows")))

    def train(self, domain: Domain) -> Resource:
        """Check the flows against the domain and store them in the model; no learning happens."""
        try:
            flows = load_flows(Path(self.config["flows"]), DomainFacts.from_dict(domain.as_dict()))
        except FlowErrors as error:
            raise InvalidConfigException(str(error)) from error
        with self._model_storage.write_to(self._resource) as directory:
            (directory / FLOWS_FILE).write_text(flows.to_json(), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> FlowPolicy:
        with model_storage.read_from(resource) as directory:
            flows = Flows.from_json((Path(directory) / FLOWS_FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, execution_context, flows)

    def predict_action_probabilities(self, tracker: DialogueStateTracker, domain: Domain) -> PolicyPrediction:
        """One certain action, with the slot changes that go with it."""
        step = self._director_for(domain).next_step(read_turn(tracker))
        action = step.action or ACTION_LISTEN_NAME
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(action)] = 1.0
        return self._prediction(probabilities, optional_events=_to_events(step, tracker))

    def _director_for(self, domain: Domain) -> Director:
        if self._director is None:
            if self._flows is None:
                raise InvalidConfigException("FlowPolicy has no flows; train a model first")
            self._director = Director(
                self._flows, DomainFacts.from_dict(domain.as_dict()), frozenset(domain.action_names_or_texts)
            )
        return self._director


def _to_events(step: Step, tracker: DialogueStateTracker) -> list[Event]:
    """Only real changes; the stack comes last, and always when there is something to say or do."""
    events: list[Event] = [
        SlotSet(name, value) for name, value in step.slot_changes.items() if tracker.get_slot(name) != value
    ]
    note: Mapping[str, Any] = step.note
    if note or step.action or tracker.get_slot(STACK_SLOT) != step.stack:
        events.append(SlotSet(STACK_SLOT, step.stack, metadata=dict(note)))
    return events
