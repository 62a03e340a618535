"""Hashes of files, so that a training knows what has changed.

Rasa's own fingerprint of a component covers the source of its class only, not the modules and data it uses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
EDGE = (
    "director.py",
    "fingerprint.py",
    "flow_policy.py",
    "passing_time.py",
    "question.py",
    "turn_so_far.py",
)
_IGNORED = ("__pycache__", ".pyc", "~", ".swp")


def of_files(paths: Iterable[Path]) -> str:
    """One hash of these files and of every file in these folders: names and bytes, in a fixed order."""
    digest = hashlib.sha256()
    for path in sorted({file for given in paths for file in _files(given)}):
        digest.update(f"{path.name}\0{path.parent.name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def of_dialogue(flows: Path) -> str:
    """Everything that decides what comes next: engine, commands, the policy's edge, and the flows."""
    from bot.commands import SOURCES

    return of_files([HERE / "flows", *SOURCES, *(HERE / name for name in EDGE), flows.resolve()])


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return [file for file in path.rglob("*") if file.is_file() and not _is_ignored(file)]
    return [path] if path.is_file() else []


def _is_ignored(path: Path) -> bool:
    return any(part in path.parts or path.name.endswith(part) for part in _IGNORED)
