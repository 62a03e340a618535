"""The HTTP core: which failure means what, and that a call ends in time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from actions.http import (
    CallHuman,
    ClientError,
    HttpClient,
    Limits,
    NotFound,
    NotSent,
    RetryLater,
    TellPerson,
    Uncertain,
    time_left,
    time_limit,
)
from tests.support.fake_world import TOKEN, FakeWorld
from tests.support.fault_proxy import FaultProxy

LIMITS = Limits(connect=0.5, read=0.5, total=0.7, at_once=2)


@pytest.fixture
def world() -> Iterator[FakeWorld]:
    one = FakeWorld()
    yield one
    one.close()


@pytest.fixture
def proxy(world: FakeWorld) -> Iterator[FaultProxy]:
    one = FaultProxy(world.url, delay=1.2)
    yield one
    one.close()


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[HttpClient]:
    one = HttpClient("world", proxy.url, TOKEN, limits=LIMITS)
    yield one
    one.close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, CallHuman),
        (400, TellPerson),
        (401, CallHuman),
        (403, CallHuman),
        (404, NotFound),
        (405, CallHuman),
        (408, Uncertain),
        (409, TellPerson),
        (422, TellPerson),
        (429, RetryLater),
        (500, Uncertain),
        (502, Uncertain),
        (503, Uncertain),
        (202, Uncertain),
    ],
)
def test_status(world: FakeWorld, client: HttpClient, status: int, kind: type[ClientError]) -> None:
    world.status_of["/tickets"] = status
    with pytest.raises(ClientError) as caught:
        client.call("GET", "/tickets", params={"requester": "jo@agency.org"})
    assert type(caught.value) is kind
    assert str(caught.value) == f"world GET /tickets: status {status}"


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "delay_after", "garbage", "half", "drip"])
def test_a_lost_call_is_uncertain(proxy: FaultProxy, client: HttpClient, fault: str) -> None:
    proxy.plan(fault, "GET", "/tickets")
    with pytest.raises(Uncertain):
        client.call("GET", "/tickets")
    assert proxy.seen == ["GET /tickets"]


def test_only_harmless_calls_are_repeated(proxy: FaultProxy, client: HttpClient) -> None:
    proxy.plan("drop_after", "GET", "/tickets")
    assert client.call("GET", "/tickets", harmless=True).json == {"tickets": []}
    assert proxy.seen == ["GET /tickets"] * 2


@pytest.mark.parametrize("base", ["http://127.0.0.1:{closed}", "http://no-such-host.invalid"])
def test_nobody_there_is_surely_not_sent(base: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    client = HttpClient("world", base.format(closed=closed), TOKEN, limits=LIMITS)
    with pytest.raises(NotSent):
        client.call("POST", "/tickets", body={})
    client.close()


def test_no_more_than_a_few_calls_at_once(world: FakeWorld) -> None:
    world.gate.clear()
    client = HttpClient("world", world.url, TOKEN, limits=Limits(connect=30, read=30, total=2.0, at_once=2))
    kinds: list[str] = []

    def call(seconds: float) -> None:
        try:
            with time_limit(seconds):
                client.call("GET", "/tickets")
        except ClientError as error:
            kinds.append(type(error).__name__)

    def start(calls: int, seconds: float) -> list[threading.Thread]:
        threads = [threading.Thread(target=call, args=(seconds,)) for _ in range(calls)]
        for thread in threads:
            thread.start()
        return threads

    first = start(2, 2.0)
    while len(world.requests) < 2:
        time.sleep(0.01)
    for thread in start(6, 0.4) + first:  # the six are over while both connections are still busy
        thread.join()
    world.gate.set()
    client.close()
    assert sorted(kinds) == ["NotSent"] * 6 + ["Uncertain"] * 2
    assert len(world.requests) == 2


def test_time_limits_nest_and_end_calls(proxy: FaultProxy, client: HttpClient) -> None:
    proxy.plan("delay_after", "GET", "/tickets", times=9)
    began = time.monotonic()
    with time_limit(0.3):
        with time_limit(60):
            left = time_left()
            assert left is not None and left <= 0.3
            with pytest.raises(Uncertain):
                client.call("GET", "/tickets", harmless=True)
        with pytest.raises(NotSent):
            client.call("GET", "/tickets")
    assert time_left() is None
    assert time.monotonic() - began < 10
    assert proxy.seen == ["GET /tickets"]


def test_secrets_and_addresses_are_in_no_error(proxy: FaultProxy, client: HttpClient) -> None:
    for fault in ("drop_before", "status_500", "garbage", "half"):
        proxy.plan(fault, "GET", "/tickets")
        with pytest.raises(ClientError) as caught:
            client.call("GET", "/tickets", params={"requester": "jo@agency.org"})
        chain: BaseException | None = caught.value
        assert chain is not None and chain.__cause__ is None
        assert "jo" not in str(chain) and TOKEN not in str(chain) and "127.0.0.1" not in str(chain)


def test_a_netrc_of_the_machine_does_not_replace_our_token(
    world: FakeWorld, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = f"{tmp_path}/netrc"
    with open(file, "w") as out:
        out.write("machine 127.0.0.1 login x password y\n")
    monkeypatch.setenv("NETRC", file)
    client = HttpClient("world", world.url, TOKEN, limits=LIMITS)
    assert client.call("GET", "/tickets").status == 200
    client.close()
