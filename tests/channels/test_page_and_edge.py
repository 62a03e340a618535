"""The page, its files, the headers on every answer, health, the log."""

from __future__ import annotations

import gzip
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels.markup import to_markup
from channels.words import filled
from tests.support.fake_assistant import FakeAssistant
from tests.support.gateway_process import HOWTO, ROOT, Chat, GatewayProcess, running_gateway


def test_every_answer_is_locked_down(client: httpx.Client) -> None:
    chat = Chat(client)
    paths = ["/", "/healthz", "/static/page.js", "/nothing", f"{chat.path}/messages", "/static/../server.py"]
    for path in paths:
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy and "http" not in policy
        assert "frame-ancestors 'self'" in policy and "base-uri 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in headers and "server" not in headers
    assert client.get(f"{chat.path}/messages", headers=chat.headers).headers["cache-control"] == "no-store"


def test_the_page_needs_no_inline_script_or_style(client: httpx.Client, tmp_path: Path) -> None:
    shutil.copy(HOWTO, tmp_path / "howto.json")
    html = client.get("/").text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_every_row_and_the_way_to_support_are_in_the_page(client: httpx.Client, tmp_path: Path) -> None:
    shutil.copy(HOWTO, tmp_path / "howto.json")
    html = client.get("/").text
    for row in json.loads(HOWTO.read_text())["rows"]:
        assert f'id="{row["flow"]}"' in html and row["title"] in html
        assert (row["login_message"] or "") in html
    assert html.count("In the last 90 days") == 1 and "In the last 90 days: " not in html
    assert '<a href="#new_account">Get a new account</a>' in html
    assert "&lt;call&gt;" in html and "<call>" not in html
    assert '<a href="https://hmis.example/reset-password">Reset your password</a>' in html
    assert "https://support.example/hmis" in html and "(213) 555-0123" in html and "call 211" in html


def test_the_page_follows_the_file(client: httpx.Client, tmp_path: Path) -> None:
    assert "Reactivate my account" not in client.get("/").text
    howto = tmp_path / "howto.json"
    shutil.copy(HOWTO, howto)
    assert "Reactivate my account" in client.get("/").text
    howto.write_text('{"rows": "broken"}')
    assert "Reactivate my account" in client.get("/").text
    howto.write_text('{"rows": []}')
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a **b** c", "a <strong>b</strong> c"),
        ("[x](https://a.example/?b=1&c=2)", '<a href="https://a.example/?b=1&amp;c=2">x</a>'),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](data:text/html,hi)", "[x](data:text/html,hi)"),
        ('[x](https://a.example/"onclick="y)', '<a href="https://a.example/&#34;onclick=&#34;y">x</a>'),
        ("<script>", "&lt;script&gt;"),
        ("see https://a.example/b.", 'see <a href="https://a.example/b">https://a.example/b</a>.'),
        ("[x](#new_account)", '<a href="#new_account">x</a>'),
        ("[x](#a'b)", "[x](#a&#39;b)"),
        ("me@a.example", '<a href="mailto:me@a.example">me@a.example</a>'),
    ],
)
def test_markup(text: str, html: str) -> None:
    assert str(to_markup(text)) == html


def test_filled_leaves_unknown_names() -> None:
    assert filled("{a} {b} {{", {"a": "1"}) == "1 {b} {"


