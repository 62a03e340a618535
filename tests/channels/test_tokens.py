"""Conversation tokens: valid, forged in every part, expired."""

from __future__ import annotations

import uuid

import pytest

from channels import tokens

SECRET = "gateway-secret-for-tests"
ID = uuid.UUID(int=7).hex
OTHER = uuid.UUID(int=8).hex


def test_a_token_opens_its_conversation_until_it_expires() -> None:
    token = tokens.issue(ID, 1_000, SECRET)
    assert tokens.read(token, SECRET, 999.9) == ID
    with pytest.raises(tokens.TokenExpired):
        tokens.read(token, SECRET, 1_000)


def _with(part: int, value: str) -> str:
    parts = tokens.issue(ID, 1_000, SECRET).split(".")
    parts[part] = value
    return ".".join(parts)


@pytest.mark.parametrize(
    "token",
    [
        _with(0, OTHER),
        _with(1, "2000"),
        _with(1, "01000"),
        _with(1, "１０００"),
        _with(2, "A" * 43),
        _with(2, ""),
        tokens.issue(ID, 1_000, "another secret"),
        tokens.issue(ID, 1_000, SECRET) + ".",
        tokens.issue(ID, 1_000, SECRET) + "\n",
        "",
        ".",
        "..",
        "x" * 10_000,
    ],
)
def test_forged_tokens_open_nothing(token: str) -> None:
    with pytest.raises(tokens.TokenForged):
        tokens.read(token, SECRET, 0)


def test_a_forged_expired_token_is_called_forged() -> None:
    with pytest.raises(tokens.TokenForged):
        tokens.read(_with(1, "1"), SECRET, 5_000)
