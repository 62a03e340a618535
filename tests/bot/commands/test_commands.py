"""One message and the open question → commands, as a table (cases.yml)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands import to_commands
from bot.flows import DomainFacts, Flows, OpenQuestion
from bot.flows.commands import Command, SetSlot
from bot.nlu.thresholds import HIGH, LOW

ROOT = Path(__file__).parents[3]
CASES = yaml.safe_load((Path(__file__).parent / "cases.yml").read_text(encoding="utf-8"))
CONFIDENCE = {"sure": (1 + HIGH) / 2, "likely": (LOW + HIGH) / 2, "none": LOW / 2}


def to_line(command: Command) -> str:
    """A command as the table writes it."""
    if isinstance(command, SetSlot):
        value = str(command.value).lower() if isinstance(command.value, bool) else command.value
        return f"{command.name} = {value}"
    data = command.to_json()
    word = {"start flow": "start", "cannot handle": "cannot handle"}.get(data["command"], data["command"])
    if data["command"] == "cannot handle":
        return word
    if data["command"] == "start flow" and data.pop("waits", False):
        return f"start {data['flow']} waits"
    rest = [
        part for value in list(data.values())[1:] for part in (value if isinstance(value, list) else [value])
    ]
    return " ".join([word, *map(str, rest)])


def parse_of(case: dict[str, Any]) -> dict[str, Any]:
    ranking = [{"name": name, "confidence": CONFIDENCE[how]} for name, how in case["intent"].items()]
    text = case.get("text", "x")
    entities = [entity_of(name, value, text) for name, value in case.get("entities", {}).items()]
    return {
        "text": text,
        "intent": ranking[0],
        "intent_ranking": ranking,
        "entities": entities,
        "clauses": [clause_of(clause, text) for clause in case.get("clauses", ())],
    }


def entity_of(name: str, value: Any, text: str) -> dict[str, Any]:
    if isinstance(value, dict) and "in" in value:
        return {"entity": name, "value": value["value"], "start": text.index(value["in"])}
    return {"entity": name, "value": value}


def clause_of(clause: dict[str, Any], text: str) -> dict[str, Any]:
    start = text.index(clause["said"])
    return {
        "start": start,
        "end": start + len(clause["said"]),
        "adds": clause.get("adds", False),
        "intent_ranking": [{"name": clause["intent"], "confidence": CONFIDENCE["sure"]}],
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
        parse_of(case),
        question,
        flows,
        slots,
        facts,
        titles,
        case.get("asked_last", True),
        case.get("under_way", ()),
    )
    assert [to_line(command) for command in commands] == case["expect"]


def test_ready_commands_pass_through(facts: DomainFacts, flows: Flows) -> None:
    ready = {"commands": [{"command": "start flow", "flow": "contact_support"}], "text": "Something else"}
    assert [to_line(c) for c in to_commands(ready, None, flows, {}, facts)] == ["start contact_support"]


@pytest.mark.parametrize(
    ("question", "flow", "expect"),
    [
        ("owner_name", "unlock_account", ["owner_need = unlock_account"]),
        ("another_person", "unlock_account", ["another_person = other"]),
        ("another_person", "reactivate_account", ["another_person = same"]),
        ("owner_name", "login_problem", ["continue"]),
        ("owner_name", "contact_support", ["owner_help = human"]),
    ],
)
def test_a_rows_button_in_the_flow_for_somebody_else(
    question: str, flow: str, expect: list[str], facts: DomainFacts, flows: Flows
) -> None:
    """ "It says locked" under an older message: the other person's need, never a row of the writer's own."""
    slots = {**facts.initial_slots(), "for_someone_else": True, "owner_need": "reactivate_account"}
    asked = OpenQuestion(question, f"utter_ask_{question}", "someone_else", "step")
    ready = {"commands": [{"command": "start flow", "flow": flow}], "text": "It says locked"}
    assert [to_line(c) for c in to_commands(ready, asked, flows, slots, facts)] == expect


def test_a_button_for_another_row_takes_the_place_of_what_waits(facts: DomainFacts, flows: Flows) -> None:
    ready = {"commands": [{"command": "start flow", "flow": "contact_support"}], "text": "Something else"}
    commands = to_commands(ready, None, flows, {}, facts, under_way=["unlock_account"])
    assert [to_line(c) for c in commands] == ["start contact_support", "drop waiting"]
    answer = {"commands": [{"command": "set slot", "name": "waited", "value": "true"}], "text": "Yes, it has"}
    commands = to_commands(answer, None, flows, {}, facts, under_way=["unlock_account"])
    assert [to_line(c) for c in commands] == ["waited = true"]


def test_ready_commands_that_are_malformed_are_refused(facts: DomainFacts, flows: Flows) -> None:
    with pytest.raises(ValueError, match="unknown command"):
        to_commands({"commands": [{"command": "format disk"}]}, None, flows, {}, facts)
