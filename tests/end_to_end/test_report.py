"""Whole conversations on the real system, counted by hand beside `make report`; then they are deleted.

On PostgreSQL where its programs are installed, else on SQLite: the conversation suite runs on SQLite anyway.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import MetaData, create_engine, select

from common.settings import with_driver
from tests.support.gateway_process import Chat
from tests.support.postgres_server import postgres_programs, running_postgres
from tests.support.sandbox_client import SandboxClient
from tests.support.stack import ROOT, Stack, python_of

CASEY, NAME = "casey.forty@agency.example", "Casey Forty"
EMPLOYER, OLD, NEW = "Zanzibar Shelter Collective", "casey@zanzibar.example", "casey.forty@newjob.example"
WITHIN = 40.0


@dataclass
class Scene:
    stack: Stack
    sandbox: SandboxClient
    databases: tuple[str, ...]

    def report(self) -> tuple[dict[str, Any], str]:
        """report.json, and all that `make report` printed and wrote."""
        done = subprocess.run(
            [python_of("app"), "-m", "report", "--from=2026-11-01", "--to=2026-11-30"],
            cwd=ROOT, env=os.environ | self.stack.environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        files = {
            path.name: path.read_text(encoding="utf-8") for path in (self.stack.var / "report").iterdir()
        }
        return json.loads(files["report.json"]), "\n".join([done.stdout, *files.values()])

    def until(self, holds: Callable[[], bool], what: str) -> None:
        self.stack.until(holds, what, within=WITHIN)

    def rows(self, prefix: str) -> dict[str, list[Any]]:
        """Every row of every table whose name begins so."""
        found: dict[str, list[Any]] = {}
        for url in self.databases:
            engine = create_engine(with_driver(url, "pg8000"))
            tables = MetaData()
            with engine.connect() as connection:
                tables.reflect(connection, only=lambda name, _: name.startswith(prefix))
                for table in tables.tables.values():
                    found[table.name] = list(connection.execute(select(table)).all())
            engine.dispose()
        return found


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    var = tmp_path_factory.mktemp("report")
    with contextlib.ExitStack() as everything:
        environ = {}
        databases: tuple[str, ...] = tuple(f"sqlite:///{var}/{name}.db" for name in ("tracker", "jobs"))
        if programs := postgres_programs():
            environ["DATABASE_URL"] = everything.enter_context(running_postgres(programs)).new_database()
            databases = (environ["DATABASE_URL"],)
        stack = everything.enter_context(Stack(var, environ=environ))
        secrets = stack.secrets
        sandbox = SandboxClient(stack.urls["backend"], secrets["BACKEND_TOKEN"], secrets["CONSOLE_PASSWORD"])
        everything.callback(sandbox.close)
        yield Scene(stack, sandbox, databases)


def chat(scene: Scene, *said: str) -> Chat:
    one = Chat(httpx.Client(base_url=scene.stack.urls["gateway"], timeout=60, trust_env=False))
    say(one, *said)
    return one


def say(one: Chat, *said: str) -> None:
    for text in said:
        assert one.say(text).status_code == 200, text


def heard(one: Chat, text: str) -> int:
    return sum(text in message for message in one.texts())


def wait_for(scene: Scene, one: Chat, text: str, times: int = 1) -> None:
    scene.until(lambda: heard(one, text) >= times, f"nobody said {text!r}")


def test_counted_by_hand_and_after_deletion(scene: Scene) -> None:
    # Monday, 10:00: inactive, six weeks; Support answers, and once more; midnight passes without a login.
    scene.stack.clock.set("2026-11-23T10:00:00-08:00")
    casey = chat(scene, "it says this account is inactive", "about six weeks ago", CASEY, NAME, "yes")
    assert heard(casey, "Your ticket is filed") == 1
    scene.sandbox.reply(1001, "Reactivated. A temporary password: Sunflower-77.")
    wait_for(scene, casey, "Support answered ticket")
    scene.sandbox.reply(1001, "Did it work?")
    wait_for(scene, casey, "Support answered ticket", times=2)
    # Monday, 17:00: locked an hour ago and in again, without a ticket, outside office hours.
    scene.stack.clock.set("2026-11-23T17:00:00-08:00")
    lucky = chat(scene, "my account is locked", "more than an hour ago", "I'm in!")
    assert heard(lucky, "Great, you're in!") == 1
    # Tuesday, 00:20: the midnight is missed.
    scene.stack.clock.set("2026-11-24T00:20:00-08:00")
    scene.until(lambda: scene.report()[0]["total"]["midnights_missed"] == 1, "no midnight was missed")
    # Tuesday, 9:00: the same ticket once more; the record shows the login a bit more than two hours later.
    scene.stack.clock.set("2026-11-24T09:00:00-08:00")
    say(casey, "it's inactive again", "yes")
    assert heard(casey, "I answered ticket") == 1
    scene.stack.clock.set("2026-11-24T11:00:30-08:00")
    scene.sandbox.act_on_account(CASEY, "log-in")
    wait_for(scene, casey, "account is active now")
    # Tuesday, 11:00: a new employer; nonsense on the way.
    moved = chat(scene, "i changed employers", "yes, it's updated", EMPLOYER, OLD, NEW, NAME, "yes")
    say(moved, "hm you know", "you know hm")
    assert heard(moved, "Your ticket is filed") == 1

    report, shown = scene.report()
    assert_by_hand(report)
    counted = [*scene.rows("tracker_outcomes").values(), *scene.rows("jobs_outcomes").values()]
    assert all(counted)
    for trace in (CASEY, NAME, "Casey", "Forty", EMPLOYER, "Zanzibar", OLD, NEW, "1001", "1002", "Sunflower",
                  *(one.id for one in (casey, lucky, moved))):  # fmt: skip
        assert trace not in shown
        assert trace not in str(counted)

    for one in (casey, lucky, moved):
        assert one.client.delete(one.path, headers=one.headers).status_code == 204
    scene.until(lambda: not scene.rows("tracker_conversations")["tracker_conversations"], "not deleted")
    after, _ = scene.report()
    assert {**after, "made_at": ""} == {**report, "made_at": ""}
    left = str(scene.rows("tracker_")) + str(scene.rows("jobs_"))
    for trace in (CASEY, NAME, EMPLOYER, "1001", *(one.id for one in (casey, lucky, moved))):
        assert trace not in left
    for one in (casey, lucky, moved):
        one.client.close()


def assert_by_hand(report: dict[str, Any]) -> None:
    """What the three conversations above come to, counted with a pencil."""
    total = report["total"]
    assert {name: n for name, n in total["came"].items() if n} == {"in": 1, "ticket_in": 1, "ticket": 1}
    expected = {
        "conversations": 3,
        "solved_without_ticket": 1,
        "tickets": 2,
        "asked_again": 1,
        "answered": 1,
        "follow_up_questions": 1,
        "not_filed": 0,
        "reactivated": 2,
        "reminded": 0,
        "logged_in": 1,
        "midnights_missed": 1,
        "handed_to_human": 1,
        "turns": 7 + 3 + 9,
        "not_understood": 2,
        "outside_office_hours": 1,
        "to_ticket": {"n": 2, "minutes": 0, "turns": (5 + 7) / 2},
        "to_in_said": {"n": 1, "minutes": 0, "turns": 3},
        # from Monday, 10:00, to Tuesday, 11:00
        "to_in_recorded": {"n": 1, "minutes": 25 * 60, "turns": 7},
    }
    assert {name: total[name] for name in expected} == expected
    by_row = {row: figures["conversations"] for row, figures in report["by_row"].items()}
    assert by_row == {"reactivate_account": 1, "unlock_account": 1, "change_employer": 1}
    assert report["by_channel"] == {"web": total}
    days = {one["from"]: (one["conversations"], one["tickets"]) for one in report["over_time"]}
    assert {day: pair for day, pair in days.items() if any(pair)} == {
        "2026-11-23": (2, 1),
        "2026-11-24": (1, 1),
    }
    assert report["period"] == {"from": "2026-11-01", "to": "2026-11-30", "days_counted": 2}
