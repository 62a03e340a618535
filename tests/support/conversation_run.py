"""Plays one conversation test against a running stack: turns through the door, real actions behind it."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from tests.support.case_words import filled
from tests.support.conversation_checks import CHECKS, TurnSeen
from tests.support.conversation_files import TURNS
from tests.support.conversation_model import Check, Step, TestCase
from tests.support.hand_count import Transcript, Turn
from tests.support.installations import Installation
from tests.support.sandbox_client import SandboxClient
from tests.support.stack import MONDAY, Stack
from tests.support.tracker_log import TrackerLog

_BEING_FILED = (
    "SELECT count(*) FROM jobs_queue WHERE kind IN ('file_ticket', 'reply_ticket')"
    " AND state = 'waiting' AND owner IS NOT NULL AND held_until > ?"
)
SETTLES_WITHIN = 20.0  # what the worker does by itself, after a restart and its own waiting


class ConversationFailed(Exception):
    """A step did not hold. `line` is its place in the file; the message says what was expected."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class World:
    """A stack that many tests use one after the other, each finding it as it was at first."""

    def __init__(self, stack: Stack, installation: Installation) -> None:
        self.stack = stack
        self.installation = installation
        self.rules = installation.rules(stack.var)
        self.sandbox = SandboxClient(
            stack.urls["backend"], stack.secrets["BACKEND_TOKEN"], stack.secrets["CONSOLE_PASSWORD"]
        )
        self.log = TrackerLog(stack.var / "tracker.db")
        self.transcripts: list[Transcript] = []
        self._kept = stack.var / "as-it-was"
        self._kept.mkdir(exist_ok=True)
        for name in ("backend.db", "jobs.db"):
            _copy_database(stack.var / name, self._kept / name)

    def reset(self, test: TestCase) -> None:
        """Everything runs, the sandbox holds its first accounts and no tickets, no promise is open."""
        for name in self.stack.names:
            if not self.stack.runs(name):
                self.stack.start(name)
        self._carry_over_outcomes()
        for kept in self._kept.iterdir():
            _copy_database(kept, self.stack.var / kept.name)
        self.stack.clock.set(test.now or MONDAY)

    def _carry_over_outcomes(self) -> None:
        """What was counted of earlier tests stays: a report is about all of them."""
        with closing(sqlite3.connect(self._kept / "jobs.db", timeout=10)) as kept, kept:
            kept.execute("ATTACH DATABASE ? AS live", (str(self.stack.var / "jobs.db"),))
            kept.execute("DELETE FROM main.jobs_outcomes")
            kept.execute("INSERT INTO main.jobs_outcomes SELECT * FROM live.jobs_outcomes")

    def tickets(self) -> list[dict[str, Any]]:
        """All that lies on the desk, once nobody is at filing any more."""
        if not self.stack.runs("backend"):
            self.stack.start("backend")
        self.stack.until(lambda: not self._is_filing(), "a ticket is still being filed")
        return self.sandbox.all_tickets()

    def _is_filing(self) -> bool:
        with closing(sqlite3.connect(f"file:{self.stack.var}/jobs.db?mode=ro", uri=True, timeout=10)) as jobs:
            return bool(jobs.execute(_BEING_FILED, (time.time(),)).fetchone()[0])

    def close(self) -> None:
        self.sandbox.close()


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's own backup: a transaction for whoever has the target open."""
    with (
        closing(sqlite3.connect(source, timeout=10)) as read,
        closing(sqlite3.connect(target, timeout=10)) as written,
    ):
        read.backup(written)


