"""Flows as data: what the loader makes of YAML, what the trained model stores, what `next_move` runs.

Steps are flat: nested step lists become ordinary steps with made ids, and every way on is a `Branch`
with a step id or `END`, so the machine never looks at YAML shapes. Files and lines serve errors and
the linter only; they are left out of JSON, so moving a comment never changes the fingerprint.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.flows.conditions import holds
from bot.flows.facts import DomainFacts, SlotFacts
from bot.flows.stack import START

ACTION, COLLECT, SET_SLOTS, LINK, CALL_STEP, NOOP = "action", "collect", "set_slots", "link", "call", "noop"
PATTERN_PREFIX = "pattern_"


@dataclass(frozen=True)
class Branch:
    """One way on: to step `to` (or `END`) if `when` holds; `when` None always holds."""

    to: str
    when: str | None = None


@dataclass(frozen=True)
class Rejection:
    """A collected value for which `when` holds is cleared, `utter` is sent and the question asked again."""

    when: str
    utter: str


@dataclass(frozen=True)
class Trigger:
    """An intent that starts the flow from this confidence on (0..1)."""

    intent: str
    threshold: float = 0.0


@dataclass(frozen=True)
class Step:
    """One step. `value` is the action, slot or flow that the kind is about ("" for set_slots and noop)."""

    id: str
    kind: str
    value: str = ""
    next: tuple[Branch, ...] = ()
    slots: tuple[tuple[str, Any], ...] = ()
    utter: str = ""
    rejections: tuple[Rejection, ...] = ()
    ask_before_filling: bool = False
    force_slot_filling: bool = False
    reset_after_flow_ends: bool = True
    description: str = ""
    line: int = 0


@dataclass(frozen=True)
class Flow:
    """One flow. `guard` is its `if`: a condition, False (never by command) or None.

    `metadata` is our own extension of the format: a free map that the engine stores and never reads.
    Used keys: `offer` (may be a choice in a clarification) and `howto` (`row`, the How-To row number,
    `title`, and the steps that the help page shows).
    """

    id: str
    steps: tuple[Step, ...]
    name: str = ""
    description: str = ""
    guard: str | bool | None = None
    triggers: tuple[Trigger, ...] = ()
    persisted_slots: tuple[str, ...] = ()
    run_pattern_completed: bool = True
    metadata: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    line: int = 0

    @property
    def is_pattern(self) -> bool:
        """Patterns interrupt and are never themselves interrupted, completed or continued."""
        return self.id.startswith(PATTERN_PREFIX)

    @property
    def title(self) -> str:
        """What people may read: the name, else the id in words."""
        return self.name or self.id.replace("_", " ")

    @cached_property
    def _by_id(self) -> dict[str, Step]:
        return {step.id: step for step in self.steps}

    def step(self, step_id: str) -> Step | None:
        """The step of that id; None for START, END and unknown ids."""
        return self._by_id.get(step_id)

    def has_step(self, step_id: str) -> bool:
        return step_id == START or step_id in self._by_id

    @property
    def collects(self) -> tuple[str, ...]:
        """The slots that this flow's own steps ask for."""
        return tuple(dict.fromkeys(step.value for step in self.steps if step.kind == COLLECT))

    @property
    def sets(self) -> tuple[str, ...]:
        """The slots that this flow's own set_slots steps write."""
        return tuple(dict.fromkeys(name for step in self.steps for name, _ in step.slots))

    @property
    def uses(self) -> tuple[str, ...]:
        """The flows that this flow's own steps call or link to."""
        return tuple(dict.fromkeys(step.value for step in self.steps if step.kind in (LINK, CALL_STEP)))


class Flows(Mapping[str, Flow]):
    """All flows by id, patterns included, with the slots and actions of the domain."""

    def __init__(self, flows: Mapping[str, Flow], facts: DomainFacts) -> None:
        self._flows = dict(flows)
        self.slots: dict[str, SlotFacts] = dict(facts.slots)
        self.actions = facts.actions

    def __getitem__(self, flow_id: str) -> Flow:
        return self._flows[flow_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._flows)

    def __len__(self) -> int:
        return len(self._flows)

    def is_startable(self, flow_id: str, slots: Mapping[str, Any]) -> bool:
        """May a command start this flow now (it exists and its `if` holds)?"""
        flow = self._flows.get(flow_id)
        if flow is None or flow.guard is False:
            return False
        return not isinstance(flow.guard, str) or holds(flow.guard, self.all_slots(slots), {})

    def triggers(self, intent: str, confidence: float, slots: Mapping[str, Any]) -> list[str]:
        """Ids of the flows that this intent starts at this confidence, in file order; guards apply."""
        return [
            flow.id
            for flow in self._flows.values()
            if any(one.intent == intent and confidence >= one.threshold for one in flow.triggers)
            and self.is_startable(flow.id, slots)
        ]

    def all_slots(self, slots: Mapping[str, Any]) -> dict[str, Any]:
        """Every domain slot, null where it is not set: conditions must never meet a missing name."""
        return {**dict.fromkeys(self.slots), **slots}

    def subflows(self, flow: Flow) -> list[Flow]:
        """The flow and all that it calls, directly or through others."""
        found: dict[str, Flow] = {}
        waiting = [flow]
        while waiting:
            one = waiting.pop()
            if one.id in found:
                continue
            found[one.id] = one
            waiting.extend(
                self._flows[s.value] for s in one.steps if s.kind == CALL_STEP and s.value in self._flows
            )
        return list(found.values())

    def to_json(self) -> str:
        """Everything needed to run, as canonical JSON; `from_json` reads it without checking again."""
        data = {
            "flows": [_bare(dataclasses.asdict(flow)) for flow in self._flows.values()],
            "slots": [dataclasses.asdict(self.slots[name]) for name in sorted(self.slots)],
            "actions": sorted(self.actions),
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Flows:
        """The flows that `to_json` wrote."""
        data = json.loads(text)
        slots = {one["name"]: SlotFacts(**{**one, "values": tuple(one["values"])}) for one in data["slots"]}
        flows = {one["id"]: _flow_from_json(one) for one in data["flows"]}
        return cls(flows, DomainFacts(slots=slots, actions=frozenset(data["actions"])))

    @property
    def fingerprint(self) -> str:
        """Changes when, and only when, what runs changes."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _bare(flow: dict[str, Any]) -> dict[str, Any]:
    steps = [{k: v for k, v in step.items() if k != "line"} for step in flow["steps"]]
    return {**{k: v for k, v in flow.items() if k not in ("file", "line")}, "steps": steps}


def _flow_from_json(data: dict[str, Any]) -> Flow:
    return Flow(
        **{
            **data,
            "steps": tuple(_step_from_json(step) for step in data["steps"]),
            "triggers": tuple(Trigger(**one) for one in data["triggers"]),
            "persisted_slots": tuple(data["persisted_slots"]),
        }
    )


def _step_from_json(data: dict[str, Any]) -> Step:
    return Step(
        **{
            **data,
            "next": tuple(Branch(**one) for one in data["next"]),
            "rejections": tuple(Rejection(**one) for one in data["rejections"]),
            "slots": tuple((name, value) for name, value in data["slots"]),
        }
    )
