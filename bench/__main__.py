"""Runs everything, prints the table, writes var/bench.json; ends with 1 when a budget is missed.

Loops are bounded, everything listens on loopback, and everything that was started has ended at the end.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from bench import ours as our_side
from bench import stock as stock_side
from bench.measure import median_ms, memory_mb, p95_ms
from bench.ours import OurBot, Training
from bench.stock import StockBot
from bench.table import to_json, to_rows, to_text
from scripts.programs import ROOT
from tests.support.stack import Stack

FOLDER = ROOT / "var" / "bench"
ROUNDS = 40  # conversations of five messages, on either side
FILINGS = 25
LENGTHS = (5, 25, 100, 300)  # words in a message; 300 of them are nearly as long as the gateway takes
TELLINGS = 15  # of each length
LONG = 400
LONGEST_SECONDS = 690
WINDOW = 12  # messages around the 4th and the 400th; a multiple of the four that are said in turn


def main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGALRM, _interrupt)
    signal.alarm(LONGEST_SECONDS)
    started = time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    training = Training(FOLDER / "ours")
    ours = _train_ours(training)
    running = FOLDER / "run"
    shutil.rmtree(running, ignore_errors=True)
    with Stack(running, model=training.var, environ={"TRUSTED_PROXIES": "127.0.0.1"}) as stack:
        backend = {
            "BACKEND_URL": stack.urls["backend"],
            "BACKEND_TOKEN": stack.secrets["BACKEND_TOKEN"],
            "BENCH_EMAIL": our_side.EMAIL,
        }
        us, them = OurBot(stack), StockBot(FOLDER / "stock", backend)
        try:
            stock = _train_stock(them)
            _say("starting both")
            ours["start"], stock["start"] = us.start(), them.start()
            _measure_turns(us, them, ours, stock)
            _measure_lengths(us, them, ours, stock)
            _measure_long(us, them, ours, stock)
            for bot, numbers in ((us, ours), (them, stock)):
                memory = memory_mb(bot.pid)
                numbers["memory"], numbers["memory_rss"] = memory["pss"], memory["rss"]
        finally:
            them.close()
            us.close()
    return _report(ours, stock, time.monotonic() - started)


def _train_ours(training: Training) -> dict[str, float]:
    _say("training ours")
    training.prepare()
    numbers = {"train_clean": training.train()}
    training.edit_response()
    numbers["train_response"] = training.train()
    training.edit_flow()
    numbers["train_flow"] = training.train()
    return numbers


def _train_stock(bot: StockBot) -> dict[str, float]:
    _say("making and training the stock bot")
    bot.create()
    numbers = {"train_clean": bot.train(clean=True)}
    bot.edit_response()
    numbers["train_response"] = bot.train()
    bot.edit_story()
    numbers["train_flow"] = bot.train()
    return numbers


def _measure_turns(us: OurBot, them: StockBot, ours: dict[str, float], stock: dict[str, float]) -> None:
    """In alternation, so that whatever else the machine does hits both."""
    _say("measuring turns")
    text: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        conversation = us.conversation()
        text[0].extend(us.say(conversation, words) for words in our_side.TEXTS)
        sender = them.conversation()
        text[1].extend(them.say(sender, words) for words in stock_side.TEXTS)
    action: tuple[list[float], list[float]] = ([], [])
    for _ in range(FILINGS):
        action[0].append(us.file_ticket())
        action[1].append(them.file_ticket())
    for side, numbers in enumerate((ours, stock)):
        numbers["turn_text"], numbers["turn_text_p95"] = median_ms(text[side]), p95_ms(text[side])
        numbers["turn_action"], numbers["turn_action_p95"] = median_ms(action[side]), p95_ms(action[side])


def _measure_lengths(us: OurBot, them: StockBot, ours: dict[str, float], stock: dict[str, float]) -> None:
    _say("measuring messages by their length")
    took: dict[tuple[OurBot | StockBot, int], list[float]] = {
        (side, words): [] for words in LENGTHS for side in (us, them)
    }
    for _ in range(TELLINGS):
        for (side, words), seconds in took.items():
            seconds.append(side.tell(words))
    for words in LENGTHS:
        ours[f"words_{words}"] = median_ms(took[us, words])
        stock[f"words_{words}"] = median_ms(took[them, words])


def _measure_long(us: OurBot, them: StockBot, ours: dict[str, float], stock: dict[str, float]) -> None:
    _say(f"measuring a conversation of {LONG} messages")
    conversation, sender = us.conversation(), them.conversation()
    _long(lambda words: us.say(conversation, words), our_side.SMALL_TALK, ours)
    _long(lambda words: them.say(sender, words), stock_side.SMALL_TALK, stock)


def _long(say: Callable[[str], float], words: tuple[str, ...], numbers: dict[str, float]) -> None:
    took = [say(words[number % len(words)]) for number in range(LONG + WINDOW)]
    numbers["message_4"] = median_ms(took[3 : 3 + WINDOW])
    numbers["message_400"] = median_ms(took[LONG - 1 : LONG - 1 + WINDOW])


def _report(ours: dict[str, float], stock: dict[str, float], seconds: float) -> int:
    rows = to_rows(ours, stock)
    print(f"\n{to_text(rows)}\n\n{os.cpu_count()} cores, {seconds:.0f} s in all")
    result = {"machine": platform.machine(), "cores": os.cpu_count(), "rows": to_json(rows)}
    Path(ROOT / "var" / "bench.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    missed = [row.title for row in rows if not row.holds]
    if missed:
        print("missed: " + "; ".join(missed))
    return 1 if missed else 0


def _say(line: str) -> None:
    print(f"bench: {line}", flush=True)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    if number == signal.SIGALRM:
        raise TimeoutError(f"not done after {LONGEST_SECONDS} s; is the machine busy with something else?")
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
