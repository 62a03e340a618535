"""`make test`: every gate and every suite, in two lanes for two cores; the last line sums them up."""

from __future__ import annotations

import os
import sys
import time

from scripts.gates import code_gates, data_gates
from scripts.lanes import Job, Lanes
from scripts.programs import ROOT
from scripts.suites import BOT, REPORTS, suites
from scripts.totals import total


def main() -> int:
    REPORTS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    # One model for all suites, in a place of its own: tests never touch a local run's data.
    os.environ["TEST_MODEL_DIR"] = str(ROOT / "var" / "test")
    train = Job("training", [BOT, "-m", "bot.train"], environ={"VAR_DIR": os.environ["TEST_MODEL_DIR"]})
    lanes = Lanes()
    # The suites need the model.
    results = lanes.run([train, *data_gates()], code_gates())
    results += lanes.run(*suites())
    totals = total(results)
    failed = [result.job.title for result in results if result.code]
    if failed:
        print(f"failed: {', '.join(failed)}")
    print(f"took {time.monotonic() - started:.0f} s")
    print(totals)
    return 1 if totals.failed else 0


if __name__ == "__main__":
    sys.exit(main())
