"""Who is counted, and how requests are rationed with bounded memory."""

from __future__ import annotations

import ipaddress

import pytest

from channels.options import Rate, load_options
from channels.ratelimit import Places, RateLimit
from channels.source import UNKNOWN, source_of
from common.settings import SettingsError

PROXY = (ipaddress.ip_network("10.0.0.0/8"),)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("203.0.113.5", None, (), "203.0.113.5"),
        ("203.0.113.5", "198.51.100.7", (), "203.0.113.5"),
        ("203.0.113.5", "198.51.100.7", PROXY, "203.0.113.5"),
        ("10.1.2.3", "198.51.100.7", PROXY, "198.51.100.7"),
        ("10.1.2.3", "6.6.6.6, 198.51.100.7, 10.9.9.9", PROXY, "198.51.100.7"),
        ("10.1.2.3", "nonsense", PROXY, "10.1.2.3"),
        ("10.1.2.3", "", PROXY, "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", None, (), "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", None, (), "203.0.113.5"),
        (None, None, (), UNKNOWN),
        ("unix", None, (), UNKNOWN),
    ],
)
def test_source(
    peer: str | None, forwarded: str | None, trusted: tuple[ipaddress.IPv4Network, ...], expected: str
) -> None:
    assert source_of(peer, forwarded, trusted) == expected


def test_a_bucket_empties_and_fills_again() -> None:
    now = [0.0]
    limit = RateLimit(Rate(burst=2, per_minute=60), known=10, now=lambda: now[0])
    assert [limit.take("a"), limit.take("a"), limit.take("a")] == [0, 0, 1]
    assert limit.take("b") == 0
    now[0] = 1.0
    assert [limit.take("a"), limit.take("a")] == [0, 1]


def test_memory_stays_bounded_and_the_quiet_are_forgotten_first() -> None:
    limit = RateLimit(Rate(burst=1, per_minute=1), known=3, now=lambda: 0.0)
    for key in "abcd":
        limit.take(key)
    assert len(limit) == 3
    assert limit.take("d") > 0
    assert limit.take("a") == 0


def test_places_are_given_back() -> None:
    places = Places(1)
    assert places.enter("a") and not places.enter("a")
    places.leave("a")
    assert len(places) == 0 and places.enter("a")


@pytest.mark.parametrize(
    "environ",
    [{"RETENTION_DAYS": "soon"}, {"RETENTION_DAYS": "0"}, {"TRUSTED_PROXIES": "10.0.0.0/8, proxy"}],
)
def test_options_that_cannot_be_used_name_the_variable(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(environ))):
        load_options(environ)


def test_options_from_the_environment() -> None:
    options = load_options({"RETENTION_DAYS": "7", "TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1"})
    assert options.retention_days == 7
    assert [str(network) for network in options.trusted_proxies] == ["10.0.0.0/8", "192.0.2.1/32"]
