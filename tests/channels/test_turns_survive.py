"""Nothing said is lost or doubled: faults of the assistant, restarts, kill -9."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels.assistant import AssistantBroken
from channels.model import Reply, Turn
from channels.places import FairPlaces
from tests.support.fake_assistant import FakeAssistant
from tests.support.gateway_process import Chat, running_gateway


def _answered(messages: list[dict[str, Any]]) -> list[str]:
    return [message["text"] for message in messages if message["from"] == "assistant"]


def _said(messages: list[dict[str, Any]]) -> list[str]:
    return [message["text"] for message in messages if message["from"] == "person"]


@pytest.mark.parametrize("fault", ["503", "500", "shape", "hang_up", "die"])
def test_a_fault_that_passes_is_not_noticed(client: httpx.Client, fake: FakeAssistant, fault: str) -> None:
    chat = Chat(client)
    chat.settled()
    fake.fail(fault, times=3)
    answer = chat.say("please")
    assert answer.status_code == 200
    assert [message["text"] for message in answer.json()["messages"]] == ["You said: please"]
    assert fake.texts() == ["please"]
    tries = [turn for turn in fake.requests if turn.get("text") == "please"]
    assert len(tries) == 4 and all(turn == tries[0] for turn in tries)


def test_while_the_assistant_is_down_everything_is_kept_in_order(
    local: Any, client: httpx.Client, fake: FakeAssistant
) -> None:
    chat = Chat(client)
    chat.settled()
    fake.stop()
    for n in range(3):
        answer = chat.say(f"m{n}", f"c{n}")
        assert (answer.status_code, answer.json()["pending"], answer.json()["messages"]) == (202, True, [])
        assert answer.json()["said"]["seq"] == 2 + n
    assert chat.say("m0", "c0").status_code == 202
    assert chat.history()["pending"] is True
    fake.start()
    messages = chat.settled()
    assert _said(messages) == ["m0", "m1", "m2"] == fake.texts()
    assert _answered(messages)[1:] == ["You said: m0", "You said: m1", "You said: m2"]
    assert chat.say("m0", "c0").json()["messages"][0]["text"] == "You said: m0"


def test_a_conversation_opens_while_the_assistant_is_down(client: httpx.Client, fake: FakeAssistant) -> None:
    fake.stop()
    chat = Chat(client)
    assert chat.history() == {"messages": [], "more": False, "pending": True}
    fake.start()
    assert chat.settled()[0]["text"].startswith("Hello!")


def test_a_slow_answer_comes_by_the_stream(client: httpx.Client, fake: FakeAssistant) -> None:
    chat = Chat(client)
    chat.settled()
    fake.delay = 1.6
    fake.fail("slow", times=1)
    assert chat.say("slowly").status_code == 202
    for name, data in chat.events(after=2):
        if name == "message":
            assert data["text"] == "You said: slowly"
            break
    assert fake.texts() == ["slowly"]


def test_the_date_of_a_turn_is_when_it_was_said(
    local: Any, client: httpx.Client, fake: FakeAssistant
) -> None:
    chat = Chat(client)
    chat.settled()
    fake.stop()
    chat.say("yesterday")
    local.clock.advance(timedelta(days=1))
    fake.start()
    chat.settled()
    assert {turn["at"] for turn in fake.requests if turn.get("text")} == {"2026-11-23T17:00:00+00:00"}


@pytest.mark.parametrize(("fault", "limit"), [("500", {"failures_before_giving_up": 3}), ("refuse", {}),
                                              ("503", {"unkept_before_giving_up": 4})])  # fmt: skip
def test_a_turn_that_never_works_does_not_hold_up_the_next(
    start: Callable[..., Any], fake: FakeAssistant, fault: str, limit: dict[str, int]
) -> None:
    with httpx.Client(base_url=start(**limit).url, timeout=15) as client:
        chat = Chat(client)
        chat.settled()
        fake.fail(fault)
        refused = chat.say("poison").json()["messages"]
        assert refused[0]["text"].startswith("Sorry") and refused[0]["from"] == "assistant"
        fake.mend()
        assert chat.say("fine").json()["messages"][0]["text"] == "You said: fine"


def test_an_unforeseen_error_is_a_failure_like_others(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    local = start(failures_before_giving_up=3)
    with httpx.Client(base_url=local.url, timeout=15) as client:
        chat = Chat(client)
        chat.settled()
        ask, tries = local.gateway.assistant.turn, []

        async def broken(turn: Turn) -> list[Reply]:
            if turn.said == {"text": "poison"}:
                tries.append(turn)
                raise ValueError("nobody thought of this")
            return await ask(turn)  # type: ignore[no-any-return]

        monkeypatch.setattr(local.gateway.assistant, "turn", broken)
        assert chat.say("poison").json()["messages"][0]["text"].startswith("Sorry")
        assert chat.say("fine").json()["messages"][0]["text"] == "You said: fine"
    assert len(tries) == 3
    assert len([record for record in caplog.records if "unforeseen" in record.message]) == 3


@pytest.mark.parametrize("broken", ["next_pending", "finish_turn", "count_failure"])
def test_an_unforeseen_error_of_the_store_is_tried_again_after_a_pause(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    local = start()
    gateway = local.gateway
    with httpx.Client(base_url=local.url, timeout=15) as client:
        chat = Chat(client)
        chat.settled()
        work, pause, steps = getattr(gateway.store, broken), gateway.turns._pause, []

        def works_the_fourth_time(*args: Any) -> Any:
            steps.append("work")
            if steps.count("work") < 4:
                raise ValueError("nobody thought of this")
            return work(*args)

        async def noted_pause(tries: int) -> None:
            steps.append("pause")
            await pause(tries)

        async def fails(_: Turn) -> list[Reply]:
            raise AssistantBroken("on purpose")

        monkeypatch.setattr(gateway.store, broken, works_the_fourth_time)
        monkeypatch.setattr(gateway.turns, "_pause", noted_pause)
        if broken == "count_failure":
            monkeypatch.setattr(gateway.assistant, "turn", fails)
        if broken == "next_pending":
            local._loop.call_soon_threadsafe(gateway.turns.wake, chat.id)
        else:
            chat.say("hello")
        _eventually(lambda: steps.count("work") >= 4)
    assert steps[:7] == ["work", "pause"] * 3 + ["work"]


def test_a_worker_that_died_begins_again_after_a_pause(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    local = start(retry_longest=3600.0)
    turns, begun = local.gateway.turns, []

    async def dies(*_: object) -> None:
        begun.append("worker")
        turns._again.add("a")
        raise ValueError("nobody thought of this")

    async def wake() -> None:
        turns.wake("a", source="192.0.2.7")
        for _ in range(50):
            await asyncio.sleep(0)

    monkeypatch.setattr(turns, "_drain", dies)
    asyncio.run_coroutine_threadsafe(wake(), local._loop).result(10)
    assert begun == ["worker"] and not turns.busy("a") and not turns._sources
    local._loop.call_soon_threadsafe(turns._go_on, "a", "192.0.2.7")
    _eventually(lambda: begun == ["worker"] * 2)


async def test_one_source_leaves_places_to_others() -> None:
    places, under_way = FairPlaces(4, 2), []

    async def turn(source: str, go_on: asyncio.Event) -> None:
        async with places.held(source):
            under_way.append(source)
            await go_on.wait()
            under_way.remove(source)

    go_on = asyncio.Event()
    turns = [asyncio.create_task(turn(source, go_on)) for source in ["many"] * 6 + ["one", ""]]
    for _ in range(20):
        await asyncio.sleep(0)
    assert sorted(under_way) == ["", "many", "many", "one"]
    turns[2].cancel()
    go_on.set()
    await asyncio.gather(*turns, return_exceptions=True)
    assert under_way == [] and len(places) == 0


def test_a_flood_from_one_address_is_worked_off(start: Callable[..., Any], fake: FakeAssistant) -> None:
    local = start(turns_per_source=2, answer_within=10)
    with httpx.Client(base_url=local.url, timeout=15) as client:
        chats = [Chat(client) for _ in range(6)]
        with ThreadPoolExecutor(6) as pool:
            assert {answer.status_code for answer in pool.map(lambda chat: chat.say("hello"), chats)} == {200}
        assert fake.texts() == ["hello"] * 6


def test_an_assistant_that_is_not_well_is_waited_for(start: Callable[..., Any], fake: FakeAssistant) -> None:
    fake.healthy = False
    with httpx.Client(base_url=start(unkept_before_giving_up=2).url, timeout=15) as client:
        fake.fail("503", times=10)
        assert Chat(client).settled()[0]["text"].startswith("Hello!")


def test_one_conversation_in_trouble_leaves_others_alone(client: httpx.Client, fake: FakeAssistant) -> None:
    one, two = Chat(client), Chat(client)
    one.settled(), two.settled()
    fake.delay = 1.5
    fake.fail("slow", times=1)
    assert one.say("slow").status_code == 202
    assert two.say("quick").status_code == 200


def test_killed_with_turns_waiting_and_started_again(tmp_path: Path, fake: FakeAssistant) -> None:
    with (
        running_gateway(tmp_path, fake.url) as gateway,
        httpx.Client(base_url=gateway.url, timeout=20) as client,
    ):
        chat, other = Chat(client), Chat(client)
        chat.settled(), other.settled()
        fake.stop()
        for name, one in (("mine", chat), ("theirs", other)):
            for n in range(2):
                with pytest.raises(httpx.TimeoutException):
                    one.send({"client_id": f"c{n}", "text": f"{name} {n}"}, timeout=0.5)
        gateway.kill()
        fake.start()
        gateway.start()
        for name, one in (("mine", chat), ("theirs", other)):
            expected = [f"{name} {n}" for n in range(2)]
            messages = one.settled()
            assert _said(messages) == expected
            assert _answered(messages)[1:] == [f"You said: {text}" for text in expected]
            assert [text for text in fake.texts() if text.startswith(name)] == expected
            again = one.say(expected[0], "c0")
            assert again.json()["messages"][0]["text"] == f"You said: {expected[0]}"
        assert len({turn["turn_id"] for turn in fake.turns}) == len(fake.turns) == 6


def test_killed_between_the_assistants_answer_and_ours(tmp_path: Path, fake: FakeAssistant) -> None:
    with (
        running_gateway(tmp_path, fake.url) as gateway,
        httpx.Client(base_url=gateway.url, timeout=20) as client,
    ):
        chat = Chat(client)
        chat.settled()
        fake.delay = 1.0
        fake.fail("slow", times=1)
        with pytest.raises(httpx.TimeoutException):
            chat.send({"client_id": "c", "text": "cut"}, timeout=0.3)
        gateway.kill()
        gateway.start()
        messages = chat.settled()
        assert fake.texts() == ["cut"] and _answered(messages)[1:] == ["You said: cut"]


def test_stopping_ends_streams_and_keeps_what_waits(tmp_path: Path, fake: FakeAssistant) -> None:
    with (
        running_gateway(tmp_path, fake.url) as gateway,
        httpx.Client(base_url=gateway.url, timeout=20) as client,
    ):
        chat = Chat(client)
        chat.settled()
        fake.stop()
        with pytest.raises(httpx.TimeoutException):
            chat.send({"client_id": "c", "text": "wait"}, timeout=0.5)
        stream = chat.events(after=2, timeout=20)
        assert next(stream) == ("state", {"pending": True})
        began = time.monotonic()
        assert gateway.stop() == 0
        assert list(stream) == [] and time.monotonic() - began < 15
        assert "Traceback" not in gateway.log.read_text()
        fake.start()
        gateway.start()
        assert _answered(chat.settled())[1:] == ["You said: wait"]


def test_streams_resume_where_they_ended(client: httpx.Client) -> None:
    chat = Chat(client)
    chat.settled()
    for n in range(3):
        chat.say(f"m{n}")
    seen = []
    for name, data in chat.events(after=3):
        if name == "state":
            break
        seen.append(data["seq"])
    assert seen == [4, 5, 6, 7]
    headers = {**chat.headers, "Last-Event-ID": "6"}
    with client.stream("GET", f"{chat.path}/stream", headers=headers) as response:
        lines = response.iter_lines()
        assert response.headers["content-type"].startswith("text/event-stream")
        ids = []
        for line in lines:
            if line.startswith("id: "):
                ids.append(line)
            if line == ": still here":
                break
    assert ids == ["id: 7"]


def test_streams_are_counted(start: Callable[..., Any]) -> None:
    with httpx.Client(base_url=start(streams_per_conversation=1).url, timeout=15) as client:
        chat = Chat(client)
        chat.settled()
        first = chat.events()
        next(first)
        assert next(chat.events()) == ("busy", {})
        first.close()


def _eventually(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.03)
