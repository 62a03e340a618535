"""Where this process keeps and finds files."""

from __future__ import annotations

import os
from pathlib import Path


def var_dir() -> Path:
    """The folder of what a local run makes (VAR_DIR)."""
    return Path(os.environ.get("VAR_DIR") or "var")
