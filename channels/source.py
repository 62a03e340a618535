"""Where a request comes from, for rate limits. X-Forwarded-For counts only behind a configured proxy."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from channels.options import Network

UNKNOWN = "unknown"


def source_of(peer: str | None, forwarded_for: str | None, trusted: Sequence[Network]) -> str:
    """The nearest address that is not a trusted proxy; IPv6 by its /64, which is one household or office."""
    address = _address(peer)
    if address is None:
        return UNKNOWN
    hops = [hop.strip() for hop in (forwarded_for or "").split(",") if hop.strip()]
    while hops and any(address in network for network in trusted):
        nearer = _address(hops.pop())
        if nearer is None:
            break
        address = nearer
    return _grouped(address)


def is_trusted(peer: str | None, trusted: Sequence[Network]) -> bool:
    """Whether this is a configured proxy, over which many people come."""
    address = _address(peer)
    return address is not None and any(address in network for network in trusted)


def _address(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _grouped(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
