"""Every process's settings, read once from the environment. docs/settings.md explains each for people."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from common.clock import Clock, SystemClock

SECRETS = (
    "DOOR_SECRET",
    "ACTIONS_SECRET",
    "BACKEND_TOKEN",
    "INNER_SECRET",
    "GATEWAY_SECRET",
    "CONSOLE_PASSWORD",
)
# What other systems gave us; read where it is used, and kept from every program that does not use it.
CREDENTIALS = ("SCIM_TOKEN", "RT_TOKEN")
ACCOUNTS = ("none", "scim", "sandbox")
DESKS = ("sandbox", "rt", "email", "zendesk")
SHORTEST_SECRET = 24
_WELL_KNOWN = ("changeme", "default", "example", "password", "secret", "sandbox", "test")


class SettingsError(Exception):
    """A variable that cannot be used; the message names it and says what was expected."""


@dataclass(frozen=True)
class Settings:
    """One field per variable, same name in lower case. Secrets never show in a repr."""

    mode: str
    var_dir: Path
    gateway_host: str
    port: int
    inner_port: int
    assistant_port: int
    actions_port: int
    backend_port: int
    mailbox_port: int
    assistant_url: str
    actions_url: str
    backend_url: str
    inner_url: str
    database_url: str | None = field(repr=False)
    tracker_database_url: str = field(repr=False)
    jobs_database_url: str = field(repr=False)
    backend_database_url: str = field(repr=False)
    gateway_database_url: str = field(repr=False)
    door_secret: str = field(repr=False)
    actions_secret: str = field(repr=False)
    backend_token: str = field(repr=False)
    inner_secret: str = field(repr=False)
    gateway_secret: str = field(repr=False)
    console_password: str = field(repr=False)
    accounts: str
    desk: str
    policy_file: Path
    baseline_file: Path

    @property
    def production(self) -> bool:
        return self.mode == "production"

    @property
    def clock_file(self) -> Path | None:
        """Where the sandbox's console moves the clock; none in production."""
        return None if self.production else self.var_dir / "clock.json"

    def clock(self) -> Clock:
        return SystemClock(self.clock_file)

    def require(self, *names: str) -> None:
        """Refuse to start without these (`"DOOR_SECRET"`, …): a process names the secrets that it uses."""
        for name in names:
            if not getattr(self, name.lower()):
                raise SettingsError(f"{name} is not set; this process needs it")


