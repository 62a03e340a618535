"""Names of people: in an answer to "what's your first and last name?", and introduced in passing.

Names come in all shapes (María José O'Neill-Vázquez, de la Cruz, Nguyễn Thị Lan, Doe, Jane), so the test is
what a name is not: a question, an address, a sentence of ordinary words. The words live in data/facts.yml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FACTS = Path(__file__).resolve().parents[2] / "data" / "facts.yml"
ADDRESS = re.compile(r"<?(?:mailto:)?\S+@\S+>?")
PHONE = re.compile(r"[+(]?\d[\d\-. ()]{6,}\d")
TITLE = re.compile(r"^(?:mr|mrs|ms|miss|dr|prof|sr|sra|srta)\b\.? +(?=\w)", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+(?:[’'‘`´.\-][^\W\d_]+)*\.?", re.UNICODE)
FIRST_LAST = re.compile(
    r"\bfirst(?: name)?(?: is)?:? +(?P<first>[^\d,;:]+?),?;?(?: and)?(?: my)? +"
    r"(?:last(?: name)?|surname|family name)(?: is)?:? +(?P<last>[^\d,;:.]+)",
    re.IGNORECASE,
)
SPELLED = re.compile(r",? *(?:that'?s|it'?s)? *(?:spelled|spelt|as in) .*$", re.IGNORECASE)
ENDS = re.compile(r"[.;!\n]\s|[;!\n]|[.]$|, | - | — | – |[(]")
# J. Doe, Ma. Lourdes: a point inside a name, not the end of a sentence
ABBREVIATED = re.compile(r"\b(?:\w|[A-Z][a-z]{1,2})\. +[A-Z]")
ENDS_NAME = re.compile(r"\s*(?:[.,;!]|$|\n)")
BEFORE_ADDRESS = re.compile(r"(?:^|[\s,.;:(])([^\W\d_][\w'’-]+ [^\W\d_][\w'’-]+)[ ,;:(<-]{1,3}$")
MOST_WORDS = 6


@dataclass(frozen=True)
class NameWords:
    """The word lists of data/facts.yml, compiled."""

    introduction: re.Pattern[str]
    weak_introduction: re.Pattern[str]
    opener: re.Pattern[str]
    closer: re.Pattern[str]
    particles: frozenset[str]
    not_names: frozenset[str]
    starters: frozenset[str]
    organizations: frozenset[str]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> NameWords:
        """Compile the `names` part."""

        def either(patterns: list[str]) -> str:
            return "|".join(patterns)

        return cls(
            re.compile(rf"(?<!\w)(?:{either(data['introductions'])})\s*[:,\-]?\s*(?=\w)", re.IGNORECASE),
            re.compile(rf"(?<!\w)(?:{either(data['weak_introductions'])})\s+(?=\w)", re.IGNORECASE),
            re.compile(rf"^(?:{either(data['openers'])})\b[\s,.!\-]*", re.IGNORECASE),
            re.compile(rf"[\s,.!\-]*\b(?:{either(data['closers'])})[\s.!]*$", re.IGNORECASE),
            frozenset(data["particles"]),
            frozenset(data["not_names"].split()),
            frozenset(data["starters"].split()),
            frozenset(data["organizations"].split()),
        )


@lru_cache(maxsize=1)
def name_words() -> NameWords:
    """The shipped word lists."""
    return NameWords.from_data(yaml.safe_load(FACTS.read_text(encoding="utf-8"))["names"])


def _plain(word: str) -> str:
    return word.lower().replace("’", "'").strip(".")


def _is_name_shape(text: str, words: NameWords) -> bool:
    """Only letters (with ' - .), few words, none of them an ordinary one, something besides particles."""
    parts = text.split()
    if not 1 <= len(parts) <= MOST_WORDS or not all(WORD.fullmatch(part) for part in parts):
        return False
    plain = [_plain(part) for part in parts]
    if any(part in words.not_names for part in plain) and not _is_written_as_a_name(parts, plain, words):
        return False
    own = [part for part in plain if part not in words.particles]
    if not own or (len(parts) > 2 and len(own) < 2):
        return False
    # consonants only or endless: a keyboard, not a name
    return all(len(part) <= 25 for part in own) and any(len(part) > 1 or not part.isascii() for part in own)


def _is_written_as_a_name(parts: list[str], plain: list[str], words: NameWords) -> bool:
    """Grace Young, An Nguyen: capitals like a name's, begun like one, and not only ordinary words."""
    has_capitals = all(part[0].isupper() and part[1:] == part[1:].lower() for part in parts)
    others = [part for part in plain if part not in words.not_names]
    return len(parts) in (2, 3) and has_capitals and bool(others) and plain[0] not in words.starters


def _capitalised(text: str, words: NameWords) -> str:
    """jane DOE → Jane Doe; what mixes capitals (McKay, O'Neill, de la Cruz) stays as typed."""
    if text != text.lower() and text != text.upper():
        return text
    parts = []
    for place, part in enumerate(text.lower().split()):
        if place and part in words.particles and place < len(text.split()) - 1:
            parts.append(part)
        else:
            parts.append(re.sub(r"(?:^|(?<=[’'\-.]))[^\W\d_]", lambda m: m.group().upper(), part))
    return " ".join(parts)


def _swap(text: str, words: NameWords) -> str | None:
    """'Doe, Jane' → 'Jane Doe'; 'Jane Doe, case manager' → 'Jane Doe'."""
    left, _, right = (part.strip() for part in text.partition(","))
    if not right:
        return left or None
    first = right.split(",")[0].strip()
    if left.split()[0].lower() in words.particles and _is_name_shape(f"{first} {left}", words):
        return f"{first} {left}"
    if len(left.split()) == 1 and _is_name_shape(left, words) and _is_name_shape(first, words):
        return f"{first} {left}"
    return left


def name_from_answer(text: str) -> str | None:
    """The name in an answer to "what's your first and last name?"; None if the answer holds no name."""
    words = name_words()
    given = unicodedata.normalize("NFC", text).replace("’", "'").strip()
    if "?" in given or len(given) > 300:
        return None
    given = PHONE.sub(" ", ADDRESS.sub(" ", given))
    given = SPELLED.sub("", given).strip(' \t\n"“”*_.,;:-')
    both = FIRST_LAST.search(given)
    if both:
        pair = f"{both['first'].strip()} {both['last'].strip()}"
        return _named(pair, words, strong=True)
    strong = False
    while opener := words.opener.match(given):
        given = given[opener.end() :]
    if found := words.introduction.search(given):
        given, strong = given[found.end() :], True
    elif found := words.weak_introduction.match(given):
        given = given[found.end() :]
    given = re.split(
        r"\s+(?:and|y|but|from|with|at|of|my|e-?mail)\b(?!\s+[A-ZÁÉÍÓÚÑ]\w+$)", given, maxsplit=1
    )[0]
    given = TITLE.sub("", words.closer.sub("", given))
    return _named(given, words, strong=strong)


def _named(given: str, words: NameWords, *, strong: bool) -> str | None:
    swapped = _swap(" ".join(given.split()).strip(' \t\n"“”*_.,;:-!'), words)
    if swapped is None:
        return None
    swapped = ENDS.split(swapped, maxsplit=1)[0].strip() if not ABBREVIATED.search(swapped) else swapped
    if not _is_name_shape(swapped, words):
        return None
    if len(swapped.split()) == 1 and not strong and not (swapped[0].isupper() and len(swapped) > 1):
        return None
    return _capitalised(swapped, words)


def bare_name(text: str, *, any_case: bool) -> str | None:
    """A message that is a first and last name and nothing else, though no name was asked for; else None.

    `any_case`: lower case counts too. "Hope House" is an organization, "Lou L" is not all of a name.
    """
    parts = text.strip(" \t\n.,;:!-").split()
    if not 2 <= len(parts) <= 3 or any(len(part.strip(".")) < 2 for part in parts):
        return None
    as_written = all(part[0].isupper() and part != part.upper() for part in parts)
    if not (as_written or any_case) or name_words().organizations & {_plain(part) for part in parts}:
        return None
    name = name_from_answer(" ".join(parts))
    return name if name and len(name.split()) == len(parts) else None


def name_before(text: str, address: str, start: int) -> tuple[str, int, int] | None:
    """A name right before an address that holds a part of it: "pat doe, pat@hope.org"; with its place."""
    match = BEFORE_ADDRESS.search(text, 0, start)
    account = address.partition("@")[0].lower()
    if not match or not any(part in account for part in match[1].lower().split() if len(part) > 2):
        return None
    name = bare_name(match[1], any_case=True)
    return (name, match.start(1), match.end(1)) if name else None


def spot_name(text: str) -> tuple[str, int, int] | None:
    """A name introduced in passing ("hi, I'm Jane Doe and …"): the name, its start and its end; else None."""
    words = name_words()
    for pattern, strong in ((words.introduction, True), (words.weak_introduction, False)):
        for found in pattern.finditer(text):
            if found_name := _run_of_name(text, found.end(), words, strong):
                return found_name
    return None


def _is_last_name(word: str, text: str, ends: bool, words: NameWords) -> bool:
    """Ada Active, Lou Locked: an ordinary word, but written as a last name; not "Jane Please help"."""
    is_capital = len(word) > 1 and word[0].isupper() and word[1:] == word[1:].lower()
    return is_capital and not text.isupper() and (ends or _plain(word) not in words.starters)


def _run_of_name(text: str, start: int, words: NameWords, strong: bool) -> tuple[str, int, int] | None:
    taken: list[re.Match[str]] = []
    place = start
    while match := re.compile(r"\s*").match(text, place):
        part = WORD.match(text, match.end())
        if part is None or len(taken) == MOST_WORDS or (taken and "\n" in match.group()):
            break
        word = part.group()
        is_ordinary = _plain(word) in words.not_names
        if _plain(word) in ("and", "from", "with", "at", "my", "y"):
            break
        ends = ENDS_NAME.match(text, part.end()) is not None
        if is_ordinary and not (strong and len(taken) == 1 and _is_last_name(word, text, ends, words)):
            break
        if not strong and not word[0].isupper() and _plain(word) not in words.particles:
            break
        taken.append(part)
        place = part.end()
        if is_ordinary:
            break
        if word.endswith(".") and len(word) > 3:
            break
    while taken and _plain(taken[-1].group()) in words.particles:
        taken.pop()
    if len(taken) < 2 or (not strong and not taken[0].group()[0].isupper()):
        return None
    end = taken[-1].end()
    name = text[start:end].strip().rstrip(".")
    if not _is_name_shape(name, words) or (not strong and name.isupper() and text.isupper()):
        return None
    return _capitalised(name, words), start, start + len(text[start:end].rstrip("."))
