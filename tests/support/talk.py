"""Talk to the real system from the command line: what is said, and what the assistant's log makes of it.

.venv/app/bin/python -m tests.support.talk "user:My account is inactive" "button:I'm not sure"
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.support.conversation_model import Step, TestCase
from tests.support.conversation_run import Conversation, ConversationFailed, World
from tests.support.installations import INSTALLATIONS
from tests.support.stack import Stack

NOBODY = {"level": "anonymous", "email": None}


def _to_step(number: int, word: str) -> Step:
    kind, _, text = word.partition(":")
    return Step(kind, text, number)


def main(words: list[str]) -> None:
    turns = tuple(_to_step(number, word) for number, word in enumerate(words, 1))
    test = TestCase("by hand", Path("command line"), 1, {}, None, NOBODY, turns)
    with tempfile.TemporaryDirectory(prefix="hmis-talk-") as folder, Stack(Path(folder)) as stack:
        world = World(stack, INSTALLATIONS[0])
        conversation = Conversation(world, test)
        try:
            conversation.run()
        except ConversationFailed as problem:
            print(f"turn {problem.line}: {problem}\n{stack.logs('assistant', 'actions', lines=5)}")
        print("\n".join(conversation.transcript))
        if seen := conversation.seen:
            logged = seen.logged
            print("started", logged.flows_started(), "completed", logged.flows_completed(), logged.actions())
            print(
                {
                    name: value
                    for name, value in logged.slots.items()
                    if value is not None and name != "flow_stack"
                }
            )
        world.close()


if __name__ == "__main__":
    main(sys.argv[1:])
