"""Checks everything that a training reads, without training: flows, domain, NLU data, configuration, policy.

Runs in .venv/bot. One `file:line: key: message` per line, and exit code 1, when something has to be edited.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.training_inputs import InputError, Inputs
from common.settings import load

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    try:
        Inputs(ROOT, load().policy_file).check()
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
