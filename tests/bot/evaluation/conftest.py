"""The plot is drawn by the real matplotlib, also after another test has put placeholders in its place."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from bot.without_tensorflow import PlaceholderFinder


@pytest.fixture(autouse=True, scope="module")
def real_packages() -> Iterator[None]:
    finders = [finder for finder in sys.meta_path if isinstance(finder, PlaceholderFinder)]
    if not finders:
        yield
        return
    held = _taken_out()
    for finder in finders:
        sys.meta_path.remove(finder)
    yield
    _taken_out()
    sys.modules.update(held)
    sys.meta_path[:0] = finders


def _taken_out() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]
    return {name: sys.modules.pop(name) for name in names}
