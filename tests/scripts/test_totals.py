from pathlib import Path

import pytest

from scripts.lanes import Job, Lanes, Result
from scripts.totals import Totals, count, total


def report(folder: Path, **numbers: int) -> Path:
    path = folder / "report.xml"
    attributes = " ".join(f'{name}="{number}"' for name, number in numbers.items())
    path.write_text(f"<testsuites><testsuite {attributes}/></testsuites>")
    return path


@pytest.mark.parametrize(
    ("numbers", "totals"),
    [
        ({"tests": 5, "failures": 0, "errors": 0, "skipped": 0}, Totals(5, 0)),
        ({"tests": 5, "failures": 1, "errors": 1, "skipped": 0}, Totals(3, 2)),
        ({"tests": 5, "failures": 0, "errors": 0, "skipped": 1}, Totals(4, 1)),
    ],
)
def test_a_skipped_test_has_not_passed(tmp_path: Path, numbers: dict[str, int], totals: Totals) -> None:
    assert count(report(tmp_path, **numbers)) == totals


def test_no_report_is_no_count(tmp_path: Path) -> None:
    assert count(tmp_path / "none.xml") is None


@pytest.mark.parametrize(
    ("code", "has_report", "totals"),
    [
        (0, False, Totals(1, 0)),
        (1, False, Totals(0, 1)),
        (0, True, Totals(5, 0)),
        (3, True, Totals(5, 1)),
    ],
)
def test_a_suite_that_broke_off_has_failed(
    tmp_path: Path, code: int, has_report: bool, totals: Totals
) -> None:
    path = report(tmp_path, tests=5, failures=0, errors=0, skipped=0) if has_report else None
    assert total([Result(Job("x", [], path), code, "", 0.0)]) == totals


def test_sums_read_as_one_line() -> None:
    assert str(sum([Totals(2, 1), Totals(3, 0)], Totals())) == "5 passed, 1 failed"


def test_a_failing_job_keeps_no_other_from_running(capsys: pytest.CaptureFixture[str]) -> None:
    fails = Job("fails", ["bash", "-c", "echo why; exit 3"])
    works = Job("works", ["bash", "-c", "echo quiet"])
    results = Lanes().run([fails, works], [works])
    assert sorted(result.code for result in results) == [0, 0, 3]
    shown = capsys.readouterr().out
    assert "FAILED fails" in shown
    assert "why" in shown
    assert "quiet" not in shown