class Conversation:
    """One run of one test case."""

    def __init__(self, world: World, test: TestCase) -> None:
        self.world, self.test = world, test
        self.id = uuid.uuid4().hex
        self.transcript: list[str] = []
        self.counted = Transcript()
        self._identity = dict(test.identity)
        self._request: dict[str, Any] = {}
        self._answer: list[dict[str, Any]] | None = None
        self._all_messages: list[dict[str, Any]] = []
        self._turns = 0
        self._spoken = ""
        self.seen: TurnSeen | None = None
        self._around: dict[str, Callable[[Step], None]] = {
            "at": self._at,
            "advance": self._advance,
            "identity": self._change_identity,
            "tickets": self._tickets,
            "account": self._account,
            "console": self._console,
            "process": self._process,
        }

    def run(self) -> None:
        """Raises ConversationFailed at the first step that does not hold."""
        self.world.reset(self.test)
        self.world.transcripts.append(self.counted)
        if self.test.slots:
            self.world.log.begin(self.id, self.test.slots)
        try:
            for step in self.test.steps_with(self.world.installation.accounts):
                try:
                    self._play(self._filled(step))
                except ConversationFailed:
                    raise
                except (LookupError, httpx.HTTPError) as error:
                    raise ConversationFailed(step.line, f"{step.kind}: {error}") from error
        finally:
            self.counted.tickets = self.world.tickets()

    def _filled(self, step: Step) -> Step:
        """The step with the days that this installation's rules give."""
        now = self.test.now or MONDAY
        more = {
            key: [replace(check, value=filled(check.value, self.world.rules, now)) for check in value]
            if key == "assertions"
            else value
            for key, value in step.more.items()
        }
        return replace(step, value=filled(step.value, self.world.rules, now), more=more)

    def _play(self, step: Step) -> None:
        if step.kind in TURNS:
            self._take_turn(step)
        elif step.kind in CHECKS:
            self._hold(Check(step.kind, step.value, step.line))
        else:
            self._around[step.kind](step)

    # -- turns ---------------------------------------------------------------------------------

    def _take_turn(self, step: Step) -> None:
        again = step.kind == "resend"
        if not again:
            self._turns += 1
            self._request = {
                "turn_id": f"{self.id}:{self._turns}",
                "at": self.world.stack.clock.now().isoformat(),
                "conversation_id": self.id,
                "channel": "web",
                "identity": self._identity,
                **self._content(step),
            }
            self._spoken = str(step.value) if step.kind in ("user", "button") else ""
            self._note("person", self._shown(step))
        before = self._answer
        self._answer = self._send()
        if step.more.get("unanswered"):
            if self._answer is not None:
                raise ConversationFailed(step.line, "expected no answer; there was one")
            return
        if self._answer is None:
            raise ConversationFailed(step.line, "the assistant did not keep this turn")
        if again and before is not None and before != self._answer:
            raise ConversationFailed(step.line, f"sent again, expected {before}; got {self._answer}")
        if not again or before is None:
            self._all_messages += self._answer
            for message in self._answer:
                titles = "".join(f" [{button['title']}]" for button in message["buttons"])
                self._note("assistant", f"{message['text']}{titles}")
        logged = self.world.log.turn(self.id, self._request["turn_id"])
        self.seen = TurnSeen(self._answer, logged)
        if not again or before is None:
            self.counted.turns.append(self._to_turn(self.seen))
        for check in step.more.get("assertions", []):
            self._hold(check)

    def _to_turn(self, seen: TurnSeen) -> Turn:
        said = seen.said()
        event = self._request.get("event", {}).get("kind")
        names = tuple(str(message["utter_name"]) for message in said)
        texts = tuple(message["text"] for message in said)
        return Turn(datetime.fromisoformat(self._request["at"]), event, names, texts, self._spoken)

    def _content(self, step: Step) -> dict[str, Any]:
        if step.kind == "user":
            return {"text": step.value}
        if step.kind == "event":
            return {"event": {"kind": step.value, "data": dict(step.more.get("data", {}))}}
        return {"button": {"id": self._button(step)}}

    def _button(self, step: Step) -> str:
        """The newest button with this title, wherever in the conversation it stands."""
        buttons = [button for message in self._all_messages for button in message["buttons"]]
        fitting = [button for button in buttons if button["title"] == step.value]
        if not fitting:
            raise ConversationFailed(
                step.line, f"no button {step.value!r}; there are {[button['title'] for button in buttons]}"
            )
        return str(fitting[-1]["id"])

    def _send(self) -> list[dict[str, Any]] | None:
        """The messages, or None if the assistant is down or refuses to keep the turn (503)."""
        secret = self.world.stack.secrets["DOOR_SECRET"]
        try:
            answer = self.world.stack.http.post(
                f"{self.world.stack.urls['assistant']}/webhooks/door/turn",
                json=self._request,
                headers={"Authorization": f"Bearer {secret}"},
            )
        except httpx.TransportError:
            return None
        if answer.status_code == 503:
            return None
        answer.raise_for_status()
        return list(answer.json()["messages"])

    def _hold(self, check: Check) -> None:
        if self.seen is None:
            raise ConversationFailed(check.line, f"{check.kind}: no turn was answered yet")
        if problem := CHECKS[check.kind](self.seen, check.value):
            raise ConversationFailed(check.line, f"{check.kind}: {problem}")

    # -- the world around ----------------------------------------------------------------------

    def _at(self, step: Step) -> None:
        self.world.stack.clock.set(step.value)

    def _advance(self, step: Step) -> None:
        self.world.stack.clock.advance(step.value)

    def _change_identity(self, step: Step) -> None:
        self._identity = dict(step.value)

    def _process(self, step: Step) -> None:
        verb, program = step.value
        getattr(self.world.stack, verb)(program)

    def _console(self, step: Step) -> None:
        if "account" in step.value:
            self.world.sandbox.act_on_account(step.value["account"], step.value["press"])
        else:
            newest = self._newest_ticket(step.value["reply_to"])
            if newest is None:
                raise ConversationFailed(step.line, f"{step.value['reply_to']} has no ticket")
            self.world.sandbox.reply(newest["id"], step.value["text"])

    def _tickets(self, step: Step) -> None:
        self._settles(step, lambda: _ticket_problem(self.world.sandbox, step.value))

    def _account(self, step: Step) -> None:
        self._settles(step, lambda: _account_problem(self.world.sandbox, step.value))

    def _newest_ticket(self, requester: str) -> dict[str, Any] | None:
        return (self.world.sandbox.tickets(requester) or [None])[-1]

    def _settles(self, step: Step, problem: Callable[[], str | None]) -> None:
        """What the worker does takes a moment; what must not happen is looked at once, so say it last."""
        found: list[str | None] = [None]

        def holds() -> bool:
            try:
                found[0] = problem()
            except httpx.HTTPError as error:
                found[0] = f"the sandbox does not answer ({error})"
            return found[0] is None

        try:
            self.world.stack.until(holds, "", within=SETTLES_WITHIN)
        except Exception as error:
            raise ConversationFailed(step.line, f"{step.kind}: {found[0]}") from error

    def _note(self, who: str, text: str) -> None:
        self.transcript.append(f"{who:>9}: {text}")

    def _shown(self, step: Step) -> str:
        return {"user": "", "button": "presses ", "event": "event "}[step.kind] + str(step.value)


