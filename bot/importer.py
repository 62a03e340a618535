"""Hands Rasa the training data once read and once merged.

Rasa's own importers read every file two or three times, check and copy all lines at each of five merges and
fingerprint each line two dozen times: 5 s of each training. What they make of files of the plain shape is
made here in one go; a test compares the two. Files of any other shape go through Rasa's importers.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import rasa.shared.data
import rasa.shared.utils.io
import yaml
from rasa.shared.constants import LATEST_TRAINING_DATA_FORMAT_VERSION
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import (
    E2EImporter,
    TrainingDataImporter,
    _additional_training_data_from_default_actions,
)
from rasa.shared.importers.utils import story_graph_from_paths
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.training_data import TrainingData


class OtherShape(Exception):
    """A file of training data holds more than intents with lines of examples."""


def make_importer(config: Path, domain: Path, data: Path) -> TrainingDataImporter:
    """The quick importer, or Rasa's for what the quick one does not know; raises RasaException."""
    try:
        return PlainImporter(config, domain, data)
    except OtherShape:
        return TrainingDataImporter.load_from_config(str(config), str(domain), [str(data)])


class PlainImporter(TrainingDataImporter):  # type: ignore[misc]
    """Gives what Rasa's E2EImporter over its file importer gives; raises OtherShape and RasaException."""

    def __init__(self, config: Path, domain: Path, data: Path) -> None:
        self._config = config
        self._domain_file = domain
        self._items = [
            item
            for path in rasa.shared.data.get_data_files([str(data)], rasa.shared.data.is_nlu_file)
            for item in read_plain(Path(path))
        ]
        self._story_files = rasa.shared.data.get_data_files([str(data)], YAMLStoryReader.is_stories_file)

    def get_config(self) -> dict[str, Any]:
        return dict(rasa.shared.utils.io.read_model_configuration(str(self._config)))

    def get_config_file_for_auto_config(self) -> str | None:
        return str(self._config)

    def get_domain(self) -> Domain:
        return self._domain

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        return self._stories

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        return self._nlu_data

    @cached_property
    def _domain(self) -> Domain:
        return Domain.load(str(self._domain_file))

    @cached_property
    def _stories(self) -> StoryGraph:
        return story_graph_from_paths(self._story_files, self._domain)

    @cached_property
    def _nlu_data(self) -> TrainingData:
        reader = RasaYAMLReader()
        reader._parse_nlu(self._items)
        return TrainingData(
            [
                *_additional_training_data_from_default_actions().training_examples,
                *reader.training_examples,
                *E2EImporter(self)._additional_training_data_from_stories().training_examples,
            ],
            reader.entity_synonyms,
            reader.regex_features,
            reader.lookup_tables,
            reader.responses,
        )


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Leaves a key that is given twice to Rasa, which complains."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key is given twice", node.start_mark)
        return mapping


def read_plain(path: Path) -> list[dict[str, str]]:
    """The intents of one file with their examples; raises OtherShape."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise OtherShape(str(path)) from error
    if not isinstance(content, dict) or set(content) != {"version", "nlu"}:
        raise OtherShape(str(path))
    items = content["nlu"]
    if content["version"] != LATEST_TRAINING_DATA_FORMAT_VERSION or not isinstance(items, list):
        raise OtherShape(str(path))
    if not all(_is_plain(item) for item in items):
        raise OtherShape(str(path))
    return items


def _is_plain(item: Any) -> bool:
    """An intent, not one of retrieval, and one line for each example."""
    return (
        isinstance(item, dict)
        and set(item) == {"intent", "examples"}
        and all(isinstance(value, str) and value for value in item.values())
        and "/" not in item["intent"]
        and all(line.startswith("-") for line in item["examples"].splitlines())
    )
