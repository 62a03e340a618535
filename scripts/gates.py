"""The gates that are no tests: format, lint, types, and the validation of flows and data."""

from __future__ import annotations

from scripts.lanes import Job
from scripts.programs import ROOT
from scripts.suites import APP, BOT

_PYTHON = [
    name
    for name in ("common", "bot", "actions", "channels", "backend", "scripts", "bench", "report", "tests")
    if (ROOT / name).is_dir()
]
# Typed strictly here; what imports Rasa (pinned to old releases without types) is covered by ruff and tests.
_TYPED = [
    name
    for name in (
        "common",
        "actions",
        "channels",
        "backend",
        "scripts",
        "bench",
        "report",
        "bot/flows",
        "bot/dates",
        "bot/evaluation",
        "bot/outcomes",
    )
    if any((ROOT / name).glob("*.py"))
]


def code_gates() -> list[Job]:
    return [
        Job("format", [APP, "-m", "ruff", "format", "--check", "--quiet", *_PYTHON]),
        Job("lint", [APP, "-m", "ruff", "check", "--quiet", "--output-format=concise", *_PYTHON]),
        Job("types", [APP, "-m", "mypy", "--no-error-summary", *_TYPED]),
    ]


def data_gates() -> list[Job]:
    return [
        Job("flows", [BOT, "-m", "bot.flows.lint", "flows", "domain.yml"]),
        Job("training data", [BOT, "-m", "scripts.check_data"]),
    ]