def _ticket_problem(sandbox: SandboxClient, wanted: Mapping[str, Any]) -> str | None:
    tickets = sandbox.tickets(wanted["requester"])
    if "count" in wanted and len(tickets) != wanted["count"]:
        return f"expected {wanted['count']} tickets of {wanted['requester']}; there are {len(tickets)}"
    if "newest" not in wanted:
        return None
    if not tickets:
        return f"{wanted['requester']} has no ticket"
    newest = tickets[-1]
    draft = newest | newest.get("draft", {})
    replies = newest.get("replies", [])
    actual: dict[str, Any] = {
        "row": draft.get("row"),
        "case": draft.get("case"),
        "verified": draft.get("verified"),
        "status": draft.get("status"),
        "replies": len(replies),
        "requester_name": draft.get("requester", {}).get("name"),
        "subject_contains": draft.get("subject"),
        "asked_for_contains": draft.get("asked_for"),
        "body_contains": draft.get("body"),
        "facts_contain": "\n".join(draft.get("facts", [])),
        "transcript_lines": len(draft.get("transcript") or []),
        "reply_contains": "\n".join(reply["text"] for reply in replies),
    }
    for key, value in wanted["newest"].items():
        found = actual[key]
        if key.endswith(("_contains", "_contain")):
            parts = value if isinstance(value, list) else [value]
            missing = [part for part in parts if str(part) not in (found or "")]
            if missing:
                return f"expected {key} {missing}; it is {found!r}"
        elif found != value and (found is None or value is None or str(found) != str(value)):
            return f"expected {key} {value!r}; it is {found!r}"
    return None


def _account_problem(sandbox: SandboxClient, wanted: Mapping[str, Any]) -> str | None:
    account = sandbox.account(wanted["email"])
    actual = account | {"reactivated": account.get("reactivatedOn") is not None}
    for key, value in wanted.items():
        if key != "email" and actual.get(key) != value:
            return f"expected {wanted['email']} with {key} {value!r}; it is {actual.get(key)!r}"
    return None
