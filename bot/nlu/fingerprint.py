"""What a component's training depends on beyond its class: Rasa reuses a trained part unless this changes."""

from __future__ import annotations

import hashlib
from pathlib import Path


def fingerprint_of(*paths: Path) -> str:
    """SHA-256 over the names and bytes of files, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def beside(here: str, *names: str) -> list[Path]:
    """Files in the folder of the module file `here`."""
    return [Path(here).parent / name for name in names]
