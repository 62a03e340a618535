"""Two needs in one message, judged on lines kept apart (tests/nlu/needs_chat.jsonl) and on training lines.

First score of the kept lines, unedited: 27 of 27 with several needs, 30 of 32 that only look like it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.flows import DomainFacts, Flows
from bot.needs import Understood, flow_for, likely_flows
from bot.nlu.clauses import split
from bot.nlu.encoder import shared_encoder
from bot.nlu.training_lines import read_lines
from bot.nlu.understanding import Understanding
from bot.several_needs import needs_in, table

ROOT = Path(__file__).parents[3]
LINES = [json.loads(row) for row in (ROOT / "tests/nlu/needs_chat.jsonl").read_text("utf-8").splitlines()]
SEVERAL = [line for line in LINES if len(line["needs"]) > 1]
ONE = [line for line in LINES if len(line["needs"]) == 1]
FACTS = DomainFacts.from_yaml(ROOT / "domain.yml")
SLOTS = FACTS.initial_slots()


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    """Without the cache of sentence vectors, which is written anew for each new text."""
    return replace(Understanding.trained(), encoder=shared_encoder())


def served(parse: dict[str, Any], flows: Flows) -> list[str]:
    """The flows that a message starts or lets wait, in order; none where the person is asked first."""
    needs = [need.flow for need in needs_in(parse, flows, SLOTS)]
    one = flow_for(Understood.from_parse(parse), flows, SLOTS)
    return needs or ([one] if one else [])


def test_the_lines_are_many_and_different() -> None:
    assert len(SEVERAL) >= 20 and len(ONE) >= 20
    assert len({line["text"] for line in LINES}) == len(LINES)


def test_no_kept_line_is_a_training_line() -> None:
    assert {line["text"].lower() for line in LINES} & {line.text.lower() for line in read_lines()} == set()


def test_several_needs_are_served_in_order(understanding: Understanding, flows: Flows) -> None:
    wrong = [
        line["text"] for line in SEVERAL if served(understanding.parse(line["text"]), flows) != line["needs"]
    ]
    assert len(wrong) <= 1, wrong


def test_one_need_is_one(understanding: Understanding, flows: Flows) -> None:
    """Right, or offered; never a second need."""
    wrong = []
    for line in ONE:
        parse = understanding.parse(line["text"])
        found = served(parse, flows) or likely_flows(Understood.from_parse(parse), flows, SLOTS)
        if line["needs"][0] not in found or len(served(parse, flows)) > 1:
            wrong.append(line["text"])
    assert len(wrong) <= 1, wrong


def test_training_lines_of_several_clauses_stay_one_need(understanding: Understanding, flows: Flows) -> None:
    """Each has one intent. A few do ask for two things ("inactive and forgot the password too")."""
    lines = [line for line in read_lines() if split(line.text)]
    several = [line.text for line in lines if len(needs_in(understanding.parse(line.text), flows, SLOTS)) > 1]
    assert len(lines) > 500
    assert len(several) <= len(lines) // 100, several


def test_the_table_names_flows_that_exist(flows: Flows) -> None:
    known = table()
    named = {flow for pair in known.one_need for flow in pair} | set(known.one_need.values())
    named |= {flow for pair in known.in_this_order for flow in pair} | known.says_less
    named |= set(known.beside) | set(known.only_if)
    named |= {row for entry in known.told_by_facts for row in entry["rows"]}
    assert named <= set(flows)
    assert all(flows[flow].metadata.get("offer") for flow in named)


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        # the boundaries of the How-To
        ("reactivate_account", "change_employer", ["change_employer"]),
        ("change_employer", "reactivate_account", ["change_employer"]),
        ("reset_password", "unlock_account", ["unlock_account"]),
        ("reset_password", "reactivate_account", ["reactivate_account", "reset_password"]),
        ("reactivate_again", "reset_password", ["reactivate_again", "reset_password"]),
        ("login_problem", "unlock_account", ["unlock_account"]),
        ("reset_password", "login_problem", ["reset_password"]),
        # beside any other, in the order said
        ("ticket_status", "reactivate_account", ["ticket_status", "reactivate_account"]),
        ("unlock_account", "contact_support", ["unlock_account", "contact_support"]),
        # two states of one account: only one can be meant
        ("reactivate_account", "unlock_account", []),
        ("new_account", "reset_password", []),
        ("unlock_account", "unlock_account", ["unlock_account"]),
    ],
)
def test_what_is_served_of_two(first: str, second: str, both: list[str]) -> None:
    assert list(table().together(first, second)) == both
