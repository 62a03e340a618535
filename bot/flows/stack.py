"""The dialogue stack: which flows are under way, where each stands, and which question is open.

The last frame is the top. A frame's `step_id` is the step it last carried out (`START` before the
first), so a stack always points past what has been done, and going on means choosing that step's
`next`. The stack is plain JSON in the slot `flow_stack`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

START, END = "START", "END"
FLOW, CALL, PATTERN, QUEUED = "flow", "call", "pattern", "queued"
COLLECT_PATTERN = "pattern_collect_information"


@dataclass(frozen=True)
class Frame:
    """One entry of the stack.

    `kind` is "flow" (started by or for the person), "call" (acts as part of the frame below),
    "pattern" (interrupts) or "queued" (asked for, not begun; see `waiting`). `context` is JSON-able and
    is what `{{context.x}}`, `context.x` and responses see; the key `trail` (step ids in the order they
    were reached) is the engine's.
    """

    frame_id: str
    flow_id: str
    step_id: str = START
    kind: str = FLOW
    context: Mapping[str, Any] = field(default_factory=dict)

    def at(self, step_id: str, **context: Any) -> Frame:
        """The same frame at another step, with these context keys added."""
        return dataclasses.replace(self, step_id=step_id, context={**self.context, **context})

    @property
    def is_collect(self) -> bool:
        """Does this frame ask for a slot on behalf of the frame below?"""
        return self.flow_id == COLLECT_PATTERN


Stack = tuple[Frame, ...]
_PLAIN = ("frame_id", "flow_id", "step_id", "kind")


@dataclass(frozen=True)
class OpenQuestion:
    """The question that the person was asked last and has not answered."""

    slot: str
    utter: str
    flow_id: str
    step_id: str


def open_question(stack: Sequence[Frame]) -> OpenQuestion | None:
    """The open question, also under a pattern that only said something and waits; None if there is none.

    `flow_id` and `step_id` are those of the flow (or pattern) whose collect step is asking.
    """
    for index in range(len(stack) - 1, 0, -1):
        frame = stack[index]
        if frame.is_collect:
            below = stack[index - 1]
            context = frame.context
            return OpenQuestion(
                str(context.get("collect", "")), str(context.get("utter", "")), below.flow_id, below.step_id
            )
        if frame.kind != PATTERN:
            return None
    return None


def stack_to_json(stack: Sequence[Frame]) -> list[dict[str, Any]]:
    """The stack as lists and dicts, for the slot `flow_stack`."""
    return [
        {name: getattr(frame, name) for name in _PLAIN} | {"context": dict(frame.context)} for frame in stack
    ]


def stack_from_json(data: Any) -> Stack:
    """Read a stack back: None is empty, a JSON text is parsed first. Raises ValueError if it is no stack."""
    if isinstance(data, str):
        data = json.loads(data)
    try:
        return tuple(Frame(**{**entry, "context": dict(entry.get("context") or {})}) for entry in data or ())
    except (TypeError, AttributeError) as error:
        raise ValueError(f"not a flow stack: {error}") from error


def groups(stack: Sequence[Frame]) -> list[Stack]:
    """Cut into what moves together: a flow or pattern, the flows it calls, and the question it asks."""
    found: list[list[Frame]] = []
    for frame in stack:
        if not found or (frame.kind != CALL and not frame.is_collect):
            found.append([])
        found[-1].append(frame)
    return [tuple(group) for group in found]


def joined(parts: Sequence[Stack]) -> list[Frame]:
    """The stack made of these groups, the last on top."""
    return [frame for part in parts for frame in part]
