"""The thin Rasa edges: what goes into a message and what comes out; what makes Rasa train again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import fingerprint
from bot.nlu.fact_extractor import FactExtractor
from bot.nlu.featurizer import SentenceFeaturizer
from bot.nlu.intent_classifier import IntentClassifier

LINES = {
    "account_locked": ["my account is locked", "locked out", "too many attempts", "unlock me"],
    "forgot_password": ["forgot my password", "reset my password", "password reset", "lost my password"],
}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that creates or loads a component in a fresh model storage."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    (tmp_path / "model").mkdir()
    storage = LocalModelStorage(tmp_path / "model")
    context = ExecutionContext(GraphSchema({}), node_name="node")

    def make(component: Any, how: str = "create") -> Any:
        return getattr(component, how)(component.get_default_config(), storage, Resource("node"), context)

    return make


def messages(texts: list[str], **data: Any) -> list[Message]:
    return [Message(data={TEXT: text, **data}) for text in texts]


def test_trains_stores_loads_and_names_the_intent(made: Any) -> None:
    examples = [
        Message(data={TEXT: text, "intent": intent}) for intent, texts in LINES.items() for text in texts
    ]
    data = made(SentenceFeaturizer).process_training_data(TrainingData(examples))
    made(IntentClassifier).train(data)
    message = messages(["im locked out"])
    made(SentenceFeaturizer).process(message)
    made(IntentClassifier, "load").process(message)
    found = message[0].as_dict(only_output_properties=True)
    assert found["intent"]["name"] == "account_locked"
    assert [one["name"] for one in found["intent_ranking"]] == ["account_locked", "forgot_password"]


def test_each_clause_gets_its_intents(made: Any) -> None:
    examples = [
        Message(data={TEXT: text, "intent": intent}) for intent, texts in LINES.items() for text in texts
    ]
    made(IntentClassifier).train(made(SentenceFeaturizer).process_training_data(TrainingData(examples)))
    two = messages(["my account is locked. also i forgot my password", "my account is locked"])
    made(SentenceFeaturizer).process(two)
    made(IntentClassifier, "load").process(two)
    first, second = (one.as_dict(only_output_properties=True) for one in two)
    assert [
        (clause["start"], clause["end"], clause["adds"], clause["intent_ranking"][0]["name"])
        for clause in first["clauses"]
    ] == [(0, 20, False, "account_locked"), (27, 47, True, "forgot_password")]
    assert "clauses" not in second


def test_a_message_without_text_or_with_its_intent_ready_is_left_alone(made: Any) -> None:
    silent, ready = (
        Message(data={}),
        Message(data={TEXT: "hi", "intent": {"name": "greet", "confidence": 1.0}}),
    )
    made(SentenceFeaturizer).process([silent, ready])
    made(IntentClassifier).process([silent, ready])
    made(FactExtractor).process([silent])
    assert silent.as_dict() == {} and silent.features == []
    assert ready.get("intent") == {"name": "greet", "confidence": 1.0}


def test_facts_are_added_to_entities(made: Any) -> None:
    message = messages(["ticket 1042, jane@x.org"], entities=[{"entity": "other"}])
    made(FactExtractor).process(message)
    assert [one["entity"] for one in message[0].get("entities")] == ["other", "email", "ticket_number"]


@pytest.mark.parametrize("component", [SentenceFeaturizer, IntentClassifier, FactExtractor])
def test_one_byte_more_in_its_core_is_another_fingerprint(
    component: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[Path] = []
    module = __import__(component.__module__, fromlist=["fingerprint_of"])

    def note(*paths: Path) -> str:
        hashed.extend(paths)
        return fingerprint.fingerprint_of(*paths)

    monkeypatch.setattr(module, "fingerprint_of", note)
    assert component.fingerprint_addon({})
    assert hashed and all(path.is_file() for path in hashed)


def test_a_fingerprint_changes_with_one_byte(tmp_path: Path) -> None:
    copy = tmp_path / "ngrams.py"
    shutil.copy(Path(fingerprint.__file__).with_name("ngrams.py"), copy)
    before = fingerprint.fingerprint_of(copy)
    copy.write_bytes(copy.read_bytes() + b"\n")
    assert fingerprint.fingerprint_of(copy) != before
