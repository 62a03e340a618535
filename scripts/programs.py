"""The programs of a local run: which there are, how each starts, and what each may know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common.settings import CREDENTIALS, SECRETS, Settings

ROOT = Path(__file__).resolve().parent.parent
ALL_SECRETS = (*SECRETS, *CREDENTIALS)


@dataclass(frozen=True)
class Program:
    """One supervised process. `uses` are its secrets; the others it never sees."""

    name: str
    environment: str
    module: str
    uses: tuple[str, ...]
    order: int

    @property
    def python(self) -> Path:
        return ROOT / ".venv" / self.environment / "bin" / "python"

    @property
    def command(self) -> list[str]:
        return [str(self.python), "-m", self.module]

    @property
    def withheld(self) -> list[str]:
        return [name for name in ALL_SECRETS if name not in self.uses]


PROGRAMS = (
    Program("backend", "app", "backend.server", ("BACKEND_TOKEN", "CONSOLE_PASSWORD"), 10),
    Program(
        "actions",
        "app",
        "actions.server",
        ("ACTIONS_SECRET", "BACKEND_TOKEN", "INNER_SECRET", *CREDENTIALS),
        20,
    ),
    Program("worker", "app", "actions.worker", ("BACKEND_TOKEN", "INNER_SECRET", *CREDENTIALS), 30),
    Program("assistant", "bot", "bot.server", ("DOOR_SECRET", "ACTIONS_SECRET"), 40),
    Program(
        "gateway",
        "app",
        "channels.server",
        ("DOOR_SECRET", "INNER_SECRET", "GATEWAY_SECRET", "BACKEND_TOKEN"),
        50,
    ),
)


def programs_for(settings: Settings) -> tuple[Program, ...]:
    """The sandbox runs only where something is connected to it."""
    needed = "sandbox" in (settings.accounts, settings.desk)
    return tuple(program for program in PROGRAMS if needed or program.name != "backend")
