"""The secrets of a local run: made once, kept in VAR_DIR/secrets.env (0600), handed on by environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from common.settings import SECRETS

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def ensure_secrets(path: Path) -> dict[str, str]:
    """All secrets of the file; what is missing is made and written first."""
    known = read_secrets(path)
    missing = [name for name in SECRETS if not known.get(name)]
    if missing:
        known |= {name: _make(name) for name in missing}
        _write(path, known)
    return known


def with_secrets(environ: Mapping[str, str], path: Path) -> dict[str, str]:
    """The environment with the file's secrets; a secret that the environment names itself wins."""
    named = {name for name in SECRETS if environ.get(name, "").strip()}
    kept = read_secrets(path) if named >= set(SECRETS) else ensure_secrets(path)
    return dict(environ) | {name: value for name, value in kept.items() if name not in named}


def read_secrets(path: Path) -> dict[str, str]:
    """`NAME=value` lines; an empty mapping when there is no file yet."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def _make(name: str) -> str:
    if name == "CONSOLE_PASSWORD":  # a person types this one
        return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(5))
    return secrets.token_urlsafe(32)


def _write(path: Path, known: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.writelines(f"{name}={value}\n" for name, value in known.items())
    temporary.replace(path)
