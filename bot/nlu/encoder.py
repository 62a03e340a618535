"""Text to sentence vector: tokenizer, word vectors, layers (ONNX Runtime), and a cache for training."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from bot.nlu.encoder_files import ENCODER_HASH, encoder_folder, map_safetensors, verify
from bot.nlu.encoder_graph import INPUT, VERSION, keep_quantised
from bot.nlu.places import var_dir

Array = np.ndarray[Any, Any]
MAX_TOKENS = 128
MANY = 16
SIZE = 384
ENCODER_VERSION = f"{ENCODER_HASH}-{VERSION}"


class Encoder:
    """all-MiniLM-L6-v2: texts to float32 unit vectors of 384 numbers. Thread-safe.

    `folder` holds the published files, `cache` the graph that is made from them at first use.
    """

    def __init__(self, folder: Path, cache: Path) -> None:
        verify(folder)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        arrays = map_safetensors(folder / "model.safetensors")
        self._words = arrays["embeddings.word_embeddings.weight"]
        # position 0.. plus the one token type that a single sentence has
        self._positions = (
            arrays["embeddings.position_embeddings.weight"][:MAX_TOKENS]
            + arrays["embeddings.token_type_embeddings.weight"][0]
        )
        graph = cache / f"encoder-{ENCODER_VERSION}.onnx"
        if not graph.exists():
            keep_quantised(arrays, graph)
        self._layers = open_graph(graph)

    def encode(self, texts: Sequence[str]) -> Array:
        """Vectors [len(texts), 384]; longer texts count up to 128 tokens. Each text is encoded alone."""
        if len(texts) < MANY:
            found = [self._one(text) for text in texts]
        else:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                found = list(pool.map(self._one, texts))
        return np.stack(found) if found else np.empty((0, SIZE), dtype=np.float32)

    def knows(self, word: str) -> bool:
        """Whether a word in lower case stands whole in the encoder's vocabulary."""
        return self._tokenizer.token_to_id(word) is not None

    def _one(self, text: str) -> Array:
        # half a surrogate pair is no text to the tokenizer
        ids = self._tokenizer.encode(text.encode("utf-8", "replace").decode()).ids
        embedded = self._words[ids] + self._positions[: len(ids)]
        (mean,) = self._layers.run(None, {INPUT: embedded[None]})
        vector: Array = mean[0]
        return vector / max(float(np.linalg.norm(vector)), 1e-9)


def open_graph(graph: Path | bytes) -> onnxruntime.InferenceSession:
    """A session on one thread that never spins: a chat line is too small to share between cores."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    source = graph if isinstance(graph, bytes) else str(graph)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


@functools.lru_cache(maxsize=1)
def shared_encoder() -> Encoder:
    """The process's one encoder (several graph components would each hold the weights)."""
    return Encoder(encoder_folder(), var_dir() / "cache")


class CachedEncoder:
    """An encoder that remembers, in one file per encoder version, the vectors of texts it has seen."""

    def __init__(self, encoder: Any, folder: Path, version: str = ENCODER_VERSION) -> None:
        self._encoder = encoder
        self._file = folder / f"embeddings-{version}.npz"

    def _load(self) -> dict[str, Array]:
        try:
            with np.load(self._file, allow_pickle=False) as stored:
                return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=False))
        except (OSError, ValueError, KeyError, EOFError):
            return {}  # no cache or a damaged one: it is only a cache

    def encode(self, texts: Sequence[str]) -> Array:
        """As Encoder.encode; what is new is computed and kept."""
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32] for text in texts]
        known = self._load()
        new = {key: text for key, text in zip(keys, texts, strict=False) if key not in known}
        if new:
            known.update(zip(new, self._encoder.encode(list(new.values())), strict=False))
            self._save(known)
        return np.stack([known[key] for key in keys]) if keys else np.empty((0, SIZE), dtype=np.float32)

    def _save(self, known: dict[str, Array]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new.npz")
        np.savez(fresh, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
        fresh.replace(self._file)
