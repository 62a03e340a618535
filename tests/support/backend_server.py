"""The real sandbox on a free loopback port, for tests of any room that talks to it.

    with running_backend(tmp_path) as backend:
        backend.api.get("/tickets", params={"requester": "casey.forty@agency.example"})

The clock stands still at MONDAY unless another is given;
`backend.clock.advance(timedelta(hours=1))` moves it.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from backend.accounts.seed import plant
from backend.app import create_app
from backend.mailbox import repository as mailbox
from backend.mailbox.repository import Mail
from backend.mailbox.smtp import listening
from backend.store.database import Database
from backend.world import World
from common.clock import Clock, FixedClock
from common.policy import load_policy

MONDAY = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # 10:00 in Los Angeles
TOKEN = "token-for-tests-7f3a91c2"
CONSOLE_PASSWORD = "console-word-for-tests"

POLICY = """\
region_name: Test HMIS
time_zone: America/Los_Angeles
retrain_after_days: 90
inactive_after_days: 30
locked_minutes: 60
reminder_hours_before_midnight: 3
emergency_line: Call 911.
office_hours: {days: [monday, friday], from: "09:00", to: "17:00"}
courses: {basic: Basic Series, retake: Basic Series RETAKE}
addresses:
  help_page_url: https://help.example/hmis
  hmis_login_url: https://hmis.example/login
  reset_password_url: https://hmis.example/reset
  training_url: https://training.example/new
  retake_url: https://training.example/retake
  cta_url: https://cta.example/
  support_form_url: https://support.example/hmis
  support_phone: "(213) 555-0123"
  support_email: support@hmis.example
  support_hours: Monday to Friday
"""


@dataclass
class RunningBackend:
    """`api` and `scim` carry the token; `visitor` is anybody."""

    url: str
    world: World
    clock: Any
    api: httpx.Client
    scim: httpx.Client
    visitor: httpx.Client
    token: str = TOKEN
    console_password: str = CONSOLE_PASSWORD

    def find(self, address: str) -> dict[str, Any]:
        """The SCIM user with this user name."""
        found = self.scim.get("/Users", params={"filter": f'userName eq "{address}"'}).json()["Resources"]
        user: dict[str, Any] = found[0]
        return user

    def patch_active(self, address: str, active: bool) -> dict[str, Any]:
        """The SCIM user after a PATCH of `active`."""
        operation = {"op": "replace", "path": "active", "value": active}
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
        answer = self.scim.patch(f"/Users/{self.find(address)['id']}", json=body)
        assert answer.status_code == 200, answer.text
        user: dict[str, Any] = answer.json()
        return user

    def mails(self, to: str = "") -> list[Mail]:
        """Stored mails, newest first."""
        with self.world.database.read() as connection:
            return mailbox.newest(connection, to=to, limit=1000)[0]


def extension(user: dict[str, Any]) -> dict[str, Any]:
    """Our read-only part of a SCIM user."""
    part: dict[str, Any] = user["urn:hmis-account-help:params:scim:schemas:extension:account:1.0:User"]
    return part


def ticket_draft(email: str = "casey.forty@agency.example", **changes: Any) -> dict[str, Any]:
    """A complete TicketDraft, to be changed key by key."""
    draft: dict[str, Any] = {
        "subject": "Reactivate my HMIS account",
        "requester": {"email": email, "name": "Casey Forty"},
        "verified": None,
        "row": "reactivate_account",
        "case": "1",
        "facts": ["NOT VERIFIED", "Last login: October 14, 2026"],
        "asked_for": "Reactivate the account",
        "transcript": [{"from": "person", "at": "2026-11-23T17:58:00Z", "text": "My account is inactive"}],
        "body": "Please reactivate my account.",
    }
    return draft | changes


@contextmanager
def running_backend(
    folder: Path,
    *,
    clock: Clock | None = None,
    database_url: str | None = None,
    policy_text: str = POLICY,
    movable_clock: bool = True,
) -> Iterator[RunningBackend]:
    """Start the sandbox in a thread of this process; the database survives in `folder` for a second start."""
    policy_file = folder / "policy.yml"
    policy_file.write_text(policy_text, encoding="utf-8")
    world = World(
        database=Database(database_url or f"sqlite:///{folder}/backend.db"),
        clock=clock or FixedClock(MONDAY),
        policy=load_policy(policy_file),
        clock_file=folder / "clock.json" if movable_clock else None,
    )
    world.database.migrate()
    plant(world)
    app = create_app(world, token=TOKEN, console_password=CONSOLE_PASSWORD)
    with _serving(app) as url:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        with (
            httpx.Client(base_url=url, headers=bearer, timeout=30, trust_env=False, verify=False) as api,
            httpx.Client(
                base_url=f"{url}/scim/v2", headers=bearer, timeout=30, trust_env=False, verify=False
            ) as scim,
            httpx.Client(base_url=url, timeout=30, trust_env=False, verify=False) as visitor,
        ):
            yield RunningBackend(url, world, world.clock, api, scim, visitor)
    world.database.close()


@contextmanager
def running_mailbox(backend: RunningBackend) -> Iterator[int]:
    """The sandbox's SMTP listener on a free port."""
    with listening(backend.world, 0) as port:
        yield port


@contextmanager
def _serving(app: Any) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended while starting"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()


@dataclass
class BackendProcess:
    """`python -m backend.server` as a process of its own, to be ended roughly."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nothing says good-bye."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=20)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=20)


def start_process(folder: Path, **environ: str) -> BackendProcess:
    """Start and wait until /healthz is ok."""
    port, mailbox_port = free_port(), free_port()
    while mailbox_port == port:
        mailbox_port = free_port()
    policy_file = folder / "policy.yml"
    policy_file.write_text(POLICY, encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(folder),
        "POLICY_FILE": str(policy_file),
        "BACKEND_PORT": str(port),
        "MAILBOX_PORT": str(mailbox_port),
        "BACKEND_TOKEN": TOKEN,
        "CONSOLE_PASSWORD": CONSOLE_PASSWORD,
        **environ,
    }
    log = folder / "backend.log"
    with log.open("a") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.server"],
            cwd=Path(__file__).parents[2],
            env=environment,
            stderr=out,
            stdout=out,
            text=True,
        )
    url = f"http://127.0.0.1:{port}"
    while True:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/healthz", trust_env=False).status_code == 200:
                return BackendProcess(process, url, log)
        except httpx.TransportError:
            time.sleep(0.05)


def free_port() -> int:
    """Below the range that systems give out by themselves: nobody takes it before its process has started."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
