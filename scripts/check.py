"""`make check`: the fast gate, under a minute on two cores."""

from __future__ import annotations

import sys

from scripts.gates import code_gates, data_gates
from scripts.lanes import Lanes
from scripts.suites import APP, BOT, REPORTS, TESTS, pytest_job
from scripts.totals import total


def main() -> int:
    REPORTS.mkdir(parents=True, exist_ok=True)
    wanted = ("bot/flows", "bot/commands", "bot/dates", "bot/outcomes")
    pure = [name for name in wanted if (TESTS / name).is_dir()]
    lanes = Lanes()
    results = lanes.run(
        [*code_gates(), pytest_job("house and base", APP, ["house", "common"])],
        [*data_gates(), pytest_job("flow engine and dates", BOT, ["common", *pure])],
    )
    totals = total(results)
    print(totals)
    return 1 if totals.failed else 0


if __name__ == "__main__":
    sys.exit(main())
