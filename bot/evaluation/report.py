"""The figures as sections of a report, each a table: what is printed, saved as text and shown as a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

Figures = Mapping[str, Any]

WORDS = Path(__file__).with_name("words.yml")
_PER_SET = (
    "how_to_top1",
    "how_to_right_or_offered",
    "confident_wrong",
    "out_of_scope_caught",
    "out_of_scope_precision",
    "dialogue_top1",
)


@dataclass(frozen=True)
class Section:
    """A table with its heading and a note. `key`: its name in words.yml. The first column heads each row."""

    key: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """The words of the report."""
    read: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return read


def sections(found: Figures) -> list[Section]:
    """All sections for the figures of `measure` (bot/evaluation/measure.py), in reading order."""
    intents, dates = found["intents"], found["dates"]
    together = intents["all"]
    return [
        _section("intents", ("set", "lines", *_PER_SET, "new"), _intent_sets(intents)),
        _section(
            "intent",
            ("intent", "lines", "right", "precision", "read_as"),
            _groups(together["by_intent"], True),
        ),
        _section(
            "style", ("style", "lines", "right", "confident_wrong", "read_as"), _styles(together["by_style"])
        ),
        _section("confusion", ("expected", "read_as", "confidence", "style", "text"), _confusion(together)),
        _section("reliability", ("from", "lines", "mean", "right"), _reliability(together)),
        _section("dates", ("set", "lines", "right_case", "wrong_case", "exact"), _date_sets(dates)),
        _section(
            "window", ("window", "lines", "right", "exact", "read_as"), _windows(dates["all"]["by_window"])
        ),
        _section("missed", ("set", "what", "text", "wanted", "found"), _missed(dates)),
        _section("slowest", ("set", "milliseconds", "text"), _slowest(dates, found["hostile"])),
    ]


def _section(key: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Section:
    told = words()
    titles = tuple(str(told["columns"][column]) for column in columns)
    return Section(key, told["sections"][key], told["notes"][key], titles, tuple(tuple(row) for row in rows))


def percent(value: float) -> str:
    return f"{value:.1%}"


def _named(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _intent_sets(intents: Figures) -> Iterable[Sequence[str]]:
    for name, one in intents.items():
        new = one["without_near_copies"]
        yield (
            name,
            str(one["lines"]),
            *(percent(one[key]) for key in _PER_SET),
            f"{percent(new['how_to_top1'])} / {new['lines']}",
        )


def _groups(groups: Figures, precise: bool) -> Iterable[Sequence[str]]:
    for name, one in groups.items():
        precision = [percent(one["precision"])] if precise else []
        yield name, str(one["lines"]), percent(one["right"]), *precision, _named(one["read_as"])


def _styles(groups: Figures) -> Iterable[Sequence[str]]:
    for name, one in groups.items():
        yield (
            name,
            str(one["lines"]),
            percent(one["right"]),
            percent(one["confident_wrong"]),
            _named(one["read_as"]),
        )


def _confusion(one: Figures) -> Iterable[Sequence[str]]:
    for pair in one["confusion"]:
        for line in pair["lines"]:
            yield pair["expected"], pair["read_as"], f"{line['confidence']:.2f}", line["style"], line["text"]


def _reliability(one: Figures) -> Iterable[Sequence[str]]:
    for step in one["reliability"]:
        yield f"{step['from']:.1f}", str(step["lines"]), f"{step['confidence']:.3f}", percent(step["right"])


def _date_sets(dates: Figures) -> Iterable[Sequence[str]]:
    for name, one in dates.items():
        yield (
            name,
            str(one["lines"]),
            percent(one["right_case"]),
            percent(one["wrong_case"]),
            percent(one["exact"]),
        )


def _windows(groups: Figures) -> Iterable[Sequence[str]]:
    for name, one in groups.items():
        yield name, str(one["lines"]), percent(one["right"]), percent(one["exact"]), _named(one["read_as"])


def _missed(dates: Figures) -> Iterable[Sequence[str]]:
    for name, one in dates.items():
        if name == "all":
            continue
        for miss in one["missed"]:
            wanted, found = (" ".join(str(part) for part in miss[key] if part) for key in ("wanted", "found"))
            yield name, miss["what"], miss["text"], wanted, found


def _slowest(dates: Figures, hostile: Figures) -> Iterable[Sequence[str]]:
    for name, one in {**dates, "hostile": {"slowest": hostile}}.items():
        if name != "all":
            yield name, f"{one['slowest']['milliseconds']:.1f}", one["slowest"]["text"]


def to_text(found: Figures) -> str:
    """Everything as plain text, columns side by side."""
    parts = [words()["title"], words()["made"].format(**found["thresholds"]), ""]
    for section in sections(found):
        parts += [section.title, section.note, *_aligned(section), ""]
    return "\n".join(parts)


def _aligned(section: Section) -> list[str]:
    if not section.rows:
        return [f"  {words()['nothing']}"]
    table = [section.columns, *section.rows]
    widths = [max(len(_shown(row[column])) for row in table) for column in range(len(section.columns))]
    return [
        "  " + "  ".join(_shown(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def _shown(text: str, longest: int = 120) -> str:
    """On one line, with what cannot be printed escaped, cut where it goes on and on."""
    plain = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in " ".join(text.split())
    )
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"
