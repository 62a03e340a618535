"""The report's tables as text in cells, the same for terminal and page. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from report.baseline import Beside
from report.figures import CAME, Figures, Report, Times
from report.words import Words

_SHARES = {"solved_without_ticket", "handed_to_human", "outside_office_hours"}


@dataclass(frozen=True)
class Table:
    """Each row has as many cells as there are `columns`; its first cell says what it is about."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Tables:
    """Everything that a reader is shown in numbers."""

    def __init__(self, report: Report, words: Words) -> None:
        self._report = report
        self._words = words

    def all(self, compared: Iterable[Beside]) -> tuple[Table, ...]:
        """The tables that have anything to show, in the order of reading."""
        made = (
            self.figures(),
            self.came(),
            self.by_row(),
            self.times(),
            self.left_at(),
            self.cases(),
            self.both(),
            self.over_time(),
            self.beside(compared),
        )
        return tuple(table for table in made if table.rows)

    def figures(self) -> Table:
        """One line for each figure: in all, and in each channel where there are several."""
        by_channel = self._report.by_channel if len(self._report.by_channel) > 1 else {}
        columns = [self._report.total, *by_channel.values()]
        head = [self._words.tables["figure"], self._words.tables["all"], *by_channel]
        rows = [
            (label, *(self._cell(name, figures) for figures in columns))
            for name, label in self._words.figures.items()
        ]
        return self._table("figures", head, rows)

    def came(self) -> Table:
        """One line for each row, one column for each class."""
        head = [self._words.tables["row"], self._words.figures["conversations"], *map(self._came, CAME)]
        rows = [
            (label, str(figures.conversations), *(str(figures.came[name]) for name in CAME))
            for label, figures in self._lines()
        ]
        return self._table("came", head, rows)

    def by_row(self) -> Table:
        names = ("conversations", "solved_without_ticket", "tickets", "asked_again", "follow_up_questions",
                 "midnights_missed", "handed_to_human", "not_understood", "outside_office_hours")  # fmt: skip
        head = [self._words.tables["row"], *(self._words.figures[name] for name in names)]
        rows = [(label, *(str(getattr(figures, name)) for name in names)) for label, figures in self._lines()]
        return self._table("by_row", head, rows)

    def times(self) -> Table:
        names = ("to_ticket", "to_in_said", "to_in_recorded")
        head = [self._words.tables["row"], *(self._words.tables[name] for name in names)]
        rows = [
            (label, *(self._times(getattr(figures, name)) for name in names))
            for label, figures in self._lines()
        ]
        return self._table("times", head, rows)

    def left_at(self) -> Table:
        """One line for each row and question at which somebody left, the most frequent question first."""
        by_row = self._report.by_row
        head = [self._words.tables[name] for name in ("row", "question", "left_open")]
        rows = [
            (self._words.row(row), self._words.question(slot), str(n))
            for row in self._words.in_order(by_row)
            for slot, n in sorted(by_row[row].left_at.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
        return self._table("left_at", head, rows)

    def cases(self) -> Table:
        """Tickets of row 2, by the case that the last login decides."""
        head = [self._words.tables["case"], self._words.figures["tickets"]]
        cases = self._report.total.tickets_by_case
        rows = [(self._words.cases.get(case, case), str(n)) for case, n in cases.items()]
        return self._table("cases", head, rows)

    def both(self) -> Table:
        channels = list(self._report.by_channel)
        head = [self._words.tables["row"], *channels]
        rows = [
            (
                self._words.row(row),
                *(str(self._report.by_both[row, channel].conversations) for channel in channels),
            )
            for row in self._words.in_order(self._report.by_row)
        ]
        return self._table("both", head, rows)

    def over_time(self) -> Table:
        several = any(first != last for first, last, *_ in self._report.over_time)
        head = [self._words.tables["days" if several else "day"]]
        head += [self._words.figures["conversations"], self._words.figures["tickets"]]
        rows = [
            (stretch(first, last), str(begun), str(filed))
            for first, last, begun, filed in self._report.over_time
        ]
        return self._table("over_time", head, rows if self._report.by_channel else [])

    def beside(self, compared: Iterable[Beside]) -> Table:
        head = [self._words.tables[name] for name in ("measure", "before", "now")]
        rows = [
            (self._words.measures[one.measure], f"{one.before:g}", self._words.number(one.now))
            for one in compared
        ]
        return self._table("beside", head, rows)

    def _table(self, name: str, head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Table:
        return Table(name, self._words.tables[name], tuple(head), tuple(rows))

    def _lines(self) -> list[tuple[str, Figures]]:
        """The rows that were met, and all of them together at the end."""
        by_row: Mapping[str, Figures] = self._report.by_row
        lines = [(self._words.row(row), by_row[row]) for row in self._words.in_order(by_row)]
        return [*lines, (self._words.tables["all"], self._report.total)] if lines else []

    def _came(self, name: str) -> str:
        return self._words.came[name]

    def _cell(self, name: str, figures: Figures) -> str:
        value = getattr(figures, name)
        if isinstance(value, Times):
            return self._times(value)
        if name in _SHARES:
            return self._words.share(value, figures.conversations)
        if name == "not_understood":
            return self._words.share(value, figures.turns)
        return str(value)

    def _times(self, times: Times) -> str:
        return self._words.times(times.n, times.minutes, times.turns)


def stretch(first: date, last: date) -> str:
    """Days as they stand in the table, ISO."""
    return first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}"
