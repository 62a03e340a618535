"""Trains the assistant: `python -m bot.train [--force]`. Checks first, trains only what changed, says little.

Writes VAR_DIR/models/assistant.tar.gz and VAR_DIR/howto.json. Ends with 0 at once when nothing changed, 1
when an input has to be edited (one `file:line: key: message` per line), 2 when a setting is wrong.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import sys
import warnings
from pathlib import Path

import yaml

from bot import without_tensorflow
from bot.howto import write_howto
from bot.server import ENVIRONMENT, MODEL_NAME, ROOT
from bot.training_inputs import InputError, Inputs
from common.settings import Settings, SettingsError, load

KNOWN_WARNINGS = (
    # default_recipe_validator.py: restart and back are FlowPolicy's and the flows' business here.
    "'RulePolicy' is not included in the model's policy configuration.",
    # slot_mappings.py says this about every domain that has slots.
    "Slot auto-fill has been removed in 3.0",
)


def main(arguments: list[str]) -> int:
    try:
        settings = load()
    except SettingsError as error:
        print(f"train: {error}", file=sys.stderr)
        return 2
    inputs = Inputs(Path(os.environ.get("ASSISTANT_DIR") or ROOT), settings.policy_file)
    try:
        inputs.check()
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    write_howto(inputs.flows, inputs.policy_file, settings.var_dir / "howto.json")
    models = settings.var_dir / "models"
    stamp, digest = models / "assistant.inputs", inputs.digest()
    if "--force" not in arguments and (models / MODEL_NAME).is_file() and _read(stamp) == digest:
        print("train: nothing changed")
        return 0
    stamp.unlink(missing_ok=True)
    if problem := train(inputs, settings, force="--force" in arguments):
        print(problem, file=sys.stderr)
        return 1
    stamp.write_text(digest, encoding="utf-8")
    print(f"train: the model is at {models / MODEL_NAME}")
    return 0


def train(inputs: Inputs, settings: Settings, force: bool = False) -> str | None:
    """Rasa's own training, with its cache beside the model; what went wrong, or None."""
    os.environ.update({name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()})
    os.environ["RASA_CACHE_DIRECTORY"] = str(settings.var_dir / "training-cache")
    if without_tensorflow.is_free_of_tensorflow(inputs.components()):
        without_tensorflow.install()
    warnings.simplefilter("ignore")
    from rasa.shared.exceptions import RasaException

    from bot.training_graph import train_graph

    show_progress()
    warnings.resetwarnings()
    filter_warnings()
    models = settings.var_dir / "models"
    models.mkdir(parents=True, exist_ok=True)
    domain = spelled_out(inputs.domain, settings.var_dir / "training" / "domain.yml")
    here = Path.cwd()
    os.chdir(inputs.root)
    try:
        # Rasa's own colored lines say nothing that ours do not.
        with contextlib.redirect_stdout(io.StringIO()):
            train_graph(inputs.config, domain, inputs.data, models / MODEL_NAME, force)
    except RasaException as error:
        return str(error)
    finally:
        os.chdir(here)
    return None


def spelled_out(domain: Path, copy: Path) -> Path:
    """A copy of the domain without YAML anchors:

    Rasa takes slots apart in place, and what is shared only once.
    """
    copy.parent.mkdir(parents=True, exist_ok=True)
    content = yaml.safe_load(domain.read_text(encoding="utf-8"))
    copy.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return copy


def show_progress() -> None:
    """One line for each component that is really trained; those from the cache say nothing."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("train: %(message)s"))
    handler.addFilter(lambda record: record.getMessage().startswith("Starting to train"))
    hooks = logging.getLogger("rasa.engine.training.hooks")
    hooks.setLevel(logging.INFO)
    hooks.addHandler(handler)
    hooks.propagate = False
    logging.getLogger("rasa").setLevel(logging.WARNING)


def filter_warnings() -> None:
    """The only place where warnings of a training are hidden:

    deprecations inside libraries, and what is known.
    """
    for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
        warnings.simplefilter("ignore", category)
    for text in KNOWN_WARNINGS:
        warnings.filterwarnings("ignore", message=re.escape(text), category=UserWarning)


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
