"""Time as every process sees it: the system's time plus one offset that the sandbox's console may move."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path


class Clock:
    """Where code takes the time from; a parameter, so that tests can hold it still."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        raise TypeError("use SystemClock or FixedClock")


class FixedClock(Clock):
    """A clock for tests: it stands until it is moved."""

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("FixedClock needs an aware datetime")
        self._moment = moment.astimezone(timezone.utc)

    def now(self) -> datetime:
        return self._moment

    def advance(self, by: timedelta) -> None:
        self._moment += by


class SystemClock(Clock):
    """System time plus `offset_seconds` of the offset file, read again whenever that file changes.

    Without a file (production) there is no offset. A file that cannot be read leaves the last known offset.
    """

    def __init__(self, offset_file: Path | None = None) -> None:
        self._file = offset_file
        self._seen: tuple[int, int, int] | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(timezone.utc) + self.offset()

    def offset(self) -> timedelta:
        """How far this clock is ahead of the system's."""
        if self._file is None:
            return timedelta()
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            self._seen, self._offset = None, timedelta()
            return self._offset
        except OSError:
            return self._offset
        signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if signature != self._seen:
            try:
                self._offset = _read_offset(self._file)
                self._seen = signature
            except (OSError, ValueError):
                return self._offset
        return self._offset


def _read_offset(path: Path) -> timedelta:
    content = json.loads(path.read_text(encoding="utf-8"))
    seconds = content.get("offset_seconds") if isinstance(content, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise ValueError("offset_seconds must be a number")
    try:
        return timedelta(seconds=seconds)
    except OverflowError as error:
        raise ValueError("offset_seconds is out of range") from error


def write_offset(path: Path, seconds: float) -> None:
    """Move every clock that reads this file. Replaces the file in one step: a reader sees old or new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump({"offset_seconds": seconds}, out)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
