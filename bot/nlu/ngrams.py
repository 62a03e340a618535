"""A line's surface: the word and character n-grams that a typo or an abbreviation leaves intact."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from functools import lru_cache
from pathlib import Path

import yaml

OTHER_SYSTEMS = Path(__file__).resolve().parents[2] / "data" / "other_systems.yml"

EMAIL = re.compile(r"\S+@\S+")
DIGITS = re.compile(r"\d+")
WORD = re.compile(r"\w+|[?!]")
STRETCHED = re.compile(r"(\w)\1{2,}")
CHAR_SIZES = (3, 4, 5)
# what a line of this many characters says after that is a story; its start and the vector carry the need
MAX_CHARACTERS = 600


def normalise(text: str) -> str:
    """Lower case without accents; e-mail addresses and digits become marks; "heyyyy" is "heyy"."""
    plain = unicodedata.normalize("NFKD", text[:MAX_CHARACTERS]).lower()
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("’", "'").replace("'", "")
    plain = DIGITS.sub("0", EMAIL.sub(" emailaddress ", plain))
    return STRETCHED.sub(r"\1\1", plain)


@lru_cache(maxsize=1)
def other_systems() -> re.Pattern[str]:
    """Names of things that are not ours but have accounts too."""
    names = yaml.safe_load(OTHER_SYSTEMS.read_text(encoding="utf-8"))["names"].split()
    longest_first = sorted((normalise(name) for name in names), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})s?\b")


def ngrams(text: str) -> Counter[str]:
    """Counts of one- and two-word n-grams ("w:") and of character n-grams inside words ("c:")."""
    plain = normalise(text)
    words = WORD.findall(plain)
    counts: Counter[str] = Counter(f"w:{word}" for word in words)
    if other_systems().search(plain):
        counts["w:<other system>"] = 20
    framed = ["<", *words, ">"]
    counts.update(f"w:{a} {b}" for a, b in itertools.pairwise(framed))
    for word in words:
        padded = f" {word} "
        for size in CHAR_SIZES:
            counts.update(f"c:{padded[i : i + size]}" for i in range(len(padded) - size + 1))
    return counts
