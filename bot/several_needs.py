"""Which needs a message of several clauses holds, in the order in which they are served. Pure.

Each clause is understood like a message of its own; only sure ones count. What is really two needs and what
the How-To serves as one stands in data/needs.yml, not here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from bot.answers import find_phrase, to_words
from bot.flows import Flows
from bot.needs import Understood, flow_for
from bot.nlu.clauses import NEEDS
from bot.nlu.mending import mended

MOST_NEEDS = 3
"""Needs of one message that are served; nobody asks for more in one breath."""


@dataclass(frozen=True)
class Need:
    """A flow that is asked for, and the clauses that ask: (start, end) in the text."""

    flow: str
    spans: tuple[tuple[int, int], ...] = ()

    def holds(self, start: int) -> bool:
        """Does a fact that begins there belong to this need?"""
        return any(first <= start < end for first, end in self.spans)


@dataclass(frozen=True)
class Table:
    """data/needs.yml, read once."""

    one_need: Mapping[frozenset[str], str]
    if_unsure: frozenset[frozenset[str]]
    says_less: frozenset[str]
    in_this_order: frozenset[tuple[str, str]]
    beside: Mapping[str, tuple[re.Pattern[str], ...]]
    only_if: Mapping[str, tuple[re.Pattern[str], ...]]
    denied: tuple[re.Pattern[str], ...]
    told_by_facts: tuple[Mapping[str, Any], ...]
    adds_inside: tuple[tuple[str, ...], ...]
    announces: tuple[tuple[str, ...], ...]

    def together(self, first: str, second: str) -> tuple[str, ...]:
        """What is served of two flows said in this order; empty when only one of them can be meant."""
        if first == second or second in self.says_less:
            return (first,)
        if first in self.says_less:
            return (second,)
        if served := self.one_need.get(frozenset((first, second))):
            return (served,)
        if (second, first) in self.in_this_order:
            return (second, first)
        if (first, second) in self.in_this_order or {first, second} & set(self.beside):
            return (first, second)
        return ()


@lru_cache(maxsize=1)
def table() -> Table:
    """The shipped table."""
    data = yaml.safe_load(NEEDS.read_text(encoding="utf-8"))
    return Table(
        {frozenset(one["said"]): one["serve"] for one in data["one_need"]},
        frozenset(frozenset(one["said"]) for one in data["one_need"] if one.get("if_unsure")),
        frozenset(data["says_less"]),
        frozenset((first, second) for first, second in data["in_this_order"]),
        {flow: tuple(map(_pattern, patterns)) for flow, patterns in data["beside"].items()},
        {flow: tuple(map(_pattern, patterns)) for flow, patterns in data["only_if"].items()},
        tuple(map(_pattern, data["denied"])),
        tuple(data["told_by_facts"]),
        tuple(map(to_words, data["adds_inside"])),
        tuple(map(to_words, data["announces"])),
    )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


@dataclass
class _Said:
    """One clause that asks for a flow; `adds`: so say the words around it."""

    flow: str
    span: tuple[int, int]
    asks: bool
    adds: bool


@dataclass
class _Clauses:
    """What the clauses of a message ask for, in the order said."""

    said: list[_Said] = field(default_factory=list)
    denied: frozenset[str] = frozenset()


def needs_in(parse: Mapping[str, Any], flows: Flows, slots: Mapping[str, Any]) -> tuple[Need, ...]:
    """The needs of a message, the one to serve first in front; empty when its clauses decide nothing.

    One need is returned only where the clauses know more than the whole message: it is not sure, or the row
    that it names is denied or served by another one.
    """
    found = _read(parse, flows, slots)
    kept = _that_count(found.said)
    served: list[Need] = []
    unclear = False
    for one in kept:
        rest: list[Need] = []
        mine = Need(one.flow, (one.span,))
        place = len(served)
        for index, other in enumerate(served):
            both = table().together(other.flow, mine.flow)
            if not both:  # two states of the one account: the message as a whole says which
                unclear = True
                both = (_likelier(parse, flows, slots, other.flow, mine.flow),)
            if len(both) == 1:
                mine = Need(both[0], other.spans + mine.spans)
                place = min(place, index)
            else:
                rest.append(other)
                if both[0] == mine.flow:
                    place = min(place, index)
        served = [*rest[:place], mine, *rest[place:]]
    if len(served) == 1:
        whole = Understood.from_parse(parse)
        joined = {one.flow for one in kept} if not unclear else set()
        if (sure := flow_for(whole, flows, slots)) is not None:
            overruled = found.denied | table().says_less | (set() if joined in table().if_unsure else joined)
            return tuple(served) if sure in overruled else ()
        return tuple(served) if len(joined) > 1 or _confirms(whole, flows, slots, served[0].flow) else ()
    return tuple(served[:MOST_NEEDS])


def also_asked(
    parse: Mapping[str, Any], flows: Flows, slots: Mapping[str, Any], active: str
) -> tuple[Need, ...]:
    """What a message asks for besides the row that the person is in: needs that are served after it."""
    found: dict[str, Need] = {}
    for one in _that_count(_read(parse, flows, slots).said, beside=active):
        both = table().together(active, one.flow)
        if len(both) == 2 and both[0] == active:
            spans = found[one.flow].spans if one.flow in found else ()
            found[one.flow] = Need(one.flow, (*spans, one.span))
    return tuple(found.values())[:MOST_NEEDS]


def told_by_facts(text: str, facts: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The rows that a stated fact speaks of; `facts`: main slot → the slots that it fills."""
    for entry in table().told_by_facts:
        main = entry["fact"]
        if main not in facts or str(facts[main][main]) != entry.get("value", str(facts[main][main])):
            continue
        if "says" not in entry or _pattern(entry["says"]).search(mended(text).text):
            return tuple(entry["rows"])
    return ()


