"""The people that the sandbox starts with, relative to the clock at its first start (`seed.yml`)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml
from sqlalchemy import Connection

from backend.accounts import passwords, repository
from backend.accounts.account import ENTERPRISE, Account
from backend.accounts.state import Timestamps
from backend.cta import repository as cta
from backend.cta.record import CtaAccount, Training
from backend.store.kept_facts import keep_first
from backend.world import World
from common.policy import Policy

_FILE = Path(__file__).with_name("seed.yml")
_DOMAIN = "agency.example"
_MORNING = "10:00"


def plant(world: World) -> int:
    """Add the people unless that happened before; deleted ones do not come back. Returns how many."""
    now, entries = world.clock.now(), people()

    def add_all(connection: Connection) -> None:
        for entry in entries:
            plant_person(connection, entry, now, world.policy)

    def add_what_came_later(connection: Connection) -> None:
        """A sandbox from before the academy and the login page gets what they need."""
        for entry in _content()["newcomers"]:
            if cta.find(connection, _address(entry)) is None:
                cta.add(connection, to_cta(entry, now, world.policy))
        for entry in entries:
            account = repository.find_by_address(connection, _address(entry))
            if account is not None and account.password_set_on is None and account.times.queued_on is None:
                passwords.keep(connection, account.id, passwords.demo_form())

    planted = keep_first(world.database, "seeded_at", now.isoformat(), also=add_all)
    keep_first(world.database, "academy_seeded_at", now.isoformat(), also=add_what_came_later)
    return len(entries) if planted else 0


def people() -> list[dict[str, Any]]:
    """The entries of `seed.yml` that have an HMIS account."""
    entries: list[dict[str, Any]] = _content()["accounts"]
    return entries


def newcomers() -> list[str]:
    """Who is at the academy only."""
    return [entry["user_name"] for entry in _content()["newcomers"]]


def plant_person(connection: Connection, entry: dict[str, Any], now: datetime, policy: Policy) -> None:
    """One entry: the account of the academy and the HMIS account."""
    trained = cta.find(connection, _address(entry))
    if trained is None:
        trained = to_cta(entry, now, policy)
        cta.add(connection, trained)
    account = to_account(entry, now, policy, cta_id=trained.id)
    repository.add(connection, account)


def to_cta(entry: dict[str, Any], now: datetime, policy: Policy) -> CtaAccount:
    """One entry of `seed.yml` as an account of the academy."""
    completed = [
        Training(course, _moment({"days_ago": days}, now, policy))
        for course, days in entry.get("trainings", {}).items()
    ]
    created = _moment(entry["created"], now, policy) if "created" in entry else now
    return CtaAccount(
        id=str(uuid5(NAMESPACE_URL, f"https://cta.{_DOMAIN}/{_address(entry)}")),
        address=_address(entry),
        given=entry["given"],
        family=entry["family"],
        employer=entry["organization"],
        created_at=min([created, *(training.completed_at for training in completed)]),
        completed=tuple(sorted(completed, key=lambda training: training.completed_at)),
    )


def to_account(entry: dict[str, Any], now: datetime, policy: Policy, *, cta_id: str | None = None) -> Account:
    """One entry of `seed.yml` as an HMIS account."""

    def moment(key: str) -> datetime | None:
        return _moment(entry[key], now, policy) if key in entry else None

    user_name, locked_on = _address(entry), moment("locked")
    trained = to_cta(entry, now, policy)
    return Account(
        id=str(uuid5(NAMESPACE_URL, f"https://{_DOMAIN}/{user_name}")),
        profile={
            "userName": user_name,
            "name": {"givenName": entry["given"], "familyName": entry["family"]},
            "displayName": f"{entry['given']} {entry['family']}",
            "emails": [{"value": user_name, "type": "work", "primary": True}],
            ENTERPRISE: {"organization": entry["organization"]},
        },
        times=Timestamps(
            created_at=moment("created") or moment("queued") or trained.created_at,
            last_login=moment("last_login"),
            reactivated_on=moment("reactivated"),
            disabled_on=moment("disabled"),
            queued_on=moment("queued"),
            locked_until=locked_on and locked_on + timedelta(minutes=policy.locked_minutes),
        ),
        modified_at=now,
        cta_id=cta_id,
    )


def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return content


def _address(entry: dict[str, Any]) -> str:
    return f"{entry['user_name']}@{_DOMAIN}"


def _moment(ago: dict[str, Any], now: datetime, policy: Policy) -> datetime:
    """`{days_ago, at}` counts local calendar days, so that "90 days ago" is right across daylight saving."""
    if "minutes_ago" in ago:
        return now - timedelta(minutes=ago["minutes_ago"])
    day = policy.today(now) - timedelta(days=ago["days_ago"])
    return datetime.combine(day, time.fromisoformat(ago.get("at", _MORNING)), tzinfo=policy.time_zone)
