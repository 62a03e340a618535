"""Which account server gets our token: https, or this very machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.accounts.scim import ScimAccounts
from actions.wiring import connect_accounts
from common.settings import SettingsError, load


def connect(tmp_path: Path, url: str, token: str = "t") -> None:
    settings = load({"ACCOUNTS": "scim", "VAR_DIR": str(tmp_path)})
    accounts = connect_accounts(settings, {"SCIM_URL": url, "SCIM_TOKEN": token})
    assert isinstance(accounts, ScimAccounts)
    accounts.close()


@pytest.mark.parametrize(
    "url",
    [
        "https://accounts.example/scim/v2",
        "HTTPS://accounts.example:8443/scim/v2",
        "http://127.0.0.1:8090/scim/v2",
        "http://localhost/scim",
        "http://[::1]:8090/scim",
    ],
)
def test_addresses_that_keep_the_token_private(tmp_path: Path, url: str) -> None:
    connect(tmp_path, url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "accounts.example",
        "https://",
        "https:///scim",
        "http://accounts.example",
        "http://127.0.0.1.accounts.example/scim",
        "http://127.0.0.1@accounts.example/scim",
        "http://localhost.accounts.example",
        "http://localhostile.example",
        "http://10.0.0.1/scim",
        "https://accounts.example:port/scim",
        "http://[::1/scim",
        "ftp://127.0.0.1/scim",
    ],
)
def test_addresses_that_do_not(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match=r"SCIM_URL .*https://"):
        connect(tmp_path, url)


def test_a_token_is_needed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SCIM_TOKEN"):
        connect(tmp_path, "https://accounts.example", token="")
