"""The people of the sandbox: everybody that the How-To table talks about, relative to the first start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.accounts import seed
from common.clock import FixedClock
from tests.support.backend_server import RunningBackend, extension, running_backend

# user name, state, reason, days since the last login, courses
PEOPLE = [
    ("casey.forty", "inactive", "noLogin", 40, ["basic"]),
    ("nina.eightynine", "inactive", "noLogin", 89, ["basic"]),
    ("omar.ninety", "inactive", "noLogin", 90, ["basic"]),
    ("ruth.ninetyone", "inactive", "noLogin", 91, ["basic", "retake"]),
    ("theo.longaway", "inactive", "noLogin", 240, ["basic"]),
    ("mia.midnight", "inactive", "midnight", 45, ["basic"]),
    ("dana.disabled", "inactive", "administrator", 12, ["basic"]),
    ("lou.locked", "locked", None, 3, ["basic"]),
    ("penny.pending", "pending", None, None, ["basic"]),
    ("ada.active", "active", None, 2, ["basic"]),
    ("nia.neverused", "inactive", "neverUsed", None, ["basic"]),
]

# A first start at any time of the day and the year gives the same people.
STARTS = [
    datetime(2026, 11, 23, 18, 0, tzinfo=UTC),
    datetime(2026, 11, 24, 7, 59, tzinfo=UTC),
    datetime(2026, 11, 24, 8, 0, tzinfo=UTC),
    datetime(2026, 3, 9, 6, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 20, 0, tzinfo=UTC),
]


@pytest.mark.parametrize("start", STARTS, ids=str)
def test_states_at_the_first_start(start: datetime, tmp_path: Path) -> None:
    with running_backend(tmp_path, clock=FixedClock(start)) as backend:
        for name, state, reason, days, courses in PEOPLE:
            found = extension(backend.find(f"{name}@agency.example"))
            assert (found["state"], found.get("disabledReason")) == (state, reason), name
            assert [training["course"] for training in found["trainings"]] == courses, name
            assert _days_since(found.get("lastLogin"), backend) == days, name
        assert backend.scim.get("/Users").json()["totalResults"] == len(PEOPLE)


def test_planted_once_and_deleted_accounts_stay_away(tmp_path: Path) -> None:
    with running_backend(tmp_path) as backend:
        gone = backend.find("ada.active@agency.example")["id"]
        assert backend.scim.delete(f"/Users/{gone}").status_code == 204
    later = FixedClock(backend.clock.now() + timedelta(days=3))
    with running_backend(tmp_path, clock=later) as backend:
        assert backend.scim.get("/Users").json()["totalResults"] == len(PEOPLE) - 1
        casey = extension(backend.find("casey.forty@agency.example"))
        assert _days_since(casey["lastLogin"], backend) == 43


def _days_since(moment: str | None, backend: RunningBackend) -> int | None:
    if moment is None:
        return None
    policy, now = backend.world.policy, backend.clock.now()
    return (policy.today(now) - policy.today(datetime.fromisoformat(moment))).days


def test_the_page_about_the_sandbox_names_everybody() -> None:
    assert seed.newcomers() == ["ned.newcomer"]
    page = (Path(__file__).parents[2] / "backend" / "README.md").read_text("utf-8")
    told = [tuple(cell.strip(" `") for cell in line.split("|")[1:3]) for line in page.splitlines()]
    for name, state, *_ in PEOPLE:
        assert (name, state) in told
    assert ("ned.newcomer", "no account") in told
    assert len(PEOPLE) == len(seed.people())
