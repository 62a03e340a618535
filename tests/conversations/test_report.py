"""After all conversations: `make report` says what a count by hand of the same conversations says."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from tests.support.conversation_run import World
from tests.support.hand_count import WHOLE, figures_of
from tests.support.stack import ROOT, python_of

WATCHED = {
    # What the worker notices by itself depends on when it looks; the end-to-end test counts it by hand.
    "answered",
    "follow_up_questions",
    "reactivated",
    "reminded",
    "logged_in",
    "midnights_missed",
    "not_filed",
}


def test_the_report_equals_the_count_by_hand(world: World) -> None:
    assert world.transcripts, "no conversation was played before; run it with them"
    by_hand = figures_of(world.transcripts)
    report = reported(world.stack.environ)
    rows = {WHOLE: report["total"], **report["by_row"]}
    made = {row: decided(figures) for row, figures in rows.items()}
    assert differences(made, by_hand) == []
    assert report["by_channel"] == {"web": report["total"]}
    both = {one.pop("row"): one for one in report["by_row_and_channel"] if one.pop("channel") == "web"}
    assert both == report["by_row"]


def differences(made: dict[str, dict[str, Any]], by_hand: dict[str, dict[str, Any]]) -> list[str]:
    """One line for each figure that is not the same."""
    return [
        f"{row} {name}: the report has {made.get(row, {}).get(name)}, the count by hand {figures.get(name)}"
        for row in sorted({*made, *by_hand})
        for name, figures in ((name, by_hand.get(row, {})) for name in made.get(row, by_hand.get(row, {})))
        if made.get(row, {}).get(name) != figures.get(name)
    ]


def reported(environ: dict[str, str]) -> dict[str, Any]:
    """report.json of everything, as `make report` writes it."""
    done = subprocess.run(
        [python_of("app"), "-m", "report", "--from=2020-01-01", "--to=2040-12-31"],
        cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with open(f"{environ['VAR_DIR']}/report/report.json", encoding="utf-8") as file:
        made: dict[str, Any] = json.load(file)
    return made


def decided(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures that the conversations alone decide; of what came of them, what occurred."""
    kept = {name: value for name, value in figures.items() if name not in WATCHED}
    return kept | {"came": {name: n for name, n in figures["came"].items() if n}}
