"""Takes out of a message what must not be kept, before anything stores it. Pure.

Social Security numbers, birth dates, long numbers and passwords go; e-mail addresses, ticket numbers, phone
numbers and the date of the last login stay, because the help depends on them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_WORDS_FILE = Path(__file__).with_name("masking_words.txt")
ORDINARY = frozenset(
    word
    for line in _WORDS_FILE.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)

_DASH = r"[-–—‑.\s]"
_EMAIL = r"[\w.+'%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*\.[A-Za-z]{2,24}"
_LINK = r"https?://\S+"
# What the number rules never look into.
_KEPT = re.compile(rf"{_EMAIL}|{_LINK}")

_SSN = re.compile(rf"(?<![\d-])\d{{3}}\s?{_DASH}\s?\d{{2}}\s?{_DASH}\s?\d{{4}}(?![\d-])")
_SSN_NAMED = re.compile(
    r"(?i)(\b(?:ssn?|ss\s?#|social(?:\s+security)?(?:\s+(?:number|no\.?|#))?|seguro\s+social)"
    r"(?:\s+(?:number|no\.?|is|are|was|es|son|last|four|4|digits|of|the|my|client'?s|ends|in|with|número))*"
    r"\s*[:=#-]?\s*)(\d[\d–—‑.\s-]{2,12}\d)(?!\d)"
)

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|enero|febrero|marzo|abril|mayo|junio|julio|agosto"
    r"|septiembre|octubre|noviembre|diciembre)[a-z]*\.?"
)
_DAY = (
    rf"(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}(?:[-/.]\d{{2,4}})?"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+|de\s+)?{_MONTH}(?:,?\s+(?:de\s+)?\d{{4}})?|(?<!\d)\d{{6}}(?:\d\d)?(?!\d))"
)
_BIRTH = (
    r"(?:d\.?\s?o\.?\s?b\b\.?|(?:birth\s?date|birth\s?day|date\s+of\s+birth)s?|born"
    r"|fecha\s+de\s+nacimiento|nac(?:í|i(?:[óo]|d[oa]))|nacimiento|cumpleaños)"
)
_BIRTH_THEN_DAY = re.compile(
    rf"(?i)(\b{_BIRTH}(?:['’]s)?(?:\s+(?:is|was|on|es|el|fue|in|en|the|of|client|his|her))*\s*[:=,(-]?\s*)({_DAY})"
)
_DAY_THEN_BIRTH = re.compile(
    rf"(?i)(?<![\d/-])({_DAY})(\s*[(,-]?\s*(?:(?:is|was|es|my|mi|the|his|her|la|client'?s)\s+){{0,3}}{_BIRTH})"
)

_LONG = re.compile(r"(?<![\w.])\d{9,}(?!\w)|(?<=[A-Za-z#_:])\d{9,}")
_CARD = re.compile(
    r"(?<![\d-])(?:\d{4}(?:[ –-]\d{4}){2,3}(?:[ –-]\d{1,3})?|\d{3}[ –-]\d{3}[ –-]\d{3})(?![\d-])"
)
_CLIENT_ID = re.compile(
    r"(?i)(\bclient(?:'s)?\s*(?:hmis\s+)?(?:unique\s+)?(?:id|i\.d\.|identifier|number|no\.?|#)"
    r"(?:\s+(?:is|number))?\s*[:=#]?\s*)([a-z]{0,3}\d{5,})"
)
_TICKET_BEFORE = re.compile(
    r"(?i)\b(?:ticket|tiquete|boleto|request|case|solicitud)s?(?:\s+(?:number|no\.?|num\.?|número|id|is|es|de))*"
    r"\s*[:#]*\s*$"
)

_PASSWORD = r"(?:pass\s?words?|pass\s?codes?|pass\s?phrase|pwd?|contraseñas?|contrasenas?|clave)"
_QUOTED = r"\"[^\"\n]{1,80}\"|“[^”\n]{1,80}”|'[^'\n]{1,80}'|«[^»\n]{1,80}»|`[^`\n]{1,80}`"
_SAID = re.compile(
    rf"(?i)(\b{_PASSWORD}(?P<gap>(?:\s+[\w’'@.]+){{0,4}}?)\s*(?P<how>\s(?:is|was|are|es|era|fue)\b\s*[:=]?|[:=]+|\s[-–]\s)\s*)"
    rf"(?P<secret>{_QUOTED}|\S+)"
)
_BESIDE = re.compile(rf"(?i)(\b{_PASSWORD}\s+)(?P<secret>{_QUOTED}|\S+)")


def mask(text: str, words: Mapping[str, str]) -> str:
    """The text with each find replaced by `words["ssn" | "birth_date" | "number" | "password"]`."""
    text = _SAID.sub(lambda m: _said(m, words["password"]), text)
    text = _BESIDE.sub(lambda m: _beside(m, words["password"]), text)
    return "".join(part if kept else _mask_numbers(part, words) for part, kept in _parts(text))


def _parts(text: str) -> list[tuple[str, bool]]:
    """The text cut at e-mail addresses and links; those are True."""
    parts, end = [], 0
    for found in _KEPT.finditer(text):
        parts += [(text[end : found.start()], False), (found[0], True)]
        end = found.end()
    return [*parts, (text[end:], False)]


def _mask_numbers(text: str, words: Mapping[str, str]) -> str:
    text = _SSN_NAMED.sub(lambda m: m[1] + words["ssn"], text)
    text = _SSN.sub(words["ssn"], text)
    text = _BIRTH_THEN_DAY.sub(lambda m: m[1] + words["birth_date"], text)
    text = _DAY_THEN_BIRTH.sub(lambda m: words["birth_date"] + m[2], text)
    text = _CLIENT_ID.sub(lambda m: m[1] + words["number"], text)
    for rule in (_CARD, _LONG):
        text = rule.sub(lambda m: m[0] if _names_ticket(m) else words["number"], text)
    return text


def _names_ticket(found: re.Match[str]) -> bool:
    return bool(_TICKET_BEFORE.search(found.string[max(0, found.start() - 60) : found.start()]))


def _said(found: re.Match[str], replacement: str) -> str:
    """After "password is": a secret unless it is an everyday word ("password is wrong")."""
    secret = found["secret"]
    bare = _bare(secret)
    if found.string.startswith(replacement, found.start("secret")):
        return found[0]
    if not bare or re.fullmatch(_EMAIL, bare) or bare.startswith(("http://", "https://")):
        return found[0]
    if secret[0] not in "\"“'«`":
        if bare.casefold() in ORDINARY:
            return found[0]
        if found["gap"].strip() and not _looks_secret(bare):
            return found[0]
    return found[1] + replacement + _ending(secret)


def _beside(found: re.Match[str], replacement: str) -> str:
    """Right behind "password", without "is": only what cannot be a word."""
    secret = found["secret"]
    bare = _bare(secret)
    if re.fullmatch(_EMAIL, bare) or "://" in bare or not _looks_secret(bare):
        return found[0]
    return found[1] + replacement + _ending(secret)


def _looks_secret(token: str) -> bool:
    """Letters with digits or signs, six or more in one: `Winter2024!`, not `expired,` or `8/14/2026`."""
    letters = any(c.isalpha() for c in token)
    others = any(c.isdigit() or c in "!@#$%^&*_+=?~<>|" for c in token)
    return len(token) >= 6 and letters and others


def _bare(token: str) -> str:
    return token.strip("\"“”'«»`.,;:()").strip()


def _ending(token: str) -> str:
    """Closing punctuation of the sentence stays."""
    return token[-1] if token[-1] in ",;)" or (token[-1] == "." and len(token) > 1) else ""
