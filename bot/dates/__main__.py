"""Filter: JSON lines with `text` and `reference` in, the same lines with the understanding added out."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any, TextIO

from bot.dates import understand


def answer(line: str) -> dict[str, Any]:
    """The line's own keys and `start`, `end`, `vague`, `window`; `error` for a line that cannot be read."""
    try:
        row = json.loads(line)
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            return {"error": "expected an object with the keys text and reference"}
        stamp = str(row["reference"]).replace("Z", "+00:00") if "reference" in row else ""
        reference = datetime.fromisoformat(stamp)
    except (ValueError, RecursionError) as error:
        return {"error": f"{type(error).__name__}: {error}"[:200]}
    return row | understand(row["text"], reference).as_json()


def main(source: TextIO = sys.stdin, target: TextIO = sys.stdout) -> int:
    for line in source:
        if line.strip():
            target.write(json.dumps(answer(line), ensure_ascii=False) + "\n")
            target.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
