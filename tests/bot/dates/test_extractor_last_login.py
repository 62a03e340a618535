"""The Rasa component around the date grammar: the turn's moment, the region's numbers, the entity's shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.engine.recipes.recipe import Recipe
from rasa.engine.validation import validate
from rasa.shared.data import TrainingType
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.last_login_extractor import LastLoginExtractor
from bot.nlu.timed_extractor import TimedExtractor, moment

ROOT = Path(__file__).resolve().parents[3]


def _component(config: dict[str, Any] | None = None) -> TimedExtractor:
    nothing: Any = None
    merged = {**LastLoginExtractor.get_default_config(), **(config or {})}
    return LastLoginExtractor.create(merged, nothing, nothing, nothing)


def _entities(component: TimedExtractor, text: str, at: str = "2026-11-23T02:30:00Z") -> list[dict[str, Any]]:
    message = Message(data={TEXT: text, "metadata": {"at": at}})
    found: list[dict[str, Any]] = component.process([message])[0].get(ENTITIES, [])
    return found


@pytest.fixture
def no_policy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POLICY_FILE", str(tmp_path / "none.yml"))


@pytest.mark.usefixtures("no_policy")
def test_entity() -> None:
    [entity] = _entities(_component(), "ticket 1042, I think my last login was yesterday")
    assert entity["entity"] == "last_login"
    assert entity["value"] == {
        "text": "yesterday",
        "start": "2026-11-21",
        "end": "2026-11-21",
        "vague": True,
        "window": "within",
        "about": "login",
    }
    assert "ticket 1042, I think my last login was yesterday"[entity["start"] : entity["end"]] == "yesterday"


@pytest.mark.usefixtures("no_policy")
@pytest.mark.parametrize(
    "text",
    [
        "not sure what the difference between these two screens is",
        "may I ask why",
        "my account is inactive",
        "",
        "213-555-0142",
        "i cant log in today",
        "i need to get in by friday",
        "never mind",
    ],
)
def test_no_entity(text: str) -> None:
    assert _entities(_component(), text) == []


@pytest.mark.usefixtures("no_policy")
def test_buttons_and_events_have_no_text() -> None:
    message = Message(data={"intent": {"name": "affirm"}})
    assert _component().process([message])[0].get(ENTITIES) is None


@pytest.mark.usefixtures("no_policy")
def test_earlier_entities_are_kept() -> None:
    message = Message(data={TEXT: "august 3", ENTITIES: [{"entity": "email", "value": "a@b.org"}]})
    assert [each["entity"] for each in _component().process([message])[0].get(ENTITIES)] == [
        "email",
        "last_login",
    ]


@pytest.mark.usefixtures("no_policy")
def test_configured_days() -> None:
    [entity] = _entities(_component({"retrain_after_days": 30}), "40 days ago")
    assert entity["value"]["window"] == "over"


def test_policy_overrides_at_run_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = yaml.safe_load((ROOT / "policy.yml").read_text(encoding="utf-8"))
    policy["retrain_after_days"] = 30
    other = tmp_path / "policy.yml"
    other.write_text(yaml.safe_dump(policy, sort_keys=False), encoding="utf-8")
    monkeypatch.setenv("POLICY_FILE", str(other))
    [entity] = _entities(_component(), "40 days ago")
    assert entity["value"]["window"] == "over"


def test_without_a_stamp_the_system_clock_counts() -> None:
    assert moment(Message(data={TEXT: "x"})).tzinfo is not None
    assert moment(Message(data={TEXT: "x", "metadata": {"at": "soon"}})).tzinfo is not None


def test_fingerprint_covers_modules_and_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import bot.nlu.last_login_extractor as module

    (tmp_path / "data").mkdir()
    (tmp_path / "grammar.py").write_text("a = 1\n")
    (tmp_path / "data" / "lexicon.yml").write_text("month: {}\n")
    monkeypatch.setattr(module, "_DATES", tmp_path)
    marks = [LastLoginExtractor.fingerprint_addon({})]
    (tmp_path / "grammar.py").write_text("a = 2\n")
    marks.append(LastLoginExtractor.fingerprint_addon({}))
    (tmp_path / "data" / "lexicon.yml").write_text("month: {1: [jan]}\n")
    marks.append(LastLoginExtractor.fingerprint_addon({}))
    assert len(set(marks)) == 3 and None not in marks


def test_rasa_accepts_it_in_a_pipeline() -> None:
    config = {
        "recipe": "default.v1",
        "language": "en",
        "pipeline": [{"name": "bot.nlu.last_login_extractor.LastLoginExtractor"}],
        "policies": [{"name": "RulePolicy"}],
        "assistant_id": "test",
    }
    graph = Recipe.recipe_for_name("default.v1").graph_config_for_recipe(config, {}, TrainingType.NLU)
    validate(graph)
    nodes = [name for name in graph.predict_schema.nodes if "LastLoginExtractor" in name]
    assert len(nodes) == 1
