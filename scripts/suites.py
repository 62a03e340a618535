"""Which tests run where: Rasa's environment for the assistant's, the other one for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from scripts.lanes import Job
from scripts.programs import ROOT

BOT = str(ROOT / ".venv/bot/bin/python")
APP = str(ROOT / ".venv/app/bin/python")
TESTS = ROOT / "tests"
REPORTS = ROOT / "var" / "reports"

# Folders of tests/ that need Rasa or the assistant's libraries; tests/common runs in both environments.
IN_BOT = ("bot", "nlu", "common")
# Folders that start the whole system, by the lane in which they follow the assistant's tests and the rest.
WHOLE_SYSTEM = (("browser", "end_to_end"), ("conversations",))
NO_TESTS = ("support",)


def folders_with_tests() -> list[str]:
    """Folders of tests/ that hold tests, conversations included."""
    found = (path.name for path in TESTS.iterdir() if path.is_dir() and _has_tests(path))
    return sorted(name for name in found if name not in NO_TESTS)


def _has_tests(folder: Path) -> bool:
    return any(folder.rglob("test_*.py")) or folder.name == "conversations"


def pytest_job(title: str, python: str, folders: Sequence[str], *options: str) -> Job:
    """A pytest run over folders of tests/, with a JUnit report to count from."""
    report = REPORTS / f"{title.replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    paths = [f"tests/{folder}" for folder in folders]
    command = [
        python,
        "-m",
        "pytest",
        "-q",
        "--no-header",
        "--tb=short",
        "--disable-warnings",
        f"--junitxml={report}",
        *options,
    ]
    return Job(title, [*command, *paths], report)


def bot_folders() -> list[str]:
    return [name for name in folders_with_tests() if name in IN_BOT]


def app_folders() -> list[str]:
    alone = {*IN_BOT, *chain.from_iterable(WHOLE_SYSTEM)} - {"common"}
    return [name for name in folders_with_tests() if name not in alone]


def suites() -> tuple[list[Job], list[Job]]:
    """All suites, in two lanes that take about as long as each other on two cores."""
    assistant, rest = (
        [pytest_job(name.replace("_", " "), APP, [name]) for name in folders] for folders in WHOLE_SYSTEM
    )
    return (
        [pytest_job("assistant", BOT, bot_folders()), *assistant],
        [pytest_job("everything else", APP, app_folders()), *rest],
    )
