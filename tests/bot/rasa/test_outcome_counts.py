"""Outcomes are written with the turn, once or not at all; they outlive the conversation and never name it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered

from bot import tracker_schema
from bot.outcome_counts import OutcomeCounts
from bot.tracker_store import EventLogTrackerStore, StaleTracker
from tests.support.assistant_process import AT, AssistantProcess, Conversation
from tests.support.tracker_turns import take_turn

ANY = {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}
SLOTS = ("flow_stack", "row", "requester_email", "file_ticket_outcome")
DOMAIN = Domain.from_dict({"version": "3.1", "slots": {name: dict(ANY) for name in SLOTS}})
EMAIL = "casey.forty@agency.example"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventLogTrackerStore]:
    made = EventLogTrackerStore(DOMAIN, f"sqlite:///{tmp_path}/tracker.db")
    yield made
    made.close()


def said(number: int, text: str = "x", at: str = AT) -> UserUttered:
    metadata = {"turn_id": f"c:{number}", "at": at, "channel": "web", "identity": {"level": "anonymous"}}
    parse = {"text": text, "intent": {"name": "inform", "confidence": 1.0}, "entities": []}
    return UserUttered(text, parse["intent"], parse_data=parse, message_id=f"c:{number}", metadata=metadata)


def asked(number: int) -> list[Event]:
    note = {"happened": [["flow_started", "reset_password"]]}
    stack = [
        {"frame_id": "f", "flow_id": "reset_password", "step_id": "begin", "kind": "flow", "context": {}}
    ]
    return [
        said(number, "forgot it"),
        SlotSet("row", "reset_password"),
        SlotSet("flow_stack", stack, metadata=note),
    ]


def filed(number: int) -> list[Event]:
    result = SlotSet("file_ticket_outcome", "ok")
    told = BotUttered("Filed", metadata={"utter_action": "utter_filed"})
    return [
        said(number, EMAIL),
        SlotSet("requester_email", EMAIL),
        ActionExecuted("action_file_ticket"),
        result,
        told,
    ]


def counts(path: Path) -> dict[str, int]:
    """`row measure value` → how often, of all that is not zero."""
    with closing(sqlite3.connect(path / "tracker.db")) as database:
        rows = database.execute(
            'SELECT "row", measure, value, n FROM tracker_outcomes WHERE n <> 0'
        ).fetchall()
    return {f"{row} {measure} {value}": n for row, measure, value, n in rows}


def bytes_of(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.glob("tracker.db*"))


A_TICKET = {
    "came.ticket 0": 1,
    "ticket.minutes 0": 1,
    "ticket.turns 2": 1,
    "turns 0": 2,
}


def in_row(expected: dict[str, int], row: str = "reset_password") -> dict[str, int]:
    return {f"{name} {key}": n for name in ("*", row) for key, n in expected.items()}


JUST_BEGUN = {**in_row({"came.open 0": 1, "turns 0": 1}), "reset_password asking.nothing 0": 1}


async def test_counted_with_the_turn(store: EventLogTrackerStore, tmp_path: Path) -> None:
    await take_turn(store, asked(1))
    assert counts(tmp_path) == JUST_BEGUN
    await take_turn(store, filed(2))
    assert counts(tmp_path) == in_row(A_TICKET)


async def test_two_processes_and_a_restart(tmp_path: Path) -> None:
    for number, events in enumerate((asked(1), filed(2), asked(3))):
        url = f"sqlite:///{tmp_path}/tracker.db"
        one, other = EventLogTrackerStore(DOMAIN, url), EventLogTrackerStore(DOMAIN, url)
        await take_turn(one if number % 2 else other, events)
        one.close()
        other.close()
    assert counts(tmp_path) == in_row({**A_TICKET, "turns 0": 3})


async def test_a_turn_that_is_refused_counts_nothing(store: EventLogTrackerStore, tmp_path: Path) -> None:
    await take_turn(store, asked(1))
    first, second = await store.retrieve("c"), await store.retrieve("c")
    assert first is not None and second is not None
    for tracker in (first, second):
        for event in filed(2):
            tracker.update(event)
    await store.save(first)
    with pytest.raises(StaleTracker):
        await store.save(second)
    assert counts(tmp_path) == in_row(A_TICKET)


async def test_a_save_that_fails_and_is_tried_again(store: EventLogTrackerStore, tmp_path: Path) -> None:
    await take_turn(store, asked(1))
    tracker = await store.retrieve("c")
    assert tracker is not None
    for event in filed(2):
        tracker.update(event)
    with closing(sqlite3.connect(tmp_path / "tracker.db", isolation_level=None)) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(sa.exc.OperationalError):
            await store.save(tracker)
        blocker.execute("ROLLBACK")
    assert counts(tmp_path) == JUST_BEGUN
    await store.save(tracker)
    assert counts(tmp_path) == in_row(A_TICKET)


async def test_deletion_keeps_the_counts_and_nothing_that_leads_back(
    store: EventLogTrackerStore, tmp_path: Path
) -> None:
    for name in ("c-secret-1", "c-secret-2"):
        await take_turn(store, asked(1), name)
        await take_turn(store, filed(2), name)
    twice = {key: 2 * n for key, n in in_row(A_TICKET).items()}
    assert counts(tmp_path) == twice
    await store.delete("c-secret-1")
    await store.delete("c-secret-2")
    assert counts(tmp_path) == twice
    for trace in (EMAIL, "c-secret", AT, "c:1", "10:00"):
        assert trace.encode() not in bytes_of(tmp_path)
    await take_turn(store, asked(1), "c-secret-1")
    assert counts(tmp_path)["* came.open 0"] == 1  # a new conversation, not the deleted one


def test_the_counts_cannot_be_ordered_or_told_apart() -> None:
    """Per day, channel and row; without a row id, which would tell in what order conversations came."""
    columns = {column.name: column.primary_key for column in tracker_schema.outcomes.columns}
    keys = ("day", "channel", "row", "measure", "value")
    assert columns == {**dict.fromkeys(keys, True), "n": False}
    assert tracker_schema.outcomes.dialect_options["sqlite"]["with_rowid"] is False


async def test_a_mistake_in_counting_costs_nobody_the_turn(
    store: EventLogTrackerStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await take_turn(store, asked(1))
    with closing(sqlite3.connect(tmp_path / "tracker.db")) as database, database:
        database.execute('UPDATE tracker_conversations SET tally = \'{"person": "Casey"}\'')
    other = EventLogTrackerStore(DOMAIN, store.url)
    await take_turn(other, filed(2))
    assert await other.turn("c", "c:2") is not None
    other.close()
    assert counts(tmp_path) == JUST_BEGUN
    assert "was not counted" in caplog.text and "Casey" not in caplog.text and EMAIL not in caplog.text


async def test_tables_of_the_first_version_are_brought_up(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tracker.db"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        tracker_schema.schema.create(connection)
        tracker_schema._STEPS[1](connection)
        connection.execute(tracker_schema.schema.insert().values(version=1))
        connection.execute(
            sa.text("INSERT INTO tracker_conversations (id, events, turns) VALUES ('old', 0, 0)")
        )
        names = [column["name"] for column in sa.inspect(connection).get_columns("tracker_conversations")]
    engine.dispose()
    assert names == ["id", "events", "turns"]
    store = EventLogTrackerStore(DOMAIN, url)
    assert list(await store.keys()) == ["old"]
    await take_turn(store, asked(1))
    store.close()
    assert counts(tmp_path) == JUST_BEGUN


def test_the_policy_is_the_configured_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shipped = Path("policy.yml").read_text(encoding="utf-8")
    other = tmp_path / "policy.yml"
    other.write_text(shipped.replace("America/Los_Angeles", "Asia/Tokyo"), encoding="utf-8")
    monkeypatch.setenv("POLICY_FILE", str(other))
    _, changes = OutcomeCounts.load().after(None, [said(1).as_dict()])
    assert {(key.day, key.measure) for key in changes} == {
        ("2026-11-24", "came.open"),
        ("2026-11-24", "outside"),
        ("2026-11-24", "turns"),
    }


def test_delivered_twice_counts_once(chat: Conversation, assistant: AssistantProcess) -> None:
    before = counts(assistant.var)
    body = chat.body(text="hello")
    assert chat.post(body) == chat.post(body)
    after = counts(assistant.var)
    new = {key: n - before.get(key, 0) for key, n in after.items() if n != before.get(key, 0)}
    assert new == {"* came.open 0": 1, "* turns 0": 1}
