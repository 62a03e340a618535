"""Numbers as dictation and quick thumbs write them: "august ate", "for days ago", "a moth ago"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.dates.tokens import Token

_SOUNDS = {"to": 2, "too": 2, "for": 4, "fore": 4, "ate": 8, "won": 1}
_COUNTED = frozenset({"days", "weeks", "months", "wks", "mos"})
_AGO = frozenset({"ago", "back"})
_MOTHS = {"moth": "month", "moths": "months", "mouth": "month", "mouths": "months"}


def dictated(tokens: Sequence[Token], is_month: Callable[[str], bool]) -> list[Token]:
    """The tokens with such words as what they stand for; their places stay."""
    norms = [token.norm for token in tokens]
    found: list[Token] = []
    for index, token in enumerate(tokens):
        before = norms[index - 1] if index else ""
        behind, after = (norms[index + k] if index + k < len(norms) else "" for k in (1, 2))
        if token.norm in _SOUNDS and token.kind == "word":
            closes = index + 1 == len(tokens) or tokens[index + 1].kind == "sign"
            counts = behind in _COUNTED and after in _AGO and before not in ("from", "going", "it", "wait")
            if counts or (closes and is_month(before) and before != "may"):
                number = _SOUNDS[token.norm]
                token = replace(token, kind="number", norm=str(number), value=number)
        elif token.norm in _MOTHS and behind in _AGO:
            token = replace(token, norm=_MOTHS[token.norm])
        elif (token.norm, behind) == ("question", "mark") or (before, token.norm) == ("question", "mark"):
            token = replace(token, kind="sign", norm="?")
        found.append(token)
    return found
