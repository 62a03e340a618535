"""Conditions as a table (conditions.yml): text and values → true, false or an error."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.flows.conditions import ConditionError, compile_condition, holds
from tests.support.flow_talk import facts

CASES = yaml.safe_load((Path(__file__).parent / "conditions.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["if"]))
def test_condition(case: dict[str, Any]) -> None:
    slots = {**dict.fromkeys(facts().slots), **case.get("slots", {})}
    if "error" in case:
        with pytest.raises(ConditionError) as caught:
            holds(case["if"], slots, case.get("context", {}))
        assert case["error"] in str(caught.value)
    else:
        assert holds(case["if"], slots, case.get("context", {})) is case["is"]


def test_a_condition_is_compiled_once() -> None:
    assert compile_condition("slots.name = 'once'") is compile_condition("slots.name = 'once'")


def test_names_and_comparisons() -> None:
    condition = compile_condition("slots.a = 'x' and (1 != slots.b or context.c)")
    assert condition.names() == [("slots", "a"), ("slots", "b"), ("context", "c")]
    assert list(condition.comparisons()) == [("a", "x"), ("b", 1.0)]


def test_the_first_use_is_silent() -> None:
    code = "from bot.flows.conditions import holds; assert holds(\"slots.a = 'x'\", {'a': 'x'}, {})"
    done = subprocess.run(
        [sys.executable, "-W", "error:::bot", "-c", code], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
