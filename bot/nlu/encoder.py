"""Text to sentence vector: tokenizer, forward pass, and a cache so that training computes a line once."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer

from bot.nlu.bert import Array, Bert
from bot.nlu.encoder_files import ENCODER_HASH, encoder_folder, map_safetensors, verify

MAX_TOKENS = 128
BATCH_TOKENS = 256
MANY = 4
SIZE = 384


class Encoder:
    """all-MiniLM-L6-v2: texts to float32 unit vectors of 384 numbers."""

    def __init__(self, folder: Path) -> None:
        verify(folder)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._bert = Bert(map_safetensors(folder / "model.safetensors"))

    def encode(self, texts: Sequence[str]) -> Array:
        """Vectors [len(texts), 384]; longer texts count up to 128 tokens; batches are sorted by length."""
        # half a surrogate pair is no text to the tokenizer
        ids = [self._tokenizer.encode(text.encode("utf-8", "replace").decode()).ids for text in texts]
        out = np.empty((len(ids), self._bert.size), dtype=np.float32)
        batches = _batches([len(one) for one in ids])

        def run(batch: list[int]) -> None:
            lengths = np.array([len(ids[i]) for i in batch])
            padded = np.zeros((len(batch), int(lengths.max())), dtype=np.int64)
            for row, i in enumerate(batch):
                padded[row, : lengths[row]] = ids[i]
            out[batch] = self._bert.sentences(padded, lengths)

        if len(batches) < MANY:
            for batch in batches:
                run(batch)
        else:
            # a batch per core keeps all busy outside of the matrix products too
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(run, batches))
        return out


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Line numbers grouped so that a group's lines are about equally long and hold BATCH_TOKENS at most."""
    groups: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        # lines come shortest first: this one's length is the group's width
        if not groups or (len(groups[-1]) + 1) * lengths[i] > BATCH_TOKENS:
            groups.append([])
        groups[-1].append(i)
    return groups


@functools.lru_cache(maxsize=1)
def shared_encoder() -> Encoder:
    """The process's one encoder (several graph components would each hold the weights).

    BLAS gets one thread: a chat line's products are too small to share (8 ms either way on an idle
    machine), and threads that wait for each other double the time and the work on a busy one.
    """
    threadpool_limits(limits=1, user_api="blas")
    return Encoder(encoder_folder())


class CachedEncoder:
    """An encoder that remembers, in one file per encoder version, the vectors of texts it has seen."""

    def __init__(self, encoder: Any, folder: Path, version: str = ENCODER_HASH) -> None:
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
