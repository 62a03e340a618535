"""The clock page moves the clock of every process, and only where that is allowed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from common.clock import SystemClock
from tests.support.backend_server import extension, running_backend
from tests.support.console_browser import Agent

CASEY = "casey.forty@agency.example"


def test_the_buttons_move_every_clock(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    with running_backend(tmp_path, clock=SystemClock(file)) as backend, Agent(backend) as agent:
        assert "real time" in agent.open("clock").text
        assert "The clock has moved" in agent.press("clock", "/hour").text
        assert json.loads(file.read_text())["offset_seconds"] == 3600
        assert "1 hour ahead" in agent.open("tickets").text
        agent.press("clock", "/day")
        assert timedelta(hours=23) < SystemClock(file).offset() < timedelta(hours=27)
        assert "back at real time" in agent.press("clock", "/back").text
        assert SystemClock(file).offset() == timedelta()


def test_midnight_ends_an_unused_reactivation(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    with running_backend(tmp_path, clock=SystemClock(file)) as backend, Agent(backend) as agent:
        backend.patch_active(CASEY, True)
        page = agent.press("clock", "/last_minute")
        assert "11:59 PM" in page.text
        assert extension(backend.find(CASEY))["state"] == "active"
        assert "12:01 AM" in agent.press("clock", "/midnight").text
        assert extension(backend.find(CASEY))["disabledReason"] == "midnight"


def test_a_fixed_clock_cannot_be_moved(tmp_path: Path) -> None:
    with running_backend(tmp_path, movable_clock=False) as backend, Agent(backend) as agent:
        page = agent.open("clock")
        assert "cannot be moved" in page.text and len(page.forms) == 1
        form = page.forms[0]
        for move in ("hour", "last_minute", "midnight", "day", "back"):
            form.action = f"/console/clock/{move}"
            assert agent.send(form).status == 403
        assert not (tmp_path / "clock.json").exists()


def test_an_unknown_move_is_refused(tmp_path: Path) -> None:
    with running_backend(tmp_path) as backend, Agent(backend) as agent:
        form = agent.open("clock").form("/hour")
        form.action = "/console/clock/year"
        assert agent.send(form).status == 403
        assert not (tmp_path / "clock.json").exists()
