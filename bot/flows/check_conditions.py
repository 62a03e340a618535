"""Checks of one condition in one place: it parses, its names exist, and its comparisons can come true."""

from __future__ import annotations

from typing import Any

from bot.flows.conditions import (
    ANY_NAME,
    TEMPLATE,
    Condition,
    ConditionError,
    compile_condition,
    without_templates,
)
from bot.flows.facts import DomainFacts, SlotFacts
from bot.flows.vocabulary import PATTERN_CONTEXT
from bot.flows.yaml_items import Item


def check_condition(item: Item, flow_id: str, facts: DomainFacts, only_slot: str | None = None) -> str:
    """The condition's text ("" when it is bad); errors go to the item's report.

    `only_slot`: a rejection may read the collected slot and slots compared with it, so it must read that one.
    """
    if isinstance(item.value(), bool):
        item.error("expected a condition in quotes")
        return ""
    text = item.text()
    if not text:
        return ""
    try:
        condition = compile_condition(without_templates(text))
    except ConditionError as error:
        item.error(f"not a condition: {error}")
        return ""
    _check_templates(item, flow_id, text)
    _check_names(item, flow_id, condition, facts)
    for name, value in condition.comparisons():
        slot = facts.slots.get(name)
        if slot is not None and ANY_NAME not in str(value) and not can_be(slot, value):
            item.error(f"slots.{name} can never be {_shown(value)}; possible: {_possible(slot)}")
    if only_slot is not None and ("slots", only_slot) not in condition.names():
        item.error(f"a rejection must be about the collected slot, slots.{only_slot}")
    return text


def check_template(item: Item, flow_id: str, text: str) -> None:
    """A text with `{{…}}`: only in patterns, and only context names that the pattern has."""
    _check_templates(item, flow_id, text)


def _check_templates(item: Item, flow_id: str, text: str) -> None:
    for match in TEMPLATE.finditer(text):
        space, _, name = match.group(1).partition(".")
        if space != "context" or not name.isidentifier():
            item.error(f"{match.group(0)}: only {{{{context.NAME}}}} is expanded")
        else:
            _check_context(item, flow_id, name)


def _check_names(item: Item, flow_id: str, condition: Condition, facts: DomainFacts) -> None:
    for space, name in condition.names():
        if space == "context":
            _check_context(item, flow_id, name)
        elif name != ANY_NAME and name not in facts.slots:
            item.error(f"slots.{name}: the domain has no slot {name}")


def _check_context(item: Item, flow_id: str, name: str) -> None:
    known = PATTERN_CONTEXT.get(flow_id, set())
    if name not in known:
        there = f"{flow_id} has {', '.join(sorted(known))}" if known else f"{flow_id} has no context"
        item.error(f"context.{name}: {there}")


def can_be(slot: SlotFacts, value: Any) -> bool:
    """Can the slot ever hold this value?"""
    if value is None or slot.type not in ("bool", "categorical", "float", "text"):
        return True
    if slot.type == "bool":
        return isinstance(value, bool)
    if slot.type == "categorical":
        return any(
            known == value and isinstance(known, bool) == isinstance(value, bool) for known in slot.values
        )
    if slot.type == "float":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, str)


def _possible(slot: SlotFacts) -> str:
    if slot.type == "categorical":
        return ", ".join([*(_shown(value) for value in slot.values), "null"])
    return {"bool": "true, false, null", "float": "a number, null"}.get(slot.type, "a text, null")


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else "null"
    return f"'{value}'" if isinstance(value, str) else f"{value:g}"
