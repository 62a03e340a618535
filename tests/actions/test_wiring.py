"""Which account server and which desk get our token: https, or this very machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.accounts.scim import ScimAccounts
from actions.desks.request_tracker import RequestTrackerDesk
from actions.wiring import connect_accounts, connect_desk
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


RT = {"RT_URL": "https://rt.example", "RT_TOKEN": "1-14-abc", "RT_QUEUE": "HMIS Support"}


@pytest.mark.parametrize("url", ["https://rt.example", "https://desk.example/rt/", "http://127.0.0.1:8099"])
def test_request_tracker_connects(url: str) -> None:
    desk = connect_desk(load({"DESK": "rt"}), RT | {"RT_URL": url, "RT_ROW_FIELD": "How-To row"})
    assert isinstance(desk, RequestTrackerDesk)
    desk.close()


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"RT_URL": ""}, "RT_URL is needed with DESK=rt; expected the https:// address"),
        ({"RT_URL": "http://rt.example"}, "RT_URL is needed with DESK=rt; expected the https:// address"),
        ({"RT_URL": "http://127.0.0.1@rt.example"}, "RT_URL is needed with DESK=rt"),
        ({"RT_URL": "https://rt.example/REST/2.0/"}, "RT_URL ends in /REST/2.0"),
        ({"RT_TOKEN": " "}, "RT_TOKEN is needed with DESK=rt"),
        ({"RT_TOKEN": "token 1-14-abc"}, "RT_TOKEN is needed with DESK=rt"),
        ({"RT_TOKEN": "1-14-abc\r\nHost: x"}, "RT_TOKEN is needed with DESK=rt"),
        ({"RT_QUEUE": ""}, "RT_QUEUE is needed with DESK=rt"),
        ({"RT_ROW_FIELD": "Case", "RT_CASE_FIELD": "Case"}, "RT_ROW_FIELD and RT_CASE_FIELD are the same"),
    ],
)
def test_request_tracker_needs_its_settings(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        connect_desk(load({"DESK": "rt"}), RT | environ)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert "1-14-abc" not in str(caught.value)


@pytest.mark.parametrize("name", ["email", "zendesk"])
def test_desks_to_come_are_refused_by_name(name: str) -> None:
    with pytest.raises(SettingsError, match=f"DESK={name} has no adapter here; expected sandbox or rt"):
        connect_desk(load({"DESK": name}), RT)
