"""Links are asked over HTTP; a transport sends what is meant for https://… to loopback instead."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from common.policy import PolicyError
from scripts.check_links import BROKEN, LOOK, OK, Address, addresses_of, check_all, new_client
from tests.support.repository import ROOT

POLICY = (ROOT / "policy.yml").read_text(encoding="utf-8")


class Pages(BaseHTTPRequestHandler):
    """`/404` answers 404, `/moved` redirects to `/200`, `/round` to itself, `/dead` closes the connection."""

    asked: list[str]

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        name = self.path.strip("/")
        if name == "dead":
            self.close_connection = True
            return
        if name in ("moved", "round"):
            self.send_response(302)
            self.send_header("Location", "/200" if name == "moved" else "/round")
        else:
            self.send_response(int(name))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class ToLoopback(httpx.BaseTransport):
    """Hands every request to the server at `port`, whatever host it names."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        sent = httpx.Request(request.method, url, headers=request.headers, extensions=request.extensions)
        return self._inner.handle_request(sent)

    def close(self) -> None:
        self._inner.close()


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as running:
        running.asked = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def client(server: ThreadingHTTPServer) -> Iterator[httpx.Client]:
    with new_client(ToLoopback(server.server_address[1])) as made:
        yield made


@pytest.mark.parametrize(
    ("page", "state", "message"),
    [
        ("200", OK, "answers 200"),
        ("moved", OK, "leads to https://agency.org/200"),
        ("404", BROKEN, "answers 404"),
        ("410", BROKEN, "answers 410"),
        ("500", BROKEN, "answers 500"),
        ("403", LOOK, "open it in a browser"),
        ("429", LOOK, "open it in a browser"),
        ("round", BROKEN, "round and round"),
        ("dead", BROKEN, "cannot be reached"),
    ],
)
def test_what_a_link_may_answer(client: httpx.Client, page: str, state: str, message: str) -> None:
    address = Address("policy.yml:41", "addresses.cta_url", f"https://agency.org/{page}")
    (finding,) = check_all([address], client)
    assert (finding.state, message in finding.message) == (state, True), finding
    assert str(finding).startswith("policy.yml:41: addresses.cta_url: https://agency.org/")


@pytest.mark.parametrize(
    ("key", "value", "state"),
    [
        ("addresses.support_email", "help@agency.org", OK),
        ("addresses.support_email", "help@agency", BROKEN),
        ("addresses.support_email", "help@hmis.example", LOOK),
        ("addresses.support_phone", "(213) 555-0200", OK),
        ("addresses.support_phone", "(213) 555-0123", LOOK),
        ("addresses.support_phone", "call us", BROKEN),
        ("addresses.support_hours", "Monday to Friday", OK),
        ("addresses.cta_url", "https://cta.example/", LOOK),
    ],
)
def test_what_is_no_link_is_read(client: httpx.Client, key: str, value: str, state: str) -> None:
    (finding,) = check_all([Address("policy.yml:1", key, value)], client)
    assert finding.state == state


def test_a_link_that_stands_often_is_asked_once(client: httpx.Client, server: ThreadingHTTPServer) -> None:
    address = Address("policy.yml:41", "addresses.cta_url", "https://agency.org/404")
    findings = check_all([address, address], client)
    assert [finding.state for finding in findings] == [BROKEN, BROKEN]
    assert server.asked == ["/404"]  # type: ignore[attr-defined]


def test_every_address_is_found_with_its_line(tmp_path: Path) -> None:
    policy, texts = tmp_path / "policy.yml", tmp_path / "domain.yml"
    policy.write_text(POLICY, encoding="utf-8")
    texts.write_text('a:\n  - text: "See [this](https://agency.org/page), or https://agency.org/x."\n')
    found = addresses_of(policy, [texts])
    line = 1 + POLICY.splitlines().index("  cta_url: https://cta.example/")
    assert Address(f"{policy}:{line}", "addresses.cta_url", "https://cta.example/") in found
    assert [one.value for one in found if one.place == f"{texts}:2"] == [
        "https://agency.org/page",
        "https://agency.org/x",
    ]


def test_a_broken_policy_is_named(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text(POLICY.replace("retrain_after_days: 90", "retrain_after_days: soon"), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"policy\.yml:\d+: retrain_after_days"):
        addresses_of(policy, [])
