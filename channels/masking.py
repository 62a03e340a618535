"""Takes out of a message what must not be kept, before anything stores it. Pure.

Social Security numbers, birth dates, long numbers and passwords go; e-mail addresses, ticket numbers, phone
numbers and the date of the last login stay, because the help depends on them.

Rules read a copy in which every run of spaces is one and invisible characters are gone, so none of them
repeats a space; what they repeat is bounded. The time for a message grows with its length and no faster.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

_WORDS_FILE = Path(__file__).with_name("masking_words.txt")
ORDINARY = frozenset(
    word
    for line in _WORDS_FILE.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)

_SPACES = re.compile(r"\s+")

_DASH = r"[-–—‑‒―−﹣－./_\s]"
_EMAIL = r"[\w.+'%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[A-Za-z]{2,24}"
_LINK = r"https?://\S+"
# What the number rules never look into.
_KEPT = re.compile(rf"{_EMAIL}|{_LINK}")

_SSN = re.compile(rf"(?<![\d-])\d{{3}}\s?{_DASH}\s?\d{{2}}\s?{_DASH}\s?\d{{4}}(?![\d-])")
_SSN_NAMED = re.compile(
    r"(?i)(\b(?:ssn?|ss\s?#|social(?:\ssecurity)?(?:\s(?:number|no\.?|#))?|seguro\ssocial)"
    r"(?:\s(?:number|no\.?|is|are|was|es|son|last|four|4|digits|of|the|my|client'?s|ends|in|with|número)){0,12}"
    r"\s?[:=#-]?\s?)(\d[\d–—‑.\s-]{2,12}\d)(?!\d)"
)

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|enero|febrero|marzo|abril|mayo|junio|julio|agosto"
    r"|septiembre|octubre|noviembre|diciembre)[a-z]{0,7}\.?"
)
_DAY = (
    rf"(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}(?:[-/.]\d{{2,4}})?"
    rf"|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s|de\s)?{_MONTH}(?:,?\s(?:de\s)?\d{{4}})?|(?<!\d)\d{{6}}(?:\d\d)?(?!\d))"
)
_BIRTH = (
    r"(?:d\.?\s?o\.?\s?b\b\.?|(?:birth\s?date|birth\s?day|date\sof\sbirth)s?|born"
    r"|fecha\sde\snacimiento|nac(?:í|i(?:[óo]|d[oa]))|nacimiento|cumpleaños)"
)
_BIRTH_THEN_DAY = re.compile(
    rf"(?i)(\b{_BIRTH}(?:['’]s)?(?:\s(?:is|was|on|es|el|fue|in|en|the|of|client|his|her)){{0,8}}"
    rf"\s?[:=,(-]?\s?)({_DAY})"
)
_DAY_THEN_BIRTH = re.compile(
    rf"(?i)(?<![\d/-])({_DAY})(\s?[(,-]?\s?(?:(?:is|was|es|my|mi|the|his|her|la|client'?s)\s){{0,3}}{_BIRTH})"
)

_LONG = re.compile(r"(?<![\w.])\d{9,}(?!\w)|(?<=[A-Za-z#_:])\d{9,}")
_CARD = re.compile(
    r"(?<![\d-])(?:\d{4}(?:[ –-]\d{4}){2,3}(?:[ –-]\d{1,3})?|\d{3}[ –-]\d{3}[ –-]\d{3})(?![\d-])"
)
_CLIENT_ID = re.compile(
    r"(?i)(\b(?:client(?:'s)?\s?(?:hmis\s)?|hmis\s)(?:unique\s)?(?:id|i\.d\.|identifier|number|no\.?|#)"
    r"(?:\s(?:is|number)){0,2}\s?[:=#]?\s?)([a-z]{0,3}\d{5,12})(?!\d)"
)
_TICKET_BEFORE = re.compile(
    r"(?i)\b(?:ticket|tiquete|boleto|request|case|solicitud)s?"
    r"(?:\s(?:number|no\.?|num\.?|número|id|is|es|de)){0,4}\s?[:#]{0,3}\s?$"
)

# With the ways in which people misspell it.
_PASSWORD = (
    r"(?:pass?[\s_-]?wo?r?[dk]s?|pass?wrods?|pass?owrds?|pass?ords?|pass?wards?|pss?wo?rds?|passworlds?"
    r"|pass\s?codes?|pass\s?phrases?|p/?wd?|p\.w\.|contrase[ñn]as?|contrace[ñn]as?|clave)"
)
_QUOTED = r"\"[^\"\n]{1,80}\"|“[^”\n]{1,80}”|'[^'\n]{1,80}'|«[^»\n]{1,80}»|`[^`\n]{1,80}`"
_QUOTES = "\"“'«`"
_SECRET = rf"(?P<secret>{_QUOTED}|\S+)"
_BE = r"(?:is|was|are|were|es|era|fue)"
# "password is …", "password they gave me was …", "pw: …", "password -> …"; "to" and "as" only before what
# cannot be a word.
_SAID = re.compile(
    rf"(?i)(\b(?:{_PASSWORD}(?P<gap>(?:\s[\w’'@.]{{1,64}}){{0,8}}?)\s?"
    rf"(?:\s?(?:->|=>|→)|(?<=\s){_BE}\b\s?[:=]?|[:=]{{1,4}}|(?<=\s)[-–](?=\s)|(?P<weak>(?<=\s)(?:to|as|a|como)\b))"
    rf"|pass\s?[:=])\s?){_SECRET}"
)
_BESIDE = re.compile(rf"(?i)(\b(?:{_PASSWORD}|pass)(?:\s|\s?(?:[?!:…-]{{1,8}}|\.{{2,8}})\s?)){_SECRET}")
_PAIR = re.compile(
    r"(?i)(\b(?:(?:user\s?(?:name|id)?|login|log-?in|e-?mail|usuario)\s?(?:/|\\|&|\+|and|y)\s?"
    rf"(?:{_PASSWORD}|pass)|credentials|creds|log-?in)(?P<how>\s?(?:(?<=\s){_BE}\b|[:=]))?\s?"
    r"[^\s/|]{1,64}(?P<between>\s?[/|,]\s?|\s))(?P<secret>\S+)"
)
_FIRST_OF_PAIR = re.compile(r"[^\s/|]{1,64}(?:\s?[/|,]\s?|\s)")
_KEYWORD = re.compile(rf"(?i){_PASSWORD}")
_TOKEN = re.compile(r"\S+")
_OWN = (
    r"(?:my|the|a|an|his|her|our|their|your|new|old|temp|temporary|current|first|last|default|hmis|mi|la|el)"
)
_BEFORE = re.compile(
    rf"(?i)(?<!\S)(?P<secret>{_QUOTED}|\S{{6,80}})(\s(?:as|is|was|es|era|como)(?:\s{_OWN}){{0,4}}\s{_PASSWORD}\b)"
)
_DATE_FIRST = re.compile(rf"(?i){_DAY}|{_MONTH}$")
# What may stand behind a password in the same breath.
_OTHER_THINGS = frozenset(
    ("ticket", "tickets", "case", "request", "email", "e-mail", "login", "username", "user")
)
_MOST_WORDS = 5


def mask(text: str, words: Mapping[str, str]) -> str:
    """The text with each find replaced by `words["ssn" | "birth_date" | "number" | "password"]`.

    As written where nothing is found; otherwise with its runs of spaces squeezed.
    """
    plain = _plain(text)
    masked = _mask_passwords(plain, words["password"])
    masked = "".join(part if kept else _mask_numbers(part, words) for part, kept in _parts(masked))
    return text if masked == plain else masked


def _plain(text: str) -> str:
    """Every run of spaces as one, a line's end where it holds one; no invisible characters."""
    if not text.isascii():
        text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return _SPACES.sub(lambda run: "\n" if "\n" in run[0] else " ", text)


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


