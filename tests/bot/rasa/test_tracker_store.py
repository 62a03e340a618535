"""The tracker store by itself: compacted equals replayed, one transaction, nobody's events lost."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot import tracker_schema
from bot.recent_trackers import RecentTrackers, Restored
from bot.replies import said_in, to_messages
from bot.stored_tracker import StoredTracker
from bot.tracker_store import RECENT_TURNS, EventLogTrackerStore, StaleTracker
from tests.support.tracker_turns import take_turn

ANY = {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}
DOMAIN = Domain.from_dict(
    {
        "version": "3.1",
        "intents": ["a"],
        "slots": {name: dict(ANY) for name in ("x", "y", "z")} | {"n": {**ANY, "initial_value": 0}},
    }
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventLogTrackerStore]:
    made = EventLogTrackerStore(DOMAIN, f"sqlite:///{tmp_path}/tracker.db")
    yield made
    made.close()


def state_of(tracker: DialogueStateTracker) -> dict[str, Any]:
    """Everything about a tracker but its older events."""
    state = tracker.current_state()
    del state["events"]
    state["latest_bot"] = tracker.latest_bot_utterance.as_dict() if tracker.latest_bot_utterance else None
    state["latest_bot"].pop("timestamp")
    return state


VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.lists(st.booleans(), max_size=2))
SMALL_EVENTS = st.one_of(
    st.builds(SlotSet, st.sampled_from("xyzn"), VALUES),
    st.builds(BotUttered, st.text(max_size=5), st.just({"buttons": [{"title": "t", "payload": "/p"}]})),
    st.builds(ActionExecuted, st.sampled_from(["utter_a", "action_listen"])),
    st.builds(Restarted),
    st.builds(SessionStarted),
    st.builds(ConversationPaused),
)


@settings(max_examples=25, deadline=None)
@given(kinds=st.lists(st.lists(SMALL_EVENTS, max_size=4), min_size=1, max_size=8), repeat=st.integers(1, 12))
def test_compacted_equals_replayed(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[list[Event]], repeat: int
) -> None:
    path = tmp_path_factory.mktemp("store") / "tracker.db"

    async def run() -> None:
        store = EventLogTrackerStore(DOMAIN, f"sqlite:///{path}")
        turn = 0
        for _ in range(repeat):
            for kind in kinds:
                events = [Event.from_parameters(json.loads(json.dumps(event.as_dict()))) for event in kind]
                turn += 1
                await take_turn(
                    store, [UserUttered(f"t{turn}", {"name": "a"}, message_id=str(turn)), *events]
                )
        compacted, full = await store.retrieve("c"), await store.retrieve_full_tracker("c")
        assert compacted is not None and full is not None
        assert state_of(compacted) == state_of(full)
        assert state_of(compacted.copy()) == state_of(full.copy())
        replayed = DialogueStateTracker.from_events("c", list(compacted.events), DOMAIN.slots)
        assert state_of(replayed) == state_of(full)
        assert sum(isinstance(event, UserUttered) for event in compacted.events) <= RECENT_TURNS + 10
        recent = [event.as_dict() for event in compacted.events if event.timestamp > 1.0]
        assert recent == [event.as_dict() for event in full.events][-len(recent) :]
        store.close()

    asyncio.run(run())


async def test_long_conversation_reads_a_bounded_part_of_its_log(store: EventLogTrackerStore) -> None:
    lengths = []
    for turn in range(120):
        tracker = await take_turn(
            store, [UserUttered("u", message_id=str(turn)), SlotSet("x", turn), BotUttered("b")]
        )
        lengths.append(len(tracker.events))
    full = await store.retrieve_full_tracker("c")
    assert full is not None and len(full.events) == 360
    assert max(lengths) <= 3 * (RECENT_TURNS + 10) + 2
    with sqlite3.connect(store.url.removeprefix("sqlite:///")) as database:
        [count] = database.execute("SELECT count(*) FROM tracker_snapshots").fetchone()
    assert count <= RECENT_TURNS // 10 + 1


async def test_any_turn_can_be_read_again(store: EventLogTrackerStore) -> None:
    for turn in range(60):
        await take_turn(
            store, [UserUttered("u", message_id=f"t{turn}"), BotUttered(f"b{turn}"), BotUttered("c")]
        )
    logged = await store.turn("c", "t3")
    assert logged is not None
    assert [message["id"] for message in to_messages("t3", said_in(logged))] == ["t3-0", "t3-1"]
    assert said_in(logged)[0]["text"] == "b3"
    assert await store.turn("c", "never") is None
    assert await store.turn("other", "t3") is None


async def test_messages_are_stamped_with_their_ids(store: EventLogTrackerStore) -> None:
    events = [
        SessionStarted(),
        UserUttered("u", message_id="t"),
        BotUttered("a"),
        SlotSet("x", 1),
        BotUttered("b"),
    ]
    await take_turn(store, events)
    tracker = await store.retrieve("c")
    assert tracker is not None
    stamped = [event.metadata["message_id"] for event in tracker.events if isinstance(event, BotUttered)]
    assert stamped == ["t-0", "t-1"]


async def test_whoever_saves_second_is_refused(store: EventLogTrackerStore) -> None:
    await take_turn(store, [UserUttered("u", message_id="1")])
    first, second = await store.retrieve("c"), await store.retrieve("c")
    assert first is not None and second is not None
    first.update(UserUttered("first", message_id="2"))
    second.update(UserUttered("second", message_id="3"))
    await store.save(first)
    with pytest.raises(StaleTracker):
        await store.save(second)
    full = await store.retrieve_full_tracker("c")
    assert full is not None and [event.text for event in full.events] == ["u", "first"]


async def test_two_who_begin_the_same_conversation(store: EventLogTrackerStore) -> None:
    first, second = store.init_tracker("c"), store.init_tracker("c")
    first.update(UserUttered("first", message_id="1"))
    second.update(UserUttered("second", message_id="2"))
    await store.save(first)
    with pytest.raises(StaleTracker):
        await store.save(second)


async def test_a_failed_save_can_be_tried_again(store: EventLogTrackerStore) -> None:
    await take_turn(store, [UserUttered("u", message_id="1")])
    tracker = await store.retrieve("c")
    assert isinstance(tracker, StoredTracker)
    tracker.update(UserUttered("again", message_id="2"))
    blocker = sqlite3.connect(store.url.removeprefix("sqlite:///"), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(sa.exc.OperationalError):
        await store.save(tracker)
    with pytest.raises(sa.exc.OperationalError):
        await store.check()
    blocker.execute("ROLLBACK")
    blocker.close()
    await store.save(tracker)
    await store.check()
    full = await store.retrieve_full_tracker("c")
    assert full is not None and [event.text for event in full.events] == ["u", "again"]


async def test_delete_leaves_nothing_and_others_alone(store: EventLogTrackerStore) -> None:
    for name in ("c", "d"):
        for turn in range(11):
            await take_turn(store, [UserUttered("u", message_id=str(turn))], name)
    await store.delete("c")
    await store.delete("c")
    assert await store.retrieve("c") is None
    assert await store.turn("c", "1") is None
    assert not await store.exists("c")
    assert list(await store.keys()) == ["d"]


async def test_deleted_text_leaves_the_files(store: EventLogTrackerStore, tmp_path: Path) -> None:
    def kept() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("tracker.db*"))

    for name in ("c", "d"):
        await take_turn(store, [UserUttered("a sentence to be forgotten", message_id="1")], name)
    assert b"a sentence to be forgotten" in kept()
    await store.delete("c")
    with sqlite3.connect(tmp_path / "tracker.db", isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sqlite_master").fetchall()
        await store.delete("d")
        await store.check()
        assert b"a sentence to be forgotten" in kept()
        reader.execute("COMMIT")
        await store.check()
    reader.close()
    assert b"a sentence to be forgotten" not in kept()


async def test_an_older_conversation_under_a_domain_with_fewer_slots(store: EventLogTrackerStore) -> None:
    for turn in range(45):
        await take_turn(store, [UserUttered("u", message_id=str(turn)), SlotSet("x", 1), SlotSet("y", turn)])
    store.domain = Domain.from_dict({"version": "3.1", "intents": ["a"], "slots": {"y": dict(ANY)}})
    tracker = await store.retrieve("c")
    assert tracker is not None
    assert tracker.current_slot_values().get("y") == 44
    assert "x" not in tracker.slots


async def test_a_foreign_tracker_is_not_saved(store: EventLogTrackerStore) -> None:
    with pytest.raises(TypeError):
        await store.save(DialogueStateTracker("c", []))


def a_turn(number: int) -> list[Event]:
    return [
        UserUttered(f"u{number}", {"name": "a"}, message_id=f"t{number}"),
        SlotSet("x", [number]),
        BotUttered(f"b{number}"),
    ]


async def whole_state(store: EventLogTrackerStore, name: str = "c") -> Any:
    """What a turn would begin with."""
    tracker = await store.retrieve(name)
    assert isinstance(tracker, StoredTracker)
    events = [event.as_dict() for event in tracker.events]
    return state_of(tracker), events, tracker.known, tracker.logged_events, tracker.turns


async def test_what_is_kept_in_memory_is_what_the_log_gives(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tracker.db"
    store, other = EventLogTrackerStore(DOMAIN, url), EventLogTrackerStore(DOMAIN, url)
    for number in range(60):
        await take_turn(other if number % 7 == 3 else store, a_turn(number))
        fresh = EventLogTrackerStore(DOMAIN, url)
        assert await whole_state(store) == await whole_state(store) == await whole_state(fresh)
        fresh.close()
    store.close()
    other.close()


async def test_a_turn_reads_only_what_is_new(store: EventLogTrackerStore) -> None:
    read: list[int] = []
    rows = json.loads
    for number in range(12):
        await take_turn(store, a_turn(number))
    await store.retrieve("c")
    await take_turn(store, a_turn(12))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.tracker_store.json.loads", lambda text: read.append(1) or rows(text))
        await store.retrieve("c")
        await store.retrieve("c")
    assert len(read) == len(a_turn(12))


async def test_begun_anew_elsewhere_under_the_same_name(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tracker.db"
    store, other = EventLogTrackerStore(DOMAIN, url), EventLogTrackerStore(DOMAIN, url)
    await take_turn(store, a_turn(1))
    await store.retrieve("c")
    await other.delete("c")
    await take_turn(other, a_turn(2))
    await take_turn(other, a_turn(3))
    tracker = await store.retrieve("c")
    assert tracker is not None
    assert [event.text for event in tracker.events if isinstance(event, UserUttered)] == ["u2", "u3"]
    await other.delete("c")
    assert await store.retrieve("c") is None
    store.close()
    other.close()


async def test_a_turn_that_was_not_kept_leaves_no_trace(store: EventLogTrackerStore) -> None:
    await take_turn(store, a_turn(1))
    before = await whole_state(store)
    lost = await store.retrieve("c")
    assert lost is not None
    for event in a_turn(2):
        lost.update(event)
    assert await whole_state(store) == before


def test_only_the_latest_conversations_are_kept() -> None:
    recent = RecentTrackers(kept=2)
    kept = {name: Restored(StoredTracker(name, []), DOMAIN, 0, "") for name in "abc"}
    for name in "abac":
        recent.put(name, kept[name])
    assert [recent.get(name) for name in "abc"] == [kept["a"], None, kept["c"]]


@given(
    st.lists(
        st.one_of(
            SMALL_EVENTS,
            st.builds(UserUttered, st.text(max_size=3)),
            st.builds(ActionReverted),
            st.builds(UserUtteranceReverted),
            st.builds(ActiveLoop, st.sampled_from(["utter_a", None])),
        ),
        max_size=12,
    )
)
def test_applied_events_are_rasas(events: list[Event]) -> None:
    tracker = StoredTracker("c", DOMAIN.slots)
    tracker.events.extend(events)
    assert list(map(id, tracker.applied_events())) == list(
        map(id, DialogueStateTracker.applied_events(tracker))
    )


def test_the_copy_is_independent() -> None:
    tracker = StoredTracker("c", DOMAIN.slots)
    tracker.update(SlotSet("x", 1))
    twin = tracker.copy()
    twin.update(SlotSet("x", 2))
    twin.update(UserUttered("u"))
    assert tracker.get_slot("x") == 1
    assert len(tracker.events) == 1
    assert tracker.latest_message is not None and tracker.latest_message.text is None


def test_opened_twice_it_keeps_its_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deeper/tracker.db"
    for _ in range(2):
        EventLogTrackerStore(DOMAIN, url).close()
    with sqlite3.connect(tmp_path / "deeper/tracker.db") as database:
        assert database.execute("SELECT version FROM tracker_schema").fetchall() == [(1,), (2,)]
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        names = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert all(name.startswith("tracker_") for name in names)


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tracker.db"
    EventLogTrackerStore(DOMAIN, url).close()
    with sqlite3.connect(tmp_path / "tracker.db") as database:
        database.execute("INSERT INTO tracker_schema VALUES (99)")
    with pytest.raises(tracker_schema.SchemaTooNew, match="99"):
        EventLogTrackerStore(DOMAIN, url)


def test_a_store_without_address_is_refused() -> None:
    with pytest.raises(ValueError, match="url"):
        EventLogTrackerStore(DOMAIN)
