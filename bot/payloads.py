"""Button payloads, as written in domain.yml: `/SetSlots(slot=value, …)`, `/StartFlow(flow)`, `/intent`."""

from __future__ import annotations

import re
from typing import Any

_CALL = re.compile(r"/(SetSlots|StartFlow)\((.*)\)\s*", re.DOTALL)
_INTENT = re.compile(r"/([A-Za-z][\w-]*)\s*")


def parse_payload(payload: str) -> dict[str, Any]:
    """`{"intent": name or None, "commands": [JSON commands]}`; raises ValueError for anything else.

    `null` and an empty value unset a slot. The engine turns the values into the slots' types.
    """
    if match := _CALL.fullmatch(payload):
        call, inside = match.groups()
        if call == "StartFlow":
            return {"intent": None, "commands": [{"command": "start flow", "flow": _word(inside, payload)}]}
        return {"intent": None, "commands": [_set_slot(pair, payload) for pair in inside.split(",")]}
    if match := _INTENT.fullmatch(payload):
        return {"intent": match.group(1), "commands": []}
    raise ValueError(
        f"{payload!r} is no payload; expected /SetSlots(slot=value), /StartFlow(flow) or /intent"
    )


def _set_slot(pair: str, payload: str) -> dict[str, Any]:
    name, separator, value = pair.partition("=")
    if not separator:
        raise ValueError(f"{payload!r}: expected slot=value")
    value = value.strip()
    return {
        "command": "set slot",
        "name": _word(name, payload),
        "value": None if value in ("", "null") else value,
    }


def _word(text: str, payload: str) -> str:
    word = text.strip()
    if not re.fullmatch(r"[A-Za-z_][\w-]*", word):
        raise ValueError(f"{payload!r}: {word!r} is no name")
    return word