def _mask_passwords(text: str, replacement: str) -> str:
    text = _PAIR.sub(lambda m: _pair(m, replacement), text)
    text = _said_all(text, replacement)
    text = _BESIDE.sub(lambda m: _beside(m, replacement), text)
    return _BEFORE.sub(lambda m: _before(m, replacement), text)


def _said_all(text: str, replacement: str) -> str:
    """After "password is": a secret unless it is an everyday word ("password is wrong")."""
    parts, end = [], 0
    while found := _SAID.search(text, end):
        length = _said(found, replacement)
        stop = found.start("secret")
        if length:
            parts += [text[end:stop], replacement]
            end = stop + length
        else:
            parts.append(text[end:stop])
            end = stop
    return "".join([*parts, text[end:]])


def _said(found: re.Match[str], replacement: str) -> int:
    """How many characters of the secret go, counted from its start."""
    secret = found["secret"]
    bare = _bare(secret)
    if _is_masked(found, replacement) or _is_address(bare) or _KEYWORD.fullmatch(bare):
        return 0
    whole = len(secret) - len(_ending(secret))
    if secret[0] in _QUOTES:
        return whole
    sure = _looks_secret(bare)
    if found["weak"]:
        return whole if sure else 0
    if not bare.strip("!?") or _is_ordinary(bare):
        return 0
    if sure:
        return whole
    phrase = _phrase(found.string, found.start("secret"))
    if (found["gap"] or "").strip() and not phrase:
        return 0
    return phrase or whole


