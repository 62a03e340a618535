"""A last login that nobody remembers: who may not look at the record hears what he would hear without any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.flows import DomainFacts, SetSlot, StartFlow, load_flows
from tests.support.flow_talk import Talk

DOMAIN = DomainFacts.from_yaml(Path("domain.yml"))
FLOWS = load_flows(Path("flows"), DOMAIN)
# refused: not proven in production, or no records at all; nothing: the action server is away
NOBODY_SAYS: list[dict[str, Any]] = [
    {"find_last_login_outcome": "refused"},
    {"find_last_login_outcome": "retry"},
    {"find_last_login_outcome": "human"},
    {"find_last_login_outcome": "ok", "find_last_login_state": "unknown"},
    {},
]


def asked(answer: dict[str, Any], *said: tuple[str, Any]) -> tuple[Talk, list[str]]:
    """The talk after "inactive" and these answers, and what the last one brought."""
    talk = Talk(FLOWS, DOMAIN.initial_slots())
    talk.answers = {"action_find_last_login": answer}
    actions = talk.turn(StartFlow("reactivate_account"))
    for name, value in said:
        actions = talk.turn(SetSlot(name, value))
    return talk, actions


@pytest.mark.parametrize("answer", NOBODY_SAYS, ids=str)
@pytest.mark.parametrize(
    "said",
    [
        [("last_login_window", "unknown")],
        [("last_login_window", "straddles"), ("cutoff_answer", "not_sure")],
    ],
)
def test_the_words_and_the_way_are_those_without_a_record(
    answer: dict[str, Any], said: list[tuple[str, Any]]
) -> None:
    talk, actions = asked(answer, *said)
    assert actions == ["action_find_last_login", "utter_case_unknown", "utter_ask_requester_email"]
    assert talk.slots["ticket_case"] == "unknown"
    assert talk.turn(SetSlot("requester_email", "a@b.org")) == ["utter_ask_requester_name"]


def test_somebody_elses_address_reads_like_no_record() -> None:
    talk, actions = asked(
        {"find_last_login_outcome": "ok", "find_last_login_state": "needs_email"},
        ("last_login_window", "unknown"),
    )
    assert actions == ["action_find_last_login", "utter_look_it_up", "utter_ask_requester_email"]
    talk.answers = {"action_find_last_login": {"find_last_login_outcome": "refused"}}
    assert talk.turn(SetSlot("requester_email", "kim@b.org")) == [
        "action_find_last_login",
        "utter_case_unknown",
        "utter_ask_requester_name",
    ]


@pytest.mark.parametrize(
    ("found", "then", "case"),
    [
        ({"find_last_login_state": "within"}, ["utter_record_case_1", "utter_ask_requester_name"], "1"),
        ({"find_last_login_state": "over"}, ["utter_record_case_2", "utter_ask_retake_done"], "2"),
        (
            {"find_last_login_state": "over", "find_last_login_retake": True},
            ["utter_record_case_2_retake_done", "utter_ask_requester_name"],
            "2",
        ),
        ({"find_last_login_state": "lapsed"}, ["utter_record_lapsed", "utter_ask_ticket_number"], None),
    ],
)
def test_the_record_decides(found: dict[str, Any], then: list[str], case: str | None) -> None:
    talk, actions = asked(
        {"find_last_login_outcome": "ok", **found},
        ("requester_email", "a@b.org"),
        ("last_login_window", "unknown"),
    )
    assert actions == ["action_find_last_login", *then]
    assert talk.slots["ticket_case"] == case
