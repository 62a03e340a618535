"""Counts conversations as a reader would: from what was said, and from what lies on the ticket desk.

Its only sources are the door's answers and the desk; it never looks at the counts that it is compared with.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

RULES = yaml.safe_load(Path(__file__).with_name("hand_count.yml").read_text(encoding="utf-8"))
ROW_OF = {name: row for row, names in RULES["rows"].items() for name in names}
MEANS = {
    name: {meaning for meaning, names in RULES["said"].items() if name in names}
    for names in RULES["said"].values()
    for name in names
}
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
WHOLE, NOTHING, ASK = "total", "nothing", "utter_ask_"


@dataclass(frozen=True)
class Turn:
    """One answered turn: its moment, the event's kind (None for a person), the responses, and their texts.

    `spoken`: what the person typed, or the title of the button that they pressed.
    """

    at: datetime
    event: str | None
    said: tuple[str, ...]
    texts: tuple[str, ...]
    spoken: str = ""


@dataclass
class Part:
    """A conversation, or the part of it in one row."""

    begun: datetime
    first: int
    outside: bool
    marks: set[str] = field(default_factory=set)
    after: dict[str, tuple[int, int]] = field(default_factory=dict)
    left_at: str | None = None

    def note(self, what: str, at: datetime, turns: int) -> None:
        minutes = int((at - self.begun).total_seconds() // 60)
        self.after.setdefault(what, (minutes, turns - self.first + 1))


class Transcript:
    """One conversation, read from its beginning to its end."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.tickets: list[Mapping[str, Any]] = []

    def parts(self) -> dict[str, Part]:
        """The whole, and each row that was come to; empty when no person ever spoke."""
        reader = _Reader(self.tickets)
        for turn in self.turns:
            reader.read(turn)
        return reader.end()

    def spoken(self) -> int:
        return sum(turn.event is None for turn in self.turns)


class _Reader:
    def __init__(self, tickets: Sequence[Mapping[str, Any]]) -> None:
        self._untold = {f"**{ticket['id']}**": ticket["row"] for ticket in tickets}
        self._tickets = tickets
        self._parts: dict[str, Part] = {}
        self._row: str | None = None
        self._over = False
        self._turns = 0
        self._beforehand: list[Part] = []
        self._between: Part | None = None
        self._offered: str | None = None
        self._asked = NOTHING
        self.turns_in: Counter[str] = Counter()
        self.missed_in: Counter[str] = Counter()

    def read(self, turn: Turn) -> None:
        if turn.event is None:
            self._turns += 1
            self._parts.setdefault(WHOLE, self._begin(turn))
        if WHOLE not in self._parts:
            return
        missed, asked = False, self._asked
        if not any(name in RULES["leave_open"] for name in turn.said):
            self._asked = NOTHING
        self._take_offer(turn)
        for name, text in zip(turn.said, turn.texts, strict=True):
            if name in RULES["announced"] + RULES["offered"]:
                self._announce(name, text, turn)
            if name.startswith(ASK):
                self._asked = RULES["asks"].get(name, name.removeprefix(ASK))
            self._come_to(name, turn)
            for meaning in MEANS.get(name, ()):
                missed |= meaning == "not_understood"
                self._mark(meaning, turn)
        if turn.event == "logged_in":
            self._note("recorded", self._with_ticket(), turn)
        for number in [number for number in self._untold if number in "\n".join(turn.texts)]:
            self._note("ticket", self._untold.pop(number), turn)
        if turn.event is None:
            under_way = [WHOLE] if self._row is None else [WHOLE, self._row]
            if self._beforehand:
                under_way = [WHOLE]
            for part in under_way:
                self.turns_in[part] += 1
                self.missed_in[part] += missed
            came_between = turn.said == (RULES["beforehand"][0],) and asked in RULES["waits"]
            self._between = self._begin(turn) if came_between else None

    def end(self) -> dict[str, Part]:
        for ticket in self._tickets if self._parts else ():
            for part in {WHOLE, ticket["row"]}:
                self._parts[part].marks.add("ticket")
        for row, part in self._parts.items():
            part.after["turns"] = (self.turns_in[row], self.missed_in[row])
            part.left_at = self._asked if row == self._row else None
            if row not in (WHOLE, self._row):
                part.marks.add("went_on")
        return self._parts

    def _begin(self, turn: Turn) -> Part:
        local = turn.at.astimezone(LOS_ANGELES)
        open_now = local.weekday() < 5 and time(8, 30) <= local.time() < time(16, 30)
        return Part(turn.at, self._turns, not open_now)

    def _announce(self, name: str, text: str, turn: Turn) -> None:
        """ "Now to **Check on my ticket**." begins it; "You also asked about it." asks whether to."""
        row = next(row for title, row in RULES["titles"].items() if f"**{title}**" in text)
        if name in RULES["offered"]:
            self._offered = row
        else:
            self._begin_row(row, turn)

    def _take_offer(self, turn: Turn) -> None:
        if self._offered and turn.event is None:
            others = any(ROW_OF.get(name, self._offered) != self._offered for name in turn.said)
            if not others and not any(name in RULES["declined"] or MEANS.get(name) for name in turn.said):
                self._begin_row(self._offered, turn)
            self._offered = None

    def _come_to(self, name: str, turn: Turn) -> None:
        row = ROW_OF.get(name)
        if name in RULES["beforehand"] and turn.event is None and (self._row is None or self._over):
            self._beforehand.append(self._begin(turn))
        if name in RULES["of_either"]["responses"]:
            going_on = self._row in RULES["of_either"]["rows"] and not self._over
            locked, forgotten = RULES["of_either"]["rows"]
            row = self._row if going_on else locked if self._spoke_of_it(turn) else forgotten
        if row is not None:
            self._begin_row(row, turn)

    def _spoke_of_it(self, turn: Turn) -> bool:
        return RULES["of_either"]["spoken"] in turn.spoken.lower()

    def _begin_row(self, row: str, turn: Turn) -> None:
        if row != self._row or self._over:
            for part in filter(None, (self._parts.get(row), self._parts[WHOLE])):
                part.marks.discard("stopped")
        if self._between and self._row not in (None, row):
            self._parts.setdefault(row, self._between)
            self.turns_in[row] += 1
            self.turns_in[self._row] -= 1
        self._row, self._over, self._between = row, False, None
        begun = [part for part in self._beforehand if part.first < self._turns]
        self._parts.setdefault(row, (begun or [self._begin(turn)])[0])
        self.turns_in[row] += len({part.first for part in begun})
        self._beforehand = []

    def _mark(self, meaning: str, turn: Turn) -> None:
        if meaning == "over":
            self._over = True
        elif meaning == "in":
            if turn.event is None:
                self._note("said", self._row, turn)
        elif meaning != "not_understood":
            for part in filter(None, (WHOLE, self._row)):
                self._parts[part].marks.add(meaning)

    def _note(self, what: str, row: str | None, turn: Turn) -> None:
        for part in filter(None, (WHOLE, row)):
            self._parts[part].note(what, turn.at, self._turns)

    def _with_ticket(self) -> str | None:
        """What the record shows is about the row whose ticket asked for it."""
        rows = [ticket["row"] for ticket in self._tickets if ticket["row"] in self._parts]
        promised = [row for row, part in self._parts.items() if "promised" in part.marks and row != WHOLE]
        return ([*rows, *promised] or [self._row])[-1]


