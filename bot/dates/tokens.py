"""Cut a text into words, numbers, digit groups, clock times and signs, each with its place in the text.

One pass, one alternation without nested repetition: the work grows with the length and not faster.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

MAX_CHARACTERS = 1000
MAX_TOKENS = 400

_PIECE = re.compile(
    r"(?P<slang>2day|2nite|2morrow|2moro)(?![a-z])"
    r"|(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]{1,9})?)(?![0-9])"
    r"|(?P<group>[0-9]+(?:[/.\-][0-9]+)+)"
    r"|(?P<number>[0-9]+)"
    r"|(?P<word>[a-z]+(?:'[a-z]+)*)"
    r"|(?P<sign>\S)"
)
_SUFFIXES = {"st", "nd", "rd", "th"}
_SAME = {"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-"}


@dataclass(frozen=True)
class Token:
    """`norm` is what the grammar compares; `start`, `end` are character positions in the original text.

    kind: word, number, ordinal, group (digits joined by / . -), clock, sign, opaque (addresses, long ids).
    """

    kind: str
    norm: str
    start: int
    end: int
    glued: bool = False
    capital: bool = False
    value: int | None = None
    pieces: tuple[str, ...] = field(default=())
    signs: str = ""
    owner: bool = False  # written with 's


def fold(text: str) -> str:
    """Lower case without accents, character for character, so that positions stay those of the original."""
    if text.isascii():
        return text.lower()
    return "".join(_fold_character(character) for character in text)


def _fold_character(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    if character.isascii():
        return character.lower()
    if not character.isalpha():
        return character
    plain = unicodedata.normalize("NFKD", character)[:1].lower()
    return plain if len(plain) == 1 and plain.isascii() else character


def tokenize(text: str) -> list[Token]:
    """All tokens of the first MAX_CHARACTERS characters, at most MAX_TOKENS."""
    text = text[:MAX_CHARACTERS]
    folded = fold(text)
    tokens: list[Token] = []
    position = 0
    for chunk in folded.split(" "):
        for start, end in _inner_chunks(folded, position, position + len(chunk)):
            _tokenize_chunk(text, folded, start, end, tokens)
            if len(tokens) >= MAX_TOKENS:
                return tokens[:MAX_TOKENS]
        position += len(chunk) + 1
    return tokens


def _inner_chunks(folded: str, start: int, end: int) -> list[tuple[int, int]]:
    """Parts of a space-separated chunk between other white space and control characters."""
    parts: list[tuple[int, int]] = []
    begin = start
    for at in range(start, end):
        if folded[at].isspace() or not folded[at].isprintable():
            if at > begin:
                parts.append((begin, at))
            begin = at + 1
    if end > begin:
        parts.append((begin, end))
    return parts


def _tokenize_chunk(text: str, folded: str, start: int, end: int, tokens: list[Token]) -> None:
    chunk = folded[start:end]
    if "@" in chunk.strip("@") or "://" in chunk or chunk.startswith("www."):
        tokens.append(Token("opaque", chunk, start, end))
        return
    before = start
    for match in _PIECE.finditer(chunk):
        first, last = start + match.start(), start + match.end()
        glued = first == before and first != start
        before = last
        _append(tokens, match.lastgroup or "sign", match.group(), first, last, glued, text[first].isupper())


def _append(
    tokens: list[Token], kind: str, piece: str, start: int, end: int, glued: bool, capital: bool
) -> None:
    if kind == "number":
        long = len(piece) > 9
        value = None if long else int(piece)
        tokens.append(Token("opaque" if long else "number", piece, start, end, glued, False, value))
    elif kind == "group":
        signs = "".join(character for character in piece if character in "/.-")
        pieces = tuple(re.split(r"[/.\-]", piece))
        tokens.append(Token("group", piece, start, end, glued, False, None, pieces, signs))
    elif kind == "word":
        previous = tokens[-1] if tokens else None
        if glued and piece in _SUFFIXES and previous and previous.kind == "number" and previous.end == start:
            tokens[-1] = Token(
                "ordinal", previous.norm, previous.start, end, previous.glued, False, previous.value
            )
        else:
            owner = piece.endswith("'s")
            tokens.append(Token("word", piece.replace("'", ""), start, end, glued, capital, owner=owner))
    elif kind == "slang":
        norm = {"2day": "today", "2nite": "tonight"}.get(piece, "tomorrow")
        tokens.append(Token("word", norm, start, end, glued))
    elif piece == "'" and glued and tokens[-1].kind == "word" and tokens[-1].norm.endswith("s"):
        return  # "Indigenous Peoples' Day"
    else:
        tokens.append(Token(kind, piece, start, end, glued))
