"""What is wrong with a flow file, said so that the author can go straight to the line.

FlowProblem (ValueError)
└── FlowErrors      one or more FlowError, all that could be found in one reading
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class FlowError:
    """One finding: `file:line: key: message`; line 0 when the finding has no place in a file."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.message}"


class FlowProblem(ValueError):
    """The flows cannot be used; retrying does not help, editing a file does."""


class FlowErrors(FlowProblem):
    """All errors found, in file order; `str()` is one line each."""

    def __init__(self, errors: Iterable[FlowError]) -> None:
        self.errors: list[FlowError] = sorted(set(errors))
        super().__init__(str(self))

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)