def _read(parse: Mapping[str, Any], flows: Flows, slots: Mapping[str, Any]) -> _Clauses:
    text = str(parse.get("text") or "")
    found = _Clauses()
    announced = _has_any(text, table().announces)
    adds = False
    for clause in parse.get("clauses") or ():
        start, end = int(clause["start"]), int(clause["end"])
        words = text[start:end] + ("?" if text[end : end + 1] == "?" else "")
        adds = adds or announced or bool(clause["adds"]) or _has_any(words, table().adds_inside)
        flow = flow_for(_to_understood(clause), flows, slots)
        if flow is None or not flows[flow].metadata.get("offer"):
            continue
        if _fits(words, table().denied):
            found.denied |= {flow}
            continue
        if flow in table().only_if and not _fits(words, table().only_if[flow]):
            continue
        asks = _fits(words, table().beside.get(flow, ()))
        found.said.append(_Said(flow, (start, end), asks, adds))
        adds = False
    return found


def _to_understood(clause: Mapping[str, Any]) -> Understood:
    ranking = clause.get("intent_ranking") or [{}]
    return Understood.from_parse({"intent": ranking[0], "intent_ranking": ranking})


def _fits(words: str, patterns: Sequence[re.Pattern[str]]) -> bool:
    return any(pattern.search(words) for pattern in patterns)


def _has_any(text: str, phrases: Sequence[tuple[str, ...]]) -> bool:
    words = to_words(text)
    return any(find_phrase(words, phrase) is not None for phrase in phrases)


def _that_count(said: Sequence[_Said], beside: str | None = None) -> list[_Said]:
    """Without clauses that only speak of a ticket or a person: "my ticket was 1023", "can somebody help".

    `beside`: the row that the person is in already.
    """
    flows = {one.flow for one in said} | ({beside} if beside else set())
    alone = len(flows) == 1
    kept = []
    for place, one in enumerate(said):
        follows = said[place + 1].adds if place + 1 < len(said) else False
        joined = (one.adds and (place > 0 or beside is not None)) or follows
        if one.flow not in table().beside or one.asks or joined or alone:
            kept.append(one)
    return kept


def _likelier(
    parse: Mapping[str, Any], flows: Flows, slots: Mapping[str, Any], first: str, second: str
) -> str:
    """Of two flows that exclude each other the one that the whole message speaks of more."""
    for intent, _ in Understood.from_parse(parse).ranking:
        for flow in flows.triggers(intent, 1.0, slots):
            if flow in (first, second):
                return flow
    return first


def _confirms(whole: Understood, flows: Flows, slots: Mapping[str, Any], flow: str) -> bool:
    """Does the message as a whole lean to the flow that its one sure clause names?"""
    if flow in table().beside:
        return False  # "can somebody help" is a way to ask for anything
    return whole.is_likely and flow in flows.triggers(whole.intent, 1.0, slots)
