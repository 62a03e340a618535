"""`python -m bot.dates`: JSON lines in, JSON lines out, nothing stops it."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dates.__main__ import main

LINES = [
    '{"text": "yesterday", "reference": "2026-11-23T02:30:00+00:00", "id": 7}',
    "not json",
    '{"text": 5, "reference": "2026-11-23"}',
    '{"text": "ayer"}',
    "",
    "[" * 100_000,
    '{"text": "last login was august", "reference": "2026-11-23T09:00:00Z"}',
    '{"text": "never", "reference": "2026-11-23"}',
]
ODD_BYTES = b'\n{"text": "hoy \xff\xfe \\ud800", "reference": "2026-11-23"}\n'
GOOD = '{"text": "today", "reference": "2026-11-23T09:00:00-08:00"}'


def filtered(*lines: str) -> tuple[list[dict[str, object]], list[str]]:
    """The answers, and the lines told on the error stream."""
    target, errors = io.StringIO(), io.StringIO()
    assert main(io.StringIO("\n".join(lines)), target, errors) == 0
    return [json.loads(line) for line in target.getvalue().splitlines()], errors.getvalue().splitlines()


def test_lines() -> None:
    answers, errors = filtered(*LINES)
    assert answers[0] == {
        "text": "yesterday",
        "reference": "2026-11-23T02:30:00+00:00",
        "id": 7,
        "start": "2026-11-21",
        "end": "2026-11-21",
        "vague": False,
        "window": "within",
    }
    assert ["error" in answer for answer in answers] == [False, True, True, True, True, False, False]
    assert (answers[5]["start"], answers[5]["window"]) == ("2026-08-01", "straddles")
    assert (answers[6]["start"], answers[6]["window"]) == (None, "never")
    assert [line.split(":")[0] for line in errors] == ["line 2", "line 3", "line 4", "line 6"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not JSON"),
        ("[]", "text"),
        ('"yesterday"', "text"),
        ('{"text": null, "reference": "2026-11-23"}', "text"),
        ('{"text": "yesterday"}', "reference"),
        ('{"text": "yesterday", "reference": "soon"}', "soon"),
        ('{"text": "yesterday", "reference": 17}', "17"),
        ('{"text": "yesterday", "reference": "0001-01-01T00:00:00Z"}', "range"),
        ('{"text": "5 hours ago", "reference": "9999-12-31T23:59:59"}', "range"),
        ("[" * 100_000, "nested"),
        ('{"text": "x", "reference": "2026-11-23", "more": ' + "[" * 900 + "]" * 900 + "}", ""),
    ],
)
def test_a_bad_line_is_told_by_number_and_the_next_one_answered(line: str, told: str) -> None:
    answers, errors = filtered(GOOD, "", line, GOOD)
    assert [answer.get("window") for answer in (answers[0], answers[-1])] == ["within", "within"]
    assert len(answers) == 3
    for error in errors:
        assert error.startswith("line 3: ") and told in error and len(error) < 250
    assert bool(errors) == ("error" in answers[1])


@given(st.lists(st.text(max_size=80), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_lines_get_one_answer_each(lines: list[str]) -> None:
    source = [line for line in io.StringIO("\n".join([*lines, GOOD])) if line.strip()]
    answers, _ = filtered(*lines, GOOD)
    assert len(answers) == len(source)
    assert answers[-1]["window"] == "within"


def test_as_a_process_without_rasa() -> None:
    code = "import sys, runpy; runpy.run_module('bot.dates', run_name='__main__', alter_sys=True)"
    check = (
        f"import atexit, sys; atexit.register(lambda: print('rasa' in sys.modules, file=sys.stderr))\n{code}"
    )
    done = subprocess.run(
        [sys.executable, "-c", check.replace("; runpy.run", "\nrunpy.run")],
        input="\n".join(LINES[:2]).encode()
        + b'\n{"text": "hoy \xff\xfe \\ud800", "reference": "2026-11-23"}\n',
        capture_output=True,
        timeout=60,
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [answer.get("window") for answer in answers] == ["within", None, "within"]
    assert done.stderr.decode().splitlines() == ["line 2: not JSON: Expecting value at character 1", "False"]
