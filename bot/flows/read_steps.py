"""Steps from YAML: every key known, every name checked, nested lists made flat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.flows.check_conditions import can_be, check_condition, check_template
from bot.flows.conditions import is_template
from bot.flows.facts import DomainFacts
from bot.flows.internal import FLOWS_MAY_NAME
from bot.flows.model import (
    ACTION,
    CALL_STEP,
    COLLECT,
    LINK,
    NOOP,
    PATTERN_PREFIX,
    SET_SLOTS,
    Branch,
    Rejection,
    Step,
)
from bot.flows.stack import END, START
from bot.flows.vocabulary import (
    ENGINE_SLOTS,
    KNOWN_ACTIONS,
    LINKS_FROM_FLOWS,
    LINKS_FROM_PATTERNS,
    REFUSED_KEYS,
    STEP_KEYS,
)
from bot.flows.yaml_items import Item


@dataclass
class StepReader:
    """Reads the steps of one flow. `calls` and `resets` collect what can only be checked later."""

    flow_id: str
    facts: DomainFacts
    flow_ids: frozenset[str]
    steps: list[Step] = field(default_factory=list)
    calls: list[tuple[Item, str]] = field(default_factory=list)
    resets: list[Item] = field(default_factory=list)
    _targets: list[tuple[Item, str]] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _count: int = 0

    @property
    def in_pattern(self) -> bool:
        return self.flow_id.startswith(PATTERN_PREFIX)

    def read(self, item: Item) -> tuple[Step, ...]:
        """All steps, the first one first; errors go to the report."""
        self._list(item)
        for target, name in self._targets:
            if name not in self._ids:
                target.error(f"no step with id {name}")
        return tuple(self.steps)

    def _list(self, item: Item) -> str:
        """Read a list of steps; returns the first one's id ("" if there is none)."""
        entries = item.items()
        if item.is_list and not entries:
            item.error("expected at least one step")
        ids = [self._new_id(entry) for entry in entries]
        for place, entry in enumerate(entries):
            following = ids[place + 1] if place + 1 < len(ids) else END
            self._step(entry, ids[place], following, is_last=place + 1 == len(ids))
        return ids[0] if ids else ""

    def _new_id(self, item: Item) -> str:
        self._count += 1
        fields = item.mapping() if item.is_map else {}
        if "id" in fields:
            given = fields["id"].text()
            if given in (START, END):
                fields["id"].error(f"{given} is reserved")
            elif given in self._ids:
                fields["id"].error(f"step id {given} is given twice")
            self._ids.add(given)
            return given
        kind = next((kind for kind in STEP_KEYS if kind in fields), NOOP)
        value = fields[kind].value() if kind in fields else None
        made = f"{self._count}_{value if isinstance(value, str) else kind}"
        while made in self._ids:
            made += "_"
        self._ids.add(made)
        return made

    def _step(self, item: Item, step_id: str, following: str, *, is_last: bool) -> None:
        fields = item.mapping()
        kinds = [kind for kind in STEP_KEYS if kind in fields]
        if len(kinds) > 1:
            item.error(f"one step is one of {', '.join(STEP_KEYS)}; this one has {' and '.join(kinds)}")
            return
        if not kinds and not ({"id", "next"} <= set(fields)):
            self._check_keys(fields, {"id", "next"})
            item.error(f"expected one of {', '.join(STEP_KEYS)}")
            return
        kind = kinds[0] if kinds else NOOP
        self._check_keys(fields, STEP_KEYS[kind] | {kind})
        if kind == NOOP and "next" not in fields:
            item.error("noop needs next")
        if kind == LINK and not is_last:
            fields[LINK].error("link ends the flow, so it must be the last step")
        place = len(self.steps)
        values = getattr(self, f"_{kind}")(fields) if kinds else {}
        # The step's place comes before that of the steps nested in its `next`.
        self.steps.insert(place, Step(step_id, kind, line=item.line))
        branches = self._next(fields["next"]) if "next" in fields else (Branch(following),)
        self.steps[place] = Step(step_id, kind, next=branches, line=item.line, **values)

    def _check_keys(self, fields: dict[str, Item], known: set[str]) -> None:
        for name, item in fields.items():
            if name in REFUSED_KEYS:
                item.error(REFUSED_KEYS[name])
            elif name not in known:
                item.error(f"unknown key; expected {', '.join(sorted(known))}")

    # -- one method per kind; each returns the Step's fields --------------------------------------

    def _action(self, fields: dict[str, Item]) -> dict[str, Any]:
        item = fields[ACTION]
        name = item.text()
        if is_template(name):
            check_template(item, self.flow_id, name)
        elif name in KNOWN_ACTIONS:
            if not self.in_pattern and name not in FLOWS_MAY_NAME:
                item.error(f"{name} is for patterns only")
        elif name.startswith("utter_"):
            self._response(item, name)
        elif name and name not in self.facts.actions:
            item.error(f"the domain has no action {name}")
        return {"value": name}

    def _response(self, item: Item, name: str) -> None:
        if name not in self.facts.responses and name not in self.facts.actions:
            item.error(f"the domain has no response {name}")

    def _collect(self, fields: dict[str, Item]) -> dict[str, Any]:
        item = fields[COLLECT]
        slot = self._slot(item, item.text())
        if slot in self.facts.slots and self.facts.slots[slot].type == "list":
            item.error(f"{slot} is a list slot, which cannot be collected")
        if "reset_after_flow_ends" in fields:
            self.resets.append(fields["reset_after_flow_ends"])
        flags = {
            name: fields[name].flag(default)
            for name, default in (
                ("ask_before_filling", False),
                ("force_slot_filling", False),
                ("reset_after_flow_ends", True),
            )
            if name in fields
        }
        rejections = [self._rejection(one, slot) for one in _entries(fields, "rejections")]
        return {
            "value": slot,
            "utter": self._asks(item, fields, slot),
            "rejections": tuple(one for one in rejections if one),
            "description": fields["description"].text() if "description" in fields else "",
            **flags,
        }

    def _asks(self, item: Item, fields: dict[str, Item], slot: str) -> str:
        response, action = f"utter_ask_{slot}", f"action_ask_{slot}"
        has_response, has_action = response in self.facts.responses, action in self.facts.actions
        if has_response and has_action:
            item.error(f"both {response} and {action} exist; keep one")
        if "utter" in fields:
            name = fields["utter"].text()
            if name and name not in self.facts.actions:
                self._response(fields["utter"], name)
            return name
        if slot in self.facts.slots and not has_response and not has_action:
            item.error(f"nothing asks for {slot}: the domain has neither {response} nor {action}")
        return action if has_action else response

    def _rejection(self, item: Item, slot: str) -> Rejection | None:
        fields = item.mapping()
        self._check_keys(fields, {"if", "utter"})
        for name in ("if", "utter"):
            if item.is_map and name not in fields:
                item.error(f"a rejection needs {name}")
        when = check_condition(fields["if"], self.flow_id, self.facts, slot) if "if" in fields else ""
        utter = fields["utter"].text() if "utter" in fields else ""
        if utter:
            self._response(fields["utter"], utter)
        return Rejection(when, utter) if when and utter else None

    def _set_slots(self, fields: dict[str, Item]) -> dict[str, Any]:
        found: list[tuple[str, Any]] = []
        for entry in fields[SET_SLOTS].items():
            pairs = entry.mapping()
            if entry.is_map and len(pairs) != 1:
                entry.error("expected one slot with its value")
            for name, item in pairs.items():
                slot = self._slot(item, name)
                if slot in self.facts.slots:
                    found.append((slot, self._slot_value(item, slot)))
        return {"slots": tuple(found)}

    def _slot_value(self, item: Item, slot: str) -> Any:
        known = self.facts.slots[slot]
        value = item.value()
        if known.type == "list":
            item.error(f"{slot} is a list slot, which set_slots cannot set")
        elif not can_be(known, value):
            item.error(f"{slot} is {known.type} and cannot be {value!r}")
        return value

    def _slot(self, item: Item, slot: str) -> str:
        if slot in ENGINE_SLOTS:
            item.error(f"{slot} belongs to the engine")
        elif slot and slot not in self.facts.slots:
            item.error(f"the domain has no slot {slot}")
        return slot

    def _link(self, fields: dict[str, Item]) -> dict[str, Any]:
        item = fields[LINK]
        target = item.text()
        allowed = LINKS_FROM_PATTERNS if self.in_pattern else LINKS_FROM_FLOWS
        if self.flow_id == "pattern_internal_error":
            item.error("pattern_internal_error must not link")
        elif target and target not in self.flow_ids:
            item.error(f"there is no flow {target}")
        elif target.startswith(PATTERN_PREFIX) and target not in allowed:
            item.error(f"only {', '.join(sorted(allowed))} can be linked to from here")
        elif target == self.flow_id:
            item.error("a flow cannot link to itself; use next")
        return {"value": target}

    def _call(self, fields: dict[str, Item]) -> dict[str, Any]:
        item = fields[CALL_STEP]
        target = item.text()
        if self.in_pattern:
            item.error("a pattern cannot call a flow")
        elif target.startswith(PATTERN_PREFIX):
            item.error("a pattern cannot be called")
        elif target and target not in self.flow_ids:
            item.error(f"there is no flow {target}")
        else:
            self.calls.append((item, target))
        return {"value": target}

    def _noop(self, fields: dict[str, Item]) -> dict[str, Any]:
        if fields[NOOP].value() is not True:
            fields[NOOP].error("expected true")
        return {}

    # -- where it goes on -------------------------------------------------------------------------

    def _next(self, item: Item) -> tuple[Branch, ...]:
        if not item.is_list:
            return (Branch(self._target(item)),)
        entries = item.items()
        if entries and not any(
            set(entry.mapping()) & {"if", "then", "else"} for entry in entries if entry.is_map
        ):
            return (Branch(self._list(item) or END),)
        if not entries:
            item.error("expected branches or steps")
        return tuple(
            branch
            for place, entry in enumerate(entries)
            if (branch := self._branch(entry, is_last=place + 1 == len(entries)))
        )

    def _branch(self, item: Item, *, is_last: bool) -> Branch | None:
        fields = item.mapping()
        if "else" in fields:
            self._check_keys(fields, {"else"})
            if not is_last:
                fields["else"].error("else must be the last branch")
            return Branch(self._then(fields["else"]))
        self._check_keys(fields, {"if", "then"})
        for name in ("if", "then"):
            if item.is_map and name not in fields:
                item.error(f"a branch needs {name}")
        when = check_condition(fields["if"], self.flow_id, self.facts) if "if" in fields else ""
        to = self._then(fields["then"]) if "then" in fields else ""
        return Branch(to, when) if when and to else None

    def _then(self, item: Item) -> str:
        return self._list(item) or END if item.is_list else self._target(item)

    def _target(self, item: Item) -> str:
        name = item.text()
        if name and name != END:
            self._targets.append((item, name))
        return name or END


def _entries(fields: dict[str, Item], name: str) -> list[Item]:
    return fields[name].items() if name in fields else []
