"""Typing errors in the words that facts are told in: mended, and the way back to where they stand."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.mending import mended, mending_words
from bot.nlu.names import FACTS

WORDS = yaml.safe_load(FACTS.read_text(encoding="utf-8"))["mending"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("i finshed the re-take", "i finished the retake"),
        ("I ALREDY waitd", "I already waited"),
        ("havnt ressetting", "hasnt resetting"),
        ("my emplyer and my employee", "my employer and my employee"),
        ("what a chance to change channel", "what a chance to change channel"),
        ("an hour, a minute", "an hour, a minute"),
        ("tiket 20418", "ticket 20418"),
        ("señor, ¿dónde está?", "señor, ¿dónde está?"),
    ],
)
def test_mended(typed: str, read: str) -> None:
    assert mended(typed).text == read


@pytest.mark.parametrize("word", [*WORDS["worth"].split(), *WORDS["words_of_their_own"].split()])
def test_a_right_word_stays(word: str) -> None:
    assert mending_words().corrector.correct(word) == word


def test_a_span_leads_back_to_what_was_typed() -> None:
    typed = "well, i finsihed  the re take today"
    found = mended(typed)
    start = found.text.index("finished")
    end = found.text.index(" today")
    assert typed[slice(*found.span(start, end))] == "finsihed  the re take"


@given(
    st.text(max_size=200) | st.lists(st.sampled_from([*WORDS["worth"].split(), "re-take", "tiket", "é", " "]))
)
@settings(max_examples=150, deadline=None)
def test_every_character_has_its_place(given_text: str | list[str]) -> None:
    text = given_text if isinstance(given_text, str) else " ".join(given_text)
    found = mended(text)
    assert len(found.places) == len(found.text)
    for at, (start, end) in enumerate(found.places):
        assert 0 <= start < end <= len(text)
        assert at == 0 or found.places[at - 1][0] <= start
