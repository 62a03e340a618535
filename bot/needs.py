"""Which flow serves what was understood, and which flows are likely when it is not clear. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.flows import Flows
from bot.nlu.thresholds import HIGH, LOW

WISHES = frozenset(
    {"cancel", "start_over", "skip", "repeat", "explain", "help", "contact_support", "bot_challenge"}
)
"""Intents that are about the dialogue, not an answer to a question."""

SOMEONE_ELSE = "someone_else"
"""The flow for another person's account; it leads back to every row."""

INACTIVE = frozenset({"account_inactive", "deactivated_again"})

MOST_OPTIONS = 3

# Who asks for something did not only say who they are.
_ASKS = re.compile(
    r"\?|\b(?:needs?|wants?|can|could|would|how|where|what|when|why|looking|help|find|get|necesito|quiero)\b",
    re.IGNORECASE,
)
_WORKS_AT = re.compile(
    r"^\W*(?:(?:hi|hello|hey|hola|good (?:morning|afternoon|evening))\W+(?:there\W+)?)?"
    r"(?:i(?:'?m| am)?|we(?:'?re| are)?|this is \w+,?|soy)\W+"
    r"(?:work(?:ing)? (?:at|for|in|with)|(?:a |an |the )?(?:[\w-]+ ){0,4}(?:at|from|with)|trabajo en)"
    r" [\w&'.\- ]{2,60}$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Understood:
    """NLU's output, read once: the best intent, the runners-up, and one value per entity (the first).

    `places`: every entity with its value and where it begins in the text.
    """

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    entities: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[tuple[str, Any, int], ...] = ()

    @classmethod
    def from_parse(cls, parse: Mapping[str, Any]) -> Understood:
        intent = parse.get("intent") or {}
        places = tuple(
            (str(entity["entity"]), entity.get("value"), int(entity.get("start") or 0))
            for entity in parse.get("entities") or ()
        )
        ranking = tuple(
            (str(one.get("name")), float(one.get("confidence") or 0))
            for one in parse.get("intent_ranking") or ()
        )
        name, confidence = str(intent.get("name") or ""), float(intent.get("confidence") or 0)
        return cls(name, confidence, ranking, _first_of_each(places), places)

    def within(self, holds: Callable[[int], bool]) -> Understood:
        """The same with only the entities that begin where `holds` says so."""
        places = tuple(place for place in self.places if holds(place[2]))
        return replace(self, entities=_first_of_each(places), places=places)

    @property
    def is_sure(self) -> bool:
        return self.confidence >= HIGH

    @property
    def is_likely(self) -> bool:
        return self.confidence >= LOW

    @property
    def about_login(self) -> str:
        """What the last-login phrase speaks of: "login", "unsaid" (a day), "length" (so long) or "other"."""
        value = self.entities.get("last_login")
        return str(value.get("about", "login")) if isinstance(value, Mapping) else "other"

    @property
    def is_sure_of_a_wish(self) -> bool:
        return self.is_sure and self.intent in WISHES


def _first_of_each(places: Sequence[tuple[str, Any, int]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entity, value, _ in places:
        found.setdefault(entity, value)
    return found


def is_inactive_again(understood: Understood, slots: Mapping[str, Any]) -> bool:
    """Inactive, said after a reactivation in this conversation, is the midnight rule (How-To row 2).

    "Inactive" and "inactive again" then mean the same, so their confidences add up. While Support has not
    answered yet, the person must say "again".
    """
    state = slots.get("reactivation_state")
    if state is None or not slots.get("reactivation_ticket_id"):
        return False
    best = understood.ranking[:1] or ((understood.intent, understood.confidence),)
    found = dict(understood.ranking or best)
    expected = INACTIVE if state != "requested" else {"deactivated_again"}
    return best[0][0] in expected and sum(found.get(intent, 0.0) for intent in INACTIVE) >= HIGH


def flow_for(understood: Understood, flows: Flows, slots: Mapping[str, Any]) -> str | None:
    """The flow that a clear intent starts, or None."""
    if is_inactive_again(understood, slots):
        return next(iter(flows.triggers("deactivated_again", 1.0, slots)), None)
    if not understood.is_sure:
        return None
    return next(iter(flows.triggers(understood.intent, understood.confidence, slots)), None)


def says_where_they_work(understood: Understood, text: str) -> bool:
    """Does a message say only where its writer works ("hi, I work at LAFH")?"""
    is_need = understood.is_sure and understood.intent not in ("greet", "inform", "out_of_scope")
    return bool(_WORKS_AT.search(text)) and not is_need and not _ASKS.search(text)


def is_introduction(understood: Understood, text: str) -> bool:
    """Does a message with a name or an address in it say only who writes ("hi, this is Dana Cruz")?"""
    if understood.intent == "inform":
        return understood.is_likely
    return understood.intent in ("greet", "out_of_scope") and not _ASKS.search(text)


def likely_flows(understood: Understood, flows: Flows, slots: Mapping[str, Any]) -> list[str]:
    """At most three flows worth offering, the likeliest first; empty when nothing is likely at all.

    A flow says of itself that it may be offered (`metadata: {offer: true}`); small talk is not.
    """
    if not understood.is_likely:
        return []
    options: list[str] = []
    for intent, _ in understood.ranking:
        for flow in flows.triggers(intent, 1.0, slots):
            if flows[flow].metadata.get("offer") and flow not in options:
                options.append(flow)
    return options[:MOST_OPTIONS]


def collected_by(flows: Flows, flow_id: str) -> frozenset[str]:
    """The slots that a flow asks for or sets, itself or through the flows it calls or links to.

    Another person's questions are not the flow's own.
    """
    found: set[str] = set()
    open_ids, seen = [flow_id], set()
    while open_ids:
        current = open_ids.pop()
        if current in seen or current not in flows or current == SOMEONE_ELSE != flow_id:
            continue
        seen.add(current)
        found |= {*flows[current].collects, *flows[current].sets}
        open_ids += flows[current].uses
    return frozenset(found)
