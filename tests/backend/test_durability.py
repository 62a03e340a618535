"""What is kept is kept: restarts, SIGKILL amid writes, wrong settings, a database that is gone."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from common.clock import FixedClock
from tests.support.backend_server import (
    CONSOLE_PASSWORD,
    TOKEN,
    RunningBackend,
    extension,
    running_backend,
    start_process,
    ticket_draft,
)

CASEY = "casey.forty@agency.example"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def test_everything_survives_a_restart(database_url: str, tmp_path: Path) -> None:
    with running_backend(tmp_path, database_url=database_url) as first:
        first.api.post("/tickets", json=ticket_draft(), headers={"Idempotency-Key": "k"})
        first.api.post("/tickets/1001/replies", json={"key": "a", "from": "support", "text": "Done."})
        first.patch_active(CASEY, True)
        ticket = first.api.get("/tickets/1001").json()
        account = extension(first.find(CASEY))
        mails = first.mails()
    later = FixedClock(first.clock.now() + timedelta(minutes=5))
    with running_backend(tmp_path, database_url=database_url, clock=later) as second:
        assert second.api.get("/tickets/1001").json() == ticket
        assert extension(second.find(CASEY)) == account
        assert second.mails() == mails
        again = second.api.post("/tickets", json=ticket_draft(), headers={"Idempotency-Key": "k"})
        assert again.status_code == 200
        more = second.api.post("/tickets", json=ticket_draft(), headers={"Idempotency-Key": "k2"})
        assert more.json()["ticket"]["id"] == 1002


def test_confirmed_tickets_survive_sigkill(tmp_path: Path) -> None:
    confirmed: list[str] = []
    started = threading.Event()
    backend = start_process(tmp_path)

    def keep_filing() -> None:
        with httpx.Client(base_url=backend.url, headers=BEARER, trust_env=False) as client:
            for number in range(10_000):
                key = f"key-{number}"
                try:
                    answer = client.post("/tickets", json=ticket_draft(), headers={"Idempotency-Key": key})
                except httpx.TransportError:
                    return
                assert answer.status_code == 201
                confirmed.append(key)
                if number == 20:
                    started.set()

    writer = threading.Thread(target=keep_filing)
    writer.start()
    assert started.wait(60)
    backend.kill()
    writer.join(60)

    with running_backend(tmp_path) as after:
        with after.world.database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        for key in confirmed:
            [ticket] = after.api.get("/tickets", params={"key": key}).json()["tickets"]
            assert ticket["key"] == key
        kept = after.api.get("/tickets", params={"requester": CASEY}).json()["tickets"]
        assert len(confirmed) <= len(kept) <= len(confirmed) + 1


def test_the_process_stops_when_told_and_logs_no_addresses(tmp_path: Path) -> None:
    backend = start_process(tmp_path)
    with httpx.Client(base_url=backend.url, headers=BEARER, trust_env=False) as client:
        client.post("/tickets", json=ticket_draft(), headers={"Idempotency-Key": "k"})
        client.get("/tickets", params={"requester": CASEY})
        client.get("/scim/v2/Users", params={"filter": f'userName eq "{CASEY}"'})
        client.post("/tickets", json=ticket_draft("not an address"), headers={"Idempotency-Key": "k"})
    assert backend.stop() == 0
    log = backend.log.read_text()
    assert "POST tickets 201" in log
    for secret in ("casey", "agency.example", "not an address", TOKEN, CONSOLE_PASSWORD):
        assert secret not in log.lower()


REFUSED = [
    ({"MODE": "production"}, "sandbox"),
    (
        {"MODE": "production", "ACCOUNTS": "scim", "DESK": "rt"},
        "the sandbox does not start with MODE=production",
    ),
    ({"BACKEND_TOKEN": ""}, "BACKEND_TOKEN"),
    ({"CONSOLE_PASSWORD": ""}, "CONSOLE_PASSWORD"),
    ({"POLICY_FILE": "/nonexistent.yml"}, "/nonexistent.yml"),
    ({"BACKEND_PORT": "none"}, "BACKEND_PORT"),
    ({"BACKEND_DATABASE_URL": "mysql://x"}, "BACKEND_DATABASE_URL"),
]


@pytest.mark.parametrize(("environ", "words"), REFUSED, ids=str)
def test_a_wrong_setting_is_one_line_and_exit_code_2(
    environ: dict[str, str], words: str, tmp_path: Path
) -> None:
    good = {
        "VAR_DIR": str(tmp_path),
        "BACKEND_TOKEN": "Zk3vQ8mX2pL7wR5tY9cB4nHd",
        "CONSOLE_PASSWORD": "Vb6sJ1fG8kT3xW9zN4hM7qLe",
    }
    code, line = _run(good | environ)
    assert code == 2 and line.startswith("backend: ") and words in line


def test_a_database_that_does_not_answer_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    url = "postgresql://nobody:hidden@127.0.0.1:1/none"
    environ = {"VAR_DIR": str(tmp_path), "BACKEND_TOKEN": TOKEN, "CONSOLE_PASSWORD": CONSOLE_PASSWORD}
    code, line = _run(environ | {"BACKEND_DATABASE_URL": url})
    assert code == 1 and "does not answer" in line and "hidden" not in line


def test_a_mailbox_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environ = {"VAR_DIR": str(tmp_path), "BACKEND_TOKEN": TOKEN, "CONSOLE_PASSWORD": CONSOLE_PASSWORD}
        code, lines = _said(environ | {"MAILBOX_PORT": port})
    assert code == 1
    assert lines[-1] == (
        f"backend: MAILBOX_PORT {port} is in use by another program; set MAILBOX_PORT to a free port"
    )


def _run(environ: dict[str, str]) -> tuple[int, str]:
    """Exit code and the one line that the process said."""
    code, [line] = _said(environ)
    return code, line


def _said(environ: dict[str, str]) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "backend.server"],
        cwd=Path(__file__).parents[2],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr.splitlines()


def test_healthz_asks_the_database(backend: RunningBackend, tmp_path: Path) -> None:
    assert backend.visitor.get("/healthz").json() == {"status": "ok"}
    connection = sqlite3.connect(tmp_path / "backend.db")
    connection.executescript("PRAGMA foreign_keys=OFF; DROP TABLE backend_fact; DROP TABLE backend_ticket;")
    connection.close()
    answer = backend.visitor.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "down", "down": ["database"]})
    refused = backend.api.get("/tickets", params={"requester": CASEY})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "database_down")


def test_a_second_start_at_the_same_moment_is_harmless(database_url: str, tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(4)]
    problems: list[BaseException] = []

    def start(folder: Path) -> None:
        folder.mkdir()
        try:
            with running_backend(folder, database_url=database_url) as backend:
                assert backend.scim.get("/Users").json()["totalResults"] == 11
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=start, args=[folder]) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
