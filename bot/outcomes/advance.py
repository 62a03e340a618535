"""From a tally and a turn to the next tally, and to the counts that change with it.

Counts are of two kinds. What a conversation stands at (has a ticket since its fourth turn, began outside
office hours) follows from its tally alone: a turn takes away what the old tally stood for and adds what the
new one stands for, so that nothing is counted twice however a conversation goes. What happens turn by turn
(turns, turns not understood) is added as it happens.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import NamedTuple

from bot.outcomes.tally import WHOLE, Part, Tally
from bot.outcomes.turn import CAME, ENDED, MISSED, Sign, TurnFacts
from common.policy import Policy

NOTHING = "nothing"
"""Stands for the question where none is open."""


class Key(NamedTuple):
    """What is counted: on which day of the region, in which channel and row (`*`: the whole conversation)."""

    day: str
    channel: str
    row: str
    measure: str
    value: int = 0


def advance(tally: Tally | None, turn: TurnFacts, policy: Policy) -> tuple[Tally | None, dict[Key, int]]:
    """The tally after the turn and the changes of counts, none of them zero.

    A conversation begins with the person's first turn: before it, None stays None and nothing is counted.
    """
    old = tally
    if turn.event is None:
        tally = _with_turn(tally, turn, policy)
    if tally is None:
        return None, {}
    for sign in turn.signs:
        if sign.kind == CAME and sign.row is not None:
            tally = _come_to(tally, sign.row, turn, policy)
        elif sign.kind == ENDED:
            tally = _back_to(tally, sign.row, sign.under)
        elif sign.kind != MISSED:
            tally = _note(tally, sign, turn)
    tally = replace(tally, asking=turn.asking)
    changes: Counter[Key] = Counter()
    if old is None or replace(old, turns=tally.turns) != tally:
        changes.update(standing(tally))
        changes.subtract(standing(old) if old is not None else {})
    if turn.event is None:
        changes.update(_of_this_turn(tally, turn, policy))
    return tally, {key: change for key, change in sorted(changes.items()) if change}


def standing(tally: Tally) -> dict[Key, int]:
    """What a conversation counts as, by its tally alone."""
    counts: dict[Key, int] = {}
    for row, part in tally.parts.items():
        went_on = row not in (WHOLE, tally.current)
        came = part.came_to(went_on=went_on)
        measures = [(f"came.{came}", 0)]
        if came == "open" and row != WHOLE:
            measures.append((f"asking.{tally.asking or NOTHING}", 0))
        measures += [("outside", 0)] if part.outside else []
        measures += [("human", 0)] if "human" in part.flags else []
        for name, after in (("ticket", part.ticket), ("said", part.said), ("recorded", part.recorded)):
            if after is not None:
                measures += [(f"{name}.minutes", after.minutes), (f"{name}.turns", after.turns)]
        for measure, value in measures:
            counts[Key(part.day, tally.channel, row, measure, value)] = 1
    return counts


def _of_this_turn(tally: Tally, turn: TurnFacts, policy: Policy) -> dict[Key, int]:
    day = policy.today(turn.at).isoformat()
    missed = any(sign.kind == MISSED for sign in turn.signs)
    counts: dict[Key, int] = {}
    for row in filter(None, (WHOLE, tally.current)):
        counts[Key(day, tally.channel, row, "turns")] = 1
        if missed:
            counts[Key(day, tally.channel, row, "missed")] = 1
    return counts


def _with_turn(tally: Tally | None, turn: TurnFacts, policy: Policy) -> Tally:
    if tally is None:
        return Tally(turn.channel, 1, parts={WHOLE: _begin(1, turn, policy)})
    return replace(tally, turns=tally.turns + 1)


def _begin(number: int, turn: TurnFacts, policy: Policy) -> Part:
    day = policy.today(turn.at).isoformat()
    return Part(day, turn.at.isoformat(), number, not policy.in_office_hours(turn.at))


def _come_to(tally: Tally, row: str, turn: TurnFacts, policy: Policy) -> Tally:
    parts = dict(tally.parts)
    part = parts.pop(row, None) or _begin(tally.turns, turn, policy)
    parts[row] = part
    for name in (row, WHOLE):  # whoever goes on has not stopped
        parts[name] = replace(parts[name], flags=parts[name].flags - {"stopped"})
    return replace(tally, current=row, parts=parts)


def _back_to(tally: Tally, ended: str | None, under: str | None) -> Tally:
    """A row that only came in between is over: the one below goes on."""
    if tally.current == ended and under in tally.parts:
        return replace(tally, current=under)
    return tally


def _note(tally: Tally, sign: Sign, turn: TurnFacts) -> Tally:
    """The meaning holds for the row that it is about, and for the whole where nothing goes on below."""
    about = [tally.current if turn.event is None else _promised(tally), WHOLE]
    if sign.row is not None:
        about = [sign.row]
    parts = dict(tally.parts)
    for name in parts.keys() & set(about):
        parts[name] = _noted(parts[name], sign.kind, turn, tally.turns)
    return replace(tally, parts=parts)


def _promised(tally: Tally) -> str | None:
    """What happens outside is about the latest row with a ticket or a promise of one, or else the current."""
    waiting = [row for row, part in tally.parts.items() if row != WHOLE and part.has_ticket]
    return waiting[-1] if waiting else tally.current


def _noted(part: Part, meaning: str, turn: TurnFacts, turns: int) -> Part:
    after = part.after(turn.at, turns)
    if meaning == "ticket":
        return replace(part, ticket=part.ticket or after, flags=part.flags - {"kept"})
    if meaning == "in":
        if turn.event is None:
            return replace(part, said=part.said or after)
        return replace(part, recorded=part.recorded or after)
    if meaning == "human" and turn.event is not None:  # what was promised could not be done
        return replace(part, flags=(part.flags - {"kept", "again_kept"}) | {meaning})
    return replace(part, flags=part.flags | {meaning})