def with_driver(url: str, driver: str) -> str:
    """A PostgreSQL address for one of SQLAlchemy's drivers (`"pg8000"`); other addresses stay as they are."""
    scheme, separator, rest = url.partition("://")
    if scheme.partition("+")[0] in ("postgres", "postgresql") and separator:
        return f"postgresql+{driver}://{rest}"
    return url


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check all settings; raises SettingsError at the first one that cannot be used."""
    env = os.environ if environ is None else environ
    mode = _choice(env, "MODE", "sandbox", ("sandbox", "production"))
    var_dir = Path(_text(env, "VAR_DIR", "var")).absolute()
    ports = {
        name: _port(env, name, default)
        for name, default in (
            ("PORT", 8080),
            ("INNER_PORT", 8081),
            ("ASSISTANT_PORT", 5005),
            ("ACTIONS_PORT", 5055),
            ("BACKEND_PORT", 8090),
            ("MAILBOX_PORT", 8025),
        )
    }
    _distinct(ports)
    shared = _database(env, "DATABASE_URL", "") or None
    databases = {
        room: _database(env, f"{room.upper()}_DATABASE_URL", shared or f"sqlite:///{var_dir}/{room}.db")
        for room in ("tracker", "jobs", "backend", "gateway")
    }
    settings = Settings(
        mode=mode,
        var_dir=var_dir,
        gateway_host=_text(env, "GATEWAY_HOST", "0.0.0.0"),
        port=ports["PORT"],
        inner_port=ports["INNER_PORT"],
        assistant_port=ports["ASSISTANT_PORT"],
        actions_port=ports["ACTIONS_PORT"],
        backend_port=ports["BACKEND_PORT"],
        mailbox_port=ports["MAILBOX_PORT"],
        assistant_url=_url(env, "ASSISTANT_URL", ports["ASSISTANT_PORT"]),
        actions_url=_url(env, "ACTIONS_URL", ports["ACTIONS_PORT"]),
        backend_url=_url(env, "BACKEND_URL", ports["BACKEND_PORT"]),
        inner_url=_url(env, "INNER_URL", ports["INNER_PORT"]),
        database_url=shared,
        tracker_database_url=databases["tracker"],
        jobs_database_url=databases["jobs"],
        backend_database_url=databases["backend"],
        gateway_database_url=databases["gateway"],
        door_secret=_text(env, "DOOR_SECRET", ""),
        actions_secret=_text(env, "ACTIONS_SECRET", ""),
        backend_token=_text(env, "BACKEND_TOKEN", ""),
        inner_secret=_text(env, "INNER_SECRET", ""),
        gateway_secret=_text(env, "GATEWAY_SECRET", ""),
        console_password=_text(env, "CONSOLE_PASSWORD", ""),
        accounts=_choice(env, "ACCOUNTS", "sandbox", ACCOUNTS),
        desk=_choice(env, "DESK", "sandbox", DESKS),
        policy_file=Path(_text(env, "POLICY_FILE", "policy.yml")),
        baseline_file=Path(_text(env, "BASELINE_FILE", "baseline.yml")),
    )
    if settings.production:
        _refuse_demo(settings)
        _refuse_shared(settings, env)
    return settings


def _refuse_demo(settings: Settings) -> None:
    """What a demo may have and a real installation must not."""
    for name in ("accounts", "desk"):
        if getattr(settings, name) == "sandbox":
            raise SettingsError(
                f"{name.upper()}=sandbox is refused with MODE=production; name a real adapter"
            )
    for name in SECRETS:
        value = getattr(settings, name.lower())
        if value and _is_weak(value):
            raise SettingsError(
                f"{name} is too weak for MODE=production; expected {SHORTEST_SECRET}+ random characters"
            )


def _refuse_shared(settings: Settings, env: Mapping[str, str]) -> None:
    """Whoever learns one room's secret must not hold another's."""
    owners: dict[str, str] = {}
    for name in (*SECRETS, *CREDENTIALS):
        value = getattr(settings, name.lower()) if name in SECRETS else _text(env, name, "")
        if value and owners.setdefault(value, name) != name:
            raise SettingsError(
                f"{name} and {owners[value]} are the same; MODE=production expects one for each alone"
            )


def _is_weak(secret: str) -> bool:
    known = any(secret.lower().startswith(word) for word in _WELL_KNOWN)
    return known or len(secret) < SHORTEST_SECRET or len(set(secret)) < 8


def _text(env: Mapping[str, str], name: str, default: str) -> str:
    return env.get(name, "").strip() or default


def _choice(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = _text(env, name, default)
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}; expected one of {', '.join(allowed)}")
    return value


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    value = _text(env, name, str(default))
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise SettingsError(f"{name} is {value!r}; expected a port number from 1 to 65535")
    return int(value)


def _distinct(ports: Mapping[str, int]) -> None:
    taken: dict[int, str] = {}
    for name, port in ports.items():
        if port in taken:
            raise SettingsError(f"{name} and {taken[port]} are both {port}; expected different ports")
        taken[port] = name


def _url(env: Mapping[str, str], name: str, port: int) -> str:
    value = _text(env, name, f"http://127.0.0.1:{port}").rstrip("/")
    if not value.startswith(("http://", "https://")):
        raise SettingsError(f"{name} is {value!r}; expected an address that starts with http:// or https://")
    return value


def _database(env: Mapping[str, str], name: str, default: str) -> str:
    value = _text(env, name, default)
    if not value:
        return value
    scheme = value.partition("://")[0]
    if scheme.partition("+")[0] in ("postgres", "postgresql"):
        return "postgresql://" + value.partition("://")[2]
    if scheme != "sqlite" or not value.startswith("sqlite:///"):
        raise SettingsError(f"{name} has the scheme {scheme!r}; expected sqlite:///<file> or postgresql://…")
    return value
