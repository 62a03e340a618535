"""The action server that a module's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.action_scene import Scene


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
