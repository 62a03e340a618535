"""What tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests that ask for a database of it; they ask only where there is one to start."""
    # here, as the assistant's environment does without what the server's helper needs
    from tests.support.postgres_server import postgres_programs, running_postgres

    programs = postgres_programs()
    assert programs is not None
    with running_postgres(programs) as server:
        yield server
