"""Ways through the fixture assistant's flows that several tests share."""

from __future__ import annotations

from typing import Any

from tests.support.assistant_process import Conversation


def up_to_confirmation(chat: Conversation) -> list[dict[str, Any]]:
    """The messages that ask whether to send the order; the color is red."""
    chat.say("place an order")
    chat.turn(button={"id": f"{chat.id}:{chat.turns}-0.0"})
    return chat.turn(text="for my desk")
