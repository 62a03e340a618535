"""`MODE=production`: it runs without the sandbox, files tickets at the desk, and refuses what is unsafe."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

from common.clock import write_offset
from scripts.make_secrets import read_secrets
from scripts.programs import ALL_SECRETS, PROGRAMS
from tests.support.fake_request_tracker import CASE_FIELD, QUEUE, ROW_FIELD, FakeRequestTracker
from tests.support.local_run import LocalRun, with_model
from tests.support.stack import ROOT

PROGRAM_NAMES = {"actions", "worker", "assistant", "gateway"}
WEAK, SAME = "changeme" * 4, "kT7_vQ2mZ9xLr4Wb8NcJd5Hs"


@pytest.fixture
def tracker() -> Iterator[FakeRequestTracker]:
    one = FakeRequestTracker()
    yield one
    one.close()


@pytest.fixture
def run(tmp_path: Path, tracker: FakeRequestTracker) -> Iterator[LocalRun]:
    policy = tmp_path / "policy.yml"
    text = (ROOT / "policy.yml").read_text(encoding="utf-8")
    policy.write_text(text.replace(".example", ".internal").replace("555-0123", "555-4123"), encoding="utf-8")
    started = with_model(tmp_path / "var", own=True)
    started.environ |= {
        "MODE": "production",
        "ACCOUNTS": "none",
        "DESK": "rt",
        "RT_URL": tracker.url,
        "RT_TOKEN": tracker.token,
        "RT_QUEUE": QUEUE,
        "RT_ROW_FIELD": ROW_FIELD,
        "RT_CASE_FIELD": CASE_FIELD,
        "POLICY_FILE": str(policy),
    }
    yield started
    started.end()


class Chat:
    """One person at the public chat API."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/api/v1", timeout=60, trust_env=False)
        opened = self._http.post("/conversations", json={}).raise_for_status().json()
        self._http.headers["Authorization"] = f"Bearer {opened['token']}"
        self._messages = f"/conversations/{opened['conversation_id']}/messages"
        self._ids = itertools.count(1)

    def say(self, text: str) -> list[dict[str, Any]]:
        return self._send({"text": text})

    def press(self, title: str, shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
        buttons = [button for message in shown for button in message["buttons"]]
        chosen = [button["id"] for button in buttons if button["title"] == title]
        assert chosen, [button["title"] for button in buttons]
        return self._send({"button": chosen[0]})

    def history(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self._http.get(self._messages).raise_for_status().json()["messages"]
        return messages

    def close(self) -> None:
        self._http.close()

    def _send(self, what: dict[str, str]) -> list[dict[str, Any]]:
        body = {"client_id": f"c{next(self._ids)}", **what}
        messages: list[dict[str, Any]] = (
            self._http.post(self._messages, json=body).raise_for_status().json()["messages"]
        )
        return messages


def environment(pid: int) -> dict[str, str]:
    """What a running program really finds in its environment."""
    entries = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def test_a_ticket_from_the_chat_to_the_desk_and_back(run: LocalRun, tracker: FakeRequestTracker) -> None:
    write_offset(run.var / "clock.json", timedelta(days=400).total_seconds())
    run.start()
    run.up()
    assert set(run.pids()) == PROGRAM_NAMES
    assert "BACKEND_PORT" not in run.listening()
    url = f"http://127.0.0.1:{run.ports['PORT']}"
    assert httpx.get(f"{url}/healthz", trust_env=False).json() == {"status": "ok"}

    uses = {program.name: set(program.uses) for program in PROGRAMS}
    for name, pid in run.pids().items():
        found = environment(pid)
        assert {secret for secret in ALL_SECRETS if found.get(secret)} <= uses[name], name
        assert (found.get("RT_TOKEN") == tracker.token) is (name in ("actions", "worker")), name

    chat = Chat(url)
    for text in ("I need to talk to hmis support", "The report page stays white since Monday."):
        chat.say(text)
    chat.say("ada@agency.org")
    summary = chat.say("Ada Acosta")
    assert tracker.tickets() == []
    chat.press("Yes, file it", summary)
    (ticket,) = tracker.tickets()
    body, conversation = ticket.texts
    assert body.splitlines()[0] == "NOT VERIFIED: send passwords only to the address on the account"
    assert "The report page stays white" in body
    assert "Ada Acosta" in conversation
    assert ticket.people == [("ada@agency.org", "Ada Acosta")]
    assert ticket.fields == {ROW_FIELD: "contact_support"}
    said_at = datetime.fromisoformat(chat.history()[-1]["at"])
    assert abs(said_at - datetime.now(timezone.utc)) < timedelta(minutes=10)

    before = len(chat.history())
    tracker.answer(ticket.id, "Your word is hunter2.")
    run.wait(lambda: len(chat.history()) > before, 90, "Support's answer was not told")
    told = " ".join(message["text"] for message in chat.history()[before:])
    assert ticket.id in told
    assert "hunter2" not in told
    chat.close()

    logs = "".join(path.read_text(errors="replace") for path in (run.var / "log").glob("*.log"))
    secrets = [*read_secrets(run.var / "secrets.env").values(), tracker.token]
    assert [word for word in ("ada@agency.org", "Acosta", *secrets) if word in logs] == []


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"DESK": "sandbox"}, "DESK=sandbox is refused with MODE=production"),
        ({"ACCOUNTS": "sandbox"}, "ACCOUNTS=sandbox is refused with MODE=production"),
        ({"DOOR_SECRET": WEAK}, "DOOR_SECRET is too weak for MODE=production"),
        ({"DOOR_SECRET": SAME, "INNER_SECRET": SAME}, "INNER_SECRET and DOOR_SECRET are the same"),
        ({"DOOR_SECRET": SAME, "RT_TOKEN": SAME}, "RT_TOKEN and DOOR_SECRET are the same"),
        ({"POLICY_FILE": "policy.yml"}, r"policy\.yml:\d+: addresses\.help_page_url: an example address"),
    ],
)
def test_what_is_unsafe_is_one_line_before_anything_starts(
    run: LocalRun, environ: dict[str, str], message: str
) -> None:
    assert run.start(**environ).wait(60) == 1
    assert run.said().startswith("run: ")
    assert re.search(message, run.said())
    assert len(run.said().splitlines()) == 1
    assert [value for value in environ.values() if len(value) > 20 and value in run.said()] == []
    assert run.listening() == []


def test_a_desk_without_its_settings_ends_the_start_with_one_line(run: LocalRun) -> None:
    process = run.start(RT_TOKEN="")
    assert process.wait(180) == 1
    assert run.said().splitlines()[-1].startswith("run: ")
    assert "RT_TOKEN is needed with DESK=rt" in run.said().splitlines()[-1]
    assert run.listening() == []
