import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from common.clock import FixedClock, SystemClock, write_offset

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


def test_fixed_clock_stands_until_moved() -> None:
    clock = FixedClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(hours=2))
    assert clock.now() == NOON + timedelta(hours=2)


def test_fixed_clock_answers_in_utc() -> None:
    west = timezone(timedelta(hours=-8))
    assert FixedClock(datetime(2026, 11, 23, 4, tzinfo=west)).now() == NOON
    assert FixedClock(datetime(2026, 11, 23, 4, tzinfo=west)).now().tzinfo is timezone.utc


def test_fixed_clock_refuses_a_naive_moment() -> None:
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 11, 23))


def test_no_file_means_no_offset(tmp_path: Path) -> None:
    assert SystemClock(None).offset() == timedelta()
    assert SystemClock(tmp_path / "clock.json").offset() == timedelta()
    assert SystemClock(None).now().tzinfo is timezone.utc


def test_every_clock_follows_the_file(tmp_path: Path) -> None:
    path = tmp_path / "made" / "clock.json"
    first, second = SystemClock(path), SystemClock(path)
    for seconds in (3600, -60, 0.5, 0):
        write_offset(path, seconds)
        assert first.offset() == second.offset() == timedelta(seconds=seconds)
    path.unlink()
    assert first.offset() == timedelta()


def test_offset_moves_now(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    write_offset(path, timedelta(days=100).total_seconds())
    ahead = SystemClock(path).now() - SystemClock(None).now()
    assert timedelta(days=99) < ahead < timedelta(days=101)


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    path.write_text('{"offset_seconds": 111}')
    clock = SystemClock(path)
    assert clock.offset() == timedelta(seconds=111)
    before = path.stat()
    with path.open("r+") as same_file:
        same_file.write('{"offset_seconds": 222}')
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert clock.offset() == timedelta(seconds=111)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert clock.offset() == timedelta(seconds=222)


@pytest.mark.parametrize(
    "broken",
    ["", "{", "[]", "3", '{"offset": 1}', '{"offset_seconds": "1"}', '{"offset_seconds": true}', "\x00",
     '{"offset_seconds": 1e300}'],
)  # fmt: skip
def test_a_broken_file_leaves_the_last_offset(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "clock.json"
    write_offset(path, 60)
    clock = SystemClock(path)
    assert clock.offset() == timedelta(seconds=60)
    path.write_text(broken)
    assert clock.offset() == timedelta(seconds=60)
    write_offset(path, 61)
    assert clock.offset() == timedelta(seconds=61)


def test_writing_leaves_one_file(tmp_path: Path) -> None:
    write_offset(tmp_path / "clock.json", 5)
    write_offset(tmp_path / "clock.json", 6)
    assert [path.name for path in tmp_path.iterdir()] == ["clock.json"]
    assert json.loads((tmp_path / "clock.json").read_text()) == {"offset_seconds": 6}
