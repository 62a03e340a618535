"""A message cut into clauses, so that each can be understood by itself. Pure; words in data/needs.yml.

A clause ends at a sign (. ! ? ; : , a new line, a dash) or at a connector ("and", "also", "2)").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.intent_model import Ranked
from bot.nlu.thresholds import OFFERED

NEEDS = Path(__file__).resolve().parents[2] / "data" / "needs.yml"
SHORTEST = 5
"""Words; a shorter message is one clause."""
MOST = 8
"""Clauses that are read apart; the last one keeps the rest."""
_SIGN = r"[.!?;:…]+(?=\s|$)|,(?=\s|$)|\n|(?<=\s)[-–—](?=\s)"
_NUMBER = r"(?:(?<=\s)|^)[(]?[1-9][.)](?=\s)"
_FIRST_NUMBER = r"(?:(?<=\s)|^)[(]?1[.)](?=\s)"


@dataclass(frozen=True)
class Clause:
    """Where a clause stands; `adds`: what joins it says that something more comes."""

    start: int
    end: int
    adds: bool


@dataclass(frozen=True)
class _Marks:
    cut: re.Pattern[str]
    lead: re.Pattern[str]
    adds: re.Pattern[str]


def _either(words: Iterable[str]) -> str:
    found = sorted((re.escape(word) for word in words), key=len, reverse=True)
    return rf"(?<![\w'’@./-])(?:{'|'.join(found)})(?![\w'’@./-])"


@lru_cache(maxsize=1)
def _marks() -> _Marks:
    words = yaml.safe_load(NEEDS.read_text(encoding="utf-8"))["connectors"]
    cutting = _either([*words["plain"], *words["adds"]])
    lead = _either([word for kind in ("plain", "adds", "leads") for word in words[kind]])
    return _Marks(
        re.compile(rf"(?:(?:{_SIGN}|{_NUMBER}|{cutting})\s*)+", re.IGNORECASE),
        re.compile(rf"\s*(?:(?:{_SIGN}|{_NUMBER}|{lead})\s*)*", re.IGNORECASE),
        re.compile(rf"{_either(words['adds'])}|(?!{_FIRST_NUMBER}){_NUMBER}", re.IGNORECASE),
    )


def split(text: str) -> tuple[Clause, ...]:
    """The clauses of a text, in order; none for a text that has only one."""
    if len(text.split()) < SHORTEST:
        return ()
    marks = _marks()
    clauses: list[Clause] = []
    start, adds = 0, False
    while start < len(text):
        if lead := marks.lead.match(text, start):
            adds = adds or _says_more(marks, text, start, lead.end())
            start = lead.end()
        cut = marks.cut.search(text, start) if len(clauses) < MOST - 1 else None
        end = start + len(text[start : cut.start() if cut else None].rstrip())
        if end > start:
            clauses.append(Clause(start, end, adds))
            adds = False
        if cut:
            adds = adds or _says_more(marks, text, cut.start(), cut.end())
        start = cut.end() if cut else len(text)
    return tuple(clauses) if len(clauses) > 1 else ()


def _says_more(marks: _Marks, text: str, start: int, end: int) -> bool:
    return marks.adds.search(text, start, end) is not None


def understood_clauses(
    text: str, rank: Callable[[Sequence[str]], Sequence[Sequence[Ranked]]]
) -> list[dict[str, Any]]:
    """The clauses with their likeliest intents, as they go into Rasa's parse data; empty for one clause."""
    clauses = split(text)
    if not clauses:
        return []
    return [
        {
            "start": clause.start,
            "end": clause.end,
            "adds": clause.adds,
            "intent_ranking": [
                {"name": one.intent, "confidence": round(one.confidence, 4)} for one in ranked[:OFFERED]
            ],
        }
        for clause, ranked in zip(clauses, rank([text[one.start : one.end] for one in clauses]), strict=True)
    ]
