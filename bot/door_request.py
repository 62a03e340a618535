"""The body of a turn, checked field by field; everything behind the door may rely on it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

LARGEST_BODY = 64 * 1024
LONGEST_ID = 120
LEVELS = ("anonymous", "email", "slack")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FIELDS = {"turn_id", "at", "conversation_id", "channel", "identity", "text", "button", "start", "event"}
_KINDS = ("text", "button", "start", "event")
_LONGEST_TITLE = 200


class BadTurn(Exception):
    """The body cannot be a turn; the message names the field and what was expected (HTTP 400)."""


@dataclass(frozen=True)
class Turn:
    """One turn; exactly one of `text`, `button` (its id), `start` (a flow) and `event` (its kind) is set.

    `title` is what the conversation shows for a `start`; `data` belongs to an `event`.
    """

    turn_id: str
    at: str
    conversation_id: str
    channel: str
    identity: Mapping[str, Any]
    text: str | None = None
    button: str | None = None
    start: str | None = None
    title: str | None = None
    event: str | None = None
    data: Mapping[str, Any] | None = None

    @property
    def metadata(self) -> dict[str, Any]:
        """What actions and responses find on the person's message."""
        return {
            "turn_id": self.turn_id,
            "at": self.at,
            "channel": self.channel,
            "identity": dict(self.identity),
        }


def to_turn(body: bytes) -> Turn:
    """Raises BadTurn."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise BadTurn("the body is not JSON") from None
    if not isinstance(data, dict):
        raise BadTurn("the body is not a JSON object")
    if unknown := sorted(set(data) - _FIELDS):
        raise BadTurn(f"{unknown[0]}: unknown field")
    given = [kind for kind in _KINDS if data.get(kind) is not None]
    if len(given) != 1:
        raise BadTurn(f"expected exactly one of {', '.join(_KINDS)}; got {' and '.join(given) or 'none'}")
    turn = Turn(
        turn_id=_id(data, "turn_id"),
        at=_moment(data),
        conversation_id=_id(data, "conversation_id"),
        channel=_name(data.get("channel"), "channel"),
        identity=_identity(data.get("identity")),
        **_content(given[0], data[given[0]]),
    )
    return turn


def _content(kind: str, value: Any) -> dict[str, Any]:
    if kind == "text":
        if not isinstance(value, str) or not value.strip():
            raise BadTurn("text: expected text that is not empty")
        # A lone half of a surrogate pair is no character; it could be neither stored nor sent on.
        return {"text": value.encode("utf-8", "replace").decode("utf-8")}
    if not isinstance(value, dict):
        raise BadTurn(f"{kind}: expected an object")
    if kind == "button":
        button_id = value.get("id")
        if not isinstance(button_id, str) or not 0 < len(button_id) <= LONGEST_ID + 40:
            raise BadTurn("button.id: expected the id of a button")
        return {"button": button_id}
    if kind == "start":
        title = value.get("title")
        if (
            not isinstance(title, str)
            or not 0 < len(title.strip()) <= _LONGEST_TITLE
            or not _is_storable(title)
        ):
            raise BadTurn(f"start.title: expected text of 1 to {_LONGEST_TITLE} characters")
        return {"start": _name(value.get("flow"), "start.flow"), "title": title.strip()}
    data = value.get("data") or {}
    if not isinstance(data, dict) or not all(_is_scalar(item) for item in data.values()):
        raise BadTurn("event.data: expected names with text, numbers, true, false or null")
    return {"event": _name(value.get("kind"), "event.kind"), "data": data}


def _id(data: Mapping[str, Any], field: str) -> str:
    value = data.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or not _is_storable(value):
        raise BadTurn(f"{field}: expected text of 1 to {LONGEST_ID} characters")
    return value


def _name(value: Any, field: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise BadTurn(f"{field}: expected a name of small letters, digits and underscores")
    return value


def _moment(data: Mapping[str, Any]) -> str:
    value = data.get("at")
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadTurn("at: expected an ISO 8601 date and time with its offset from UTC")
    return moment.isoformat()


def _identity(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or value.get("level") not in LEVELS:
        raise BadTurn(f"identity.level: expected one of {', '.join(LEVELS)}")
    email = value.get("email")
    if not (email is None or isinstance(email, str)):
        raise BadTurn("identity.email: expected text or null")
    if (email is None) != (value["level"] == "anonymous"):
        raise BadTurn("identity.email: expected an address with every level but anonymous")
    return {"level": value["level"], "email": email}


def _is_storable(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\x00" not in value


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, bool))
