"""Facts stated in passing: e-mail address, ticket number, name, what was already done, whose account it is.

Pure: no Rasa.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.mending import Mended, mended
from bot.nlu.names import FACTS, name_before, name_words, spot_name
from bot.nlu.prior import is_of_prior_employer, spot_prior_employer
from bot.nlu.whose import spot_whose

EMAIL = re.compile(
    r"(?:mailto:)?(?P<address>[a-z0-9][a-z0-9._%+'\-]*@[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?(?:\.[a-z0-9\-]+)*\.[a-z]{2,24})"
    r"(?![\w@])",
    re.IGNORECASE,
)
# "jane dot doe at hope house dot org", as dictation writes it, "jane (at) agency (dot) org",
# "jane@agency .org": the host ends in a real ending
_DOT = r"(?: (?:dot|\(dot\)|\[dot\]) | ?\. ?)"
SPOKEN = re.compile(
    rf"(?<![\w@])(?P<local>[a-z0-9]+(?:(?:{_DOT}| underscore | dash | hyphen |[_\-])[a-z0-9]+){{0,4}})"
    rf"(?: (?:at|\(at\)|\[at\]) | ?@ ?)"
    rf"(?P<host>[a-z0-9]+(?:(?: | dash |-)[a-z0-9]+){{0,3}}?(?:{_DOT}[a-z0-9]+){{0,2}}?)"
    rf"(?:{_DOT}|(?<=[a-z]),)(?P<end>org|com|net|gov|edu|us|info|ca gov|ca dot gov)(?!\w)",
    re.IGNORECASE,
)
NOT_A_HOST = re.compile(r"^(?:the|my|this|that|our|a|an)\b", re.IGNORECASE)
# "k smith at …", "j t r a n at …": letters before the word belong to it
SPELLED = re.compile(r"(?<![\w'])((?:[a-z] )+)$", re.IGNORECASE)
TICKET = re.compile(
    r"(?<!parking )(?<!traffic )(?<!bus )"
    r"\b(?:tickets?|tkt|requests?|incidents?|case (?:number|no|#)|(?:my|support|desk) case|solicitud"
    r"|reference|ref)"
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
    r"^\W*(?:(?:it'?s|its|it is|es el|es)\W+)?(?P<named>(?:number|no\.?|#)\W*)?(?P<number>\d{4,6})\W*$",
    re.IGNORECASE,
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
    facts = _addresses(plain)
    covered = [(fact.start, fact.end) for fact in facts]
    spelt = mended(plain)
    facts += [
        fact for fact in _tickets(spelt) if not any(s < fact.end and fact.start < e for s, e in covered)
    ]
    if name := spot_name(text) or _name_before_address(plain, facts):
        facts.append(Fact("person_name", *name))
    for entity, patterns in stated_patterns().items():
        for value, pattern in patterns:
            if match := pattern.search(spelt.text):
                facts.append(Fact(entity, value, *spelt.span(*match.span())))
                break
    if employer := spot_prior_employer(plain):
        facts.append(Fact("prior_employer", *employer))
        if not any(fact.entity == "employer_changed" for fact in facts):
            facts.append(Fact("employer_changed", "true", *employer[1:]))
    return facts + _whose(text)


def _addresses(text: str) -> list[Fact]:
    """All addresses; of several, or where a message says so, the one used at the prior employer apart."""
    found = _emails(text)
    old = [fact for fact in found if is_of_prior_employer(text, fact.start, fact.end)]
    if not old or len(old) == len(found) > 1:
        return found
    prior = [Fact("prior_email", fact.value, fact.start, fact.end) for fact in old[:1]]
    return [fact for fact in found if fact not in old] + prior


def _name_before_address(text: str, facts: list[Fact]) -> tuple[str, int, int] | None:
    found = [fact for fact in facts if fact.entity == "email"]
    return name_before(text, found[0].value, found[0].start) if len(found) == 1 else None


def _whose(text: str) -> list[Fact]:
    """Whose account it is, how many people's, and the owner's name; all at the words that say whose it is."""
    found = spot_whose(text)
    if found is None:
        return []
    said = {"whose_account": found.value, "people_count": found.people, "owner_name": found.name}
    return [
        Fact(entity, str(value), found.start, found.end)
        for entity, value in said.items()
        if value is not None
    ]


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
            letters = SPELLED.search(text, 0, start)
            if letters and letters[1].lower() not in ("i ", "a "):
                start = letters.start(1)
            local, host, end = (
                _unspoken(part) for part in (text[start : match.end("local")], match["host"], match["end"])
            )
            address = f"{local}@{host}.{end}".lower()
            found.setdefault(address, Fact("email", address, start, match.end()))
    return list(found.values())


def _unspoken(part: str) -> str:
    for word, sign in (
        (r"[(\[]?dot[)\]]?", "."), ("underscore", "_"), ("dash", "-"), ("hyphen", "-")
    ):  # fmt: skip
        part = re.sub(rf" {word} ", sign, part, flags=re.IGNORECASE)
    part = re.sub(r"^ca gov$", "ca.gov", part, flags=re.IGNORECASE)
    return SPACES.sub("", part)


def _tickets(spelt: Mended) -> list[Fact]:
    for pattern in (HASHED, TICKET, NUMBER_FIRST, BARE):
        facts = []
        for match in pattern.finditer(spelt.text):
            number, is_named = match["number"], pattern is BARE and match["named"]
            if pattern is BARE and not is_named and (len(number) == 5 or 1990 <= int(number) <= 2049):
                continue  # an answer of "2025" is a year, one of "90012" a zip code
            facts.append(Fact("ticket_number", number, *spelt.span(*match.span("number"))))
        if facts:
            return facts
    return []
