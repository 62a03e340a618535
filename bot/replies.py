"""What the assistant said in a turn, as the door hands it out.

A message's id is `<turn id>-<k>`, k its place in the turn; a button's id is `<message id>.<n>`. Both follow
from the log alone, so a turn that is asked for again, days later, gives the same ids. Payloads stay in the
tracker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa.shared.core.events import BotUttered, Event, UserUttered

IMAGE_ALT = "image_alt"


def message_id(turn_id: str, place: int) -> str:
    return f"{turn_id}-{place}"


def stamp(events: Iterable[Event]) -> None:
    """Give every bot message among a turn's new events its id, in the event's metadata."""
    turn_id, place = None, 0
    for event in events:
        if isinstance(event, UserUttered):
            turn_id, place = event.message_id, 0
        elif isinstance(event, BotUttered) and turn_id is not None:
            event.metadata = {**event.metadata, "message_id": message_id(turn_id, place)}
            place += 1


def to_messages(turn_id: str, said: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Door messages from bot messages in order;

    each has `text`, `buttons`, `image`, `custom` or lacks them. A picture is said as `image`, its file, and
    `custom: {image_alt}`, what it shows in words; it is handed out as `image: {file, alt}`.
    """
    return [_to_message(message_id(turn_id, place), one) for place, one in enumerate(said)]


def said_in(turn: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The bot messages among a turn's logged events, in the shape that `to_messages` takes."""
    return [
        {**(event.get("data") or {}), "text": event.get("text")}
        for event in turn
        if event["event"] == BotUttered.type_name
    ]


def _to_message(own_id: str, said: Mapping[str, Any]) -> dict[str, Any]:
    custom = dict(said.get("custom") or {})
    alt, file = custom.pop(IMAGE_ALT, ""), said.get("image")
    return {
        "id": own_id,
        "text": said.get("text") or "",
        "buttons": [
            {"id": f"{own_id}.{n}", "title": button.get("title", "")}
            for n, button in enumerate(said.get("buttons") or ())
        ],
        "image": {"file": file, "alt": alt} if file else None,
        "custom": custom or None,
    }
