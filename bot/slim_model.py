"""Writes a trained model without its training graph.

Rasa imports every class that a model's metadata names, those of the training graph too, when it only wants to
serve: neural components, validators, plotting. That costs 2 s and 60 MB of a start, and nothing ever reads it
again.
"""

from __future__ import annotations

import os
import tarfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rasa.engine.graph import GraphModelConfiguration, GraphSchema
from rasa.engine.storage.local_model_storage import (
    MODEL_ARCHIVE_COMPONENTS_DIR,
    LocalModelStorage,
)
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.domain import Domain

LITTLE = 1
"""Numbers hardly get smaller: the strongest compression takes ten times as long for a tenth less."""


class SlimModelStorage(LocalModelStorage):  # type: ignore[misc]
    """Rasa's storage; the archive appears in one step."""

    def create_model_package(
        self, model_archive_path: str | Path, model_configuration: GraphModelConfiguration, domain: Domain
    ) -> ModelMetadata:
        path = Path(model_archive_path)
        slim = replace(model_configuration, train_schema=GraphSchema({}))
        metadata = self._create_model_metadata(domain, slim)
        new = path.with_name(path.name + ".new")
        with TemporaryDirectory() as folder, tarfile.open(new, "w:gz", compresslevel=LITTLE) as archive:
            self._persist_metadata(metadata, Path(folder))
            archive.add(folder, arcname="")
            archive.add(self._storage_path, arcname=MODEL_ARCHIVE_COMPONENTS_DIR)
        os.replace(new, path)
        return metadata
