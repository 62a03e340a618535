"""Lets Rasa be imported without TensorFlow, which no component of ours uses: 7 s of a start and 250 MB.

Rasa imports it at the top of modules that define base classes for its neural components. Here the import
yields a placeholder that can be subclassed and looked into, and that says clearly what is missing when it is
called. So does the import of what else Rasa takes in and nothing of ours uses: another second and 50 MB.
Serving and training do this only when all components of the model or of config.yml are known to need none.
"""

from __future__ import annotations

import json
import sys
import tarfile
from collections.abc import Collection
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

LEARNING = ("tensorflow", "keras", "sklearn", "sklearn_crfsuite", "matplotlib")
CHANNELS = (
    "aiogram",
    "fbmessenger",
    "mattermostwrapper",
    "questionary",
    "rocketchat_API",
    "slack_sdk",
    "twilio",
    "webexteamssdk",
)
STORES = ("boto3", "botocore", "bson", "pymongo")
NAMES = frozenset((*LEARNING, *CHANNELS, *STORES))
"""Packages that are not loaded: our door is the only channel, and our own store keeps the conversations."""
FREE_OF_IT = (
    "bot.",
    "rasa.core.policies.ensemble.",
    "rasa.graph_components.",
    "rasa.nlu.classifiers.keyword_intent_classifier.",
    "rasa.nlu.classifiers.regex_message_handler.",
    "rasa.nlu.tokenizers.whitespace_tokenizer.",
)
"""Where components may come from in a model that is served without TensorFlow."""
SHORT_NAMES = ("KeywordIntentClassifier", "WhitespaceTokenizer")


class TensorFlowMissing(RuntimeError):
    """Something needs TensorFlow, or another of NAMES, in a process that was started without it."""


class _PlaceholderType(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _placeholder(f"{cls.__module__}.{cls.__name__}", name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and callable(args[0]) and not kwargs:
            return args[0]  # used as a decorator while a module is read
        raise TensorFlowMissing(
            f"{cls.__name__} needs {cls.__module__}; start the assistant with WITH_TENSORFLOW=1"
        )


def _placeholder(module: str, name: str) -> Any:
    return _PlaceholderType(name, (), {"__module__": module})


class _PlaceholderModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _placeholder(self.__name__, name)


class PlaceholderFinder(MetaPathFinder, Loader):
    """Answers `import tensorflow…` in place of the real package."""

    def __init__(self, names: Collection[str] = NAMES) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] in self._names:
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _PlaceholderModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """A placeholder has nothing to run."""


def components_of(model: Path) -> list[str]:
    """The classes in a model's serving graph, read from its metadata without unpacking the rest."""
    with tarfile.open(model, "r:gz") as archive:
        for member in archive:
            if Path(member.name).name == "metadata.json" and len(Path(member.name).parts) <= 2:
                content = archive.extractfile(member)
                if content is not None:
                    nodes = json.load(content)["predict_schema"]["nodes"]
                    return sorted({node["uses"] for node in nodes.values()})
    raise ValueError(f"{model} is no Rasa model: it has no metadata")


def is_free_of_tensorflow(components: list[str]) -> bool:
    """For class paths from a model, and for names as config.yml has them."""
    return all(name.startswith(FREE_OF_IT) or name in SHORT_NAMES for name in components)


def install(names: Collection[str] = NAMES) -> None:
    """Must run before the first import of Rasa."""
    if not any(isinstance(finder, PlaceholderFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, PlaceholderFinder(names))
