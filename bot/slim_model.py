"""Leaves the training graph out of a trained model.

Rasa imports every class that a model's metadata names, those of the training graph too, when it only wants to
serve: neural components, validators, plotting. That costs 2 s and 60 MB of a start, and nothing ever reads it
again.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

METADATA = "metadata.json"


def slim(model: Path) -> None:
    """Replace the archive, in one step, by one whose metadata has an empty training graph."""
    new = model.with_name(model.name + ".new")
    with tarfile.open(model, "r:gz") as old, tarfile.open(new, "w:gz") as archive:
        for member in old:
            content = old.extractfile(member) if member.isfile() else None
            if content is not None and Path(member.name).as_posix() == METADATA:
                data = without_training_graph(content.read())
                member.size = len(data)
                content = io.BytesIO(data)
            archive.addfile(member, content)
    os.replace(new, model)


def without_training_graph(metadata: bytes) -> bytes:
    return json.dumps({**json.loads(metadata), "train_schema": {"nodes": {}}}).encode()
