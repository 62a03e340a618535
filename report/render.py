"""The report in its three forms: text, JSON, and one HTML file that loads nothing from elsewhere."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from common.policy import Policy
from report import plots
from report.baseline import Baseline, beside
from report.figures import Report
from report.tables import Table, Tables
from report.words import Words

_SHORTEST_LABEL = 7.0  # percent of the width in which a number still has room


@dataclass(frozen=True)
class Made:
    """A report with what surrounds it. `at`: when it was made; `baseline`: None where nothing was entered."""

    report: Report
    baseline: Baseline | None
    policy: Policy
    at: datetime
    words: Words

    @property
    def compared(self) -> tuple[Any, ...]:
        if self.baseline is None:
            return ()
        return beside(self.baseline, self.report.total, self.report.period)


def to_json(made: Made) -> str:
    report, baseline = made.report, made.baseline
    data: dict[str, Any] = {
        "made_at": made.policy.local(made.at).isoformat(timespec="seconds"),
        "region": made.policy.region_name,
        "time_zone": made.policy.time_zone.key,
        "office_hours": made.policy.office_hours.to_json(),
        "period": {
            "from": report.period.first.isoformat(),
            "to": report.period.last.isoformat(),
            "days_counted": report.period.counted,
        },
        "total": report.total.to_json(),
        "by_row": {row: figures.to_json() for row, figures in report.by_row.items()},
        "by_channel": {channel: figures.to_json() for channel, figures in report.by_channel.items()},
        "by_row_and_channel": [
            {"row": row, "channel": channel, **figures.to_json()}
            for (row, channel), figures in report.by_both.items()
        ],
        "over_time": [
            {"from": first.isoformat(), "to": last.isoformat(), "conversations": begun, "tickets": filed}
            for first, last, begun, filed in report.over_time
        ],
        "baseline": baseline
        and {"period": baseline.period, "measures": [vars(one) for one in made.compared]},
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def to_text(made: Made) -> str:
    return _environment(escape=False).get_template("report.txt.j2").render(_context(made))


def to_html(made: Made) -> str:
    context = _context(made) | {
        "came_lines": plots.came_lines(made.report, made.words),
        "time_lines": plots.time_lines(made.report, made.words),
        "beside_lines": plots.beside_lines(made.compared, made.words),
        "columns": plots.columns(made.report),
        "most": plots.most_in_a_column(made.report),
        "groups": plots.GROUPS,
        "shortest_label": _SHORTEST_LABEL,
    }
    return _environment(escape=True).get_template("report.html.j2").render(context)


def _context(made: Made) -> dict[str, Any]:
    tables = Tables(made.report, made.words).all(made.compared)
    return {
        "words": made.words,
        "policy": made.policy,
        "period": made.report.period,
        "total": made.report.total,
        "empty": not made.report.by_channel,
        "baseline": made.baseline,
        "made_at": made.policy.local(made.at),
        "hours": made.policy.office_hours.to_json(),
        "tables": {table.name: table for table in tables},
    }


def _environment(*, escape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["laid_out"] = laid_out
    return environment


def laid_out(table: Table) -> str:
    """A table in columns of text: the first to the left, the others to the right, long heads over lines."""
    body = list(table.rows)
    widths = [
        max(*(len(row[place]) for row in body), *(len(word) for word in head.split()))
        for place, head in enumerate(table.columns)
    ]
    heads = [textwrap.wrap(head, width) for head, width in zip(table.columns, widths, strict=True)]
    height = max(len(head) for head in heads)
    top = [[*[""] * (height - len(head)), *head] for head in heads]
    lines = [*zip(*top, strict=True), tuple("-" * width for width in widths), *body]
    return "\n".join(_line(cells, widths) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()


def write_all(made: Made, folder: Path) -> Mapping[str, Path]:
    """Writes report.json and report.html, each in one step; their places by name. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    places = {"json": folder / "report.json", "html": folder / "report.html"}
    for name, text in (("json", to_json(made)), ("html", to_html(made))):
        new = places[name].with_suffix(f".{name}.new")
        new.write_text(text, encoding="utf-8")
        new.replace(places[name])
    return places
