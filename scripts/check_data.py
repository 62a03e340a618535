"""Checks everything that a training reads, without training: flows, domain, NLU data, configuration, policy.
And that what is counted of conversations fits the flows.

Runs in .venv/bot. One `file:line: key: message` per line, and exit code 1, when something has to be edited.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.flows import DomainFacts, load_flows
from bot.outcomes import TableError
from bot.outcomes.check import check_table
from bot.training_inputs import InputError, Inputs
from common.settings import load

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    try:
        inputs = Inputs(ROOT, load().policy_file)
        inputs.check()
        facts = DomainFacts.from_yaml(inputs.domain)
        check_table(load_flows(inputs.flows, facts), facts)
    except (InputError, TableError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
