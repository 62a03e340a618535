"""The gateway's own numbers: what an installation may set, and limits that tests turn down."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from common.settings import SettingsError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Rate:
    """A token bucket: `burst` at once, refilled with `per_minute`."""

    burst: int
    per_minute: float


@dataclass(frozen=True)
class Options:
    """Times are seconds unless the name says otherwise."""

    retention_days: float = 30
    trusted_proxies: tuple[Network, ...] = ()
    # An agency's people share one public address: the rates stop floods, not offices.
    conversation_rate: Rate = field(default=Rate(burst=300, per_minute=120))
    request_rate: Rate = field(default=Rate(burst=3_000, per_minute=3_000))
    # One conversation: turns run one after the other anyway, and few may wait.
    message_rate: Rate = field(default=Rate(burst=600, per_minute=300))
    waiting_turns: int = 25
    known_sources: int = 10_000
    streams_per_source: int = 200
    streams_per_conversation: int = 8
    connections: int = 2_000
    connections_per_source: int = 600
    max_head_bytes: int = 32_768
    head_within: float = 15.0
    # Longer than a body may take (errors.py), so that whoever is late can be told.
    body_within: float = 20.0
    max_body_bytes: int = 16_384
    max_text: int = 2_000
    history_page: int = 200
    answer_within: float = 10.0
    # Who opens the chat is greeted before their own words go out, unless the assistant is away.
    greeting_within: float = 2.0
    event_answer_within: float = 25.0
    turn_timeout: float = 30.0
    retry_first: float = 0.25
    retry_longest: float = 5.0
    failures_before_giving_up: int = 8
    unkept_before_giving_up: int = 30
    turns_at_once: int = 16
    turns_per_source: int = 8
    heartbeat: float = 15.0
    sweep_every: float = 60.0
    stop_within: float = 8.0


def load_options(environ: Mapping[str, str]) -> Options:
    """`RETENTION_DAYS` (30) and `TRUSTED_PROXIES` (addresses or networks, comma-separated; none)."""
    return Options(
        retention_days=_days(environ.get("RETENTION_DAYS", "").strip() or "30"),
        trusted_proxies=_networks(environ.get("TRUSTED_PROXIES", "")),
    )


def _days(value: str) -> float:
    try:
        days = float(value)
    except ValueError:
        days = 0
    if not 0 < days <= 3650:
        raise SettingsError(f"RETENTION_DAYS is {value!r}; expected a number of days up to 3650")
    return days


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(
            f"TRUSTED_PROXIES is {value!r}; expected addresses or networks such as 10.0.0.0/8 ({error})"
        ) from None
