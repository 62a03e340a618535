"""One account of the Centralized Training Academy: older than the HMIS account, and it outlives employers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Course = Literal["basic", "retake"]


@dataclass(frozen=True)
class Training:
    """A completed course."""

    course: Course
    completed_at: datetime


@dataclass(frozen=True)
class CtaAccount:
    """`address` is the e-mail address that the person registered with; `completed`: oldest first."""

    id: str
    address: str
    given: str
    family: str
    employer: str
    created_at: datetime
    completed: tuple[Training, ...] = ()

    @property
    def display_name(self) -> str:
        return f"{self.given} {self.family}".strip()

    def has_completed(self, course: Course) -> bool:
        return any(training.course == course for training in self.completed)
