"""One trained fixture assistant, one running server and one action server for all tests of Rasa's edge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import without_tensorflow

# As the assistant does: seconds less for each test process. Must come before the first import of Rasa.
# Tests of intents in the same process compare with scikit-learn.
without_tensorflow.install(without_tensorflow.NAMES - {"sklearn"})

from tests.support.assistant_process import AssistantProcess, Conversation  # noqa: E402
from tests.support.fake_actions import FakeActions, Plan, slot  # noqa: E402


@pytest.fixture(scope="session")
def actions() -> Iterator[FakeActions]:
    server = FakeActions()
    yield server
    server.close()


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory, actions: FakeActions) -> Iterator[AssistantProcess]:
    process = AssistantProcess(tmp_path_factory.mktemp("assistant"), actions.url)
    trained = process.train()
    assert trained.returncode == 0, trained.stdout + trained.stderr
    process.start()
    yield process
    process.stop()


@pytest.fixture
def chat(assistant: AssistantProcess, actions: FakeActions) -> Conversation:
    """A new conversation, with actions that work."""
    actions.reset(
        action_make_order=Plan(events=[slot("make_order_outcome", "ok"), slot("order_key", "k-1")]),
        action_send_order=Plan(
            events=[
                slot("send_order_outcome", "ok"),
                slot("ticket_id", "1001"),
                slot("pick_up_by", "2026-11-24"),
            ]
        ),
    )
    return assistant.conversation()
