"""The console's session: a signed cookie, and a form token bound to it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

from backend.store.database import Database
from backend.store.kept_facts import keep_first, read

COOKIE = "hmis_console"
HOURS = 12
_SEPARATOR = "."


@dataclass(frozen=True)
class Session:
    """A browser: known since it first saw the sign-in form, `signed_in` after the right password."""

    id: str
    signed_in: bool
    expires: int


class Sessions:
    """Makes and reads cookies. Real time counts here, not the movable clock.

    The key depends on the password: changing the password ends every session.
    """

    def __init__(self, secret: str, password: str) -> None:
        self._key = _mac(secret.encode(), f"console session {password}")
        self._password = password

    def start(self, *, signed_in: bool) -> Session:
        """A fresh id each time, so that a session from before the sign-in cannot be carried over."""
        return Session(secrets.token_hex(16), signed_in, int(time.time()) + HOURS * 3600)

    def to_cookie(self, session: Session) -> str:
        content = _content(session)
        return _SEPARATOR.join((content, _mac(self._key, content).hex()))

    def read(self, cookie: str | None) -> Session | None:
        """None for a cookie that is missing, forged or expired."""
        content, _, signature = (cookie or "").rpartition(_SEPARATOR)
        if not hmac.compare_digest(signature.encode(), _mac(self._key, content).hex().encode()):
            return None
        session_id, level, expires = content.split(_SEPARATOR)
        if int(expires) < time.time():
            return None
        return Session(session_id, level == "in", int(expires))

    def form_token(self, session: Session) -> str:
        """What every form of this session carries in a hidden field."""
        return _mac(self._key, f"form {_content(session)}").hex()

    def accepts_form(self, session: Session, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.form_token(session).encode())

    def accepts_password(self, password: str) -> bool:
        return hmac.compare_digest(password.encode(), self._password.encode())


def stored_secret(database: Database) -> str:
    """The random part of the signing key, made once and kept in the database."""
    keep_first(database, "console_secret", secrets.token_hex(32))
    kept = read(database, "console_secret")
    assert kept is not None
    return kept


def _content(session: Session) -> str:
    return _SEPARATOR.join((session.id, "in" if session.signed_in else "out", str(session.expires)))


def _mac(key: bytes, content: str) -> bytes:
    return hmac.new(key, content.encode(), hashlib.sha256).digest()
