"""Configuration of, and conversation with, the supervisor of a local run (supervisor 4.3, XML-RPC)."""

from __future__ import annotations

import hashlib
import os
import tempfile
import xmlrpc.client
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from supervisor.xmlrpc import SupervisorTransport

from scripts.programs import ROOT, Program

_LONGEST_SOCKET_PATH = 90  # sun_path holds 107 bytes, and supervisor adds its process id while it binds


class Place:
    """Where one run keeps its supervisor's files, under VAR_DIR."""

    def __init__(self, var_dir: Path) -> None:
        self.var = var_dir
        self.run = var_dir / "run"
        self.logs = var_dir / "log"
        self.lock = self.run / "lock"
        self.config = self.run / "supervisord.conf"
        self.secrets = var_dir / "secrets.env"

    def make(self) -> None:
        for folder in (self.var, self.run, self.logs):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def socket(self) -> Path:
        """In VAR_DIR, or where that path is too long for a socket, in a private folder of the system's."""
        near = self.run / "supervisor.sock"
        if len(os.fsencode(near)) <= _LONGEST_SOCKET_PATH:
            return near
        name = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"hmis-{os.getuid()}-{name}" / "supervisor.sock"

    def prepare_socket(self) -> None:
        """Make the socket's folder ours alone; refuse one that belongs to somebody else."""
        folder = self.socket.parent
        if folder != self.run:
            folder.mkdir(mode=0o700, exist_ok=True)
            if folder.stat().st_uid != os.getuid() or folder.is_symlink():
                raise PermissionError(f"{folder} belongs to another user; set VAR_DIR to a shorter path")
        self.socket.unlink(missing_ok=True)


def write_config(place: Place, programs: Sequence[Program]) -> None:
    """Render the template; `%` is doubled because supervisor expands `%(…)s` itself."""
    template = (ROOT / "scripts" / "supervisord.conf.jinja").read_text(encoding="utf-8")
    rendered = jinja2.Template(template, undefined=jinja2.StrictUndefined).render(
        root=str(ROOT), socket=str(place.socket), programs=programs
    )
    place.config.write_text(rendered.replace("%", "%%"), encoding="utf-8")


def connect(place: Place) -> Any:
    """The supervisor's RPC interface; calls raise OSError when none is running."""
    transport = SupervisorTransport(None, None, f"unix://{place.socket}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor


def last_lines(path: Path, count: int) -> list[str]:
    if not path.exists():
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
