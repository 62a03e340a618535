"""Bearer check (RFC 6750, section 2.1) that takes the same time for every wrong token."""

from __future__ import annotations

import hmac


def bearer_matches(header: str | None, secret: str) -> bool:
    """True when the Authorization header carries exactly this secret; an empty secret matches nothing."""
    if not header or not secret:
        return False
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(token.strip().encode(), secret.encode())
