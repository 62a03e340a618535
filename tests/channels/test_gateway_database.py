"""The store on SQLite and, where it is installed, PostgreSQL; migrations against the tables."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select

from channels.database import VERSION_TABLE, Database
from channels.identity import ANONYMOUS
from channels.model import DONE, Reply, Turn, event_turn_id, message_turn_id
from channels.store import OtherContent, OtherConversation, Store, TooManyWaiting, UnknownConversation
from channels.tables import metadata, turns
from tests.support.postgres_server import PostgresServer, postgres_programs

KINDS = ["sqlite", *(["postgresql"] if postgres_programs() else [])]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/deep/gateway.db"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.new_database()
    opened = Database(url)
    opened.migrate()
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def store(database: Database) -> Store:
    made = Store(database)
    for name in ("a", "b"):
        greeting = turn(name, "greeting")
        made.create_conversation(name, channel="web", created_at=0, expires_at=100, greeting=greeting)
    return made


def turn(conversation_id: str, client_id: str) -> Turn:
    turn_id = message_turn_id(conversation_id, client_id)
    return Turn(turn_id, conversation_id, {"text": client_id}, ANONYMOUS, "2026-11-23T17:00:00+00:00")


def say(store: Store, conversation_id: str, client_id: str) -> Turn:
    said = turn(conversation_id, client_id)
    return store.add_said(said, shown=client_id, client_id=client_id, most_waiting=100).turn


def test_the_migrations_make_the_tables(database: Database) -> None:
    names = set(inspect(database.engine).get_table_names())
    assert VERSION_TABLE in names and names - {VERSION_TABLE} == set(metadata.tables)
    with database.read() as connection:
        options = {"version_table": VERSION_TABLE}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_turns_wait_in_order_and_answers_are_stored_once(store: Store) -> None:
    say(store, "a", "one")
    say(store, "a", "two")
    done = []
    while (waiting := store.next_pending("a")) is not None:
        reply = Reply(f"{waiting.turn_id}-0", "answer", ({"id": "x.0", "title": "X"},))
        finished = store.finish_turn(waiting, [reply], "later")
        assert finished.messages and finished.following == store.next_pending("a")
        assert store.finish_turn(waiting, [reply], "later still").messages is None
        done.append(waiting)
    assert [one.said["text"] for one in done] == ["greeting", "one", "two"]
    assert done[0].identity == ANONYMOUS and done[0].at == "2026-11-23T17:00:00+00:00"
    messages, more, pending = store.history("a", 0, 10)
    assert [message.seq for message in messages] == [1, 2, 3, 4, 5] and not more and not pending
    assert store.answer(done[1].turn_id)[0] == DONE
    assert store.pending_conversations() == ["b"]


def test_only_what_comes_again_by_itself_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    opened = Database(f"sqlite:///{tmp_path}/gateway.db")
    full, normal = 2, 1
    for options, expected in (({}, full), ({"recoverable": True}, normal), ({}, full)):
        with opened.write(**options) as tx:
            assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == expected
    opened.close()


def test_the_first_turn_that_waits_may_run_at_once(store: Store) -> None:
    greeting = store.next_pending("a")
    said = store.add_said(turn("a", "one"), shown="one", client_id="one", most_waiting=100)
    assert greeting is not None and not said.first and said.shown is not None
    assert store.finish_turn(greeting, [], "now").following == said.turn
    assert store.finish_turn(said.turn, [], "now").following is None
    assert store.add_said(turn("a", "two"), shown="two", client_id="two", most_waiting=100).first
    again = store.add_said(turn("a", "two"), shown="other", client_id="two", most_waiting=100)
    assert not again.first and again.shown is None


def test_the_same_turn_from_many_threads_is_one(store: Store) -> None:
    threads = [threading.Thread(target=say, args=(store, "a", "same")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.history("a", 0, 10)[0]) == 1


def test_many_writers_leave_no_hole(store: Store) -> None:
    threads = [threading.Thread(target=say, args=(store, "a", f"m{n}")) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [message.seq for message in store.history("a", 0, 50)[0]] == list(range(1, 13))


def test_an_event_belongs_to_one_conversation(store: Store) -> None:
    mine = Turn(event_turn_id("e"), "a", {"event": {}}, ANONYMOUS, "now")
    assert store.add_turn(mine).turn == store.add_turn(mine).turn
    with pytest.raises(OtherConversation):
        store.add_turn(Turn(event_turn_id("e"), "b", {"event": {}}, ANONYMOUS, "now"))


def test_an_id_stands_for_one_content(store: Store) -> None:
    said = turn("a", "one")
    say(store, "a", "one")
    event = Turn(event_turn_id("e"), "a", {"event": {"kind": "k", "data": {"n": 1.5}}}, ANONYMOUS, "now")
    store.add_turn(event)
    assert store.add_turn(event).turn.said == event.said
    for other in (
        dataclasses.replace(said, said={"text": "two"}),
        dataclasses.replace(event, said={"event": {"kind": "k", "data": {"n": 2.5}}}),
    ):
        with pytest.raises(OtherContent):
            store.add_turn(other)


def test_scrubbing_takes_deleted_text_out_of_the_files(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/gateway.db")
    database.migrate()
    store = Store(database)
    store.create_conversation("a", channel="web", created_at=0, expires_at=1, greeting=turn("a", "greeting"))
    say(store, "a", "a sentence to be forgotten")
    store.erase("a", now=0)

    def kept() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("gateway.db*"))

    assert b"a sentence to be forgotten" in kept()
    with database.read() as reader:
        reader.scalar(select(func.count()).select_from(turns))
        assert store.scrub() is False
    assert store.scrub() is True
    assert b"a sentence to be forgotten" not in kept()
    say_again = turn("b", "greeting")
    store.create_conversation("b", channel="web", created_at=0, expires_at=1, greeting=say_again)
    database.close()


def test_few_may_wait_but_what_is_known_is_answered(store: Store) -> None:
    said = say(store, "a", "known")
    with pytest.raises(TooManyWaiting):
        store.add_said(turn("a", "new"), shown="new", client_id="new", most_waiting=2)
    assert store.add_said(said, shown="known", client_id="known", most_waiting=2).turn == said


def test_buttons_belong_to_their_conversation(store: Store) -> None:
    greeting = store.next_pending("a")
    assert greeting is not None
    store.finish_turn(greeting, [Reply("m", "?", ({"id": "m.0", "title": "Yes"},))], "now")
    assert store.button_title("a", "m.0") == "Yes"
    assert store.button_title("a", "m.1") is None and store.button_title("b", "m.0") is None


def test_erasing_leaves_nothing_but_the_promise(store: Store, database: Database) -> None:
    said = say(store, "a", "mine")
    assert store.erase("a", now=7) and not store.erase("a", now=8)
    assert store.erasures_due() == ["a"]
    assert store.answer(said.turn_id) == (None, [])
    assert store.finish_turn(said, [Reply("m", "late")], "now").messages is None
    for act in (
        lambda: store.history("a", 0, 1),
        lambda: say(store, "a", "again"),
        lambda: store.channel("a"),
    ):
        with pytest.raises(UnknownConversation):
            act()
    store.erasure_done("a")
    assert store.erasures_due() == [] and store.expired(100) == ["b"] and store.expired(99) == []
