"""What a message says of the need: without the clauses that only tell who writes.

"my account is locked, my email is jo@agency.org" is about a lock; the address would speak of an agency. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import yaml

from bot.nlu.clauses import split
from bot.nlu.facts import Fact, spot_facts
from bot.nlu.names import FACTS

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_OF_THE_PERSON = ("email", "prior_email", "person_name")


@lru_cache(maxsize=1)
def _introducing() -> frozenset[str]:
    return frozenset(str(yaml.safe_load(FACTS.read_text(encoding="utf-8"))["who_writes"]).split())


def spoken(text: str) -> str:
    """The text to understand; the text itself where nothing is left out, or nothing would be left."""
    clauses = split(text)
    facts = [fact for fact in spot_facts(text) if fact.entity in _OF_THE_PERSON] if clauses else []
    if not facts:
        return text
    kept = []
    for place, clause in enumerate(clauses):
        inside = [fact for fact in facts if clause.start <= fact.start < clause.end]
        if inside and _introduces_only(text, clause.start, clause.end, inside):
            continue
        until = clauses[place + 1].start if place + 1 < len(clauses) else len(text)
        kept.append(text[clause.start : until])
    told = "".join(kept).strip(" ,;:-\n")
    return told if _WORD.search(told) else text


def _introduces_only(text: str, start: int, end: int, facts: Sequence[Fact]) -> bool:
    rest = []
    for fact in sorted(facts, key=lambda one: one.start):
        rest.append(text[start : fact.start])
        start = max(start, fact.end)
    words = _WORD.findall(" ".join([*rest, text[start:end]]))
    return all(word.lower() in _introducing() for word in words)
