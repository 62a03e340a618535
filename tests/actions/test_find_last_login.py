"""action_find_last_login: what the record says, and to whom it may be said."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actions.identity import Identity
from actions.office import Office
from actions.steps.find_last_login import FindLastLogin
from actions.steps.turn import Turn
from actions.tickets.draft import TicketWriter
from common.settings import Settings, load
from tests.support.action_scene import EMAIL, NOW, Scene
from tests.support.actions_process import AT
from tests.support.actions_tools import bench, region

SANDBOX = load({})
PRODUCTION = replace(SANDBOX, mode="production")
NOBODY, JO, KIM = Identity(), Identity("email", EMAIL), Identity("slack", "kim@agency.org")
RETAKE = {"trainings": [{"course": "retake", "completedAt": "2026-11-20T00:00:00Z"}]}
WITHIN = {
    "find_last_login_outcome": "ok",
    "find_last_login_state": "within",
    "find_last_login_on": "2026-10-10",
    "find_last_login_retake": False,
}
OVER = {**WITHIN, "find_last_login_state": "over", "find_last_login_on": "2026-03-24"}
UNKNOWN = {"find_last_login_outcome": "ok", "find_last_login_state": "unknown"}
NEEDS_EMAIL = {"find_last_login_outcome": "ok", "find_last_login_state": "needs_email"}
REFUSED = {"find_last_login_outcome": "refused"}


def call(scene: Scene, email: str | None = EMAIL) -> dict[str, Any]:
    return scene.rig.call("action_find_last_login", {"requester_email": email})


@pytest.mark.parametrize(
    ("account", "found"),
    [
        ({"lastLogin": "2026-10-10T18:00:00Z"}, WITHIN),
        ({"lastLogin": "2026-03-24T18:00:00Z"}, OVER),
        ({"lastLogin": "2026-03-24T18:00:00Z", **RETAKE}, {**OVER, "find_last_login_retake": True}),
        # exactly 90 days ago is within; the day is the region's, not UTC's
        ({"lastLogin": "2026-08-25T08:00:00Z"}, {**WITHIN, "find_last_login_on": "2026-08-25"}),
        ({"lastLogin": "2026-08-25T06:00:00Z"}, {**OVER, "find_last_login_on": "2026-08-24"}),
        ({"lastLogin": "2026-03-24T18:00:00Z", "disabledReason": "midnight"}, "lapsed"),
        ({"disabledReason": "neverUsed"}, UNKNOWN),
        ({}, UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_what_the_record_says(scene: Scene, account: dict[str, Any] | None, found: Any) -> None:
    if account is not None:
        scene.world.add_user(EMAIL, state="inactive", **account)
    lapsed = {"find_last_login_outcome": "ok", "find_last_login_state": "lapsed"}
    assert call(scene) == (lapsed if found == "lapsed" else found)


@pytest.mark.parametrize("email", [None, "", "jo@agency", "not an address"])
def test_the_address_is_asked_for_first(scene: Scene, email: str | None) -> None:
    assert call(scene, email) == NEEDS_EMAIL
    assert scene.proxy.seen == []


@pytest.mark.parametrize(("status", "outcome"), [(503, "retry"), (500, "retry"), (401, "human")])
def test_an_account_system_in_trouble(scene: Scene, status: int, outcome: str) -> None:
    scene.world.status_of["/scim"] = status
    assert call(scene) == {"find_last_login_outcome": outcome}


def test_an_account_system_that_is_away_is_waited_for_no_longer_than_an_answer_may_take(scene: Scene) -> None:
    scene.proxy.plan("delay_after", "GET", "/scim", times=9)
    assert call(scene) == {"find_last_login_outcome": "retry"}
    with scene.proxy.refusing():
        assert call(scene) == {"find_last_login_outcome": "retry"}


def test_two_accounts_with_one_address_are_no_guess(scene: Scene) -> None:
    for day in ("10", "11"):
        scene.world.add_user(EMAIL, state="inactive", lastLogin=f"2026-10-{day}T18:00:00Z")
    assert call(scene) == {"find_last_login_outcome": "human"}


@pytest.fixture(params=["scim", "none"])
def accounts(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def answer(tmp_path: Path, accounts: str) -> Iterator[Any]:
    """A function (settings, identity, email) → the action's answer; jo and kim have a recorded login."""
    with bench(tmp_path, AT, accounts=accounts) as world, ThreadPoolExecutor(1) as threads:
        for email in (EMAIL, "kim@agency.org"):
            world.world.add_user(email, state="inactive", lastLogin="2026-10-10T18:00:00Z")

        def ask(settings: Settings, identity: Identity, email: str | None) -> Any:
            office = Office(settings, world.store, world.runner, world.tools, TicketWriter(region()))
            turn = Turn("c-1", {"requester_email": email}, [], identity, "web", NOW, None)
            return FindLastLogin(office, threads).answer(turn)

        yield ask


@pytest.mark.parametrize("accounts", ["scim"], indirect=True)
@pytest.mark.parametrize(
    ("settings", "identity", "email", "found"),
    [
        (SANDBOX, NOBODY, EMAIL, WITHIN),
        (SANDBOX, NOBODY, None, NEEDS_EMAIL),
        (PRODUCTION, JO, EMAIL, WITHIN),
        (PRODUCTION, JO, "JO@Agency.org", WITHIN),
        (PRODUCTION, JO, None, NEEDS_EMAIL),
        # somebody else's record, and anybody's for a person whose address is not proven
        (PRODUCTION, KIM, EMAIL, REFUSED),
        (PRODUCTION, NOBODY, EMAIL, REFUSED),
        (PRODUCTION, NOBODY, None, REFUSED),
        # whether there is an account shows in nothing
        (PRODUCTION, NOBODY, "nobody@agency.org", REFUSED),
    ],
)
def test_to_whom_it_may_be_said(
    answer: Any, settings: Settings, identity: Identity, email: str | None, found: Any
) -> None:
    assert answer(settings, identity, email) == found


@pytest.mark.parametrize("accounts", ["none"], indirect=True)
@pytest.mark.parametrize("email", [EMAIL, None])
def test_without_records_there_is_nothing_to_look_at(answer: Any, email: str | None) -> None:
    for settings in (SANDBOX, PRODUCTION):
        assert answer(settings, JO, email) == REFUSED
