"""`python -m bot.nlu.parse [model.tar.gz]`: what the trained assistant understands, without a server.

JSON lines in ({"text"}), JSON lines out: the same keys plus `intent`, `confidence`, `ranking`, `entities`
and `commands` as they would be with no open question. A key `at` (ISO 8601) is the moment that "yesterday"
counts from. A line that cannot be read is answered with its error (bot/json_lines.py) and the rest goes on.
"""

from __future__ import annotations

import logging
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from bot import without_tensorflow
from bot.json_lines import Row, answer_all, survive_any_bytes
from bot.nlu.places import var_dir


class NoModel(Exception):
    """There is no trained model where one was expected."""


def newest_model(folder: Path) -> Path:
    """The model trained last."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise NoModel(f"no model in {folder}: train one first (make train)")
    return models[-1]


def _flows_of(model: Path, facts: Any) -> Any:
    """The flows that the model was trained with; for a model without a dialogue, those in flows/."""
    from bot.flows import Flows, load_flows

    with tarfile.open(model, "r:gz") as archive:
        for member in archive:
            if member.name.endswith("/flows.json") and (file := archive.extractfile(member)) is not None:
                return Flows.from_json(file.read().decode("utf-8"))
    return load_flows(Path("flows"), facts)


def load(model: Path, storage: Path) -> Callable[[str, str | None], dict[str, Any]]:
    """A function (text, at) → what is added to a row. `storage` is where the model is unpacked."""
    without_tensorflow.install()  # before the first import of Rasa: no component of ours needs it
    from rasa.core.channels.channel import UserMessage
    from rasa.engine import loader
    from rasa.engine.constants import PLACEHOLDER_MESSAGE
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    from bot.commands import to_commands
    from bot.flows import DomainFacts

    metadata, runner = loader.load_predict_graph_runner(storage, model, LocalModelStorage, DaskGraphRunner)
    target = str(metadata.predict_schema.nodes[metadata.nlu_target].needs["messages"])
    facts = DomainFacts.from_dict(metadata.domain.as_dict())
    flows = _flows_of(model, facts)
    slots = {name: slot.initial for name, slot in facts.slots.items()}

    def understand(text: str, at: str | None) -> dict[str, Any]:
        message = UserMessage(text, metadata={"at": at} if at else None)
        outputs = runner.run(inputs={PLACEHOLDER_MESSAGE: [message]}, targets=[target])
        found = outputs[target][0].as_dict(only_output_properties=True)
        parse: dict[str, Any] = {
            "text": text,
            "intent": found.get("intent") or {"name": None, "confidence": 0.0},
            "intent_ranking": found.get("intent_ranking") or [],
            "entities": found.get("entities") or [],
            "clauses": found.get("clauses") or [],
        }
        return {
            "intent": parse["intent"]["name"],
            "confidence": parse["intent"]["confidence"],
            "ranking": [
                {"intent": one["name"], "confidence": one["confidence"]} for one in parse["intent_ranking"]
            ],
            "entities": parse["entities"],
            "commands": [one.to_json() for one in to_commands(parse, None, flows, slots, facts)],
        }

    return understand


def main(
    arguments: Sequence[str],
    source: TextIO = sys.stdin,
    sink: TextIO = sys.stdout,
    errors: TextIO = sys.stderr,
) -> int:
    """Run the filter; 2 and one line on stderr without a model. A bad line is answered with its error."""
    try:
        model = Path(arguments[0]) if arguments else newest_model(var_dir() / "models")
        if not model.is_file():
            raise NoModel(f"{model} is no file")
    except NoModel as error:
        print(error, file=errors)
        return 2
    logging.captureWarnings(True)  # Rasa's libraries warn at import, about themselves
    logging.getLogger("py.warnings").setLevel(logging.CRITICAL)
    survive_any_bytes(source, sink)
    with tempfile.TemporaryDirectory() as storage:
        understand = load(model, Path(storage))
        answer_all(lambda row: understand(row["text"], moment_of(row)), source, sink, errors)
    return 0


def moment_of(row: Row) -> str | None:
    """The row's `at`, or None for now. Raises ValueError where it is no moment: now would be wrong."""
    at = row.get("at")
    if at is None:
        return None
    datetime.fromisoformat(str(at).replace("Z", "+00:00"))
    return str(at)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
