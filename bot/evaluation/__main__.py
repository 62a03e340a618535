"""`python -m bot.evaluation`: train on data/nlu, measure all of tests/nlu, print; saves VAR_DIR/eval/.

eval.txt is what was printed, eval.json holds every figure, eval.html shows them with the reliability plot.
"""

from __future__ import annotations

import json
import sys

from bot.evaluation.measure import measure
from bot.evaluation.page import to_page
from bot.evaluation.report import to_text
from bot.evaluation.sets import BadSet
from bot.nlu.places import var_dir
from bot.nlu.understanding import Understanding


def main() -> int:
    """0; 2 and one line on stderr for an evaluation file that is not as expected."""
    try:
        found = measure(Understanding.trained())
    except BadSet as error:
        print(error, file=sys.stderr)
        return 2
    folder = var_dir() / "eval"
    folder.mkdir(parents=True, exist_ok=True)
    text = to_text(found)
    for name, content in (
        ("eval.txt", text),
        ("eval.json", json.dumps(found, indent=1)),
        ("eval.html", to_page(found)),
    ):
        (folder / name).write_text(content + "\n", encoding="utf-8", errors="backslashreplace")
    print(text)
    print(folder / "eval.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
