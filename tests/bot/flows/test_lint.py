"""The linter as a table (lint.yml), its command, and the findings about the domain."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.flows import lint
from tests.support.flow_talk import FOLDER, facts, flows_of

CASES = yaml.safe_load((Path(__file__).parent / "lint.yml").read_text(encoding="utf-8"))
GOOD = "flows:\n  a: {description: d, steps: [{action: utter_a}]}\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_findings(case: dict[str, Any]) -> None:
    found = lint.lint(flows_of(case["flows"]), facts())
    lines = sorted(f"{one.grade}: {one.key}: {one.message}" for one in found if one.file != "domain.yml")
    wanted = sorted(case["findings"])
    assert len(lines) == len(wanted) and all(map(str.startswith, lines, wanted)), lines


def test_responses_and_actions_that_nobody_names() -> None:
    found = {f.key for f in lint.lint(flows_of({"a": {"steps": [{"action": "utter_a"}]}}), facts())}
    assert {"responses.utter_b", "responses.utter_ask_name", "actions.action_check"} <= found
    assert not found & {"responses.utter_a", "responses.utter_skip_question_answer"}


def test_more_buttons_than_fit() -> None:
    known = dataclasses.replace(facts(), responses={**facts().responses, "utter_a": 6, "utter_b": 5})
    found = lint.lint(flows_of({"a": {"steps": [{"action": "utter_a"}]}}), known)
    assert [f.key for f in found if "buttons" in f.message] == ["responses.utter_a"]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (GOOD, 0, "warning: responses.utter_b"),
        (GOOD.replace("action: utter_a", "set_slots: [{kind: x}]"), 1, "error: a.1_set_slots"),
        (GOOD.replace("utter_a", "utter_nothing"), 1, "flows.yml:2: a.steps[0].action:"),
    ],
)
def test_the_command(
    text: str, code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "flows.yml").write_text(text, encoding="utf-8")
    assert lint.main([str(tmp_path), str(FOLDER / "domain.yml")]) == code
    assert said in capsys.readouterr().out


def test_wrong_arguments() -> None:
    assert lint.main([]) == 2
