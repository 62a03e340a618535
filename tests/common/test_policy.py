from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from common.policy import Policy, PolicyError, load_policy, time_in_words

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "policy.yml").read_text(encoding="utf-8")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.fixture
def policy() -> Policy:
    return load_policy(ROOT / "policy.yml")


def test_the_shipped_policy(policy: Policy) -> None:
    assert (policy.retrain_after_days, policy.inactive_after_days, policy.locked_minutes) == (90, 30, 60)
    assert policy.time_zone.key == "America/Los_Angeles"
    assert "RETAKE" in policy.courses.retake


@pytest.mark.parametrize(
    ("now", "today", "cutoff", "midnight"),
    [
        # (UTC moment, local day, oldest Case 1 day, end of the local day in UTC)
        ("2026-11-23T16:00", date(2026, 11, 23), date(2026, 8, 25), "2026-11-24T08:00"),
        ("2026-11-24T07:59", date(2026, 11, 23), date(2026, 8, 25), "2026-11-24T08:00"),
        ("2026-11-24T08:00", date(2026, 11, 24), date(2026, 8, 26), "2026-11-25T08:00"),
        # the 23-hour day on which daylight saving begins
        ("2026-03-08T08:00", date(2026, 3, 8), date(2025, 12, 8), "2026-03-09T07:00"),
        ("2026-03-08T07:59", date(2026, 3, 7), date(2025, 12, 7), "2026-03-08T08:00"),
        # the 25-hour day on which it ends
        ("2026-11-01T07:00", date(2026, 11, 1), date(2026, 8, 3), "2026-11-02T08:00"),
        ("2026-11-02T07:59", date(2026, 11, 1), date(2026, 8, 3), "2026-11-02T08:00"),
        # year end, leap day
        ("2027-01-01T07:59", date(2026, 12, 31), date(2026, 10, 2), "2027-01-01T08:00"),
        ("2028-02-29T20:00", date(2028, 2, 29), date(2027, 12, 1), "2028-03-01T08:00"),
    ],
)
def test_days_end_at_local_midnight(
    policy: Policy, now: str, today: date, cutoff: date, midnight: str
) -> None:
    assert policy.today(utc(now)) == today
    assert policy.cutoff(utc(now)) == cutoff
    assert policy.next_midnight(utc(now)) == utc(midnight)
    assert policy.next_midnight(utc(now)).tzinfo is timezone.utc


def test_naive_moments_are_refused(policy: Policy) -> None:
    with pytest.raises(ValueError, match="aware"):
        policy.today(datetime(2026, 11, 23))


def test_words_are_all_text(policy: Policy) -> None:
    words = policy.words()
    assert all(isinstance(word, str) and word for word in words.values())
    assert words["hmis_login_url"].startswith("https://")
    assert words["retake_course"] == policy.courses.retake
    assert words["locked_time"] == "1 hour"
    assert "locked_minutes" not in words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "1 minute"),
        (45, "45 minutes"),
        (60, "1 hour"),
        (90, "90 minutes"),
        (120, "2 hours"),
        (1440, "24 hours"),
        (1500, "25 hours"),
        (2880, "2 days"),
        (10080, "7 days"),
    ],
)
def test_the_lock_as_people_say_it(tmp_path: Path, minutes: int, words: str) -> None:
    assert time_in_words(minutes) == words
    path = tmp_path / "policy.yml"
    path.write_text(TEXT.replace("locked_minutes: 60", f"locked_minutes: {minutes}"))
    assert load_policy(path).words()["locked_time"] == words


def test_another_region_is_an_edit(tmp_path: Path) -> None:
    text = TEXT.replace("retrain_after_days: 90", "retrain_after_days: 60")
    text = text.replace("America/Los_Angeles", "America/New_York")
    path = tmp_path / "policy.yml"
    path.write_text(text)
    policy = load_policy(path)
    assert policy.cutoff(utc("2026-11-23T05:00")) == date(2026, 9, 24)


def line_of(text: str, start: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(start))


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("retrain_after_days: 90", "retrain_after_days: ninety", "retrain_after_days", "whole number from 2"),
        ("retrain_after_days: 90", "retrain_after_days: 1", "retrain_after_days", "whole number from 2"),
        ("retrain_after_days: 90", "retrain_after_days: true", "retrain_after_days", "whole number"),
        ("retrain_after_days: 90", "retrain_days: 90", "retrain_days", "unknown key"),
        ("America/Los_Angeles", "Los Angeles", "time_zone", "no time zone"),
        ("America/Los_Angeles", "../../etc/passwd", "time_zone", "no time zone"),
        ("https://hmis.example/login", "http://hmis.example/login", "hmis_login_url", "https://"),
        ("https://hmis.example/login", "javascript:alert(1)", "hmis_login_url", "https://"),
        ("https://hmis.example/login", '"https://a b"', "hmis_login_url", "https://"),
        ("https://hmis.example/login", '""', "hmis_login_url", "expected text"),
        ("https://help.example/hmis", "help.example", "help_page_url", "https://"),
        ("support@hmis.example", "nobody", "support_email", "e-mail"),
        ('"(213) 555-0123"', "2135550123", "support_phone", "put numbers in quotes"),
        ("region_name: Los Angeles HMIS", "region_name: [a]", "region_name", "expected text"),
    ],
)
def test_errors_name_file_line_and_key(tmp_path: Path, old: str, new: str, place: str, message: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new)
    path = tmp_path / "policy.yml"
    path.write_text(text)
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    error = str(caught.value)
    assert error.startswith(f"{path}:{line_of(text, place + ':')}: ")
    assert place in error
    assert message in error
    assert "\n" not in error


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: the file is empty"),
        ("- a\n", ":1: expected keys"),
        ("a: [\n", "expected"),
        ("a: b\na: c\n", ":2: a: given twice"),
        ("region_name: x\n", "missing"),
        (TEXT.replace("  cta_url: https://cta.example/\n", ""), "addresses.cta_url: missing"),
        (
            TEXT.replace("  help_page_url: https://help.example/hmis\n", ""),
            "addresses.help_page_url: missing",
        ),
        (TEXT.replace("courses:\n", "courses: x\nother:\n"), "other"),
        ("a: !!python/object/apply:os.system [x]\n", "could not determine a constructor"),
    ],
)
def test_what_is_no_policy_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "policy.yml"
    path.write_text(text)
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no such file"):
        load_policy(tmp_path / "nowhere.yml")


def test_production_refuses_example_addresses(policy: Policy, tmp_path: Path) -> None:
    assert "hmis_login_url" in policy.example_addresses()
    with pytest.raises(PolicyError, match=r"policy\.yml:\d+: addresses\.help_page_url: an example"):
        load_policy(ROOT / "policy.yml", production=True)
    path = tmp_path / "policy.yml"
    path.write_text(TEXT.replace(".example", ".gov"))
    with pytest.raises(PolicyError, match=r"policy\.yml:\d+: addresses\.support_phone: an example"):
        load_policy(path, production=True)
    path.write_text(TEXT.replace(".example", ".gov").replace("555-0123", "555-4123"))
    assert load_policy(path, production=True).example_addresses() == []
