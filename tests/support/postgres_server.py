"""A PostgreSQL server of our own on a free loopback port, where the machine has its programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pg8000.dbapi  # type: ignore[import-untyped]

from tests.support.backend_server import free_port

_USER = "tester"


def postgres_programs() -> Path | None:
    """The folder with `initdb` and `postgres`; None where PostgreSQL is not installed."""
    found = shutil.which("postgres")
    for folder in (
        [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    ):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


@contextmanager
def running_postgres(programs: Path) -> Iterator[PostgresServer]:
    """Start an empty server; its data goes when the test session ends."""
    folder = Path(tempfile.mkdtemp(prefix="test-postgres-"))
    account = _unprivileged(folder)
    try:
        # PostgreSQL refuses to run as root, hence `user`.
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                folder / "data",
                "-U",
                _USER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            user=account,
        )
        port = free_port()
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", "-p", str(port), *options],
                stdout=log,
                stderr=log,
                cwd=folder,
                user=account,
            )
        try:
            server = PostgresServer(port)
            server.wait(process)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class PostgresServer:
    """Databases on it are made one per test."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._made = 0

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        while True:
            assert process.poll() is None, "PostgreSQL ended while starting"
            try:
                self._run("SELECT 1")
                return
            except pg8000.dbapi.Error:
                time.sleep(0.1)

    def new_database(self) -> str:
        """The address of a fresh database."""
        self._made += 1
        name = f"test_{self._made}"
        self._run(f"CREATE DATABASE {name}")
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{name}"

    def _run(self, statement: str) -> None:
        connection = pg8000.dbapi.connect(user=_USER, host="127.0.0.1", port=self.port, database="postgres")
        try:
            connection.autocommit = True
            connection.cursor().execute(statement)
        finally:
            connection.close()


def _unprivileged(folder: Path) -> str | None:
    """Who runs the server: ourselves, or `nobody` when we are root."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "nobody")
    return "nobody"
