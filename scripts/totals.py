"""Sums what ran into the last line of `make check` and `make test`: `N passed, N failed`."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.lanes import Result


@dataclass(frozen=True)
class Totals:
    passed: int = 0
    failed: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.passed + other.passed, self.failed + other.failed)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


def total(results: Sequence[Result]) -> Totals:
    return sum((_of(result) for result in results), Totals())


def _of(result: Result) -> Totals:
    """A suite that broke off counts as failed even when no single test of it did."""
    found = count(result.job.report) if result.job.report else None
    if found is None:
        return Totals(passed=1) if result.code == 0 else Totals(failed=1)
    return found + Totals(failed=1) if result.code and not found.failed else found


def count(report: Path) -> Totals | None:
    """From a JUnit file; a skipped test has tested nothing and counts as failed. None without a report."""
    if not report.exists():
        return None
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    totals = Totals()
    for suite in suites:
        number = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        failed = number["failures"] + number["errors"] + number["skipped"]
        totals += Totals(number["tests"] - failed, failed)
    return totals
