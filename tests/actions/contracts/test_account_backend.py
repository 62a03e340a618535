"""What every account adapter promises. `plain` is a SCIM server without our extension."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from actions.accounts import AccountBackend
from actions.accounts.none import NoAccounts
from actions.accounts.scim import ScimAccounts, quoted
from actions.http import CallHuman, HttpClient, NotFound, RetryLater
from tests.support import fake_world
from tests.support.actions_tools import QUICK, region
from tests.support.backend_server import TOKEN, running_backend
from tests.support.fault_proxy import FaultProxy

SCIM = "application/scim+json"


@dataclass
class Served:
    """`inactive` is the address of a lapsed account; `extended`: the server says more than `active`."""

    accounts: AccountBackend
    proxy: FaultProxy | None
    inactive: str
    extended: bool


@contextmanager
def sandbox(folder: Path) -> Iterator[Served]:
    with running_backend(folder) as backend:
        proxy = FaultProxy(backend.url)
        client = HttpClient("accounts", f"{proxy.url}/scim/v2", TOKEN, limits=QUICK, accept=SCIM)
        yield Served(ScimAccounts(client), proxy, "casey.forty@agency.example", True)
        proxy.close()


@contextmanager
def plain(folder: Path) -> Iterator[Served]:
    world = fake_world.FakeWorld()
    user = world.add_user("casey.forty@agency.example", state="inactive")
    del user[fake_world.EXTENSION]
    proxy = FaultProxy(world.url)
    client = HttpClient("accounts", f"{proxy.url}/scim/v2", fake_world.TOKEN, limits=QUICK, accept=SCIM)
    yield Served(ScimAccounts(client), proxy, "casey.forty@agency.example", False)
    proxy.close()
    world.close()


@contextmanager
def none(folder: Path) -> Iterator[Served]:
    yield Served(NoAccounts(), None, "casey.forty@agency.example", False)


BACKENDS: dict[str, Callable[[Path], AbstractContextManager[Served]]] = {
    "sandbox": sandbox,
    "scim-plain": plain,
    "none": none,
}


@pytest.fixture(params=sorted(BACKENDS))
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    with BACKENDS[request.param](tmp_path) as one:
        yield one
        one.accounts.close()


ODD = [
    "nobody@agency.org",
    'a" or userName pr or userName eq "x',
    "back\\slash@agency.org",
    "",
    "é\n\t\x00@x.org",
    '"',
]


@pytest.mark.parametrize("email", ODD)
def test_odd_addresses_find_nobody(served: Served, email: str) -> None:
    assert served.accounts.find(email) is None


def test_find_does_not_mind_capitals(served: Served) -> None:
    found = served.accounts.find(served.inactive.upper())
    if not served.accounts.keeps_records:
        assert found is None
        return
    assert found is not None
    assert found.state == "inactive"
    assert served.inactive in (found.user_name, *found.emails)
    assert (found.disabled_reason == "noLogin") is served.extended
    assert (found.last_login is not None) is served.extended


def test_reactivate_twice_is_reactivate_once(served: Served) -> None:
    found = served.accounts.find(served.inactive)
    if found is None:
        assert not served.accounts.keeps_records
        return
    first = served.accounts.reactivate(found.id)
    again = served.accounts.reactivate(found.id)
    assert first.state == again.state == "active"
    assert first.log_in_by == again.log_in_by
    if served.extended:
        assert first.log_in_by is not None
        assert region().today(first.log_in_by) == date(2026, 11, 24)  # the midnight that begins this day


def test_reactivating_nobody(served: Served) -> None:
    for account_id in ("no-such-id", "../Users", "a b?c"):
        with pytest.raises(NotFound):
            served.accounts.reactivate(account_id)


@pytest.mark.parametrize(
    "fault", ["drop_after", "drop_before", "status_500", "status_503", "garbage", "half"]
)
def test_a_lost_answer_is_asked_for_once_more_then_given_up(served: Served, fault: str) -> None:
    if served.proxy is None:
        return
    prefix = "/scim/v2/Users"
    for method in ("GET", "PATCH"):
        served.proxy.plan(fault, method, prefix)
    found = served.accounts.find(served.inactive)
    assert found is not None
    assert served.accounts.reactivate(found.id).state == "active"
    served.proxy.plan(fault, "GET", prefix, times=2)
    with pytest.raises(RetryLater):
        served.accounts.find(served.inactive)


def test_quoting_is_json() -> None:
    assert quoted('a"b\\c') == '"a\\"b\\\\c"'


def test_one_address_of_two_accounts_is_nobodys() -> None:
    world = fake_world.FakeWorld()
    for name in ("jo1", "jo2"):
        world.add_user("jo@agency.org", state="inactive")["userName"] = name
    client = HttpClient("accounts", f"{world.url}/scim/v2", fake_world.TOKEN, limits=QUICK)
    with pytest.raises(CallHuman):
        ScimAccounts(client).find("jo@agency.org")
    client.close()
    world.close()
