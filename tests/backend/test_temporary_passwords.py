"""A temporary password is in one mail and nowhere else: not in answers, pages, logs or other tables."""

from __future__ import annotations

import logging
import re
import sqlite3
from pathlib import Path

import pytest

from backend.accounts.passwords import new_temporary_password
from tests.support.backend_server import RunningBackend, ticket_draft
from tests.support.console_browser import Agent

THEO = "theo.longaway@agency.example"
SHAPE = re.compile(r"\b[A-Za-z0-9]{4}(?:-[A-Za-z0-9]{4}){3}\b")


def test_passwords_are_long_and_never_the_same() -> None:
    made = {new_temporary_password() for _ in range(500)}
    assert len(made) == 500
    assert all(SHAPE.fullmatch(password) for password in made)
    assert not set("".join(made)) & set("0OoIl1BS85")


def test_passwords_are_nowhere_but_in_the_mail(
    backend: RunningBackend, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    backend.scim.event_hooks["response"] = [lambda answer: seen.append(answer.read().decode())]
    backend.api.event_hooks["response"] = [lambda answer: seen.append(answer.read().decode())]
    draft = ticket_draft(THEO, case="2", row="reset_password")
    backend.api.post("/tickets", json=draft, headers={"Idempotency-Key": "k"})
    with Agent(backend) as agent:
        backend.patch_active(THEO, True)
        path = agent.account_path(THEO)
        pages = [agent.press(path, "/reset-password")]
        page = agent.open("tickets/1001")
        pages.append(
            agent.send(next(each for each in page.forms if each.fields.get("answer") == "password_reset"))
        )
        pages.append(agent.press("tickets/1001", "/reply", text="One more.", temporary_password="on"))
        pages += [agent.open(each) for each in (path, "tickets", "tickets/1001", "accounts")]
    backend.api.get("/tickets/1001")
    backend.find(THEO)
    sent = [SHAPE.search(mail.text) for mail in backend.mails()]
    passwords = {found.group() for found in sent if found}
    assert len(passwords) == 4

    everywhere_else = "".join(
        [*seen, *(page.html for page in pages), caplog.text, *_stored_but_mail(tmp_path)]
    )
    for password in passwords:
        assert password not in everywhere_else


def _stored_but_mail(folder: Path) -> list[str]:
    """All rows of all tables except the mailbox."""
    connection = sqlite3.connect(folder / "backend.db")
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = [
        str(connection.execute(f"SELECT * FROM {name}").fetchall())
        for name in names
        if name != "backend_mail"
    ]
    connection.close()
    return rows
