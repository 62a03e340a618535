"""What the grammar hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Window = Literal["within", "over", "straddles", "never", "unknown", "future"]
About = Literal["login", "unsaid", "other"]


@dataclass(frozen=True)
class LastLogin:
    """A last login as far as the words tell.

    `start`, `end`: first and last possible day, both inclusive, or None when no day was named.
    `vague`: the words leave more open than their plain meaning does.
    `window`: the side of the retraining line; the cutoff day itself is within.
    `text`, `span`: the matched words and where they stand in the text ("" and (0, 0) if none).
    `about`: whether the words themselves speak of logging in, say nothing, or speak of something else.
    """

    start: date | None
    end: date | None
    vague: bool
    window: Window
    text: str = ""
    span: tuple[int, int] = (0, 0)
    about: About = "unsaid"

    def as_json(self) -> dict[str, str | bool | None]:
        """The keys that rooms exchange; days are ISO."""
        return {
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "vague": self.vague,
            "window": self.window,
        }
