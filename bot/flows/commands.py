"""What a person asked for in one turn, in CALM's words; made by `bot.commands`, served by `next_move`.

JSON form: `{"command": "set slot", "name": …, "value": …}`; the word is the class name in lower case.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

OURS = {"ours": True}
"""Marks fields that CALM does not have; they go into JSON only where they say something."""


@dataclass(frozen=True)
class Command:
    """Base of all commands."""

    word: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.word = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cls.__name__).lower()

    def to_json(self) -> dict[str, Any]:
        """A JSON-able dict; `from_json` reads it back."""
        fields = [f for f in dataclasses.fields(self) if f.metadata != OURS or getattr(self, f.name)]
        body = {f.name: getattr(self, f.name) for f in fields}
        return {"command": self.word, **{k: list(v) if isinstance(v, tuple) else v for k, v in body.items()}}


@dataclass(frozen=True)
class StartFlow(Command):
    """Begin a flow, or come back to it when it is already under way.

    `waits`: not now, but after what is under way. Slots that the same turn sets after such a command belong
    to it: they are filled when the flow begins.
    """

    flow: str
    waits: bool = field(default=False, metadata=OURS)


@dataclass(frozen=True)
class DropWaiting(Command):
    """Forget the flows that wait: the person wants something else instead."""


@dataclass(frozen=True)
class SetSlot(Command):
    """Fill a slot; a different value for one answered earlier in the flow counts as a correction."""

    name: str
    value: Any


@dataclass(frozen=True)
class CorrectSlot(Command):
    """Change an earlier answer; on an empty slot the same as SetSlot.

    `again`: go back to it though the value stays, because what belongs to it has changed.
    """

    name: str
    value: Any
    again: bool = field(default=False, metadata=OURS)


@dataclass(frozen=True)
class CancelFlow(Command):
    """Stop the active flow."""


@dataclass(frozen=True)
class Clarify(Command):
    """Ask which of these flow ids was meant."""

    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", tuple(self.options))


@dataclass(frozen=True)
class SkipQuestion(Command):
    """The person does not want to answer the open question."""


@dataclass(frozen=True)
class Repeat(Command):
    """Say the last messages again."""


@dataclass(frozen=True)
class HumanHandoff(Command):
    """The person asks for a human."""


@dataclass(frozen=True)
class CannotHandle(Command):
    """Nothing fitting was understood; `reason` reaches `context.reason`."""

    reason: str = ""


@dataclass(frozen=True)
class Restart(Command):
    """Forget everything and begin again."""


@dataclass(frozen=True)
class ChitChat(Command):
    """Small talk."""


@dataclass(frozen=True)
class InternalError(Command):
    """Say that something went wrong on our side; both words reach the pattern's context."""

    error_type: str = ""
    info: str = ""


@dataclass(frozen=True)
class Continue(Command):
    """Nothing new: go on with what is open."""


BY_WORD: dict[str, type[Command]] = {cls.word: cls for cls in Command.__subclasses__()}


def command_from_json(data: Mapping[str, Any]) -> Command:
    """The command that `to_json` wrote. Raises ValueError naming what is unknown or missing."""
    cls = BY_WORD.get(str(data.get("command")))
    if cls is None:
        raise ValueError(f"unknown command {data.get('command')!r}")
    fields = {f.name for f in dataclasses.fields(cls)}
    given = {key: value for key, value in data.items() if key != "command"}
    if not set(given) <= fields:
        raise ValueError(f"{cls.word}: unknown keys {sorted(set(given) - fields)}")
    try:
        return cls(**given)
    except TypeError as error:
        raise ValueError(f"{cls.word}: {error}") from error
