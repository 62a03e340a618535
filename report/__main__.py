"""`make report [FROM=day] [TO=day]`: prints the report, and writes it to VAR_DIR/report as JSON and HTML.

Ends with 2 and one line when a day, the baseline, the policy or a database cannot be used.
"""

from __future__ import annotations

import argparse
import os
import sys

from common.policy import PolicyError, load_policy
from common.settings import SettingsError, load
from report.baseline import BaselineError, load_baseline
from report.figures import to_report
from report.period import PeriodError, to_period
from report.records import RecordError, read_records
from report.render import Made, to_text, write_all
from report.words import load_words


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="report")
    parser.add_argument("--from", dest="start", default="")
    parser.add_argument("--to", dest="end", default="")
    asked = parser.parse_args(arguments)
    os.umask(0o077)
    try:
        settings = load()
        policy = load_policy(settings.policy_file)
        now = settings.clock().now()
        records = read_records(settings.tracker_database_url, settings.jobs_database_url)
        period = to_period(asked.start, asked.end, recorded=records.recorded, today=policy.today(now))
        made = Made(
            to_report(records, period), load_baseline(settings.baseline_file), policy, now, load_words()
        )
        places = write_all(made, settings.var_dir / "report")
    except (SettingsError, PolicyError, PeriodError, BaselineError, RecordError, OSError) as error:
        print(f"report: {error}", file=sys.stderr)
        return 2
    print(to_text(made))
    for place in places.values():
        print(place)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
