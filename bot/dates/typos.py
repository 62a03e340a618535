"""Recover a misspelt date word: "yesterdya", "ocotber", "wensday".

A word is corrected only to a word with the same first letter, at most one slip away (two in long words),
and never if it is a word of its own ("money", "moth", "weak").
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

SHORTEST = 4
LONGEST = 14


class Corrector:
    def __init__(self, targets: set[str], known: set[str]) -> None:
        self._known = frozenset(known)
        self._by_letter: dict[str, list[str]] = {}
        for word in sorted(targets):
            if SHORTEST <= len(word) <= LONGEST:
                self._by_letter.setdefault(word[0], []).append(word)
        self.correct = lru_cache(maxsize=4096)(self._correct)

    def _correct(self, word: str) -> str:
        """The word itself if it is known, or if nothing or more than one thing is as near."""
        if word in self._known or not SHORTEST <= len(word) <= LONGEST or not word.isalpha():
            return word
        squeezed = squeeze(word)
        if squeezed != word and (squeezed in self._known):
            return squeezed
        best, best_slips, best_gap = word, 3, 9
        for target in self._by_letter.get(word[0], ()):
            allowed = 2 if len(target) >= 7 else 1
            gap = abs(len(target) - len(word))
            if gap > allowed or (len(word) == SHORTEST and len(target) == SHORTEST):
                continue
            slips = distance(word, target, allowed)
            if slips <= allowed and (slips, gap) < (best_slips, best_gap):
                best, best_slips, best_gap = target, slips, gap
        return best


def squeeze(word: str) -> str:
    """As in "Yesterdayyy" without the drawl."""
    return word[:1] + "".join(letter for before, letter in pairwise(word) if letter != before)


def distance(left: str, right: str, most: int) -> int:
    """Letters inserted, dropped, replaced or swapped from one word to the other, up to `most` + 1."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        nextrow = [i]
        for j, other in enumerate(right, 1):
            cost = min(row[j] + 1, nextrow[j - 1] + 1, row[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            nextrow.append(cost)
        if min(nextrow) > most:
            return most + 1
        before, row = row, nextrow
    return row[-1]
