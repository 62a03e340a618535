"""`backend` runs on SQLite (`shared_backend`: one for a file), `any_backend` also on PostgreSQL if there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from common.policy import Policy, load_policy
from tests.support.backend_server import POLICY, RunningBackend, running_backend
from tests.support.looks import opened_browser
from tests.support.postgres_server import PostgresServer, postgres_programs

DATABASES = ["sqlite", *(["postgresql"] if postgres_programs() else [])]


@pytest.fixture(scope="session")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """The rules that every test of this room computes with."""
    path = tmp_path_factory.mktemp("policy") / "policy.yml"
    path.write_text(POLICY, encoding="utf-8")
    return load_policy(path)


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[RunningBackend]:
    with running_backend(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def shared_backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBackend]:
    """One for all tests of a file that change nothing."""
    with running_backend(tmp_path_factory.mktemp("shared")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a file: Playwright's loop must not stay for the tests that run their own."""
    with opened_browser() as opened:
        yield opened


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/backend.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def any_backend(database_url: str, tmp_path: Path) -> Iterator[RunningBackend]:
    with running_backend(tmp_path, database_url=database_url) as running:
        yield running
