"""Runs jobs side by side, one after another within a lane, and prints each job's output as one piece."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.programs import ROOT


@dataclass(frozen=True)
class Job:
    """One command. `report` is the JUnit file of a pytest run; other commands count as one check."""

    title: str
    command: Sequence[str]
    report: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    job: Job
    code: int
    output: str
    seconds: float


class Lanes:
    """Lanes of jobs; within a lane a failed job does not keep the next from running."""

    def __init__(self) -> None:
        self._printing = threading.Lock()
        self.results: list[Result] = []

    def run(self, *lanes: Sequence[Job]) -> list[Result]:
        """Results of all jobs, when every lane has ended."""
        before = len(self.results)
        threads = [threading.Thread(target=self._run_lane, args=(lane,)) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.results[before:]

    def _run_lane(self, lane: Sequence[Job]) -> None:
        for job in lane:
            started = time.monotonic()
            done = subprocess.run(
                list(job.command), cwd=ROOT, env=os.environ | dict(job.environ),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
            output = done.stdout.decode(errors="replace").strip()
            result = Result(job, done.returncode, output, time.monotonic() - started)
            with self._printing:
                self.results.append(result)
                _show(result)


def _show(result: Result) -> None:
    mark = "ok    " if result.code == 0 else "FAILED"
    print(f"{mark} {result.job.title} ({result.seconds:.1f} s)", flush=True)
    if result.code:
        print(result.output, flush=True)
    elif result.job.report:
        print(f"       {result.output.splitlines()[-1] if result.output else ''}", flush=True)
