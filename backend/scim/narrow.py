"""From a SCIM filter to an SQL condition that every match fulfils.

The library decides what matches; SQL only spares it reading every account when a client looks up one person.
"""

from __future__ import annotations

from typing import Any

from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
    ValuePath,
)
from sqlalchemy import ColumnElement, and_, or_, select

from backend.store.keys import key_of
from backend.store.tables import account_emails, accounts

_EMAILS = ("emails", "emails.value")


def to_condition(node: FilterNode) -> ColumnElement[bool] | None:
    """None when the filter cannot be narrowed by an index."""
    if isinstance(node, Comparison):
        return _comparison(node, prefix="")
    if isinstance(node, ValuePath) and isinstance(node.val_filter, Comparison):
        return _comparison(node.val_filter, prefix=_name(node.attr_path) + ".")
    if isinstance(node, LogicalExpr):
        parts = [to_condition(term) for term in node.terms]
        known = [part for part in parts if part is not None]
        if node.op is LogicalOperator.and_:
            return and_(*known) if known else None
        return or_(*known) if known and len(known) == len(parts) else None
    return None


def _comparison(node: Comparison, prefix: str) -> ColumnElement[bool] | None:
    if node.op is not CompareOperator.eq or not isinstance(node.value, str):
        return None
    return _equals(prefix + _name(node.attr_path), node.value)


def _equals(name: str, value: str) -> ColumnElement[bool] | None:
    if name == "username":
        return accounts.c.user_name_key == key_of(value)
    if name == "id":
        return accounts.c.id == value
    if name == "externalid":
        return accounts.c.external_id == value
    if name in _EMAILS:
        having = select(account_emails.c.account_id).where(account_emails.c.address_key == key_of(value))
        return accounts.c.id.in_(having)
    return None


def _name(path: AttrPath) -> str:
    """`emails.value` in lower case, as attribute names ignore case; a schema prefix does not count."""
    parts: list[Any] = [path.attr, path.sub_attr]
    return ".".join(part.lower() for part in parts if part)
