"""Facts stated in passing: e-mail address, ticket number, name, what was already done. Pure: no Rasa."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.names import FACTS, name_words, spot_name

EMAIL = re.compile(
    r"(?:mailto:)?(?P<address>[a-z0-9][a-z0-9._%+'\-]*@[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?(?:\.[a-z0-9\-]+)*\.[a-z]{2,24})"
    r"(?![\w@])",
    re.IGNORECASE,
)
# "jane dot doe at hope house dot org", as dictation writes it; the host ends in a real ending
SPOKEN = re.compile(
    r"(?<![\w@])(?P<local>[a-z0-9]+(?:(?: ?\. ?| dot | underscore | dash | hyphen |[_\-])[a-z0-9]+){0,4})"
    r" (?:at|@) (?P<host>[a-z0-9]+(?:(?: | dash |-)[a-z0-9]+){0,3}?(?:(?: dot | ?\. ?)[a-z0-9]+){0,2}?)"
    r"(?: dot | ?\. ?)(?P<end>org|com|net|gov|edu|us|info|ca gov|ca dot gov)(?!\w)",
    re.IGNORECASE,
)
NOT_A_HOST = re.compile(r"^(?:the|my|this|that|our|a|an)\b", re.IGNORECASE)
INITIAL = re.compile(r"(?<![\w'])([a-z]) $", re.IGNORECASE)
TICKET = re.compile(
    r"(?<!parking )(?<!traffic )(?<!bus )"
    r"\b(?:tickets?|requests?|case (?:number|no|#)|solicitud|reference|ref)"
    r"(?:,? (?:is|was|number|num|no|nr|id|it's|its|número|numero|i have is|says|que es|es|el))*"
    r"(?:\.| ?[:#=]| -)* ?#? ?(?P<number>\d{3,7})"
    r"(?![\d/\-@]|[.,]\d| ?(?:days?|hours?|weeks?|months?|times|am|pm|min))",
    re.IGNORECASE,
)
HASHED = re.compile(r"(?<![\w#&])# ?(?P<number>\d{3,7})(?![\d/\-\w])")
NUMBER_FIRST = re.compile(
    r"(?<![\d\-/.$#])(?P<number>\d{4,6})(?![\d\-/@]|[.,]\d)"
    r"(?: is| was)?(?: (?:my|the))? (?:ticket|request)\b",
    re.IGNORECASE,
)
BARE = re.compile(
    r"^\W*(?:(?:it'?s|its|it is|number|no\.?|es el|es)\W+)?#? ?(?P<number>\d{4,6})\W*$", re.IGNORECASE
)
SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Fact:
    """One fact: the entity's name, its value, and where in the text it stands."""

    entity: str
    value: str
    start: int
    end: int

    def to_json(self) -> dict[str, Any]:
        """As Rasa writes an entity."""
        return {"entity": self.entity, "value": self.value, "start": self.start, "end": self.end}


@lru_cache(maxsize=1)
def stated_patterns(path: Path = FACTS) -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Fact → (value, pattern) in the order of the file."""
    stated = yaml.safe_load(path.read_text(encoding="utf-8"))["stated"]
    return {
        fact: [(value, re.compile(p, re.IGNORECASE)) for value, patterns in values.items() for p in patterns]
        for fact, values in stated.items()
    }


def spot_facts(text: str) -> list[Fact]:
    """All facts in a message, e-mail addresses first."""
    plain = text.replace("’", "'").replace("`", "'").replace("\u00a0", " ").replace("\n", " ")
    facts = _emails(plain)
    covered = [(fact.start, fact.end) for fact in facts]
    facts += [
        fact for fact in _tickets(plain) if not any(s < fact.end and fact.start < e for s, e in covered)
    ]
    if name := spot_name(text):
        facts.append(Fact("person_name", *name))
    for entity, patterns in stated_patterns().items():
        for value, pattern in patterns:
            if match := pattern.search(plain):
                facts.append(Fact(entity, value, match.start(), match.end()))
                break
    return facts


def _emails(text: str) -> list[Fact]:
    found: dict[str, Fact] = {}
    for match in EMAIL.finditer(text):
        address = match["address"].lower()
        if ".." not in address and ".@" not in address:
            found.setdefault(address, Fact("email", address, match.start(), match.end()))
    if not found:
        for match in SPOKEN.finditer(text):
            if NOT_A_HOST.match(match["host"]) or match["local"].lower() in name_words().not_names:
                continue
            start = match.start()
            # "k smith at …": a lone letter before the word belongs to it
            if (initial := INITIAL.search(text, 0, start)) and initial[1].lower() not in ("i", "a"):
                start = initial.start(1)
            local, host, end = (
                _unspoken(part) for part in (text[start : match.end("local")], match["host"], match["end"])
            )
            address = f"{local}@{host}.{end}".lower()
            found.setdefault(address, Fact("email", address, start, match.end()))
    return list(found.values())


def _unspoken(part: str) -> str:
    for word, sign in (("dot", "."), ("underscore", "_"), ("dash", "-"), ("hyphen", "-")):
        part = re.sub(rf" {word} ", sign, part, flags=re.IGNORECASE)
    part = re.sub(r"^ca gov$", "ca.gov", part, flags=re.IGNORECASE)
    return SPACES.sub("", part)


def _tickets(text: str) -> list[Fact]:
    for pattern in (HASHED, TICKET, NUMBER_FIRST, BARE):
        facts = []
        for match in pattern.finditer(text):
            number = match["number"]
            if pattern is BARE and (len(number) == 5 or 1990 <= int(number) <= 2049):
                continue  # an answer of "2025" is a year, one of "90012" a zip code
            facts.append(Fact("ticket_number", number, match.start("number"), match.end("number")))
        if facts:
            return facts
    return []