def test_files_are_compressed_and_checked(client: httpx.Client) -> None:
    first = client.get("/static/chat/element.js")
    assert first.headers["content-encoding"] == "gzip" and first.headers["cache-control"] == "no-cache"
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    again = client.get("/static/chat/element.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    plain = client.get("/static/chat/element.js", headers={"Accept-Encoding": "identity"})
    assert plain.text == first.text and "content-encoding" not in plain.headers
    assert client.get("/static/%2e%2e/words.yml").status_code == 404
    assert client.get("/static/chat").status_code == 404


def test_the_component_stays_small(client: httpx.Client) -> None:
    names = [path.name for path in (ROOT / "channels/static/chat").iterdir()] + ["words.js"]
    sizes = {name: len(gzip.compress(client.get(f"/static/chat/{name}").content, 9)) for name in names}
    assert sum(sizes.values()) <= 15_000, sizes


def test_the_component_never_parses_html() -> None:
    for path in (ROOT / "channels/static").rglob("*.js"):
        source = path.read_text()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(", source
        )


@contextmanager
def _answering(body: bytes, status: int = 200) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


OK = b'{"status":"ok"}'


@pytest.mark.parametrize(
    ("actions", "backend", "healthy", "environ", "down"),
    [
        ((OK, 200), (OK, 200), True, {}, []),
        ((OK, 200), (OK, 200), False, {}, ["assistant"]),
        ((OK, 500), (OK, 200), True, {}, ["actions"]),
        ((b'{"status":"down","down":["worker"]}', 503), (OK, 200), True, {}, ["worker"]),
        ((b'{"status":"ok","worker":"down"}', 200), (OK, 200), True, {}, ["worker"]),
        ((b'{"status":"ok","worker":"ok"}', 200), (OK, 200), True, {}, []),
        ((OK, 200), (b"", 503), True, {}, ["backend"]),
        ((OK, 200), (b"", 503), True, {"ACCOUNTS": "none", "DESK": "email"}, []),
        ((b"plain", 200), (b"[]", 200), True, {}, []),
    ],
)
def test_health_names_what_is_down(
    start: Callable[..., Any],
    fake: FakeAssistant,
    actions: tuple[bytes, int],
    backend: tuple[bytes, int],
    healthy: bool,
    environ: dict[str, str],
    down: list[str],
) -> None:
    fake.healthy = healthy
    with _answering(*actions) as actions_url, _answering(*backend) as backend_url:
        local = start({"ACTIONS_URL": actions_url, "BACKEND_URL": backend_url, **environ})
        answer = httpx.get(f"{local.url}/healthz")
    expected = {"status": "down", "down": down} if down else {"status": "ok"}
    assert answer.json() == expected and answer.status_code == (503 if down else 200)


def test_health_waits_for_nobody_for_long(start: Callable[..., Any], fake: FakeAssistant) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        local = start({"ACTIONS_URL": url, "BACKEND_URL": url})
        answer = httpx.get(f"{local.url}/healthz", timeout=10)
    assert answer.json()["down"] == ["actions", "backend"]


def test_health_sees_the_database(local: Any, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OSError("disk full")

    local.gateway.store.ping = broken
    assert "database" in client.get("/healthz").json()["down"]


def test_the_log_holds_nothing_personal(tmp_path: Path, fake: FakeAssistant) -> None:
    with (
        running_gateway(tmp_path, fake.url) as gateway,
        httpx.Client(base_url=gateway.url, timeout=20) as client,
    ):
        chat = Chat(client)
        chat.say("I am Jane Doe, jane.doe@agency.example, ssn 123-45-6789")
        fake.fail("500", times=1)
        chat.say("another sentence of mine")
        chat.send({"client_id": "x", "button": "unknown-button.0"})
        chat.delete()
        gateway.stop()
        log = gateway.log.read_text()
    token = chat.headers["Authorization"].removeprefix("Bearer ")
    for secret in ("jane", "agency.example", "123-45", "sentence", chat.id, token, token[-43:], "127.0.0.1 "):
        assert secret.lower() not in log.lower(), secret
    assert "POST /conversations/{conversation_id}/messages 200" in log


def test_files_are_for_their_own_user_alone(tmp_path: Path, fake: FakeAssistant) -> None:
    with running_gateway(tmp_path, fake.url):
        files = list(tmp_path.rglob("gateway.db*"))
        assert files and all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_a_busy_port_is_one_clear_line(tmp_path: Path, fake: FakeAssistant) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for variable in ("PORT", "INNER_PORT"):
            gateway = GatewayProcess(tmp_path, fake.url, **{variable: str(port)})
            done = _run(gateway.environ)
            assert done.returncode == 2
            assert re.fullmatch(rf"{variable}: .*{port}.*\n", done.stderr), done.stderr


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"GATEWAY_SECRET": ""}, "GATEWAY_SECRET"),
        ({"DOOR_SECRET": ""}, "DOOR_SECRET"),
        ({"INNER_SECRET": ""}, "INNER_SECRET"),
        ({"PORT": "no"}, "PORT"),
        ({"RETENTION_DAYS": "never"}, "RETENTION_DAYS"),
        ({"POLICY_FILE": "missing.yml"}, "missing.yml"),
        ({"GATEWAY_DATABASE_URL": "sqlite:////proc/none/gateway.db"}, "GATEWAY_DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(
    tmp_path: Path, fake: FakeAssistant, changes: dict[str, str], named: str
) -> None:
    done = _run(GatewayProcess(tmp_path, fake.url, **changes).environ)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1 and named in done.stderr, done.stderr


def _run(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "channels.server"],
        cwd=ROOT,
        env={**environ, "PYTHONPATH": os.fspath(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
