"""The console refuses whoever is not at it: sessions, forms, hosts, origins, headers."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from backend.console.guard import is_known_host
from backend.console.session import Session, Sessions
from backend.console.sign_in import safe_page
from tests.support.backend_server import RunningBackend, extension, ticket_draft
from tests.support.console_browser import Agent

CASEY = "casey.forty@agency.example"
PROTECTED = ["tickets", "tickets/1001", "accounts", "accounts/x", "cta", "cta/x", "mail", "clock"]


@pytest.fixture
def agent(backend: RunningBackend) -> Iterator[Agent]:
    with Agent(backend) as signed_in:
        yield signed_in


def test_every_page_asks_to_sign_in(shared_backend: RunningBackend) -> None:
    for path in PROTECTED:
        answer = shared_backend.visitor.get(f"/console/{path}")
        assert answer.status_code == 303, path
        assert answer.headers["location"] == f"/console/sign-in?next=/console/{path}", path
    with Agent(shared_backend, signed_in=False) as visitor:
        form = visitor.open("mail").form("/sign-in")
        assert visitor.send(form, password=shared_backend.console_password).path == "/console/mail"


def test_every_form_asks_to_sign_in(backend: RunningBackend) -> None:
    account = backend.find(CASEY)["id"]
    desk = ("tickets/1001/reply", "tickets/1001/close", f"accounts/{account}/reactivate")
    for path in (*desk, "cta/enroll", "cta/x/complete", "clock/hour"):
        answer = backend.visitor.post(f"/console/{path}", headers={"Origin": backend.url})
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in"), path
    assert extension(backend.find(CASEY))["state"] == "inactive"
    assert backend.world.clock_file is not None and not backend.world.clock_file.exists()


def test_wrong_passwords_stay_out_and_slow_down(backend: RunningBackend) -> None:
    with Agent(backend, signed_in=False) as visitor:
        for _ in range(10):
            page = visitor.sign_in("guess")
            assert (page.status, "not the console's password" in page.text) == (403, True)
        assert visitor.sign_in().status == 429
        assert visitor.open("tickets").path == "/console/sign-in"


def test_the_cookie_is_strict_and_changes_at_sign_in(backend: RunningBackend) -> None:
    with Agent(backend, signed_in=False) as visitor:
        answer = visitor.client.get("/console/sign-in")
        cookie = answer.headers["set-cookie"]
        for attribute in ("HttpOnly", "SameSite=strict", "Path=/console"):
            assert attribute in cookie
        before = visitor.client.cookies["hmis_console"]
        visitor.sign_in()
        assert visitor.client.cookies["hmis_console"].split(".")[0] != before.split(".")[0]
        visitor.press("tickets", "/sign-out")
        assert visitor.open("tickets").path == "/console/sign-in"


FORGED = ["", "x", "a.in.9999999999.00", "a.in.9999999999", "..", "a.in.x." + "0" * 64, "é.in.1.2"]


@pytest.mark.parametrize("cookie", FORGED)
def test_forged_cookies_are_nobody(cookie: str) -> None:
    assert Sessions("secret", "password").read(cookie) is None


def test_sessions_end_with_time_and_with_the_password() -> None:
    sessions = Sessions("secret", "password")
    cookie = sessions.to_cookie(sessions.start(signed_in=True))
    assert sessions.read(cookie) is not None
    assert Sessions("secret", "another").read(cookie) is None
    assert Sessions("another", "password").read(cookie) is None
    assert sessions.read(cookie.replace(".in.", ".out.")) is None
    assert sessions.read(sessions.to_cookie(Session("a", True, 1))) is None


def test_a_form_needs_its_own_sessions_token(backend: RunningBackend, agent: Agent) -> None:
    path = agent.account_path(CASEY)
    form = agent.open(path).form("/reactivate")
    with Agent(backend) as other:
        foreign = other.open(path).form("/reactivate").fields["form_token"]
    for token in ("", "x", foreign, "é"):
        assert agent.send(form, form_token=token).status == 403, token
    assert extension(backend.find(CASEY))["state"] == "inactive"
    assert agent.send(form).status == 200


def test_the_token_from_before_the_sign_in_is_worthless_after(backend: RunningBackend) -> None:
    with Agent(backend, signed_in=False) as agent:
        early = agent.open("sign-in").form("/sign-in").fields["form_token"]
        agent.sign_in()
        form = agent.open(agent.account_path(CASEY)).form("/reactivate")
        assert agent.send(form, form_token=early).status == 403


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Referer": "https://evil.example/console/"},
    {},
]


def test_a_form_from_elsewhere_is_refused(backend: RunningBackend, agent: Agent) -> None:
    form = agent.open(agent.account_path(CASEY)).form("/reactivate")
    for headers in FOREIGN:
        answer = agent.client.post(form.action, data=form.fields, headers=headers)
        assert answer.status_code == 403, headers
    assert extension(backend.find(CASEY))["state"] == "inactive"
    for good in ({"Sec-Fetch-Site": "same-origin"}, {"Referer": f"{backend.url}/console/accounts"}):
        assert agent.send(form, headers=good).status == 200


HOSTS = [
    ("127.0.0.1", True),
    ("127.0.0.1:8090", True),
    ("localhost:8090", True),
    ("LOCALHOST", True),
    ("[::1]:8090", True),
    ("evil.example", False),
    ("127.0.0.1.evil.example", False),
    ("localhost.evil.example:8090", False),
    ("user@127.0.0.1.evil.example", False),
    ("[::1", False),
    ("", False),
]


@pytest.mark.parametrize(("host", "known"), HOSTS)
def test_known_hosts(host: str, known: bool) -> None:
    assert is_known_host(host) is known


def test_another_host_name_is_refused(shared_backend: RunningBackend) -> None:
    for path in ("/console/sign-in", "/console/static/console.css"):
        answer = shared_backend.visitor.get(path, headers={"Host": "evil.example"})
        assert answer.status_code == 400, path


def test_headers_on_every_answer(shared_backend: RunningBackend) -> None:
    for path in ("sign-in", "tickets", "nothing", "static/console.css"):
        answer = shared_backend.visitor.get(f"/console/{path}")
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'self';") and "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


NEXT = [
    ("/console/mail", "/mail"),
    ("/console/tickets/1001", "/tickets/1001"),
    ("/console//evil.example", ""),
    ("//evil.example", ""),
    ("https://evil.example", ""),
    ("/console/mail?x=1", ""),
    ("/console/\\evil.example", ""),
    ("", ""),
]


@pytest.mark.parametrize(("wanted", "expected"), NEXT)
def test_where_the_sign_in_leads(wanted: str, expected: str) -> None:
    assert safe_page(wanted) == expected


def test_unknown_places(agent: Agent, backend: RunningBackend) -> None:
    for path in (
        "nothing",
        "tickets/7",
        "tickets/x",
        "tickets/0",
        "accounts/x",
        "tickets?page=0",
        "tickets?page=x",
    ):
        assert agent.open(path).status == 404, path
    form = agent.open(agent.account_path(CASEY)).form("/reactivate")
    form.action = form.action.replace("reactivate", "promote")
    assert agent.send(form).status == 404


def test_a_form_without_its_fields_does_nothing(backend: RunningBackend, agent: Agent) -> None:
    backend.api.post("/tickets", json=ticket_draft(), headers={"Idempotency-Key": "k"})
    form = agent.open("tickets/1001").form("/close")
    form.action = "/console/tickets/1001/answer"
    assert agent.send(form).status == 400
    form.action = "/console/tickets/1001/reply"
    assert agent.send(form, text="Hello").status == 400
    assert backend.mails() == []


def test_a_notice_cannot_be_written_into_the_address(agent: Agent) -> None:
    page = agent.open("tickets?done=<b>Your+account+is+closed</b>")
    assert "Your account is closed" not in page.text


def test_the_console_needs_no_api_token_and_gives_none(backend: RunningBackend, agent: Agent) -> None:
    assert agent.client.get("/scim/v2/Users").status_code == 401
    assert agent.client.get("/tickets", params={"requester": CASEY}).status_code == 401
    with httpx.Client(base_url=backend.url, headers={"Authorization": f"Bearer {backend.token}"}) as client:
        assert client.get("/console/mail").status_code == 303
