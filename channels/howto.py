"""The rows of the How-To, from the howto.json that training writes; read again whenever that file changes."""

from __future__ import annotations

import logging
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from channels.pictures import Drawing, drawing

log = logging.getLogger(__name__)


class Case(BaseModel):
    model_config = ConfigDict(extra="ignore")
    title: str
    steps: list[str]


class Shown(BaseModel):
    """A drawing of the login screen; `alt` says what its message reads."""

    model_config = ConfigDict(extra="ignore")
    file: str
    alt: str

    @property
    def drawing(self) -> Drawing | None:
        """The file itself, if it is there."""
        return drawing(self.file)


class Row(BaseModel):
    """`flow` is the row's anchor on the page; texts are the Markdown subset."""

    model_config = ConfigDict(extra="ignore")
    flow: str
    row: int
    title: str
    login_message: str | None = None
    picture: Shown | None = None
    intro: str | None = None
    steps: list[str] = []
    cases: list[Case] = []
    notes: list[str] = []

    @property
    def plain_steps(self) -> list[str]:
        """The steps outside the cases: where a row has cases only, `steps` repeats theirs."""
        repeated = [f"{case.title}: {step}" for case in self.cases for step in case.steps]
        return [] if self.steps == repeated else self.steps


class _File(BaseModel):
    rows: list[Row]


class HowTo:
    """`rows()` never fails: a page without the rows is better than no page, and the log says why."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._rows: tuple[Row, ...] = ()
        self._complained = False

    def title(self, flow: str) -> str | None:
        """The title of this flow's row; None when it is no row."""
        return next((row.title for row in self.rows() if row.flow == flow), None)

    def rows(self) -> tuple[Row, ...]:
        try:
            stat = self._path.stat()
            signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if signature != self._seen:
                self._rows = tuple(_File.model_validate_json(self._path.read_bytes()).rows)
                self._seen, self._complained = signature, False
        except (OSError, ValidationError) as error:
            if not self._complained:
                self._complained = True
                log.warning(
                    "%s cannot be used (%s); the page shows %s",
                    self._path.name,
                    _reason(error),
                    _shown(self._rows),
                )
        return self._rows


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return type(error).__name__


def _shown(rows: tuple[Row, ...]) -> str:
    return "the rows it had before" if rows else "no rows"
