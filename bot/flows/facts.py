"""What flows need to know of the domain: slots, responses, actions and intents, without Rasa."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

BOOL_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class SlotFacts:
    """One slot: its type, the values of a categorical, and what it holds before anyone fills it."""

    name: str
    type: str = "any"
    values: tuple[Any, ...] = ()
    initial: Any = None

    def coerce(self, value: Any) -> Any:
        """The value as this slot's type; None for "unset". Raises ValueError if it cannot be one."""
        if value is None:
            return None
        if self.type == "bool":
            return _to_bool(value)
        if self.type == "categorical":
            return _to_category(value, self.values)
        if self.type == "float":
            number = float(value)
            if number != number or number in (float("inf"), float("-inf")):
                raise ValueError(value)
            return number
        if self.type == "text":
            return value if isinstance(value, str) else str(value)
        return value


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in BOOL_WORDS:
        raise ValueError(value)
    return BOOL_WORDS[word]


def _to_category(value: Any, values: tuple[Any, ...]) -> Any:
    for known in values:
        if known == value or str(known).lower() == str(value).strip().lower():
            return known
    raise ValueError(value)


@dataclass(frozen=True)
class DomainFacts:
    """The domain as flows see it. `responses` maps a name to the most buttons any variation shows."""

    slots: Mapping[str, SlotFacts] = field(default_factory=dict)
    responses: Mapping[str, int] = field(default_factory=dict)
    actions: frozenset[str] = frozenset()
    intents: frozenset[str] = frozenset()

    @classmethod
    def from_yaml(cls, source: str | Path) -> DomainFacts:
        """Read a domain.yml given as a path, or as its text."""
        if isinstance(source, Path) or "\n" not in source:
            source = Path(source).read_text(encoding="utf-8")
        return cls.from_dict(yaml.safe_load(source) or {})

    @classmethod
    def from_dict(cls, domain: Mapping[str, Any]) -> DomainFacts:
        """Read a domain as a mapping (`rasa.shared.core.domain.Domain.as_dict()` has this shape)."""
        slots = {name: _slot(name, spec or {}) for name, spec in (domain.get("slots") or {}).items()}
        responses = {
            name: max((len(one.get("buttons") or ()) for one in variations or ()), default=0)
            for name, variations in (domain.get("responses") or {}).items()
        }
        return cls(
            slots,
            responses,
            frozenset(_names(domain.get("actions"))),
            frozenset(_names(domain.get("intents"))),
        )

    def initial_slots(self) -> dict[str, Any]:
        """Every slot at its initial value."""
        return {name: slot.initial for name, slot in self.slots.items()}


def _slot(name: str, spec: Mapping[str, Any]) -> SlotFacts:
    kind = str(spec.get("type", "any"))
    return SlotFacts(name, kind, tuple(spec.get("values") or ()), spec.get("initial_value"))


def _names(entries: Any) -> list[str]:
    """Domain lists hold plain names or one-key maps (`- inform: {use_entities: []}`)."""
    names: list[str] = []
    for entry in entries or ():
        names.extend([entry] if isinstance(entry, str) else list(entry))
    return names
