"""What starts, what waits, and which facts go with which, once it is known what a person needs. Pure.

Facts: main slot → all the slots that the fact fills.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from bot.flows import Command, Flows, OpenQuestion, SetSlot, StartFlow
from bot.needs import collected_by
from bot.several_needs import Need, also_asked, table

Facts = Mapping[str, Mapping[str, Any]]

OF_THE_PERSON = frozenset({"requester_email", "requester_name"})
"""Facts that hold for every need of the same person."""

NEW_EMAIL = "new_email_said"
"""Set for a row that uses it (row 5) when an e-mail address came with the need, so that it is kept."""


def start_commands(
    needs: Sequence[Need],
    facts: Facts,
    facts_of: Callable[[Need], Facts],
    flows: Flows,
    of_the_case: Collection[str],
    active: str | None = None,
) -> list[Command]:
    """The first need starts, the others wait; each gets what was said for it.

    `facts` are those of the whole message, `facts_of` those in a need's own clauses. `of_the_case`: facts
    that count whatever is asked. `active` is the row that the person is in.
    """
    first, *later = needs
    asked = {need.flow: collected_by(flows, need.flow) for need in needs}
    bags: dict[str, dict[str, Mapping[str, Any]]] = {need.flow: {} for need in needs}
    for need in later:
        own = facts_of(need)
        bags[need.flow] = {
            main: values
            for main, values in own.items()
            if main in asked[need.flow] and main not in OF_THE_PERSON and main not in of_the_case
        }
    said_first = facts_of(first) if later else facts
    for main, values in facts.items():
        wanting = [need.flow for need in needs if main in asked[need.flow]]
        is_taken = any(main in bags[need.flow] for need in later)
        of_all = main in of_the_case or (wanting and main in OF_THE_PERSON)
        if of_all or (first.flow in wanting and (main in said_first or not is_taken)):
            bags[first.flow][main] = values
        elif wanting and not is_taken:
            bags[wanting[0]][main] = values
    for need in needs:
        if NEW_EMAIL in flows[need.flow].sets and "requester_email" in bags[need.flow]:
            bags[need.flow][NEW_EMAIL] = {NEW_EMAIL: True}
    commands: list[Command] = []
    for need in needs:
        waits = need is not first or _waits_for(active, need.flow)
        commands.append(StartFlow(need.flow, waits))
        commands += set_slots(bags[need.flow])
    return commands


def in_the_middle(needs: Sequence[Need], active: str | None) -> list[Need]:
    """The needs as they stand to the row that the person is in: what the How-To serves there stays there."""
    if active is None or not needs:
        return list(needs)
    first, *later = needs
    both = table().together(active, first.flow)
    if len(both) == 1 and both[0] == active:
        first = Need(active, first.spans)
    return [first, *(need for need in later if need.flow != first.flow)]


def _waits_for(active: str | None, flow: str) -> bool:
    return active is not None and (active, flow) in table().in_this_order


def also_commands(
    parse: Mapping[str, Any],
    question: OpenQuestion,
    active: str | None,
    flows: Flows,
    slots: Mapping[str, Any],
    facts_of: Callable[[Need], Facts],
) -> list[Command]:
    """What an answer asks for besides: "in July. Also, how far is my ticket 1023?"."""
    commands: list[Command] = []
    for need in also_asked(parse, flows, slots, active) if active else ():
        if question.slot in set(flows[need.flow].collects) - OF_THE_PERSON:
            continue  # "ticket 1023" answers what the number is
        asked = collected_by(flows, need.flow)
        commands.append(StartFlow(need.flow, waits=True))
        commands += set_slots({main: values for main, values in facts_of(need).items() if main in asked})
    return commands


def unanswered(
    facts: Facts,
    options: Sequence[str],
    flows: Flows,
    slots: Mapping[str, Any],
    of_the_case: Collection[str],
) -> Facts:
    """What was said before it is clear which of these flows is needed; answers that were given stay."""
    asked = {slot for option in options for slot in collected_by(flows, option)} | set(of_the_case)
    return {main: values for main, values in facts.items() if main in asked and slots.get(main) is None}


def set_slots(facts: Facts) -> list[Command]:
    """The commands that fill what the facts fill."""
    return [SetSlot(name, value) for values in facts.values() for name, value in values.items()]
