"""Rendering: words, dates, variations, choices."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.date_words import date_words, to_day
from bot.nlg import FlowNlg, fill, names_in, with_choices
from common.policy import Policy, load_policy

ROOT = Path(__file__).resolve().parents[3]
POLICY: Policy = load_policy(ROOT / "policy.yml")
MORNING = datetime.fromisoformat("2026-11-23T10:00:00-08:00")
ANY = {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}


def nlg_for(*variations: dict[str, Any]) -> FlowNlg:
    domain = Domain.from_dict({"version": "3.1", "responses": {"utter_it": list(variations)}})
    return FlowNlg(domain=domain, policy=POLICY)


def tracker_with(context: dict[str, Any] | None = None, **slots: Any) -> DialogueStateTracker:
    domain = Domain.from_dict(
        {"version": "3.1", "slots": {name: dict(ANY) for name in ("flow_stack", *slots)}}
    )
    tracker = DialogueStateTracker("c", domain.slots)
    tracker.update(UserUttered("hi", metadata={"at": MORNING.isoformat()}))
    for name, value in slots.items():
        tracker.update(SlotSet(name, value))
    tracker.update(SlotSet("flow_stack", [], metadata={"context": context or {}}))
    return tracker


async def text_of(text: str, context: dict[str, Any] | None = None, **slots: Any) -> str:
    message = await nlg_for({"text": text}).generate("utter_it", tracker_with(context, **slots), "web")
    assert message is not None
    return str(message["text"])


@pytest.mark.parametrize(
    ("text", "slots", "context", "shown"),
    [
        ("{who}!", {"who": "Ann"}, {}, "Ann!"),
        ("{who}!", {"who": "Ann"}, {"who": "Bob"}, "Ann!"),
        ("{who}!", {"who": None}, {"who": "Bob"}, "Bob!"),
        ("{context.who}!", {}, {"who": "Bob"}, "Bob!"),
        ("{who}!", {"who": None}, {}, "!"),
        ("{retain}!", {}, {}, "!"),
        ("{who}", {"who": "{other} {0} %s"}, {}, "{other} {0} %s"),
        ("a { b } {} {1}", {}, {}, "a { b } {} {1}"),
        ("{n}", {"n": 3.0}, {}, "3"),
        ("{retrain_after_days} days", {}, {}, "90 days"),
        ("{retrain_after_days} days", {"retrain_after_days": 1}, {}, "1 days"),
        ("{log_in_by_long}", {"log_in_by": "2026-11-23"}, {}, "Monday, November 23"),
        ("{log_in_by_short}", {"log_in_by": "2025-03-01"}, {}, "Mar 1, 2025"),
        ("{log_in_by}", {"log_in_by": "2025-03-01"}, {}, "2025-03-01"),
        ("{today_long} / {tomorrow_long}", {}, {}, "Monday, November 23 / Tuesday, November 24"),
        ("{cutoff_long} / {cutoff_short}", {}, {}, "Tuesday, August 25 / Aug 25"),
    ],
)
async def test_words(text: str, slots: dict[str, Any], context: dict[str, Any], shown: str) -> None:
    assert await text_of(text, context, **slots) == shown


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-11-23", "2026-11-23"),
        ("2026-11-24T07:59:00+00:00", "2026-11-23"),
        ("2026-11-24T08:00:00Z", "2026-11-24"),
        ("2026-11-23T23:00:00", "2026-11-23"),
        ("yesterday", None),
        ("", None),
        (None, None),
        (20261123, None),
        ("2026-13-01", None),
    ],
)
def test_days(value: Any, day: str | None) -> None:
    found = to_day(value, POLICY)
    assert (found.isoformat() if found else None) == day


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-03-01", "2026-03-31", "**Sunday, March 1** to **Tuesday, March 31**"),
        ("2025-12-30", "2026-01-02", "**Tuesday, December 30, 2025** to **Friday, January 2**"),
        # without a beginning
        ("2024-11-22", "2026-06-14", "**Sunday, June 14** or earlier"),
        ("2024-11-23", "2026-06-14", "**Sunday, June 14** or earlier"),
        ("2024-11-24", "2026-06-14", "**Sunday, November 24, 2024** to **Sunday, June 14**"),
        ("2026-03-01", None, None),
    ],
)
def test_a_range_of_days(start: str, end: str | None, said: str | None) -> None:
    slots = {"last_login_start": start, "last_login_end": end}
    words = date_words(slots, datetime.fromisoformat("2026-11-23T18:00:00+00:00"), POLICY)
    assert words.get("last_login_range") == said


def test_dates_are_the_regions_across_midnight_and_new_year() -> None:
    words = date_words({}, datetime.fromisoformat("2027-01-01T07:00:00+00:00"), POLICY)
    assert words["today_long"] == "Thursday, December 31"
    assert words["tomorrow_long"] == "Friday, January 1, 2027"


async def test_always_the_first_variation_that_fits() -> None:
    nlg = nlg_for(
        {"text": "rich", "condition": [{"type": "slot", "name": "who", "value": "ann"}]},
        {"text": "first"},
        {"text": "second"},
        {"text": "slack", "channel": "slack"},
    )
    shown = {}
    for who, channel in [("ann", "web"), ("bob", "web"), ("bob", "slack"), ("ann", "slack")]:
        drawn = {(await nlg.generate("utter_it", tracker_with(who=who), channel))["text"] for _ in range(5)}
        shown[who, channel] = drawn
    assert shown == {
        ("ann", "web"): {"rich"},
        ("bob", "web"): {"first"},
        ("bob", "slack"): {"slack"},
        ("ann", "slack"): {"slack"},
    }


async def test_unknown_response_is_none() -> None:
    assert await nlg_for({"text": "x"}).generate("utter_other", tracker_with(), "web") is None


async def test_rendering_leaves_the_response_alone() -> None:
    variation = {"text": "{who}", "buttons": [{"title": "{who}", "payload": "/SetSlots(a={who})"}]}
    nlg = nlg_for(variation)
    for who in ("Ann", "Bob"):
        message = await nlg.generate("utter_it", tracker_with(who=who), "web")
        assert message is not None
        assert message["buttons"] == [{"title": who, "payload": "/SetSlots(a={who})"}]


def test_fill_goes_deep_and_leaves_payloads() -> None:
    response = {
        "text": "{a}",
        "custom": {"list": ["{a}", {"deep": "{a}", "payload": "{a}"}], "n": 1},
        "other": "{a}",
    }
    assert fill(response, {"a": "1"}, "utter_it") == {
        "text": "1",
        "custom": {"list": ["1", {"deep": "1", "payload": "{a}"}], "n": 1},
        "other": "{a}",
    }


def test_choices_become_buttons() -> None:
    message = {"text": "?", "custom": {"choices": "clarification_options", "style": "list"}}
    made = with_choices(message, {"clarification_options": CHOICES})
    assert made["custom"] == {"style": "list"}
    assert made["buttons"] == [
        {"title": "Place an order", "payload": "/StartFlow(order)"},
        {"title": "hours", "payload": "/StartFlow(hours)"},
    ]
    assert with_choices({"text": "?", "custom": {"choices": "nothing"}}, {})["buttons"] == []
    assert with_choices({"text": "?"}, {}) == {"text": "?"}


CHOICES = [{"flow_id": "order", "name": "Place an order"}, {"flow_id": "hours"}]


def test_names_in() -> None:
    assert names_in("{a} {context.b} {c d} {e_1}") == {"a", "e_1"}


async def test_a_repeated_message_is_the_same() -> None:
    tracker = tracker_with()
    data = {"buttons": [{"title": "t", "payload": "/p"}], "image": "https://x.example/i.png", "custom": None}
    tracker.update(BotUttered("said", data, {"message_id": "m-0", "question": {"slot": "s"}}))
    tracker.update(UserUttered("again", metadata={"at": MORNING.isoformat()}))
    tracker.update(SlotSet("flow_stack", [], metadata={"repeats": "m-0"}))
    message = await nlg_for({"text": "other"}).generate("utter_it", tracker, "web")
    assert message == {
        "text": "said",
        "buttons": data["buttons"],
        "image": data["image"],
        "question": {"slot": "s"},
    }
