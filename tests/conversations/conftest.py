"""Collects YAML conversations as tests and plays them against a real system of each kind in turn."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.conversation_files import (
    ConversationError,
    kind_of,
    load_conversations,
    load_fixtures,
    read_yaml,
)
from tests.support.conversation_model import TestCase
from tests.support.conversation_run import Conversation, ConversationFailed, World
from tests.support.installations import INSTALLATIONS, Installation
from tests.support.stack import Stack

HERE = Path(__file__).parent
SHARED = HERE / "conftest.yml"
_world = pytest.StashKey[World]()
_folder = pytest.StashKey[Path]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".yml" and file_path.is_relative_to(HERE) and file_path != SHARED:
        collected: pytest.Collector = ConversationFile.from_parent(parent, path=file_path)
        return collected
    return None


class ConversationFile(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        kind = kind_of(self.path, HERE)
        shared = load_fixtures(SHARED, read_yaml(SHARED)["fixtures"]) if SHARED.exists() else {}
        folder = self.path.relative_to(HERE).parts[0]
        for test in load_conversations(self.path, shared):
            for installation in INSTALLATIONS:
                if test.only == installation.name or (test.only is None and installation.plays(folder)):
                    name = f"{kind}: {test.name} [{installation.name}]"
                    yield ConversationItem.from_parent(self, name=name, test=test, installation=installation)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, ConversationError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class ConversationItem(pytest.Item):
    def __init__(self, *, test: TestCase, installation: Installation, **more: Any) -> None:
        super().__init__(**more)
        self.test = test
        self.installation = installation
        self.conversation: Conversation | None = None

    def runtest(self) -> None:
        self.conversation = Conversation(world_of(self.config, self.installation), self.test)
        self.conversation.run()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if not isinstance(excinfo.value, ConversationFailed):
            return super().repr_failure(excinfo, style)
        said = "\n".join(self.conversation.transcript) if self.conversation else ""
        logs = world_of(self.config, self.installation).stack.logs(lines=8)
        return f"{self.path}:{excinfo.value.line}: {excinfo.value}\n\n{said}\n\n{logs}"

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.test.line - 1, self.name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One installation after the other, so that only one runs at a time; the count comes after the first."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[int, bool]:
    if isinstance(item, ConversationItem):
        return INSTALLATIONS.index(item.installation), False
    return (0, True) if item.path == HERE / "test_report.py" else (-1, False)


@pytest.fixture
def world(pytestconfig: pytest.Config) -> World:
    """The first installation, as its conversations left it."""
    return world_of(pytestconfig, INSTALLATIONS[0])


def world_of(config: pytest.Config, installation: Installation) -> World:
    """The system of this kind, started with the first test that needs it; the one before it ends."""
    world = config.stash.get(_world, None)
    if world is None or world.installation != installation:
        _end(config)
        folder = config.stash[_folder] = Path(tempfile.mkdtemp(prefix="hmis-conversations-"))
        stack = Stack(folder, environ=installation.settings(folder))
        config.stash[_world] = World(stack.__enter__(), installation)
    return config.stash[_world]


def _end(config: pytest.Config) -> None:
    if world := config.stash.get(_world, None):
        world.close()
        world.stack.close()
        del config.stash[_world]
    if folder := config.stash.get(_folder, None):
        shutil.rmtree(folder, ignore_errors=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    _end(config)
