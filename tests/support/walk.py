"""Plays ways through flows against the engine, and says with the real renderer what the assistant says.

`.venv/bot/bin/python -m tests.support.walk` reads JSON from standard input, a list of
`{"folder", "slots", "walks": {name: {"flow", "slots", "answers", "actions"}}}`, and writes a list of
`{"walks": {name: {"said": [text], "ran": [action], "open": slot or null}}, "responses": {name: [text]}}`.

`folder` has flows/, domain.yml and policy.yml. An answer is a value, or a list of values given one after the
other; a question without an answer stays open, and the walk ends there. `said` holds what a person reads,
with the choices in brackets and each action that ran in angle brackets, in order. `slots` are what texts may
name.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.flows import DomainFacts, SetSlot, StartFlow, load_flows, next_move, open_question
from bot.nlg import FlowNlg
from common.policy import load_policy

MONDAY = datetime.fromisoformat("2026-11-23T10:00:00-08:00")
MOST_TURNS = 30


class Speaker:
    """Renders responses as the assistant does."""

    def __init__(self, domain: Mapping[str, Any], policy: Path, slots: Mapping[str, Any]) -> None:
        any_slot = {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}
        self._slots = slots
        self._domain = Domain.from_dict(
            {
                "version": "3.1",
                "slots": {name: dict(any_slot) for name in ("flow_stack", *domain["slots"])},
                "responses": json.loads(json.dumps(domain["responses"])),
            }
        )
        self._nlg = FlowNlg(domain=self._domain, policy=load_policy(policy))

    def says(self, response: str, slots: Mapping[str, Any]) -> str:
        tracker = DialogueStateTracker("walk", self._domain.slots)
        tracker.update(UserUttered("hi", metadata={"at": MONDAY.isoformat()}))
        known = {name: value for name, value in slots.items() if value is not None}
        for name, value in {**self._slots, **known}.items():
            tracker.update(SlotSet(name, value))
        tracker.update(SlotSet("flow_stack", [], metadata={"context": {}}))
        message = asyncio.run(self._nlg.generate(response, tracker, "web"))
        if message is None:
            raise LookupError(f"no response {response}")
        return _shown(message)


def _shown(message: Mapping[str, Any]) -> str:
    choices = "".join(f" [{button['title']}]" for button in message.get("buttons") or ())
    alt = (message.get("custom") or {}).get("image_alt")
    return f"{message.get('text') or ''}{f' ({alt})' if alt else ''}{choices}"


class Walk:
    """One conversation, without understanding: its answers are the values of slots."""

    def __init__(self, flows: Any, facts: DomainFacts, speaker: Speaker, plan: Mapping[str, Any]) -> None:
        self._flows, self._speaker = flows, speaker
        self._slots = {**facts.initial_slots(), **(plan.get("slots") or {})}
        self._answers = {
            name: iter(value if isinstance(value, list) else itertools.repeat(value))
            for name, value in (plan.get("answers") or {}).items()
        }
        self._actions = plan.get("actions") or {}
        self._ids = itertools.count(1)
        self._stack: Any = ()
        self.said: list[str] = []
        self.ran: list[str] = []
        self.open: str | None = None

    def go(self, flow: str) -> Walk:
        command: Any = StartFlow(flow)
        for _ in range(MOST_TURNS):
            self._turn(command)
            question = open_question(self._stack)
            self.open = question.slot if question else None
            if self.open is None or self.open not in self._answers:
                return self
            answer = next(self._answers[self.open], None)
            if answer is None:
                return self
            command = SetSlot(self.open, answer)
        raise RuntimeError(f"{flow}: still asking {self.open} after {MOST_TURNS} turns")

    def _turn(self, command: Any) -> None:
        commands = [command]
        for taken in itertools.count():
            move = next_move(
                self._flows,
                self._stack,
                self._slots,
                commands,
                steps_taken=taken,
                new_id=lambda: f"f{next(self._ids)}",
            )
            commands = []
            self._slots.update(move.slot_changes)
            self._stack = move.stack
            if move.action is None:
                return
            if move.action.startswith("utter_"):
                self.said.append(self._speaker.says(move.action, self._slots))
            else:
                self.ran.append(move.action)
                self.said.append(f"<{move.action}>")
                self._slots.update(self._actions.get(move.action, {}))


def played(job: Mapping[str, Any]) -> dict[str, Any]:
    folder = Path(job["folder"])
    domain = yaml.safe_load((folder / "domain.yml").read_text(encoding="utf-8"))
    facts = DomainFacts.from_dict(domain)
    flows = load_flows(folder / "flows", facts)
    speaker = Speaker(domain, folder / "policy.yml", job["slots"])
    walks = {
        name: vars_of(Walk(flows, facts, speaker, plan).go(plan["flow"]))
        for name, plan in job["walks"].items()
    }
    return {"walks": walks, "responses": {name: speaker.says(name, {}) for name in domain["responses"]}}


def vars_of(walk: Walk) -> dict[str, Any]:
    return {"said": walk.said, "ran": walk.ran, "open": walk.open}


if __name__ == "__main__":
    json.dump([played(job) for job in json.load(sys.stdin)], sys.stdout)
