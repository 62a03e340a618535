import stat
from pathlib import Path

import pytest

from common.settings import SECRETS, SHORTEST_SECRET, load
from scripts.make_secrets import ensure_secrets, read_secrets, with_secrets


def test_secrets_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secrets.env"
    made = ensure_secrets(path)
    assert set(made) == set(SECRETS)
    assert len(set(made.values())) == len(SECRETS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ensure_secrets(path) == made == read_secrets(path)


def test_they_are_good_enough_for_production(tmp_path: Path) -> None:
    made = ensure_secrets(tmp_path / "secrets.env")
    assert min(map(len, made.values())) >= SHORTEST_SECRET
    load({"MODE": "production", "ACCOUNTS": "none", "DESK": "email", **made})


def test_a_new_secret_joins_the_old_ones(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    path.write_text("# mine\nDOOR_SECRET=kept=with=equals\n")
    path.chmod(0o644)
    made = ensure_secrets(path)
    assert made["DOOR_SECRET"] == "kept=with=equals"
    assert set(made) == set(SECRETS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("value", ["named", "  named  "])
def test_the_environment_wins(tmp_path: Path, value: str) -> None:
    environ = with_secrets({"DOOR_SECRET": value, "HOME": "x"}, tmp_path / "secrets.env")
    assert environ["DOOR_SECRET"] == value
    assert environ["HOME"] == "x"
    assert environ["BACKEND_TOKEN"] == read_secrets(tmp_path / "secrets.env")["BACKEND_TOKEN"]


def test_a_blank_variable_is_no_secret(tmp_path: Path) -> None:
    environ = with_secrets({"DOOR_SECRET": " "}, tmp_path / "secrets.env")
    assert load(environ).door_secret == ensure_secrets(tmp_path / "secrets.env")["DOOR_SECRET"]


def test_no_file_is_made_where_the_environment_names_all(tmp_path: Path) -> None:
    with_secrets(dict.fromkeys(SECRETS, "x"), tmp_path / "secrets.env")
    assert not (tmp_path / "secrets.env").exists()
