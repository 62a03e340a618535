"""Who is in HMIS in this browser: a signed cookie, and a form token bound to it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Connection

from backend.accounts import passwords, repository
from backend.accounts.account import Account
from backend.accounts.passwords import Password

COOKIE = "hmis_visit"
HOURS = 8
_SEPARATOR = "."


@dataclass(frozen=True)
class Visit:
    """A browser; `account_id` once it is in. `mark` is of its password: another password ends the visit."""

    id: str
    expires: int
    account_id: str = ""
    mark: str = ""

    @property
    def content(self) -> str:
        return _SEPARATOR.join((self.id, str(self.expires), self.account_id, self.mark))


class Visits:
    """Makes and reads cookies. Real time counts here, not the movable clock."""

    def __init__(self, secret: str) -> None:
        self._key = _mac(secret.encode(), "hmis visit")

    def begin(self, account: Account | None = None, password: Password | None = None) -> Visit:
        """A fresh id each time, so that a visit from before the login cannot be carried over."""
        expires = int(time.time()) + HOURS * 3600
        return Visit(
            secrets.token_hex(16), expires, account.id if account else "", _mark(password) if account else ""
        )

    def to_cookie(self, visit: Visit) -> str:
        return _SEPARATOR.join((visit.content, _mac(self._key, visit.content).hex()))

    def read(self, cookie: str | None) -> Visit | None:
        """None for a cookie that is missing, forged or expired."""
        content, _, signature = (cookie or "").rpartition(_SEPARATOR)
        if not hmac.compare_digest(signature.encode(), _mac(self._key, content).hex().encode()):
            return None
        visit_id, expires, account_id, mark = content.split(_SEPARATOR)
        return None if int(expires) < time.time() else Visit(visit_id, int(expires), account_id, mark)

    def form_token(self, visit: Visit) -> str:
        """What every form of this visit carries in a hidden field."""
        return _mac(self._key, f"form {visit.content}").hex()

    def accepts_form(self, visit: Visit, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.form_token(visit).encode())


def account_in(connection: Connection, visit: Visit) -> Account | None:
    """The account that is logged in here, unless its password has changed since."""
    account = repository.load(connection, visit.account_id) if visit.account_id else None
    if account is None or visit.mark != _mark(passwords.load(connection, account.id)):
        return None
    return account


def _mark(password: Password | None) -> str:
    return hashlib.sha256(password.hash.encode()).hexdigest()[:16] if password else ""


def _mac(key: bytes, content: str) -> bytes:
    return hmac.new(key, content.encode(), hashlib.sha256).digest()
