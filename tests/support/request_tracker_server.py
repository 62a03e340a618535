"""A Request Tracker of our own on a free loopback port, where the machine has its programs."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.backend_server import free_port
from tests.support.fake_request_tracker import CASE_FIELD, QUEUE, ROW_FIELD, RtTicket

_SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
_SETUP = Path("/usr/sbin/rt-setup-database-5")
_SITE = """
Set($rtname, 'rt.example');
Set($Organization, 'rt.example');
Set($CorrespondAddress, 'help@rt.example');
Set($CommentAddress, 'comment@rt.example');
Set($WebDomain, '127.0.0.1');
Set($WebPort, PORT);
Set($DatabaseType, 'SQLite');
Set($DatabaseName, 'FOLDER/rt.sqlite');
Set($MailCommand, 'testfile');
Set($Timezone, 'UTC');
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'error');
1;
"""


def request_tracker_programs() -> Path | None:
    """The program that serves RT; None where RT, or what it needs to run by itself, is not installed."""
    return _SERVER if _SERVER.exists() and _SETUP.exists() and shutil.which("perl") else None


@dataclass
class RequestTracker:
    """`url`: RT's pages; `token`: of the assistant's own user, who may no more than it must.

    What RT holds is read from its database: a judge of its own, and a quick one.
    """

    url: str
    token: str
    folder: Path

    def __post_init__(self) -> None:
        self.root = httpx.Client(
            base_url=f"{self.url}/REST/2.0", auth=("root", "password"), timeout=30, trust_env=False
        )

    def keep(self) -> None:
        """Remember the database as it is now."""
        _copy(self.folder / "rt.sqlite", self.folder / "kept.sqlite")

    def clean(self) -> None:
        """The database as it was remembered, in one transaction of SQLite's: the server goes on."""
        _copy(self.folder / "kept.sqlite", self.folder / "rt.sqlite")

    def tickets(self) -> list[RtTicket]:
        """All tickets, newest first."""
        rows = self._rows("SELECT id, Subject, Status FROM Tickets ORDER BY id DESC")
        return [self._ticket(*row) for row in rows]

    def answer(self, number: int | str, text: str) -> None:
        """Support answers a ticket."""
        body = {"Content": text, "ContentType": "text/plain"}
        assert self.root.post(f"/ticket/{number}/correspond", json=body).status_code == 201

    def change(self, number: int | str, **fields: str) -> None:
        """Support changes a ticket; `MergeInto` takes another ticket's number."""
        assert self.root.put(f"/ticket/{number}", json=fields).status_code == 200

    def file_elsewhere(self, requestor: str) -> str:
        """A ticket in a queue that the assistant's user may not see; its number."""
        body = {"Queue": "General", "Subject": "Salary", "Requestor": requestor}
        return str(self.root.post("/ticket", json=body).raise_for_status().json()["id"])

    def _ticket(self, number: int, subject: str, status: str) -> RtTicket:
        people = self._rows(
            "SELECT u.EmailAddress, u.RealName FROM Groups g JOIN GroupMembers m ON m.GroupId = g.id"
            " JOIN Users u ON u.id = m.MemberId"
            " WHERE g.Domain = 'RT::Ticket-Role' AND g.Name = 'Requestor' AND g.Instance = ?",
            number,
        )
        links = self._rows("SELECT Target FROM Links WHERE LocalBase = ? AND Type = 'RefersTo'", number)
        fields = self._rows(
            "SELECT f.Name, v.Content FROM ObjectCustomFieldValues v JOIN CustomFields f"
            " ON f.id = v.CustomField WHERE v.ObjectType = 'RT::Ticket' AND v.ObjectId = ?",
            number,
        )
        parts = self._rows(
            "SELECT t.id, t.Type, u.Name, a.Content FROM Transactions t JOIN Users u ON u.id = t.Creator"
            " JOIN Attachments a ON a.TransactionId = t.id"
            " WHERE t.ObjectType = 'RT::Ticket' AND t.ObjectId = ? AND a.ContentType = 'text/plain'"
            " ORDER BY t.id, a.id",
            number,
        )
        return RtTicket(
            str(number),
            subject,
            status,
            people,
            [target for (target,) in links],
            dict(fields),
            [_text(content) for _, kind, _, content in parts if kind == "Create"],
            [(who, _text(content)) for _, kind, who, content in parts if kind == "Correspond"],
        )

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "rt.sqlite", timeout=30)) as database:
            return database.execute(statement, values).fetchall()


def _text(content: bytes | str) -> str:
    return content.decode() if isinstance(content, bytes) else content


@contextmanager
def running_request_tracker(server: Path) -> Iterator[RequestTracker]:
    """Set up, filled and started in a folder of its own; ended with everything it started."""
    folder = Path(tempfile.mkdtemp(prefix="test-rt-"))
    port = free_port()
    try:
        (folder / "site.pm").write_text(_SITE.replace("PORT", str(port)).replace("FOLDER", str(folder)))
        (folder / "conf.d").mkdir()
        environ = os.environ | {
            "RT_SITE_CONFIG": str(folder / "site.pm"),
            "RT_SITE_CONFIG_DIR": str(folder / "conf.d"),
            "HMIS_QUEUE": QUEUE,
            "HMIS_FIELDS": f"{ROW_FIELD}|{CASE_FIELD}",
        }
        init = [str(_SETUP), "--action", "init", "--skip-create", "--dba", "", "--dba-password", ""]
        _run(init, environ)
        seeded = _run(["perl", str(Path(__file__).with_name("request_tracker_seed.pl"))], environ)
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [str(server), "--port", str(port), "--host", "127.0.0.1", "--max-workers", "2"],
                env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        tracker = RequestTracker(f"http://127.0.0.1:{port}", seeded.split()[-1], folder)
        try:
            _wait(tracker, process)
            tracker.keep()
            yield tracker
        finally:
            tracker.root.close()
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], environ: dict[str, str]) -> str:
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def _wait(tracker: RequestTracker, process: subprocess.Popen[bytes]) -> None:
    while True:
        assert process.poll() is None, (tracker.folder / "log").read_text()
        try:
            tracker.root.get("/rt").raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.1)


def _copy(one: Path, other: Path) -> None:
    with closing(sqlite3.connect(one)) as source, closing(sqlite3.connect(other, timeout=30)) as target:
        source.backup(target)
