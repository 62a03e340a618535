"""One running action server with a desk and accounts that a test can break."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from common.clock import write_offset
from tests.support.actions_process import AT, ActionsRig, moment, new_key
from tests.support.fake_world import TOKEN, FakeWorld
from tests.support.fault_proxy import FaultProxy

NOW = moment(AT)
EMAIL = "jo@agency.org"
SLOTS: dict[str, Any] = {
    "row": "reactivate_account",
    "ticket_case": "1",
    "requester_email": EMAIL,
    "requester_name": "Jo Doe",
    "last_login_window": "within",
    "last_login_text": "six weeks ago",
    "asked_for": "reactivate",
}
PROVEN = {"level": "email", "email": EMAIL}


class Scene:
    """One running action server for all tests of a module; each test starts with an empty world."""

    def __init__(self, folder: Path) -> None:
        self.world = FakeWorld()
        self.world.now = lambda: NOW
        self.proxy = FaultProxy(self.world.url, delay=20)
        write_offset(folder / "clock.json", NOW.timestamp() - time.time())
        self.rig = ActionsRig(folder, backend=self.proxy.url, inner=self.world.url, token=TOKEN)
        self.rig.start()

    def clean(self) -> None:
        self.world.tickets.clear()
        self.world.users.clear()
        self.world.status_of.clear()
        self.proxy.clear()
        self.proxy.seen.clear()

    def inactive(
        self, days_iso: str = "2026-10-10T18:00:00Z", reason: str = "noLogin", **more: Any
    ) -> dict[str, Any]:
        return self.world.add_user(EMAIL, state="inactive", lastLogin=days_iso, disabledReason=reason, **more)

    def file(self, **slots: Any) -> dict[str, Any]:
        return self.rig.call("action_file_ticket", {**SLOTS, "ticket_key": new_key(), **slots})
