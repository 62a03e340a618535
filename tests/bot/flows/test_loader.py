"""What the loader refuses, as a table (errors.yml), and what it makes of good files."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.flows import DomainFacts, Flow, FlowErrors, Flows, load_flows
from tests.support.flow_talk import facts, flows_of

CASES = yaml.safe_load((Path(__file__).parent / "errors.yml").read_text(encoding="utf-8"))


def errors_of(folder: Path, known: DomainFacts | None = None) -> FlowErrors:
    with pytest.raises(FlowErrors) as caught:
        load_flows(folder, known or facts())
    return caught.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_refused(case: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(case["file"], encoding="utf-8")
    lines = str(errors_of(tmp_path)).splitlines()
    wanted = [f"{tmp_path / 'bad.yml'}:{line}" for line in case["errors"]]
    matches = len(lines) == len(wanted) and all(map(str.startswith, lines, wanted))
    assert matches, "\n".join(["found:", *lines, "wanted:", *wanted])


def test_a_flow_given_in_two_files_names_both(tmp_path: Path) -> None:
    for name in ("one", "two"):
        text = f"flows:\n  a: {{description: {name}, steps: [{{action: utter_a}}]}}\n"
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    (error,) = errors_of(tmp_path).errors
    assert (error.file, error.line, error.key) == (str(tmp_path / "two.yml"), 2, "a")
    assert str(tmp_path / "one.yml:2") in error.message


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    assert "no .yml file" in str(errors_of(tmp_path))


def test_an_alias_that_holds_itself_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("flows: &x\n  a: *x\n", encoding="utf-8")
    assert "nested deeper" in str(errors_of(tmp_path))


def test_both_ways_of_asking_are_an_error(tmp_path: Path) -> None:
    known = facts()
    known = dataclasses.replace(known, responses={**known.responses, "utter_ask_code": 0})
    (tmp_path / "a.yml").write_text("flows:\n  a:\n    description: d\n    steps:\n    - collect: code\n")
    (error,) = errors_of(tmp_path, known).errors
    assert (error.line, error.key) == (5, "a.steps[0].collect")
    assert "utter_ask_code" in error.message and "action_ask_code" in error.message


def without(*names: str) -> DomainFacts:
    known = facts()
    return dataclasses.replace(known, responses={k: v for k, v in known.responses.items() if k not in names})


def test_a_default_pattern_names_the_response_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("flows:\n  a: {description: d, steps: [{action: utter_a}]}\n")
    (error,) = errors_of(tmp_path, without("utter_skip_question_answer")).errors
    assert error.file == "default_patterns.yml"
    assert "utter_skip_question_answer; add it, or define pattern_skip_question" in error.message


def test_an_override_needs_no_default_response(tmp_path: Path) -> None:
    body = "{description: d, steps: [{action: utter_a}]}"
    (tmp_path / "a.yml").write_text(f"flows:\n  pattern_skip_question: {body}\n")
    assert load_flows(tmp_path, without("utter_skip_question_answer"))["pattern_skip_question"].file


def test_a_default_pattern_that_cannot_run_needs_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "flows:\n  pattern_completed: {description: d, steps: [{noop: true, next: END}]}\n"
    )
    flows = load_flows(tmp_path, without("utter_csat_satisfied", "utter_no_knowledge_base"))
    assert "pattern_customer_satisfaction" not in flows and "pattern_search" not in flows


def test_oddities_of_published_flows_are_read() -> None:
    flows = flows_of(
        {
            "a": {
                "always_include_in_prompt": True,
                "metadata": {"howto": {"row": 2}},
                "steps": [
                    {"id": "one", "next": "two"},
                    {"id": "two", "action": "utter_a", "next": [{"collect": "name"}, {"action": "utter_b"}]},
                ],
            }
        }
    )
    flow = flows["a"]
    assert [step.kind for step in flow.steps] == ["noop", "action", "collect", "action"]
    assert flow.metadata == {"howto": {"row": 2}}
    assert (flow.collects, flow.uses) == (("name",), ())


def test_plain_words_are_read_as_rasa_reads_them(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "flows:\n  a:\n    description: d\n    steps:\n    - set_slots:\n"
        "      - name: yes\n      - kind: 2026-11-02\n      - age: 1.5\n"
        "      - sure: True\n      - code: '5'\n      - email:\n"
    )
    flow = load_flows(tmp_path, facts())["a"]
    assert dict(flow.steps[0].slots) == {
        "name": "yes", "kind": "2026-11-02", "age": 1.5, "sure": True, "code": "5", "email": None,
    }  # fmt: skip


BODIES = {
    "a": {
        "name": "Alpha",
        "if": "slots.sure is not false",
        "nlu_trigger": [{"intent": {"name": "start_a", "confidence_threshold": 0.6}}],
        "persisted_slots": ["name"],
        "metadata": {"offer": True},
        "steps": [
            {"collect": "name", "rejections": [{"if": "slots.name = 'x'", "utter": "utter_bad_name"}]},
            {"set_slots": [{"kind": "k"}, {"note": None}]},
            {"noop": True, "next": [{"if": "slots.sure", "then": [{"call": "b"}]}, {"else": "END"}]},
        ],
    },
    "b": {"if": False, "nlu_trigger": [{"intent": "start_b"}], "steps": [{"action": "utter_b"}]},
}


def test_flows_survive_json() -> None:
    flows = flows_of(BODIES)
    again = Flows.from_json(flows.to_json())
    assert again.fingerprint == flows.fingerprint
    bare = {
        flow_id: dataclasses.replace(
            flow, file="", line=0, steps=tuple(dataclasses.replace(s, line=0) for s in flow.steps)
        )
        for flow_id, flow in flows.items()
    }
    assert dict(again) == bare
    assert (again.slots, again.actions) == (flows.slots, flows.actions)


def test_the_fingerprint_follows_content_only(tmp_path: Path) -> None:
    text = yaml.safe_dump({"flows": {k: {"description": k, **v} for k, v in BODIES.items()}})
    prints = []
    for number, one in enumerate(
        (text, "# moved\n\n" + text, text.replace("action: utter_b", "action: utter_a"))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "flows.yml").write_text(one)
        prints.append(load_flows(folder, facts()).fingerprint)
    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize(
    ("intent", "confidence", "slots", "started"),
    [
        ("start_a", 0.6, {}, ["a"]),
        ("start_a", 0.59, {}, []),
        ("start_a", 1.0, {"sure": False}, []),
        ("start_b", 1.0, {}, []),
        ("nowhere", 1.0, {}, []),
        ("session_start", 1.0, {}, ["pattern_session_start"]),
    ],
)
def test_triggers(intent: str, confidence: float, slots: dict[str, Any], started: list[str]) -> None:
    assert flows_of(BODIES).triggers(intent, confidence, slots) == started


def test_titles() -> None:
    assert (Flow("a_b", ()).title, Flow("a_b", (), name="A B").title) == ("a b", "A B")
