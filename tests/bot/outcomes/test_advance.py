"""Turns with their signs → what is counted, as a table (conversations.yml)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.outcomes import WHOLE, Key, Sign, Tally, TurnFacts, advance
from bot.outcomes.advance import standing
from common.policy import load_policy

CASES = yaml.safe_load((Path(__file__).parent / "conversations.yml").read_text(encoding="utf-8"))
POLICY = load_policy(Path(__file__).parents[3] / "policy.yml")
BEGIN = datetime.fromisoformat("2026-11-23T10:00:00-08:00")
DAY = "2026-11-23"


def to_sign(word: str) -> Sign:
    if word.startswith("+"):
        return Sign("came", word[1:])
    if word.startswith("-"):
        ended, _, under = word[1:].partition(">")
        return Sign("ended", ended, under or None)
    meaning, _, row = word.partition(":")
    return Sign(meaning, row or None)


def to_turns(case: dict[str, Any]) -> list[TurnFacts]:
    turns, minute = [], -1
    for entry in case["turns"]:
        turn = entry if isinstance(entry, dict) else {"signs": entry}
        minute = turn.get("at", minute + 1)
        signs = tuple(to_sign(word) for word in turn["signs"].split())
        at = BEGIN + timedelta(minutes=minute)
        turns.append(TurnFacts(at, "web", turn.get("event"), signs, turn.get("asking")))
    return turns


def play(turns: list[TurnFacts]) -> tuple[Tally | None, Counter[Key]]:
    """Through JSON after each turn, as between two turns of a real conversation."""
    tally: Tally | None = None
    counts: Counter[Key] = Counter()
    for turn in turns:
        tally, changes = advance(tally, turn, POLICY)
        tally = Tally.from_json(tally.to_json()) if tally else None
        counts.update(changes)
    return tally, counts


def to_line(key: Key, n: int) -> str:
    day = [] if key.day == DAY else [key.day]
    value = [str(key.value)] if key.measure.endswith((".minutes", ".turns")) else []
    return " ".join([*day, key.row, key.measure, *value, "=", str(n)])


def test_case_names_are_unique() -> None:
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_is_counted(case: dict[str, Any]) -> None:
    _, counts = play(to_turns(case))
    lines = [to_line(key, n) for key, n in counts.items() if n and key.row in case.get("rows", [key.row])]
    assert sorted(lines) == sorted(case["counts"])


ROWS = ("new_account", "unlock_account", "ticket_status")
SIGNS = st.one_of(
    st.builds(Sign, st.just("came"), st.sampled_from(ROWS)),
    st.builds(Sign, st.just("ended"), st.sampled_from(ROWS), st.sampled_from([None, *ROWS])),
    st.builds(
        Sign, st.sampled_from(["ticket", "kept", "again", "again_kept", "in", "advised", "told", "human",
                               "stopped", "missed"])
    ),
    st.builds(Sign, st.just("stopped"), st.sampled_from(ROWS)),
)  # fmt: skip
TURNS = st.lists(
    st.builds(
        TurnFacts,
        st.integers(0, 5000).map(lambda minutes: BEGIN + timedelta(minutes=minutes)),
        st.just("web"),
        st.sampled_from([None, None, None, "event_logged_in"]),
        st.lists(SIGNS, max_size=4).map(tuple),
        st.sampled_from([None, "requester_email", "reset_worked"]),
    ),
    max_size=8,
)


@given(TURNS)
def test_counts_are_what_the_conversation_stands_at_however_it_goes(turns: list[TurnFacts]) -> None:
    tally, counts = play(turns)
    by_turn = {"turns", "missed"}
    left = {key: n for key, n in counts.items() if n and key.measure not in by_turn}
    assert left == (standing(tally) if tally else {})
    assert all(n > 0 for n in counts.values() if n)
    if tally is not None:
        came = Counter(key.row for key in left if key.measure.startswith("came."))
        assert came == Counter(dict.fromkeys(tally.parts, 1))
        asking = {key.row for key in left if key.measure.startswith("asking.")}
        assert asking == {key.row for key in left if key.measure == "came.open"} - {WHOLE}
        said = [turn for turn in turns if turn.event is None]
        assert sum(n for key, n in counts.items() if (key.row, key.measure) == (WHOLE, "turns")) == len(said)


def test_a_turn_without_a_change_changes_nothing() -> None:
    tally, _ = play(to_turns({"turns": ["+unlock_account"]}))
    silent = TurnFacts(BEGIN, "web", "event_reminder_due", ())
    assert advance(tally, silent, POLICY) == (tally, {})


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"parts": 3}', '{"channel": "web", "parts": {"*": {}}}', "null"]
)
def test_what_is_no_tally_is_refused(text: str) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        Tally.from_json(text)
