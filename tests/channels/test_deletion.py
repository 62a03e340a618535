"""What is deleted is gone: here, at the assistant, and from the files, whatever dies in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.fake_assistant import FakeAssistant
from tests.support.gateway_process import Chat, running_gateway


@pytest.mark.parametrize("fault", [None, "503", "hang_up"])
def test_deleting_takes_the_assistants_copy_too(
    client: httpx.Client, fake: FakeAssistant, fault: str | None
) -> None:
    chat = Chat(client)
    chat.settled()
    chat.say("mine")
    if fault:
        fake.fail(fault, times=2)
    stream = chat.events(after=3)
    next(stream)
    assert chat.delete().status_code == 204
    assert ("gone", {}) in list(stream)
    _eventually(lambda: fake.deleted == [chat.id])
    assert chat.delete().status_code == 204
    assert chat.say("still there?").status_code == 404
    time.sleep(0.3)
    assert fake.deleted == [chat.id]


def test_a_turn_that_is_being_stored_counts_as_busy(local: Any) -> None:
    turns = local.gateway.turns
    with turns.coming("a"), turns.coming("a"):
        assert turns.busy("a") and not turns.busy("b")
    assert not turns.busy("a")


def test_a_deletion_leaves_the_files_while_the_gateway_runs(local: Any, client: httpx.Client) -> None:
    chat = Chat(client)
    chat.settled()
    chat.say("a sentence to be forgotten")
    var = local.settings.var_dir
    chat.delete()
    _eventually(
        lambda: all(
            b"a sentence to be forgotten" not in path.read_bytes() for path in var.glob("gateway.db*")
        )
    )


def test_files_are_scrubbed_hourly_too(local: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    scrubbed = []

    def scrub() -> bool:
        scrubbed.append(1)
        return True

    _eventually(lambda: not local.gateway.retention._to_scrub)
    monkeypatch.setattr(local.gateway.store, "scrub", scrub)
    time.sleep(0.6)
    assert scrubbed == []
    local.late = 3_601.0
    _eventually(lambda: scrubbed == [1])


def test_scrubbing_is_tried_again(local: Any, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [False, False, True]
    _eventually(lambda: not local.gateway.retention._to_scrub)
    monkeypatch.setattr(local.gateway.store, "scrub", lambda: answers.pop(0))
    Chat(client).delete()
    _eventually(lambda: answers == [] and not local.gateway.retention._to_scrub)


def test_a_deletion_outlives_a_kill(tmp_path: Path, fake: FakeAssistant) -> None:
    with (
        running_gateway(tmp_path, fake.url) as gateway,
        httpx.Client(base_url=gateway.url, timeout=20) as client,
    ):
        chat = Chat(client)
        chat.settled()
        chat.say("a sentence to be forgotten")
        fake.stop()
        assert chat.delete().status_code == 204
        gateway.kill()
        fake.start()
        gateway.start()
        _eventually(lambda: fake.deleted == [chat.id])
        gateway.stop()
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("gateway.db*"))
        assert b"a sentence to be forgotten" not in kept


def test_old_conversations_expire_with_the_assistants_copy(
    local: Any, client: httpx.Client, fake: FakeAssistant
) -> None:
    chat = Chat(client)
    chat.settled()
    local.late = 29.9 * 86_400
    time.sleep(0.5)
    assert chat.history()["messages"] and fake.deleted == []
    local.late = 30.1 * 86_400
    _eventually(lambda: fake.deleted == [chat.id])
    assert chat.say("late").json()["error"]["code"] == "token_expired"


def _eventually(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.03)
