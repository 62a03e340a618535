"""`python -m bot.nlu.parse`: a line that cannot be read is told on stderr, and the rest goes on."""

from __future__ import annotations

import json

from tests.support.assistant_process import AssistantProcess

LINES = [
    '{"text": "hello", "id": 7}',
    "not json",
    "",
    '{"text": 5}',
    "[]",
    "[" * 100_000,
    '{"text": "hello", "at": "yesterday"}',
    '{"text": "half a \\ud800 pair \\u0000", "at": "2026-11-23T02:30:00Z"}',
    '{"text": ""}',
    '{"text": "bye"}',
]


def test_bad_lines_do_not_end_it(assistant: AssistantProcess) -> None:
    done = assistant.run("bot.nlu.parse", given="\n".join(LINES))
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["error" in answer for answer in answers] == [
        False, True, True, True, True, True, False, False, False,
    ]  # fmt: skip
    assert answers[0]["id"] == 7
    for answer in (answers[0], answers[-3], answers[-1]):
        assert {"text", "intent", "confidence", "ranking", "entities", "commands"} <= answer.keys()
    told = [line for line in done.stderr.splitlines() if line.startswith("line ")]
    assert [line.split(":")[0] for line in told] == ["line 2", "line 4", "line 5", "line 6", "line 7"]


def test_no_model_is_said_in_one_line(assistant: AssistantProcess) -> None:
    done = assistant.run("bot.nlu.parse", str(assistant.var / "none.tar.gz"), given=LINES[0])
    assert done.returncode == 2
    assert done.stderr.strip().endswith("none.tar.gz is no file")
