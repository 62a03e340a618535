"""Conversation tokens: `<conversation>.<expiry>.<signature>`, HMAC-SHA256 (RFC 2104). Pure.

A token opens one conversation until it expires, on real time (a demo's moved clock changes nothing here).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_FORM = re.compile(r"(?a)([0-9a-f]{32})\.([1-9]\d{0,11})\.([A-Za-z0-9_-]{43})")
_PURPOSE = b"hmis-account-help conversation token v1\n"


class TokenError(Exception):
    """A token that opens nothing."""


class TokenForged(TokenError):
    """Not signed by this gateway, or not a token at all."""


class TokenExpired(TokenError):
    """Signed by this gateway, but past its time."""


def issue(conversation_id: str, expires_at: int, secret: str) -> str:
    """`expires_at` in seconds since 1970; `conversation_id` 32 hex digits."""
    return f"{conversation_id}.{expires_at}.{_signature(conversation_id, expires_at, secret)}"


def read(token: str, secret: str, now: float) -> str:
    """The conversation that this token opens. Nothing it says is believed before its signature is checked."""
    form = _FORM.fullmatch(token)
    if form is None:
        raise TokenForged
    conversation_id, expires_at, signature = form[1], int(form[2]), form[3]
    if not hmac.compare_digest(signature, _signature(conversation_id, expires_at, secret)):
        raise TokenForged
    if now >= expires_at:
        raise TokenExpired
    return conversation_id


def _signature(conversation_id: str, expires_at: int, secret: str) -> str:
    said = _PURPOSE + f"{conversation_id}.{expires_at}".encode()
    digest = hmac.new(secret.encode(), said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
