"""What a stream may take from the bell alone, and when it has to read the store."""

from __future__ import annotations

import pytest

from channels.model import Message
from channels.push import Bell, News, continued


def _news(first: int, last: int, pending: bool = False) -> News:
    return News(
        [Message(seq, f"m{seq}", "assistant", "text", "now") for seq in range(first, last + 1)], pending
    )


@pytest.mark.parametrize(
    ("news", "seqs", "pending"),
    [
        ([], [], None),
        ([_news(4, 4, True)], [4], True),
        ([_news(4, 4, True), _news(5, 6)], [4, 5, 6], False),
        ([_news(2, 3, True)], [], None),
        ([_news(3, 5)], [4, 5], False),
        ([_news(4, 5), _news(4, 4, True)], [4, 5], False),
    ],
)
def test_news_without_a_gap_are_taken(news: list[News], seqs: list[int], pending: bool | None) -> None:
    told = continued(news, after=3)
    assert told is not None
    assert ([message.seq for message in told[0]], told[1]) == (seqs, pending)


@pytest.mark.parametrize("news", [[_news(5, 5)], [_news(4, 4), _news(6, 6)], [_news(5, 6), _news(4, 4)]])
def test_news_with_a_gap_are_not(news: list[News]) -> None:
    assert continued(news, after=3) is None


def test_a_bell_that_rang_without_news_sends_to_the_store_once() -> None:
    bell = Bell()
    bell.ring(_news(1, 1))
    bell.ring(None)
    bell.ring(_news(2, 2))
    assert bell.take() is None
    bell.ring(_news(3, 3))
    assert bell.take() == [_news(3, 3)] and bell.take() == []


def test_a_listener_that_does_not_listen_costs_little_memory() -> None:
    bell = Bell()
    for seq in range(1, 1000):
        bell.ring(_news(seq, seq))
    assert bell.take() is None
