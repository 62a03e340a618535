"""What Rasa sends to run an action, checked before any action sees it."""

from __future__ import annotations

import json
import zlib
from typing import Any

LARGEST_CALL = 16 * 1024 * 1024


class BadCall(Exception):
    """What arrived is no action call; says what was expected, and nothing of what came."""


def to_call(body: bytes, encoding: str | None) -> dict[str, Any]:
    """The action call, also when Rasa compressed it (COMPRESS_ACTION_SERVER_REQUEST); raises BadCall."""
    try:
        if encoding == "deflate":
            unpacking = zlib.decompressobj()
            body = unpacking.decompress(body, LARGEST_CALL)
        call = json.loads(body)
    except (ValueError, zlib.error, RecursionError):
        raise BadCall("expected JSON") from None
    tracker = call.get("tracker") if isinstance(call, dict) else None
    if not isinstance(tracker, dict) or not isinstance(call.get("next_action"), str):
        raise BadCall("expected a JSON object with next_action (text) and tracker (object)")
    if not isinstance(tracker.get("sender_id"), str):
        raise BadCall("tracker.sender_id: expected text")
    slots, events = tracker.get("slots"), tracker.get("events")
    if not isinstance(slots, dict | None):
        raise BadCall("tracker.slots: expected an object")
    if not isinstance(events, list | None) or not all(isinstance(event, dict) for event in events or ()):
        raise BadCall("tracker.events: expected a list of objects")
    return {**call, "tracker": {**tracker, "slots": slots or {}, "events": events or []}}
