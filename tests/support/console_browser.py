"""A person at the console or at the HMIS login without a browser: opens pages, sends the forms they show."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from backend.cta import repository as cta
from tests.support.backend_server import RunningBackend


@dataclass
class Form:
    """A form as the page shows it: where it goes, its fields, the words on its buttons."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    words: str = ""


class Page(HTMLParser):
    """What a page says and which forms it has; stricter than a browser: unclosed elements fail."""

    _VOID = ("meta", "link", "input", "br", "hr", "img")
    _SILENT = ("script", "style", "title")

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.status = answer.status_code
        self.path = answer.url.path
        self.html = answer.text
        self.forms: list[Form] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self._open: list[str] = []
        self._words: list[str] = []
        self.feed(answer.text)
        assert self._open == [], f"unclosed: {self._open}"
        self.text = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in self._VOID:
            self._open.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "form":
            self.forms.append(Form(found["action"], found.get("method", "get")))
        elif tag in ("input", "textarea", "select") and found.get("type") != "checkbox" and self.forms:
            self.forms[-1].fields[found["name"]] = found.get("value", "")
        elif tag == "label":
            self.labels.append(found.get("for", ""))
        elif tag == "h1":
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1] == tag, f"</{tag}> closes {self._open[-1:]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in self._SILENT:
            return
        self._words.append(data)
        if "form" in self._open:
            self.forms[-1].words = " ".join((self.forms[-1].words + " " + data).split())
        if "h1" in self._open:
            self.headings[-1] += data

    def form(self, ending: str) -> Form:
        """The one form whose address ends like this."""
        [found] = [each for each in self.forms if each.action.endswith(ending)]
        return found


class Person:
    """Somebody at the made-up HMIS; keeps cookies like a browser."""

    def __init__(self, backend: RunningBackend) -> None:
        self.backend = backend
        self.client = httpx.Client(
            base_url=backend.url, follow_redirects=True, timeout=30, trust_env=False, verify=False
        )

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def open(self, path: str) -> Page:
        return Page(self.client.get(path))

    def send(self, form: Form, headers: dict[str, str] | None = None, **fields: Any) -> Page:
        """Press the form's button, as a browser would: with an Origin."""
        own = {"Origin": self.backend.url} if headers is None else headers
        return Page(self.client.post(form.action, data={**form.fields, **fields}, headers=own))

    def log_in(self, user_name: str, password: str) -> Page:
        form = self.open("/hmis/login").form("/login")
        return self.send(form, user_name=user_name, password=password)

    def ask_for_link(self, address: str) -> Page:
        return self.send(self.open("/hmis/reset-password").form("/reset-password"), address=address)


class Agent:
    """Signed in unless told otherwise; keeps cookies like a browser."""

    def __init__(self, backend: RunningBackend, *, signed_in: bool = True) -> None:
        self.backend = backend
        self.client = httpx.Client(
            base_url=backend.url, follow_redirects=True, timeout=30, trust_env=False, verify=False
        )
        if signed_in:
            self.sign_in()

    def __enter__(self) -> Agent:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def sign_in(self, password: str | None = None) -> Page:
        form = self.open("sign-in").form("/sign-in")
        return self.send(form, password=password or self.backend.console_password)

    def open(self, path: str) -> Page:
        return Page(self.client.get(f"/console/{path}"))

    def send(self, form: Form, headers: dict[str, str] | None = None, **fields: Any) -> Page:
        """Press the form's button, as a browser would: with an Origin."""
        own = {"Origin": self.backend.url} if headers is None else headers
        return Page(self.client.post(form.action, data={**form.fields, **fields}, headers=own))

    def press(self, path: str, ending: str, **fields: Any) -> Page:
        """Open a page and press the button of the form whose address ends like this."""
        return self.send(self.open(path).form(ending), **fields)

    def cta_path(self, address: str) -> str:
        return cta_path(self.backend, address)

    def account_path(self, address: str) -> str:
        return f"accounts/{self.backend.find(address)['id']}"


def cta_path(backend: RunningBackend, address: str) -> str:
    """The console's page of whoever is enrolled with this address."""
    with backend.world.database.read() as connection:
        found = cta.find(connection, address)
    assert found is not None
    return f"cta/{found.id}"
