"""The action server that a module's tests share, and the one Request Tracker of all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.action_scene import Scene
from tests.support.request_tracker_server import (
    RequestTracker,
    request_tracker_programs,
    running_request_tracker,
)


@pytest.fixture(scope="session")
def _request_tracker() -> Iterator[RequestTracker]:
    programs = request_tracker_programs()
    assert programs is not None
    with running_request_tracker(programs) as tracker:
        yield tracker


@pytest.fixture
def request_tracker(_request_tracker: RequestTracker) -> RequestTracker:
    """A real Request Tracker without a ticket; for tests that run only where one is installed."""
    _request_tracker.clean()
    return _request_tracker


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    one = Scene(tmp_path_factory.mktemp("actions"))
    yield one
    one.rig.close()
    one.proxy.close()
    one.world.close()


@pytest.fixture
def scene(running: Scene) -> Scene:
    running.clean()
    return running
