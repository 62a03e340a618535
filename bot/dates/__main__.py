"""Filter: JSON lines with `text` and `reference` in, the same lines with the understanding added out."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TextIO

from bot.dates import understand
from bot.json_lines import BadLine, Row, answer_all, survive_any_bytes


def answer(row: Row) -> Row:
    """`start`, `end`, `vague`, `window` of a row. Raises ValueError or OverflowError for its reference."""
    if "reference" not in row:
        raise BadLine('expected a "reference": the moment of the text, as ISO 8601')
    reference = datetime.fromisoformat(str(row["reference"]).replace("Z", "+00:00"))
    return dict(understand(row["text"], reference).as_json())


def main(source: TextIO = sys.stdin, target: TextIO = sys.stdout, errors: TextIO = sys.stderr) -> int:
    """Always 0: a bad line is answered with its error, and the next one follows."""
    survive_any_bytes(source, target)
    answer_all(answer, source, target, errors)
    return 0


if __name__ == "__main__":
    sys.exit(main())
