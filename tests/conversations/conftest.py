"""Collects YAML conversations as tests and plays them against one real system for the whole session."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.conversation_files import (
    ConversationError,
    TestCase,
    kind_of,
    load_conversations,
    load_fixtures,
    read_yaml,
)
from tests.support.conversation_run import Conversation, ConversationFailed, World
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
        for test in load_conversations(self.path, shared):
            yield ConversationItem.from_parent(self, name=f"{kind}: {test.name}", test=test)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, ConversationError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class ConversationItem(pytest.Item):
    def __init__(self, *, test: TestCase, **more: Any) -> None:
        super().__init__(**more)
        self.test = test
        self.conversation: Conversation | None = None

    def runtest(self) -> None:
        self.conversation = Conversation(world_of(self.config), self.test)
        self.conversation.run()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if not isinstance(excinfo.value, ConversationFailed):
            return super().repr_failure(excinfo, style)
        said = "\n".join(self.conversation.transcript) if self.conversation else ""
        logs = world_of(self.config).stack.logs(lines=8)
        return f"{self.path}:{excinfo.value.line}: {excinfo.value}\n\n{said}\n\n{logs}"

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.test.line - 1, self.name


def world_of(config: pytest.Config) -> World:
    """The system, started with the first test that needs it."""
    if _world not in config.stash:
        config.stash[_folder] = Path(tempfile.mkdtemp(prefix="hmis-conversations-"))
        stack = Stack(config.stash[_folder])
        config.stash[_world] = World(stack.__enter__())
    return config.stash[_world]


def pytest_unconfigure(config: pytest.Config) -> None:
    if world := config.stash.get(_world, None):
        world.close()
        world.stack.close()
    if folder := config.stash.get(_folder, None):
        shutil.rmtree(folder, ignore_errors=True)