def came_to(part: Part) -> str:
    """The one class; docs/report.md has the order."""
    is_in = bool({"said", "recorded"} & set(part.after))
    if {"ticket", "promised"} & part.marks:
        return "ticket_in" if is_in else "ticket"
    if is_in:
        return "in"
    for mark in ("advised", "human", "told", "stopped", "went_on"):
        if mark in part.marks:
            return mark
    return "open"


def figures_of(transcripts: Iterable[Transcript]) -> dict[str, dict[str, Any]]:
    """`total` and each row → the figures that conversations and the desk decide, named as in report.json."""
    read = [(one, one.parts()) for one in transcripts]
    rows = {row for _, parts in read for row in parts}
    rows |= {ticket["row"] for one, _ in read for ticket in one.tickets}
    return {row: _figures(row, read) for row in sorted(rows | {WHOLE})}


def _figures(row: str, read: Sequence[tuple[Transcript, Mapping[str, Part]]]) -> dict[str, Any]:
    parts = [parts[row] for _, parts in read if row in parts]
    tickets = [ticket for one, _ in read for ticket in one.tickets if row in (WHOLE, ticket["row"])]
    came = Counter(came_to(part) for part in parts)
    left = Counter(part.left_at for part in parts if part.left_at and came_to(part) == "open")
    return {
        "conversations": len(parts),
        "came": dict(came),
        "left_at": dict(left),
        "solved_without_ticket": came["in"] + came["advised"],
        "tickets": len(tickets),
        "tickets_by_case": dict(Counter(ticket["case"] for ticket in tickets if ticket["case"])),
        "asked_again": sum(reply["from"] == "requester" for ticket in tickets for reply in ticket["replies"]),
        "to_ticket": _times(parts, "ticket"),
        "to_in_said": _times(parts, "said"),
        "to_in_recorded": _times(parts, "recorded"),
        "handed_to_human": sum("human" in part.marks for part in parts),
        "turns": sum(part.after["turns"][0] for part in parts),
        "not_understood": sum(part.after["turns"][1] for part in parts),
        "outside_office_hours": sum(part.outside for part in parts),
    }


def _times(parts: Iterable[Part], what: str) -> dict[str, Any]:
    found = [part.after[what] for part in parts if what in part.after]
    return {
        "n": len(found),
        "minutes": statistics.median(minutes for minutes, _ in found) if found else None,
        "turns": statistics.median(turns for _, turns in found) if found else None,
    }
