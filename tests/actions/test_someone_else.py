"""A ticket for somebody else's account: the owner's, its writer named; nothing of the account is touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from actions.jobs import promises
from tests.support.action_scene import PROVEN, SLOTS, Scene
from tests.support.actions_process import new_key
from tests.support.actions_tools import Bench, bench, draft
from tests.support.fake_world import EXTENSION

OWNER = "jo@agency.org"
WRITER = "sam@agency.org"
FOR_JO: dict[str, Any] = {
    "for_someone_else": True,
    "owner_email": OWNER,
    "owner_name": "Jo Doe",
    "requester_email": WRITER,
    "requester_name": "Sam Boss",
}
FILED = {"file_ticket_outcome": "ok", "owner_ticket_id": "1001"}


# -- filed, and nothing more ------------------------------------------------------------------------------


@pytest.mark.parametrize("identity", [None, PROVEN, {"level": "slack", "email": WRITER}])
def test_nobody_is_reactivated_on_another_persons_word(scene: Scene, identity: Any) -> None:
    scene.inactive()
    slots = {**SLOTS, **FOR_JO, "ticket_key": new_key()}
    assert scene.rig.call("action_file_ticket", slots, identity=identity) == FILED
    assert scene.world.users[0][EXTENSION]["state"] == "inactive"
    assert not any("/scim" in seen for seen in scene.proxy.seen)
    ticket = scene.world.tickets[0]
    assert ticket["requester"] == {"email": OWNER, "name": "Jo Doe"}
    assert (ticket["verified"] is None) is (identity is not PROVEN)


def test_the_summary_tells_nothing_of_the_record_even_with_the_owners_address_proven(scene: Scene) -> None:
    scene.inactive("2026-05-02T18:00:00Z")
    shown = scene.rig.call("action_prepare_ticket", {**SLOTS, **FOR_JO}, identity=PROVEN)["ticket_summary"]
    assert "May" not in shown and WRITER in shown
    assert not any("/scim" in seen for seen in scene.proxy.seen)


def test_one_owner_never_stands_on_anothers_ticket(scene: Scene) -> None:
    """One conversation, two people; what was said in it goes on neither ticket."""
    said = ("my staff Jo Doe, jo@agency.org and Lee Wong, lee@agency.org are inactive", "lee@agency.org")
    lee = {**FOR_JO, "owner_email": "lee@agency.org", "owner_name": "Lee Wong"}
    for people in (FOR_JO, lee):
        slots = {**SLOTS, **people, "ticket_key": new_key()}
        assert scene.rig.call("action_file_ticket", slots, said=said)["file_ticket_outcome"] == "ok"
    first, second = (json.dumps(ticket) for ticket in scene.world.tickets)
    assert "lee" not in first.lower() and "jo@" not in second and "Jo Doe" not in second
    assert WRITER in first and WRITER in second
    assert [ticket["transcript"] for ticket in scene.world.tickets] == [[], []]


@pytest.mark.parametrize(
    "wrong",
    [
        {"owner_email": None},
        {"owner_email": "jo@agency"},
        {"requester_email": None},
        {"requester_email": OWNER.upper()},
        {"owner_email": "a b@c.org"},
    ],
)
def test_both_need_an_address_of_their_own(scene: Scene, wrong: dict[str, Any]) -> None:
    slots = {**SLOTS, **FOR_JO, **wrong, "ticket_key": new_key()}
    assert scene.rig.call("action_prepare_ticket", slots) == {"prepare_ticket_outcome": "refused"}
    assert scene.rig.call("action_file_ticket", slots) == {"file_ticket_outcome": "refused"}
    assert scene.world.tickets == []


def test_a_kept_ticket_leaves_the_writers_own_alone(scene: Scene) -> None:
    with scene.proxy.refusing():
        made = scene.file(**FOR_JO)
    assert made == {"file_ticket_outcome": "retry", "owner_ticket_id": None}


# -- afterwards -------------------------------------------------------------------------------------------


def test_of_a_ticket_for_another_person_the_writer_learns_that_it_is_filed(scene: Scene) -> None:
    scene.file(**FOR_JO)
    asked = {"requester_email": WRITER, "ticket_number": "1001"}
    filed = {
        "ticket_status_outcome": "ok",
        "ticket_status_state": "filed",
        "ticket_status_number": "1001",
    }
    assert scene.rig.call("action_ticket_status", asked) == filed
    scene.world.answer(1001, "a temporary password")
    assert scene.rig.call("action_ticket_status", asked) == filed
    claims_to_be_jo = {**asked, "requester_email": OWNER}
    assert scene.rig.call("action_ticket_status", claims_to_be_jo) == filed
    scene.world.status_of["/tickets"] = 503
    assert scene.rig.call("action_ticket_status", asked) == filed
    scene.world.status_of.clear()
    proven = scene.rig.call("action_ticket_status", asked, identity=PROVEN)
    assert proven["ticket_status_state"] == "answered"
    elsewhere = scene.rig.call("action_ticket_status", asked, conversation="c-2")
    assert elsewhere["ticket_status_state"] == "unknown"


@pytest.mark.parametrize("claimed", [WRITER, OWNER])
def test_the_writer_cannot_answer_the_owners_ticket(scene: Scene, claimed: str) -> None:
    user = scene.inactive()
    scene.file(**FOR_JO)
    user[EXTENSION] |= {"disabledReason": "midnight"}
    slots = {"requester_email": claimed, "ticket_number": "1001", "reply_key": new_key()}
    assert scene.rig.call("action_prepare_reply", slots) == {"prepare_reply_outcome": "refused"}
    assert scene.rig.call("action_reply_ticket", slots) == {"reply_ticket_outcome": "refused"}
    assert scene.world.tickets[0]["replies"] == []
    assert scene.world.users[0][EXTENSION]["state"] == "inactive"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path, "2026-11-23T10:00:00-08:00") as one:
        yield one


def test_no_answer_no_login_and_no_midnight_is_told(rig: Bench) -> None:
    """Support reactivates and answers; the owner logs in, or does not: all that is heard is `filed`."""
    account = rig.world.add_user(
        OWNER, state="inactive", lastLogin="2026-10-10T18:00:00Z", disabledReason="noLogin"
    )
    refs = {"row": "reactivate_account", "case": "1", "channel": "web", "for_someone_else": True}
    refs |= {"at": rig.clock.now().isoformat(), "started_at": rig.clock.now().isoformat()}
    job = promises.file_ticket("k1", "c-1", draft(), may_lift=False, now=rig.clock.now(), refs=refs)
    rig.store.put([job])
    rig.pass_time(timedelta(seconds=30))
    rig.world.answer(1001, "reactivated")
    account[EXTENSION] |= {"state": "active", "reactivatedOn": "2026-11-23T19:00:00Z"}
    for hours in (1, 4, 4, 8, 12):
        rig.pass_time(timedelta(hours=hours))
    assert rig.world.kinds() == ["owner_ticket_filed"]
    assert rig.world.events[0]["data"] == {"owner_ticket_id": "1001"}
