"""Two people never share an answer: what the flow for somebody else forgets, and what it keeps."""

from __future__ import annotations

from pathlib import Path

from bot.flows import Flows
from bot.needs import SOMEONE_ELSE, collected_by

ROOT = Path(__file__).parents[3]

KEPT = {
    # of the conversation
    "whose_account",
    "for_someone_else",
    "owner_help",
    "owner_need",
    "another_person",
    # of the person who writes; somebody else's ticket never carries the conversation
    "requester_email",
    "requester_name",
    "share_conversation",
    # set anew, or asked anew, for each person before anything reads them
    "row",
    "ticket_change",
    "chat_choice",
    "confirm_ticket",
    "try_again",
}
"""What may stand when the next person's turn comes."""


def test_nothing_of_one_person_is_left_for_the_next(flows: Flows) -> None:
    flow = flows[SOMEONE_ELSE]
    filled = {name for part in flows.subflows(flow) for name in (*part.collects, *part.sets)}
    forgotten = dict((flow.step("next_person") or flow.steps[0]).slots)
    assert filled - set(forgotten) == KEPT
    assert set(forgotten.values()) == {None}


def test_only_what_is_the_writers_own_outlives_the_flow(flows: Flows) -> None:
    parts = flows.subflows(flows[SOMEONE_ELSE])
    assert {name for part in parts for name in part.persisted_slots} == {
        "requester_email",
        "requester_name",
        "share_conversation",
    }


def test_every_row_can_become_somebody_elses(flows: Flows) -> None:
    """Each need that the domain lists is a row with the way into the flow for somebody else, and back."""
    needs = set(flows.slots["owner_need"].values)
    for need in needs | {"login_problem"}:
        assert {"own_account", SOMEONE_ELSE} <= set(flows[need].uses), need
    assert needs < set(flows[SOMEONE_ELSE].uses)


def test_another_persons_questions_are_not_a_rows_own(flows: Flows) -> None:
    assert "owner_email" not in collected_by(flows, "reactivate_account")
    assert "cta_state" not in collected_by(flows, "unlock_account")
    assert {"owner_email", "last_login_window", "prior_employer"} <= collected_by(flows, SOMEONE_ELSE)
