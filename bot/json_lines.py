"""What the filters share: JSON lines in, one JSON line out for each, whatever stands in them.

A line that cannot be read is answered with `{"error": …}` in its place, and told on the error stream with its
number; the rest goes on. Lines with nothing on them are passed over, and counted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO

Row = dict[str, Any]

LONGEST_REASON = 200


class BadLine(ValueError):
    """A line that is no question, with what it lacks."""


def read(line: str) -> Row:
    """The object on a line. Raises ValueError (BadLine if it is JSON, but not an object with a text)."""
    row = json.loads(line.removeprefix("\ufeff"))
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise BadLine('expected an object with a "text" that is a string')
    return row


def write(row: Row) -> str:
    """One line of JSON; characters that no encoding has (half a pair) stay escaped."""
    line = json.dumps(row, ensure_ascii=False)
    return line if _has_an_encoding(line) else json.dumps(row)


def _has_an_encoding(line: str) -> bool:
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def reason_of(error: Exception) -> str:
    """What is wrong with a line, in one short line."""
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at character {error.pos + 1}"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return " ".join(str(error).split())[:LONGEST_REASON]


def answer_all(
    answer: Callable[[Row], Row], source: Iterable[str], sink: TextIO, errors: TextIO | None = None
) -> int:
    """Write each line's own keys with those of `answer` added. Returns how many lines were bad."""
    bad = 0
    for number, line in enumerate(source, 1):
        if not line.strip():
            continue
        try:
            row = read(line)
            written = write({**row, **answer(row)})
        except (ValueError, OverflowError, RecursionError) as error:
            bad += 1
            reason = reason_of(error)
            print(f"line {number}: {reason}", file=errors or sys.stderr)
            written = write({"error": reason})
        sink.write(written + "\n")
        sink.flush()
    return bad


def survive_any_bytes(*streams: TextIO) -> None:
    """Bytes that are no UTF-8 become replacement characters instead of ending the filter."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
