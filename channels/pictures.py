"""Our own drawings, by file name: what the page and the chat may show, and nothing else."""

from __future__ import annotations

import functools
import logging
import re
from dataclasses import dataclass

from channels.assets import STATIC

log = logging.getLogger(__name__)

FOLDER = "pictures"
_SIZE = re.compile(r'<svg\b[^>]*\swidth="(\d+)" height="(\d+)"')


@dataclass(frozen=True)
class Drawing:
    """`path` is where the gateway serves it; its size, in CSS pixels, keeps its place before it arrives."""

    path: str
    width: int
    height: int


@functools.cache
def drawing(file: str) -> Drawing | None:
    """None, said once in the log, when there is no such file or it does not name its size."""
    if found := _drawings().get(file):
        return found
    log.warning("there is no picture %r in static/%s; its words are shown without it", file[:80], FOLDER)
    return None


@functools.cache
def _drawings() -> dict[str, Drawing]:
    found = {}
    for file in (STATIC / FOLDER).glob("*.svg"):
        if size := _SIZE.search(file.read_text(encoding="utf-8")):
            found[file.name] = Drawing(f"/static/{FOLDER}/{file.name}", int(size[1]), int(size[2]))
    return found
