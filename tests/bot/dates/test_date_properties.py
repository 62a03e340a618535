"""Whatever is typed: no exception, ordered days, none in the future unless said so, bounded work."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.dates import understand
from bot.dates.choosing import candidates
from bot.dates.days import Days
from bot.dates.lexicon import lexicon
from bot.dates.parse import MAX_STEPS, Parse
from bot.dates.tokens import MAX_TOKENS, fold, tokenize
from bot.dates.understanding import window_of

WORDS = sorted({word for entries in lexicon().by_first.values() for entry in entries for word in entry[0]})
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2190, 12, 31))

HOSTILE = {
    "digits": "1" * 500,
    "digit groups": "1/1/" * 125,
    "dashes": "9-" * 250,
    "single digits": "1 " * 250,
    "nested parts": "end of the first week of the " * 20,
    "nested before": "before " * 71,
    "nested distances": "2 days before " * 36,
    "alternatives": "july or " * 62,
    "ranges": "from may to june " * 29,
    "articles": "the a " * 83,
    "ordinals": "the first " * 50,
    "halves": "a year and a half " * 27,
    "misspelt": "mondey yesterdya " * 29,
    "emoji": "😀" * 500,
    "right to left": "\u202eمرحبا 12/10 " * 38,
    "null bytes": "\0last\0week\0" * 45,
    "combining": "é" * 250,
    "signs": ".,;!?-/" * 71,
    "huge year": "99999999999999999999-99-99 in 999999999 years 9999999 decades ago",
    "other digits": "٣ weeks ago ３ months ago ² days",
    "long word": "a" * 500,
    "fraction": "½ a year ago and 1/0 2/0/0 0/0",
}


def _check(text: str, now: datetime) -> None:
    found = understand(text, now)
    assert (found.start is None) == (found.end is None)
    if found.start is None or found.end is None:
        assert found.window in ("never", "unknown")
    else:
        assert found.start <= found.end
        assert found.end <= now.date() or found.window == "future"
        assert found.window == window_of(Days(found.start, found.end), now.date(), 90)
    assert text[slice(*found.span)] == found.text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_costs_bounded_work(name: str) -> None:
    parse = Parse(HOSTILE[name], datetime(2026, 11, 23, 9))
    candidates(parse)
    assert parse.steps <= MAX_STEPS
    assert len(parse.tokens) <= MAX_TOKENS
    _check(HOSTILE[name], datetime(2026, 11, 23, 9))


@pytest.mark.parametrize(
    "text",
    [
        "idk maybe like early august? we had the move then",
        "My email is m.lopez@shelter.org and my last login was 10/14",
    ],
)
def test_a_usual_message_costs_little(text: str) -> None:
    parse = Parse(text, datetime(2026, 11, 23, 9))
    candidates(parse)
    assert parse.steps < 600


@given(st.text(max_size=500), MOMENTS)
@example("İstanbul ß ﬁ ½ ⅓ K", datetime(2026, 11, 23))
@settings(max_examples=150, deadline=None)
def test_any_text(text: str, now: datetime) -> None:
    _check(text, now)


@given(
    st.lists(st.sampled_from([*WORDS, "10/12", "5th", "2024", "3", "12:30", ",", "-"]), max_size=40), MOMENTS
)
@settings(max_examples=250, deadline=None)
def test_any_date_words_in_any_order(words: list[str], now: datetime) -> None:
    _check(" ".join(words), now)


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_positions_stay_those_of_the_text(text: str) -> None:
    assert len(fold(text)) == len(text)
    for token in tokenize(text):
        assert 0 <= token.start < token.end <= len(text)


@given(st.integers(0, 2000), st.dates(datetime(2000, 1, 1).date(), datetime(2100, 1, 1).date()))
@settings(max_examples=100, deadline=None)
def test_counted_days_are_exact(days: int, today: object) -> None:
    now = datetime.fromisoformat(f"{today}T12:00:00")
    found = understand(f"{days} days ago", now)
    assert found.start == found.end
    assert found.start is not None and (now.date() - found.start).days == days
    assert found.window == ("within" if days <= 90 else "over")
