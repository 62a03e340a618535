"""One message and the open question → commands, as a table (cases.yml)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands import to_commands
from bot.flows import DomainFacts, Flows, OpenQuestion, load_flows
from bot.flows.commands import Command, SetSlot
from bot.nlu.thresholds import HIGH, LOW

ROOT = Path(__file__).parents[3]
CASES = yaml.safe_load((Path(__file__).parent / "cases.yml").read_text(encoding="utf-8"))
CONFIDENCE = {"sure": (1 + HIGH) / 2, "likely": (LOW + HIGH) / 2, "none": LOW / 2}


@pytest.fixture(scope="module")
def facts() -> DomainFacts:
    return DomainFacts.from_yaml(ROOT / "domain.yml")


@pytest.fixture(scope="module")
def flows(facts: DomainFacts) -> Flows:
    return load_flows(ROOT / "flows", facts)


def to_line(command: Command) -> str:
    """A command as the table writes it."""
    if isinstance(command, SetSlot):
        value = str(command.value).lower() if isinstance(command.value, bool) else command.value
        return f"{command.name} = {value}"
    data = command.to_json()
    word = {"start flow": "start", "cannot handle": "cannot handle"}.get(data["command"], data["command"])
    if data["command"] == "cannot handle":
        return word
    rest = [
        part for value in list(data.values())[1:] for part in (value if isinstance(value, list) else [value])
    ]
    return " ".join([word, *map(str, rest)])


def parse_of(case: dict[str, Any]) -> dict[str, Any]:
    ranking = [{"name": name, "confidence": CONFIDENCE[how]} for name, how in case["intent"].items()]
    entities = [{"entity": name, "value": value} for name, value in case.get("entities", {}).items()]
    return {
        "text": case.get("text", "x"),
        "intent": ranking[0],
        "intent_ranking": ranking,
        "entities": entities,
    }


def test_case_names_are_unique() -> None:
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_commands(case: dict[str, Any], facts: DomainFacts, flows: Flows) -> None:
    slot = case.get("question")
    question = OpenQuestion(slot, f"utter_ask_{slot}", "flow", "step") if slot else None
    slots = {**facts.initial_slots(), **case.get("slots", {})}
    titles = tuple(case.get("titles", {}).items())
    commands = to_commands(
        parse_of(case), question, flows, slots, facts, titles, case.get("asked_last", True)
    )
    assert [to_line(command) for command in commands] == case["expect"]


def test_ready_commands_pass_through(facts: DomainFacts, flows: Flows) -> None:
    ready = {"commands": [{"command": "start flow", "flow": "contact_support"}], "text": "Something else"}
    assert [to_line(c) for c in to_commands(ready, None, flows, {}, facts)] == ["start contact_support"]


def test_ready_commands_that_are_malformed_are_refused(facts: DomainFacts, flows: Flows) -> None:
    with pytest.raises(ValueError, match="unknown command"):
        to_commands({"commands": [{"command": "format disk"}]}, None, flows, {}, facts)
