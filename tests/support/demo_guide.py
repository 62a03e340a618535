"""docs/demo.md as data: parts with steps, each what to do and what to see. A mistake names its line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CHAT, CONSOLE, LOGIN = "Chat", "Console", "Login"
COPIED = None


class GuideError(Exception):
    """A line of the guide that cannot be followed; the message begins with its number."""


@dataclass(frozen=True)
class Type:
    text: str


@dataclass(frozen=True)
class Press:
    title: str


@dataclass(frozen=True)
class Copy:
    """The word that follows these words on the console's page."""

    after: str


@dataclass(frozen=True)
class Open:
    """A link, button or fold by its name, or a part of it."""

    name: str


@dataclass(frozen=True)
class Fill:
    """A field by its label; `text` COPIED: what was copied last."""

    label: str
    text: str | None


@dataclass(frozen=True)
class Walk:
    """Open and fill, in the console or at the login, some times over."""

    place: str
    ways: tuple[Open | Fill, ...]
    times: int = 1


@dataclass(frozen=True)
class Sight:
    place: str
    text: str


@dataclass(frozen=True)
class Step:
    line: int
    does: Type | Press | Copy | Walk
    sees: tuple[Sight, ...]


@dataclass(frozen=True)
class Part:
    title: str
    steps: tuple[Step, ...]


_ROW = re.compile(r"\|\s*(\d+)\s*\|(.*)\|([^|]*)\|\s*")
_IN_CHAT = re.compile(r"(Type|Press) `([^`]+)`")
_COPY = re.compile(r"Copy what follows `([^`]+)`")
_WALK = re.compile(r"(Console|Login): (.+?)(?: \((\d+) times\))?")
_OPEN = re.compile(r"`([^`]+)`")
_FILL = re.compile(r"`([^`]+)` = (?:`([^`]+)`|copied)")
_SIGHT = re.compile(r"(?:(Chat|Console|Login): )?`([^`]+)`")


def load_guide(path: Path) -> list[Part]:
    """All parts that have steps. Raises GuideError."""
    parts: list[tuple[str, list[Step]]] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("## "):
            parts.append((line[3:].strip(), []))
        elif row := _ROW.fullmatch(line):
            if not parts:
                raise GuideError(f"{number}: a step before the first heading")
            steps = parts[-1][1]
            if int(row[1]) != len(steps) + 1:
                raise GuideError(f"{number}: step {row[1]}; expected {len(steps) + 1}")
            steps.append(_step(number, row[2].strip(), row[3].strip()))
    return [Part(title, tuple(steps)) for title, steps in parts if steps]


def _step(line: int, do: str, see: str) -> Step:
    does = _does(line, do)
    place = does.place if isinstance(does, Walk) else CONSOLE if isinstance(does, Copy) else CHAT
    sees = tuple(
        _sight(line, place, part) for part in re.split(r", (?=`|Chat:|Console:|Login:)", see) if part
    )
    if not sees and not isinstance(does, Copy):
        raise GuideError(f"{line}: nothing to see")
    return Step(line, does, sees)


def _does(line: int, do: str) -> Type | Press | Copy | Walk:
    if found := _IN_CHAT.fullmatch(do):
        return Type(found[2]) if found[1] == "Type" else Press(found[2])
    if found := _COPY.fullmatch(do):
        return Copy(found[1])
    if found := _WALK.fullmatch(do):
        return Walk(found[1], tuple(_way(line, way) for way in found[2].split(" › ")), int(found[3] or 1))
    raise GuideError(f"{line}: {do!r}; expected Type, Press, Copy, Console: or Login:")


def _way(line: int, way: str) -> Open | Fill:
    if found := _FILL.fullmatch(way):
        return Fill(found[1], found[2] or COPIED)
    if found := _OPEN.fullmatch(way):
        return Open(found[1])
    raise GuideError(f"{line}: {way!r}; expected `name` or `field` = `text`")


def _sight(line: int, place: str, part: str) -> Sight:
    if found := _SIGHT.fullmatch(part):
        return Sight(found[1] or place, found[2])
    raise GuideError(f"{line}: {part!r}; expected `text`, or Chat: `text`")
