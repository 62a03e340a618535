"""`python -m bot.dates`: JSON lines in, JSON lines out, nothing stops it."""

from __future__ import annotations

import io
import json
import subprocess
import sys

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


def test_lines() -> None:
    target = io.StringIO()
    assert main(io.StringIO("\n".join(LINES)), target) == 0
    answers = [json.loads(line) for line in target.getvalue().splitlines()]
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


def test_as_a_process_without_rasa() -> None:
    code = "import sys, runpy; runpy.run_module('bot.dates', run_name='__main__', alter_sys=True)"
    check = (
        f"import atexit, sys; atexit.register(lambda: print('rasa' in sys.modules, file=sys.stderr))\n{code}"
    )
    done = subprocess.run(
        [sys.executable, "-c", check.replace("; runpy.run", "\nrunpy.run")],
        input="\n".join(LINES[:2]),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.strip() == "False"
