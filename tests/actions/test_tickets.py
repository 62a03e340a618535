"""Tickets, summaries and transcripts, as tables (tickets.yml) and as laws that hold for every ticket."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.identity import Identity
from actions.tickets import Line, TicketDraft
from actions.tickets.draft import MOST_FACTS, Request, TicketWriter, UnknownRow
from actions.tickets.transcript import Transcript, to_transcript
from tests.support.actions_tools import region

CASES = yaml.safe_load((Path(__file__).parent / "tickets.yml").read_text(encoding="utf-8"))
AT = datetime(2026, 11, 23, 18, tzinfo=UTC)
JO = {"requester_email": "jo@agency.org", "requester_name": "Jo Doe"}
EMPTY = Transcript((), False)
SAID = Transcript((Line("person", "2026-11-23T10:00:00-08:00", "inactive"),), False)
WRITER = TicketWriter(region())


def request_of(case: dict[str, Any]) -> Request:
    return Request(
        slots={**JO, **case["slots"]},
        identity=Identity.from_metadata(case.get("identity")),
        transcript=SAID,
        at=AT,
        record_last_login=case.get("record"),
    )


def test_names_of_cases_are_unique_and_every_row_has_one() -> None:
    names = [case["name"] for case in CASES]
    assert len(set(names)) == len(names)
    assert {case["slots"]["row"] for case in CASES} == set(WRITER.rows)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_ticket(case: dict[str, Any]) -> None:
    made = WRITER.draft(request_of(case))
    assert list(made.facts[2:]) == case["facts"]
    assert made.subject == case.get("subject", made.subject)
    assert made.asked_for == case.get("asked_for", made.asked_for)
    lines = made.body.splitlines()
    assert lines[0] == case.get("first_line", lines[0])
    assert lines[1 : 1 + len(made.facts)] == list(made.facts)
    assert (made.verified is not None) == lines[0].startswith("VERIFIED")
    assert f"{made.name} <{made.email}>" == case.get("requester", f"{made.name} <{made.email}>")
    assert made.transcript == (() if case["slots"].get("for_someone_else") else SAID.lines)
    for piece in case.get("body", ()):
        assert piece in lines
    assert TicketDraft.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_summary_shows_what_is_sent(case: dict[str, Any]) -> None:
    shown = WRITER.summary(request_of(case))
    for fact in case["facts"]:
        assert f":** {fact.partition(': ')[2]}" in shown
    for piece in case.get("summary", ()):
        assert piece in shown
    for piece in case.get("not_in_summary", ()):
        assert piece not in shown
    assert "\n\n\n" not in shown
    assert "None" not in shown


def test_a_conversation_that_is_left_out() -> None:
    wish = Request({**JO, "row": "contact_support"}, Identity(), EMPTY, AT)
    assert "stays here" in WRITER.summary(wish) and "goes along" not in WRITER.summary(wish)
    assert "attached" not in WRITER.draft(wish).body


def test_unknown_row() -> None:
    with pytest.raises(UnknownRow):
        WRITER.draft(Request({"row": "no_such_row"}, Identity(), EMPTY, AT))


ANYTHING = st.one_of(st.none(), st.booleans(), st.text(max_size=400), st.integers())


@settings(max_examples=60, deadline=None)
@given(
    row=st.sampled_from(WRITER.rows),
    case=st.sampled_from([None, "1", "2", "never", "unknown", "3"]),
    slots=st.dictionaries(
        st.sampled_from(
            [
                "requester_name",
                "tried",
                "asked_for",
                "problem_text",
                "last_login_text",
                "last_login_start",
                "last_login_end",
                "last_login_window",
                "cutoff_answer",
                "retake_done",
                "waited",
                "reset_tried",
                "prior_employer",
                "cta_email",
                "for_someone_else",
                "owner_name",
            ]
        ),
        ANYTHING,
    ),
    proven=st.booleans(),
)
def test_any_slots_make_a_ticket_that_a_desk_takes(
    row: str, case: str | None, slots: dict[str, Any], proven: bool
) -> None:
    identity = Identity("email", "jo@agency.org") if proven else Identity()
    wish = Request({**JO, **slots, "row": row, "ticket_case": case}, identity, EMPTY, AT, date(2026, 5, 2))
    made = WRITER.draft(wish)
    assert len(made.facts) <= MOST_FACTS
    assert all("\n" not in fact and len(fact) <= 500 for fact in made.facts)
    assert 0 < len(made.subject) <= 150 and "\n" not in made.subject
    own = slots.get("for_someone_else") is not True
    assert made.body.splitlines()[0].startswith("VERIFIED" if proven and own else "NOT VERIFIED")
    assert own or any(fact.startswith("Written by: ") and "jo@agency.org" in fact for fact in made.facts)
    assert WRITER.summary(wish)


def user(text: str, at: str = "2026-11-23T10:00:00-08:00", **more: Any) -> dict[str, Any]:
    return {"event": "user", "text": text, "metadata": {"at": at}, "timestamp": 5.0, **more}


def slot(name: str, value: Any, timestamp: float) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value, "timestamp": timestamp}


def bot(text: str | None) -> dict[str, Any]:
    return {"event": "bot", "text": text, "timestamp": 6.0}


def test_transcript_is_in_local_time_and_replies_have_their_turns_time() -> None:
    events = [
        {"event": "action", "name": "action_session_start"},
        user("", "2026-11-23T18:00:00+00:00"),
        bot("Hi!"),
        {"event": "slot", "name": "row", "value": "x"},
        user(" inactive\x00 ", "2026-11-01T09:30:00+00:00"),
        bot(None),
        bot("OK"),
    ]
    made = to_transcript(events, region())
    assert [(line.speaker, line.at, line.text) for line in made.lines] == [
        ("assistant", "2026-11-23T10:00:00-08:00", "Hi!"),
        ("person", "2026-11-01T01:30:00-08:00", "inactive"),
        ("assistant", "2026-11-01T01:30:00-08:00", "OK"),
    ]
    assert not made.cut


@pytest.mark.parametrize(
    ("events", "cut"),
    [
        ([slot("row", "x", 1.0), user("hello")], True),
        ([slot("session_started_metadata", {}, 1.0), slot("row", "x", 1.0), user("hello")], True),
        ([slot("session_started_metadata", {"a": 1}, 1.79e9), user("hello")], False),
        (
            [{"event": "action", "name": "action_session_start"}, slot("row", None, 1.79e9), user("hello")],
            False,
        ),
        ([{"event": "slot", "name": "row", "value": "x", "timestamp": None}, user("hello")], False),
        ([user("hello"), {"event": "slot", "name": "row", "value": "x"}], False),
        ([user(f"line {n}") for n in range(300)], True),
        ([user("x" * 1999) for _ in range(40)], True),
        ([], False),
    ],
)
def test_older_turns_that_are_left_out_are_noted(events: list[dict[str, Any]], cut: bool) -> None:
    made = to_transcript(events, region())
    assert made.cut is cut
    if made.lines:
        assert made.lines[-1].text == events[-1].get("text", "hello")
    wish = Request({**JO, "row": "contact_support"}, Identity(), made, AT)
    assert ("older part is left out" in WRITER.draft(wish).body) is cut
    if made.lines:
        part = " (its newer part)" if cut else ""
        shown = f"What we wrote above goes along{part}, so that Support need not ask again."
        assert shown in WRITER.summary(wish).splitlines()
        end = "; its older part is left out" if cut else ""
        attached = f"The conversation with HMIS Account Help is attached{end}."
        assert attached in WRITER.draft(wish).body.splitlines()


def for_others(value: bool | None) -> dict[str, Any]:
    return slot("for_someone_else", value, 1.79e9)


@pytest.mark.parametrize(
    ("events", "said", "cut"),
    [
        # Dana is spoken of in the very message that makes it somebody else's account
        (
            [
                user("hi"),
                bot("Hello"),
                user("Dana is locked"),
                for_others(True),
                bot("I can help"),
                user("stop"),
            ],
            [],
            True,
        ),
        (
            [
                user("Dana is locked"),
                for_others(True),
                bot("Her name?"),
                user("Dana Smith"),
                bot("Is there another person?"),
                user("no, thanks to Dana"),
                for_others(None),
                bot("OK"),
                user("and I am locked out"),
                bot("When?"),
            ],
            ["and I am locked out", "When?"],
            True,
        ),
        ([user("I am locked out"), for_others(False), bot("When?")], ["I am locked out", "When?"], False),
        ([slot("for_someone_else", True, 1.0), bot("Her name?"), user("Dana Smith")], [], True),
    ],
)
def test_what_was_said_of_others_goes_on_no_ticket(
    events: list[dict[str, Any]], said: list[str], cut: bool
) -> None:
    made = to_transcript(events, region())
    assert ([line.text for line in made.lines], made.cut) == (said, cut)


def test_a_turn_without_its_moment_still_has_a_time() -> None:
    for metadata in ({}, {"at": "yesterday"}, {"at": "2026-11-23T10:00:00"}, None):
        made = to_transcript([user("hello") | {"metadata": metadata, "timestamp": 1.7e9}], region())
        assert made.lines[0].at == "2023-11-14T14:13:20-08:00"


def test_the_answer_that_asks_again() -> None:
    said = WRITER.reply_again(Request(JO, Identity("email", "jo@agency.org"), EMPTY, AT))
    assert said.splitlines()[0] == "VERIFIED (one-time code sent to jo@agency.org)"
    assert "reactivate the account again" in said


HIDDEN = "\u202e\u2066\u200b\u200d\ufeff\x07"


@pytest.mark.parametrize("row", WRITER.rows)
def test_characters_that_nobody_sees_reach_no_ticket(row: str) -> None:
    """They could turn around what Support reads, or hide in it."""
    texts = (
        "requester_name",
        "problem_text",
        "last_login_text",
        "prior_employer",
        "prior_email",
        "cta_email",
    )
    slots = dict.fromkeys(texts, f"Jo{HIDDEN} Doe{HIDDEN}")
    wish = Request({**JO, **slots, "tried": [f"reset{HIDDEN}"], "row": row}, Identity(), SAID, AT)
    made = WRITER.draft(wish)
    for text in (made.subject, made.name, *made.facts):
        assert text.isprintable(), text
    shown = WRITER.summary(wish)
    for text in (made.body, shown, WRITER.reply_again(wish)):
        assert text.replace("\n", "").isprintable(), text
    assert made.name == "Jo Doe" and "Jo Doe" in shown


def test_lines_of_a_persons_own_words_stay_lines() -> None:
    words = "first\r\nsecond\u2028third\tand\xa0more\u202e"
    made = WRITER.draft(
        Request({**JO, "row": "contact_support", "problem_text": words}, Identity(), EMPTY, AT)
    )
    lines = made.body.splitlines()
    start = lines.index("> first")
    assert lines[start : start + 3] == ["> first", "> second", "> third and more"]