def _phrase(text: str, start: int) -> int:
    """The length of a password of several words with a number among them, `Sunny Day 42`; else 0."""
    end = best = start
    for place in range(_MOST_WORDS):
        token = _TOKEN.match(text, end)
        if token is None:
            break
        bare = _bare(token[0])
        if not bare or _is_ordinary(bare) or bare.casefold() in _OTHER_THINGS or _is_address(bare):
            break
        if _DATE_FIRST.match(bare):
            break
        end = token.end() - len(_ending(token[0]))
        if place and any(c.isdigit() for c in bare):
            best = end
        if end != token.end() or not text.startswith(" ", end):
            break
        end += 1
    return best - start


def _beside(found: re.Match[str], replacement: str) -> str:
    """Right behind "password", without "is": only what cannot be a word."""
    secret = found["secret"]
    bare = _bare(secret)
    if _is_masked(found, replacement) or _is_address(bare) or not _looks_secret(bare):
        return found[0]
    return found[1] + replacement + _ending(secret)


def _is_masked(found: re.Match[str], replacement: str) -> bool:
    """Whether the mask stands there already, by itself or as the second of a pair."""
    text, start = found.string, found.start("secret")
    first = _FIRST_OF_PAIR.match(text, start)
    return text.startswith(replacement, start) or bool(first and text.startswith(replacement, first.end()))


def _pair(found: re.Match[str], replacement: str) -> str:
    """`user/pass casey/Winter2024`: the second goes."""
    secret = found["secret"]
    bare = _bare(secret)
    told = found["how"] and found["between"].strip() and not _is_ordinary(bare)
    masked = found.string.startswith(replacement, found.start("secret"))
    if masked or _is_address(bare) or not (told or _looks_secret(bare)):
        return found[0]
    return found[1] + replacement + _ending(secret)


def _before(found: re.Match[str], replacement: str) -> str:
    """`Winter2024! as the new password`."""
    secret = found["secret"]
    bare = _bare(secret)
    if _is_address(bare) or not (secret[0] in _QUOTES or _looks_secret(bare)):
        return found[0]
    return replacement + found[2]


def _is_address(token: str) -> bool:
    return "://" in token or re.fullmatch(_EMAIL, token) is not None


def _is_ordinary(bare: str) -> bool:
    word = bare.casefold()
    return word in ORDINARY or word.rstrip("!?") in ORDINARY


def _looks_secret(token: str) -> bool:
    """Letters with digits or signs, six or more in one: `Winter2024!`, not `expired!` or `8/14/2026`."""
    inside = token.rstrip("!?")
    letters = any(c.isalpha() for c in inside)
    others = any(c.isdigit() or c in "!@#$%^&*_+=?~<>|" for c in inside)
    return len(token) >= 6 and letters and others


def _bare(token: str) -> str:
    return token.strip("\"“”'«»`.,;:()").strip()


def _ending(token: str) -> str:
    """Closing punctuation of the sentence stays."""
    return token[-1] if token[-1] in ",;)" or (token[-1] == "." and len(token) > 1) else ""
