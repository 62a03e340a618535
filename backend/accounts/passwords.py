"""Passwords: kept only as salted scrypt hashes. A temporary one is in one mail and nowhere else."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml
from sqlalchemy import Connection, delete, insert, select

from backend.store.tables import passwords

# No characters that are mistaken for one another when copied from a mail by hand.
_ALPHABET = "abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY34679"
_GROUPS, _GROUP_LENGTH = 4, 4

SHORTEST, LONGEST = 10, 200
_COST = {"n": 2**14, "r": 8, "p": 1}  # 16 MB and a twentieth of a second
_SALT_BYTES = 16

Kind = Literal["demo", "temporary", "own"]


@dataclass(frozen=True)
class Password:
    """What is kept of one: `hash` is `<salt>$<scrypt>` in hex. `demo`: the one that seed.yml tells."""

    hash: str
    kind: Kind


def new_temporary_password() -> str:
    """Like `Kx4p-mTq9-aRc7-hWn3`: about 90 bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def is_acceptable(password: str) -> bool:
    """Long enough to keep, short enough to hash (NIST SP 800-63B asks for length, not for kinds of signs)."""
    return SHORTEST <= len(password) <= LONGEST and not password.isspace()


def kept_form(password: str, kind: Kind) -> Password:
    salt = secrets.token_bytes(_SALT_BYTES)
    return Password(f"{salt.hex()}${_scrypt(password, salt).hex()}", kind)


def matches(password: str, kept: Password | None) -> bool:
    """Takes equally long for an account without a password: time tells nobody which accounts exist."""
    salt, _, wanted = (kept.hash if kept else _no_password()).partition("$")
    right = hmac.compare_digest(_scrypt(password[:LONGEST], bytes.fromhex(salt)).hex(), wanted)
    return right and kept is not None and len(password) <= LONGEST


def demo_password() -> str:
    """With which the seed accounts begin (`seed.yml`): known to everybody, good for nothing but a sandbox."""
    content: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("seed.yml").read_text("utf-8"))
    return str(content["password"])


@cache
def demo_form() -> Password:
    return kept_form(demo_password(), "demo")


def load(connection: Connection, account_id: str) -> Password | None:
    row = connection.execute(select(passwords).where(passwords.c.account_id == account_id)).mappings().first()
    return Password(row["hash"], cast(Kind, row["kind"])) if row else None


def keep(connection: Connection, account_id: str, password: Password) -> None:
    """In place of the one before. The caller holds the account's row."""
    connection.execute(delete(passwords).where(passwords.c.account_id == account_id))
    connection.execute(
        insert(passwords).values(account_id=account_id, hash=password.hash, kind=password.kind)
    )


@cache
def _no_password() -> str:
    return kept_form(secrets.token_hex(), "own").hash


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, maxmem=2**26, dklen=32, **_COST)
