"""The region's rules and addresses (policy.yml), checked when loaded, and the dates that follow from them."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from common.office_hours import OfficeHours, read_office_hours
from common.yaml_lines import Entry, YamlError, read_mapping


class PolicyError(Exception):
    """A policy file that cannot be used; the message names file, line and key, and what was expected."""


@dataclass(frozen=True)
class Courses:
    """Course names as the training site shows them."""

    basic: str
    retake: str


@dataclass(frozen=True)
class Addresses:
    """Where the How-To points people; links are https."""

    help_page_url: str
    hmis_login_url: str
    reset_password_url: str
    training_url: str
    retake_url: str
    cta_url: str
    support_form_url: str
    support_phone: str
    support_email: str
    support_hours: str


@dataclass(frozen=True)
class Policy:
    """How-To rows 1 to 6 in numbers, for one region. `now` is always an aware datetime."""

    region_name: str
    time_zone: ZoneInfo
    retrain_after_days: int
    inactive_after_days: int
    locked_minutes: int
    reminder_hours_before_midnight: int
    emergency_line: str
    office_hours: OfficeHours
    courses: Courses
    addresses: Addresses

    def local(self, now: datetime) -> datetime:
        """The same moment on the region's wall clock."""
        if now.tzinfo is None:
            raise ValueError("expected an aware datetime")
        return now.astimezone(self.time_zone)

    def today(self, now: datetime) -> date:
        return self.local(now).date()

    def cutoff(self, now: datetime) -> date:
        """The oldest last login that needs no RETAKE: a login on this very day is still Case 1 (row 2)."""
        return self.today(now) - timedelta(days=self.retrain_after_days)

    def next_midnight(self, now: datetime) -> datetime:
        """When the region's day ends, in UTC: unused reactivations lapse then (row 2). Right across DST."""
        tomorrow = self.today(now) + timedelta(days=1)
        midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=self.time_zone)
        return midnight.astimezone(timezone.utc)

    def in_office_hours(self, now: datetime) -> bool:
        """Does HMIS Support answer at this moment? Holidays are not known here."""
        return self.office_hours.covers(self.local(now))

    def words(self) -> dict[str, str]:
        """What responses may name in braces: `{hmis_login_url}`, `{locked_time}` ("1 hour")."""
        words = {
            "region_name": self.region_name,
            "time_zone": self.time_zone.key,
            "emergency_line": self.emergency_line,
            "basic_course": self.courses.basic,
            "retake_course": self.courses.retake,
        }
        words |= {name: str(getattr(self, name)) for name in _NUMBERS}
        # "60 minutes" is not how people say it, so sentences cannot name the bare number
        del words["locked_minutes"]
        words["locked_time"] = time_in_words(self.locked_minutes)
        words |= {entry.name: getattr(self.addresses, entry.name) for entry in fields(Addresses)}
        return words

    def example_addresses(self) -> list[str]:
        """Keys whose address is a reserved example: fine in the sandbox, refused in production.

        Hosts of RFC 2606; phone numbers 555-0100 to 555-0199, which belong to nobody in North America.
        """
        return [entry.name for entry in fields(Addresses) if is_example(getattr(self.addresses, entry.name))]


def time_in_words(minutes: int) -> str:
    """As people say it: "45 minutes", "1 hour", "90 minutes", "24 hours", "3 days"."""
    number, unit = minutes, "minute"
    if minutes % 60 == 0:
        number, unit = minutes // 60, "hour"
    if minutes % 1440 == 0 and minutes > 1440:
        number, unit = minutes // 1440, "day"
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


_EXAMPLE_ENDINGS = (".example", ".invalid", ".test")
_EXAMPLE_HOSTS = ("example.com", "example.org", "example.net")
_EXAMPLE_PHONE = re.compile(r"\b555[-. ]?01\d\d\b")
# From 2 days on: sentences say "{retrain_after_days} days".
_NUMBERS: dict[str, tuple[int, int]] = {
    "retrain_after_days": (2, 3650),
    "inactive_after_days": (2, 3650),
    "locked_minutes": (1, 10080),
    "reminder_hours_before_midnight": (1, 12),
}


def load_policy(path: Path | str, *, production: bool = False) -> Policy:
    """Read policy.yml; raises PolicyError. `production=True` refuses example addresses."""
    path = Path(path)
    try:
        root = read_mapping(path)
        policy = _to_policy(root)
        if production and (examples := policy.example_addresses()):
            entry = root.child("addresses").child(examples[0])
            raise entry.error("an example address; expected the region's own")
    except YamlError as error:
        raise PolicyError(str(error)) from error
    return policy


def _to_policy(root: Entry) -> Policy:
    root.only(
        {*_NUMBERS, "region_name", "time_zone", "emergency_line", "office_hours", "courses", "addresses"}
    )
    numbers = {name: root.child(name).integer(low, high) for name, (low, high) in _NUMBERS.items()}
    return Policy(
        region_name=root.child("region_name").text(),
        time_zone=_time_zone(root.child("time_zone")),
        emergency_line=root.child("emergency_line").text(),
        office_hours=read_office_hours(root.child("office_hours")),
        courses=Courses(**_texts(root.child("courses"), Courses)),
        addresses=_addresses(root.child("addresses")),
        **numbers,
    )


def _texts(entry: Entry, shape: type[Any]) -> dict[str, str]:
    names = [item.name for item in fields(shape)]
    entry.only(set(names))
    return {name: entry.child(name).text() for name in names}


def _time_zone(entry: Entry) -> ZoneInfo:
    name = entry.text()
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise entry.error(f"{name!r} is no time zone; expected a name such as America/Los_Angeles") from None


def _addresses(entry: Entry) -> Addresses:
    found = _texts(entry, Addresses)
    for name, value in found.items():
        if name.endswith("_url") and not _is_https(value):
            raise entry.child(name).error(f"{value!r}; expected a link that starts with https://")
    if "@" not in found["support_email"]:
        raise entry.child("support_email").error(f"{found['support_email']!r}; expected an e-mail address")
    return Addresses(**found)


def _is_https(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and " " not in value


def is_example(value: str) -> bool:
    """Is this link, e-mail address or phone number one that is reserved for examples?"""
    if "://" not in value and _EXAMPLE_PHONE.search(value):
        return True
    host = (urlsplit(value).hostname or "") if "://" in value else value.rpartition("@")[2]
    return host.endswith(_EXAMPLE_ENDINGS) or host in _EXAMPLE_HOSTS
