"""The accounts that the sandbox starts with, relative to the clock at its first start (`seed.yml`)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml
from sqlalchemy import Connection

from backend.accounts import repository
from backend.accounts.account import Account, Training
from backend.accounts.state import Timestamps
from backend.store.kept_facts import keep_first
from backend.world import World
from common.policy import Policy

_FILE = Path(__file__).with_name("seed.yml")
_DOMAIN = "agency.example"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_MORNING = "10:00"


def plant(world: World) -> int:
    """Add the accounts unless that happened before; deleted ones do not come back. Returns how many."""
    now, entries = world.clock.now(), people()

    def add_all(connection: Connection) -> None:
        for entry in entries:
            repository.add(connection, to_account(entry, now, world.policy))

    return len(entries) if keep_first(world.database, "seeded_at", now.isoformat(), also=add_all) else 0


def people() -> list[dict[str, Any]]:
    """The entries of `seed.yml`."""
    entries: list[dict[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return entries


def to_account(entry: dict[str, Any], now: datetime, policy: Policy) -> Account:
    """One entry of `seed.yml` as an account."""

    def moment(key: str) -> datetime | None:
        return _moment(entry[key], now, policy) if key in entry else None

    trainings = entry.get("trainings", {})
    completed = {course: _moment({"days_ago": days}, now, policy) for course, days in trainings.items()}
    created = moment("created") or moment("queued") or min(completed.values())
    locked_on = moment("locked")
    user_name = f"{entry['user_name']}@{_DOMAIN}"
    return Account(
        id=str(uuid5(NAMESPACE_URL, f"https://{_DOMAIN}/{user_name}")),
        profile={
            "userName": user_name,
            "name": {"givenName": entry["given"], "familyName": entry["family"]},
            "displayName": f"{entry['given']} {entry['family']}",
            "emails": [{"value": user_name, "type": "work", "primary": True}],
            _ENTERPRISE: {"organization": entry["organization"]},
        },
        times=Timestamps(
            created_at=created,
            last_login=moment("last_login"),
            reactivated_on=moment("reactivated"),
            disabled_on=moment("disabled"),
            queued_on=moment("queued"),
            locked_until=locked_on and locked_on + timedelta(minutes=policy.locked_minutes),
        ),
        modified_at=now,
        trainings=tuple(Training(course, at) for course, at in sorted(completed.items())),
    )


def _moment(ago: dict[str, Any], now: datetime, policy: Policy) -> datetime:
    """`{days_ago, at}` counts local calendar days, so that "90 days ago" is right across daylight saving."""
    if "minutes_ago" in ago:
        return now - timedelta(minutes=ago["minutes_ago"])
    day = policy.today(now) - timedelta(days=ago["days_ago"])
    return datetime.combine(day, time.fromisoformat(ago.get("at", _MORNING)), tzinfo=policy.time_zone)
