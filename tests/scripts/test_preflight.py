import socket
from pathlib import Path

import pytest

from common.settings import load
from scripts.preflight import CannotStart, check
from scripts.programs import PROGRAMS, programs_for
from tests.support.stack import free_ports

PORTS = ("PORT", "INNER_PORT", "ASSISTANT_PORT", "ACTIONS_PORT", "BACKEND_PORT", "MAILBOX_PORT")


@pytest.fixture
def environ() -> dict[str, str]:
    return {name: str(port) for name, port in free_ports(PORTS).items()}


def test_all_is_well(environ: dict[str, str]) -> None:
    check(load(environ))


@pytest.mark.parametrize("name", PORTS)
def test_a_busy_port_is_named(environ: dict[str, str], name: str) -> None:
    busy = pytest.raises(CannotStart, match=f"{name} {environ[name]} is in use")
    with socket.create_server(("127.0.0.1", int(environ[name]))), busy:
        check(load(environ))


def test_the_sandboxs_ports_matter_only_where_it_runs(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environ["MAILBOX_PORT"]))):
        check(load(environ | {"ACCOUNTS": "none", "DESK": "email"}))


def test_a_broken_policy_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "policy.yml"
    path.write_text("region_name: 5\n")
    with pytest.raises(CannotStart, match=r"policy\.yml:1"):
        check(load(environ | {"POLICY_FILE": str(path)}))


def test_an_address_that_is_not_ours_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(CannotStart, match="GATEWAY_HOST"):
        check(load(environ | {"GATEWAY_HOST": "no.such.host.invalid"}))


def test_the_sandbox_runs_only_where_it_is_used() -> None:
    assert {program.name for program in programs_for(load({}))} == {program.name for program in PROGRAMS}
    real = {program.name for program in programs_for(load({"ACCOUNTS": "none", "DESK": "email"}))}
    assert real == {"actions", "worker", "assistant", "gateway"}


def test_the_sandboxs_port_may_be_busy_where_no_sandbox_runs(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environ["BACKEND_PORT"]))):
        check(load(environ | {"ACCOUNTS": "none", "DESK": "rt"}))


def test_nobody_is_given_what_it_does_not_use() -> None:
    withheld = {program.name: set(program.withheld) for program in PROGRAMS}
    assert {"GATEWAY_SECRET", "CONSOLE_PASSWORD", "BACKEND_TOKEN", "INNER_SECRET"} <= withheld["assistant"]
    assert "CONSOLE_PASSWORD" not in withheld["backend"]
    assert all("GATEWAY_SECRET" in names for name, names in withheld.items() if name != "gateway")
    others = {name for name, names in withheld.items() if {"RT_TOKEN", "SCIM_TOKEN"} <= names}
    assert others == {"backend", "assistant", "gateway"}
