"""From counts to figures; docs/report.md defines each. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from report.period import Period
from report.records import Count, Promise, Records

WHOLE = "*"
CAME = ("in", "advised", "ticket_in", "ticket", "told", "human", "stopped", "went_on", "open")
"""What can come of a conversation, each in one class alone; the order in which they are shown."""

FILED, LEFT_AT = "ticket_filed", "asking."
NOT_FILED = tuple(
    f"{kind}_{why}" for kind in ("file_ticket", "reply_ticket") for why in ("refused", "human", "given_up")
)


@dataclass(frozen=True)
class Times:
    """Medians over the `n` conversations in which it happened; None where it never did."""

    n: int
    minutes: float | None
    turns: float | None


@dataclass(frozen=True)
class Figures:
    """Of all conversations, or of those in a row, a channel, or both.

    `left_at`: the slots of the questions at which open conversations were left (rows only).
    """

    conversations: int
    came: Mapping[str, int]
    left_at: Mapping[str, int]
    solved_without_ticket: int
    tickets: int
    tickets_by_case: Mapping[str, int]
    asked_again: int
    answered: int
    follow_up_questions: int
    not_filed: int
    to_ticket: Times
    to_in_said: Times
    to_in_recorded: Times
    reactivated: int
    reminded: int
    logged_in: int
    midnights_missed: int
    handed_to_human: int
    turns: int
    not_understood: int
    outside_office_hours: int

    def to_json(self) -> dict[str, Any]:
        return {name: _to_plain(value) for name, value in vars(self).items()}


def _to_plain(value: Any) -> Any:
    return vars(value) if isinstance(value, Times) else dict(value) if isinstance(value, Mapping) else value


@dataclass(frozen=True)
class Report:
    """`by_row` and `by_channel` hold what was met in the period; `by_both` has pairs (row, channel).

    `over_time`: first and last day of each stretch, conversations begun and tickets filed in it.
    """

    period: Period
    total: Figures
    by_row: Mapping[str, Figures]
    by_channel: Mapping[str, Figures]
    by_both: Mapping[tuple[str, str], Figures]
    over_time: tuple[tuple[date, date, int, int], ...]


def to_report(records: Records, period: Period) -> Report:
    counts = [one for one in records.counts if one.day in period and one.n]
    promises = [one for one in records.promises if one.day in period and one.n]
    rows = sorted({one.row for one in counts} - {WHOLE} | {one.row for one in promises})
    channels = sorted({one.channel for one in counts} | {one.channel for one in promises})

    def of(row: str | None, channel: str | None) -> Figures:
        return _figures(
            [one for one in counts if one.row == (row or WHOLE) and channel in (None, one.channel)],
            [one for one in promises if row in (None, one.row) and channel in (None, one.channel)],
        )

    both = {(row, channel): of(row, channel) for row in rows for channel in channels}
    return Report(
        period,
        of(None, None),
        {row: of(row, None) for row in rows},
        {channel: of(None, channel) for channel in channels},
        both,
        tuple(_over_time(counts, promises, period)),
    )


def _figures(counts: list[Count], promises: list[Promise]) -> Figures:
    n = Counter[str]()
    for one in counts:
        n[one.measure] += one.n
    came = {name: n[f"came.{name}"] for name in CAME}
    done, cases = Counter[str](), Counter[str]()
    for promise in promises:
        done[promise.outcome] += promise.n
        if promise.outcome == FILED and promise.case:
            cases[promise.case] += promise.n
    return Figures(
        conversations=sum(came.values()),
        came=came,
        left_at={
            measure.removeprefix(LEFT_AT): times
            for measure, times in sorted(n.items())
            if measure.startswith(LEFT_AT) and times
        },
        solved_without_ticket=came["in"] + came["advised"],
        tickets=done[FILED],
        tickets_by_case=dict(sorted(cases.items())),
        asked_again=done["reply_sent"],
        answered=done["ticket_answered"],
        follow_up_questions=done["answered_again"],
        not_filed=sum(done[name] for name in NOT_FILED),
        to_ticket=_times(counts, "ticket"),
        to_in_said=_times(counts, "said"),
        to_in_recorded=_times(counts, "recorded"),
        reactivated=done["reactivated"],
        reminded=done["reminded"],
        logged_in=done["logged_in"],
        midnights_missed=done["not_logged_in"],
        handed_to_human=n["human"],
        turns=n["turns"],
        not_understood=n["missed"],
        outside_office_hours=n["outside"],
    )


def _times(counts: Iterable[Count], what: str) -> Times:
    values: dict[str, Counter[int]] = {"minutes": Counter(), "turns": Counter()}
    for one in counts:
        about, _, measure = one.measure.partition(".")
        if about == what:
            values[measure][one.value] += one.n
    minutes, turns = values["minutes"], values["turns"]
    return Times(minutes.total(), _median(minutes), _median(turns))


def _median(values: Counter[int]) -> float | None:
    return float(statistics.median(values.elements())) if values.total() > 0 else None


def _over_time(
    counts: list[Count], promises: list[Promise], period: Period
) -> Iterable[tuple[date, date, int, int]]:
    begun, filed = Counter[date](), Counter[date]()
    for one in counts:
        if one.row == WHOLE and one.measure.startswith("came."):
            begun[one.day] += one.n
    for promise in promises:
        if promise.outcome == FILED:
            filed[promise.day] += promise.n
    for first, last in period.bins():
        yield (
            first,
            last,
            sum(n for day, n in begun.items() if first <= day <= last),
            sum(n for day, n in filed.items() if first <= day <= last),
        )
