from itertools import combinations
from pathlib import Path

import pytest

from common.clock import write_offset
from common.settings import CREDENTIALS, SECRETS, Settings, SettingsError, load, with_driver

GOOD_SECRET = "kT7_vQ2mZ9xLr4Wb8NcJd5Hs"
GOOD_SECRETS = {name: f"{GOOD_SECRET}{place}" for place, name in enumerate(SECRETS)}
PRODUCTION = {"MODE": "production", "ACCOUNTS": "scim", "DESK": "rt"} | GOOD_SECRETS


def test_defaults() -> None:
    settings = load({})
    assert (settings.mode, settings.accounts, settings.desk) == ("sandbox", "sandbox", "sandbox")
    assert (settings.gateway_host, settings.port, settings.inner_port) == ("0.0.0.0", 8080, 8081)
    assert settings.assistant_url == "http://127.0.0.1:5005"
    assert settings.actions_url == "http://127.0.0.1:5055"
    assert settings.backend_url == "http://127.0.0.1:8090"
    assert settings.inner_url == "http://127.0.0.1:8081"
    assert settings.policy_file == Path("policy.yml")
    assert settings.door_secret == ""


def test_databases_are_files_in_var(tmp_path: Path) -> None:
    settings = load({"VAR_DIR": str(tmp_path / "with space")})
    assert settings.tracker_database_url == f"sqlite:///{tmp_path}/with space/tracker.db"
    assert settings.gateway_database_url.endswith("/gateway.db")


def test_a_relative_var_dir_becomes_absolute() -> None:
    assert load({"VAR_DIR": "elsewhere"}).var_dir == Path.cwd() / "elsewhere"


def test_one_database_serves_all_unless_a_room_names_its_own() -> None:
    settings = load({"DATABASE_URL": "postgres://db/hmis", "JOBS_DATABASE_URL": "sqlite:///jobs.db"})
    assert settings.tracker_database_url == settings.backend_database_url == "postgresql://db/hmis"
    assert settings.jobs_database_url == "sqlite:///jobs.db"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://h/d", "postgresql+pg8000://h/d"),
        ("postgres://h/d", "postgresql+pg8000://h/d"),
        ("postgresql+psycopg2://h/d", "postgresql+pg8000://h/d"),
        ("sqlite:////a/b.db", "sqlite:////a/b.db"),
    ],
)
def test_each_environment_names_its_driver(url: str, expected: str) -> None:
    assert with_driver(url, "pg8000") == expected


def test_urls_follow_ports_unless_named() -> None:
    settings = load({"BACKEND_PORT": "9100", "ACTIONS_URL": "https://actions.internal:1/"})
    assert settings.backend_url == "http://127.0.0.1:9100"
    assert settings.actions_url == "https://actions.internal:1"


def test_blank_means_unset() -> None:
    assert load({"PORT": " ", "MODE": "", "DATABASE_URL": ""}) == load({})


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"MODE": "prod"}, "MODE is 'prod'; expected one of sandbox, production"),
        ({"ACCOUNTS": "ldap"}, "ACCOUNTS is 'ldap'; expected one of none, scim, sandbox"),
        ({"DESK": "jira"}, "DESK is 'jira'"),
        ({"PORT": "http"}, "PORT is 'http'; expected a port number"),
        ({"PORT": "0"}, "PORT is '0'"),
        ({"PORT": "65536"}, "PORT is '65536'"),
        ({"PORT": "-1"}, "PORT is '-1'"),
        ({"PORT": "²"}, "PORT is '²'"),
        ({"INNER_PORT": "8080"}, "INNER_PORT and PORT are both 8080"),
        ({"MAILBOX_PORT": "8090"}, "MAILBOX_PORT and BACKEND_PORT are both 8090"),
        ({"BACKEND_URL": "localhost:1"}, "BACKEND_URL is 'localhost:1'"),
        ({"DATABASE_URL": "mysql://user:hidden@h/d"}, "DATABASE_URL has the scheme 'mysql'"),
        ({"JOBS_DATABASE_URL": "sqlite:jobs.db"}, "JOBS_DATABASE_URL"),
    ],
)
def test_errors_name_the_variable_and_what_was_expected(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(environ)
    assert message in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_production_loads_with_real_adapters_and_secrets() -> None:
    settings = load(PRODUCTION)
    assert settings.production
    assert settings.clock_file is None


@pytest.mark.parametrize("name", ["ACCOUNTS", "DESK"])
def test_production_refuses_the_sandbox(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}=sandbox is refused with MODE=production"):
        load(PRODUCTION | {name: "sandbox"})


def test_accounts_none_is_a_real_choice() -> None:
    assert load(PRODUCTION | {"ACCOUNTS": "none"}).accounts == "none"


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("weak", ["short", "changeme" * 4, "a" * 40, "secret-secret-secret-secret"])
def test_production_refuses_weak_secrets(name: str, weak: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is too weak") as caught:
        load(PRODUCTION | {name: weak})
    assert weak not in str(caught.value)


@pytest.mark.parametrize(("one", "other"), list(combinations(SECRETS, 2)))
def test_production_refuses_one_secret_for_two_doors(one: str, other: str) -> None:
    with pytest.raises(SettingsError, match=f"{other} and {one} are the same") as caught:
        load(PRODUCTION | {other: GOOD_SECRETS[one]})
    assert GOOD_SECRET not in str(caught.value)


@pytest.mark.parametrize("name", CREDENTIALS)
def test_production_refuses_another_systems_token_as_a_secret(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} and DOOR_SECRET are the same"):
        load(PRODUCTION | {name: GOOD_SECRETS["DOOR_SECRET"]})
    assert load(PRODUCTION | {name: "1-14-short"}).production


def test_secrets_of_other_processes_may_be_missing() -> None:
    unset = dict.fromkeys(SECRETS, "")
    assert load(PRODUCTION | unset | {"DOOR_SECRET": GOOD_SECRET}).production
    assert load(dict.fromkeys(SECRETS, "x")).mode == "sandbox"


def test_production_never_moves_its_clock(tmp_path: Path) -> None:
    write_offset(tmp_path / "clock.json", 86_400)
    moved = load({"VAR_DIR": str(tmp_path)}).clock().now()
    real = load(PRODUCTION | {"VAR_DIR": str(tmp_path)}).clock().now()
    assert (moved - real).total_seconds() > 86_000


def test_require_names_the_missing_secret() -> None:
    load({"DOOR_SECRET": "x"}).require("DOOR_SECRET")
    with pytest.raises(SettingsError, match="ACTIONS_SECRET is not set"):
        load({"DOOR_SECRET": "x"}).require("DOOR_SECRET", "ACTIONS_SECRET")


def test_secrets_never_show() -> None:
    shown = repr(load(PRODUCTION | {"DATABASE_URL": "postgresql://me:pw-of-db@h/d"}))
    assert GOOD_SECRET not in shown
    assert "pw-of-db" not in shown


def test_settings_cannot_be_changed() -> None:
    settings: Settings = load({})
    with pytest.raises(AttributeError):
        settings.mode = "production"  # type: ignore[misc]
