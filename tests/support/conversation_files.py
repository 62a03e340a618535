"""Conversation tests as they stand in YAML, checked key by key; tests/conversations/README.md explains them.

The shape is CALM's end-to-end format with a few keys of ours. A key that nobody would check is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.support.conversation_model import Check, Step, TestCase
from tests.support.installations import NAMES

KINDS = (
    "happy", "correction", "cancellation", "digression", "disambiguation", "negation", "invalid_input",
    "refusal", "repetition", "backend_down", "duplicate_delivery", "restart",
)  # fmt: skip
TURNS = ("user", "button", "event", "resend")
PROGRAMS = ("backend", "actions", "worker", "assistant", "gateway")
BUTTONS = (
    "log-in", "wrong-password", "complete-basic", "complete-retake",
    "reactivate", "unlock", "reset-password", "disable", "process",
)  # fmt: skip
LEVELS = ("anonymous", "email", "slack")


class ConversationError(Exception):
    """Message: `file:line: what was expected`."""


class Lined(dict[str, Any]):
    """A mapping that knows where it and its keys stand."""

    line: int
    lines: dict[str, int]


class _Loader(yaml.SafeLoader):
    """YAML 1.2 as far as people notice: `yes`, `no`, `on` and `off` are words; true and false are not."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own name
        first: [
            (tag, re.compile("true|false|True|False") if tag.endswith(":bool") else pattern)
            for tag, pattern in resolvers
            if not tag.endswith(":bool") or first in "tfTF"
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _construct(loader: _Loader, node: yaml.MappingNode) -> Lined:
    loader.flatten_mapping(node)
    made = Lined()
    made.line, made.lines = node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node))
        if key in made:
            raise yaml.MarkedYAMLError(problem=f"{key} is given twice", problem_mark=key_node.start_mark)
        made[key] = loader.construct_object(value_node, deep=True)
        made.lines[key] = key_node.start_mark.line + 1
    return made


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct)


def kind_of(path: Path, root: Path) -> str:
    """`<flow>/<kind>.yml` or `<flow>/<kind>/….yml`; the kind says what goes wrong. ConversationError."""
    parts = path.relative_to(root).with_suffix("").parts
    if len(parts) in (2, 3) and parts[1] in KINDS:
        return parts[1]
    raise ConversationError(f"{path}:1: expected <flow>/<kind>.yml with a kind of {', '.join(KINDS)}")


def load_conversations(path: Path, shared: Mapping[str, Any] | None = None) -> list[TestCase]:
    """All test cases of a file. Raises ConversationError. `shared` are fixtures of a conftest.yml."""
    reader = _Reader(path)
    top = reader.read()
    reader.keys(top, {"test_cases", "fixtures"}, required={"test_cases"})
    fixtures = dict(shared or {}) | load_fixtures(path, top.get("fixtures", []))
    cases = [reader.case(entry, fixtures) for entry in reader.each(top, "test_cases", dict)]
    names = [case.name for case in cases]
    for case in cases:
        if names.count(case.name) > 1:
            raise ConversationError(f"{path}:{case.line}: {case.name}: two test cases have this name")
    return cases


def load_fixtures(path: Path, entries: Any) -> dict[str, dict[str, Any]]:
    """`- name: [slot: value, …]`."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if not isinstance(entry, Lined) or len(entry) != 1:
            raise ConversationError(f"{path}: fixtures: expected a list of `- name: [slot: value]`")
        ((name, slots),) = entry.items()
        found[name] = {slot: value for pair in slots for slot, value in pair.items()}
    return found


def read_yaml(path: Path) -> Lined:
    return _Reader(path).read()


class _Reader:
    """Turns one file's mappings into dataclasses."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(self, line: int, message: str) -> ConversationError:
        return ConversationError(f"{self.path}:{line}: {message}")

    def read(self) -> Lined:
        try:
            top = yaml.load(self.path.read_text(encoding="utf-8"), _Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            raise self.fail(mark.line + 1 if mark else 1, str(error.problem)) from error
        if not isinstance(top, Lined):
            raise self.fail(1, "expected test_cases")
        return top

    def keys(self, entry: Lined, allowed: Iterable[str], required: Iterable[str] = ()) -> None:
        for key in entry:
            if key not in set(allowed):
                raise self.fail(entry.lines[key], f"unknown key {key}; expected {', '.join(sorted(allowed))}")
        for key in required:
            if key not in entry:
                raise self.fail(entry.line, f"{key} is missing")

    def each(self, entry: Lined, key: str, kind: type) -> list[Any]:
        values = entry[key]
        if not isinstance(values, list) or not values or not all(isinstance(value, kind) for value in values):
            raise self.fail(entry.lines[key], f"{key}: expected a list")
        return values

    def case(self, entry: Lined, fixtures: Mapping[str, Mapping[str, Any]]) -> TestCase:
        allowed = {"test_case", "fixtures", "metadata", "identity", "only", "steps"}
        self.keys(entry, allowed, required={"test_case", "steps"})
        slots: dict[str, Any] = {}
        for name in entry.get("fixtures", []):
            if name not in fixtures:
                raise self.fail(entry.lines["fixtures"], f"there is no fixture {name}")
            slots |= fixtures[name]
        now = slots.pop("mocked_datetime", None)
        steps = tuple(step for one in self.each(entry, "steps", dict) for step in self.steps(one))
        for accounts in (True, False):
            self._one_way_of_checking([step for step in steps if step.accounts in (None, accounts)])
        if entry.get("only", NAMES[0]) not in NAMES:
            raise self.fail(entry.lines["only"], f"expected one of {', '.join(NAMES)}")
        identity = entry.get("identity", {"level": "anonymous", "email": None})
        if "identity" in entry:
            self.identity(identity, entry.lines["identity"])
        return TestCase(
            name=str(entry["test_case"]),
            path=self.path,
            line=entry.line,
            slots=slots,
            now=None if now is None else self.moment(now, entry.line),
            identity={"level": identity["level"], "email": identity.get("email")},
            steps=steps,
            only=entry.get("only"),
        )

    def steps(self, entry: Lined) -> list[Step]:
        """A step, or those of `with_accounts` or `without_accounts`."""
        if set(entry) == {"with_accounts"} or set(entry) == {"without_accounts"}:
            ((key, _),) = entry.items()
            inner = [self.step(one) for one in self.each(entry, key, dict)]
            return [replace(one, accounts=key == "with_accounts") for one in inner]
        return [self.step(entry)]

    def step(self, entry: Lined) -> Step:
        kinds = [key for key in entry if key in _STEPS]
        if len(kinds) != 1:
            known = ", ".join(_STEPS)
            raise self.fail(entry.line, f"expected one of {known}; got {', '.join(entry) or 'nothing'}")
        kind = kinds[0]
        read, beside = _STEPS[kind]
        self.keys(entry, {kind, *beside})
        line = entry.lines[kind]
        value = read(self, entry[kind], line)
        more: dict[str, Any] = {key: entry[key] for key in beside if key in entry}
        if "assertions" in more:
            more["assertions"] = [self.check(one) for one in self.each(entry, "assertions", dict)]
        return Step(kind, value, line, more)

    def check(self, entry: Lined) -> Check:
        if len(entry) != 1:
            raise self.fail(entry.line, f"expected one assertion; got {', '.join(entry)}")
        ((kind, value),) = entry.items()
        if kind not in _CHECKS:
            raise self.fail(entry.line, f"unknown assertion {kind}; expected {', '.join(_CHECKS)}")
        return Check(kind, _CHECKS[kind](self, value, entry.line), entry.line)

    def _one_way_of_checking(self, steps: Iterable[Step]) -> None:
        """CALM ignores simple checks after a turn with assertions; ignoring in silence is how tests rot."""
        asserted = started = False
        for step in steps:
            if step.kind in TURNS:
                asserted, started = "assertions" in step.more, True
            elif step.kind in SIMPLE_CHECKS and asserted:
                raise self.fail(step.line, f"{step.kind}: the turn above has assertions; put this among them")
            elif step.kind in SIMPLE_CHECKS and not started:
                raise self.fail(step.line, f"{step.kind}: no turn comes before it")

    # -- values --------------------------------------------------------------------------------

    def text(self, value: Any, line: int) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.fail(line, "expected text (in quotes if it looks like something else)")
        return value

    def yes(self, value: Any, line: int) -> bool:
        if value is not True:
            raise self.fail(line, "expected true")
        return True

    def moment(self, value: Any, line: int) -> datetime:
        """A time with its offset; PyYAML may have read it as one already."""
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise self.fail(line, f"{value}: expected a time with its offset, as 2026-11-23T10:00:00-08:00")
        return moment

    def span(self, value: Any, line: int) -> timedelta:
        units = {"days", "hours", "minutes", "seconds"}
        if not isinstance(value, Lined) or not value or set(value) - units:
            raise self.fail(line, "expected days, hours, minutes or seconds, as {hours: 2}")
        return timedelta(**value)

    def identity(self, value: Any, line: int) -> Mapping[str, Any]:
        if (
            not isinstance(value, Lined)
            or value.get("level") not in LEVELS
            or set(value) - {"level", "email"}
        ):
            raise self.fail(line, f"expected {{level: {' | '.join(LEVELS)}, email: …}}")
        if (value.get("email") is None) != (value["level"] == "anonymous"):
            raise self.fail(line, "expected an e-mail address with every level but anonymous")
        return {"level": value["level"], "email": value.get("email")}

    def process(self, value: Any, line: int) -> tuple[str, str]:
        verbs = ("start", "stop", "kill", "restart")
        if not isinstance(value, Lined) or len(value) != 1:
            raise self.fail(line, f"expected one of {', '.join(verbs)} and a program, as {{kill: actions}}")
        ((verb, program),) = value.items()
        if verb not in verbs or program not in PROGRAMS:
            raise self.fail(line, f"expected {' | '.join(verbs)} with {' | '.join(PROGRAMS)}")
        return verb, program

    def tickets(self, value: Any, line: int) -> Lined:
        allowed = {"requester", "count", "newest"}
        of_newest = {
            "row", "case", "subject_contains", "facts_contain", "asked_for_contains", "body_contains",
            "verified", "status", "replies", "reply_contains", "requester_name", "transcript_lines",
        }  # fmt: skip
        if not isinstance(value, Lined):
            raise self.fail(line, f"expected {', '.join(sorted(allowed))}")
        self.keys(value, allowed, required={"requester"})
        if isinstance(value.get("newest"), Lined):
            self.keys(value["newest"], of_newest)
        elif "newest" in value:
            raise self.fail(line, f"newest: expected some of {', '.join(sorted(of_newest))}")
        if not {"count", "newest"} & set(value):
            raise self.fail(line, "expected count or newest")
        return value

    def account(self, value: Any, line: int) -> Lined:
        allowed = {"email", "state", "active", "disabledReason", "reactivated"}
        if not isinstance(value, Lined):
            raise self.fail(line, f"expected {', '.join(sorted(allowed))}")
        self.keys(value, allowed, required={"email"})
        return value

    def console(self, value: Any, line: int) -> Lined:
        """`{account, press}` or `{reply_to, text}`: what a person does in the support console."""
        if not isinstance(value, Lined) or set(value) not in ({"account", "press"}, {"reply_to", "text"}):
            raise self.fail(line, "expected {account: e-mail, press: button} or {reply_to: e-mail, text: …}")
        if value.get("press", BUTTONS[0]) not in BUTTONS:
            raise self.fail(line, f"press: expected one of {', '.join(BUTTONS)}")
        return value

    def named_slots(self, value: Any, line: int) -> list[dict[str, Any]]:
        """Simple form: names or `name: value`; assertion form: `{name, value?}`. Both become the latter."""
        entries = value if isinstance(value, list) else [value]
        found: list[dict[str, Any]] = []
        for entry in entries:
            if isinstance(entry, str):
                found.append({"name": entry})
            elif isinstance(entry, Lined) and "name" in entry and set(entry) <= {"name", "value"}:
                found.append(dict(entry))
            elif isinstance(entry, Lined) and len(entry) == 1:
                ((name, wanted),) = entry.items()
                found.append({"name": name, "value": wanted})
            else:
                raise self.fail(line, "expected slots as {name: …, value: …} or name: value")
        return found

    def several_flows(self, value: Any, line: int) -> tuple[str, list[str]]:
        """`{operator: any | all, flow_ids: […]}`, a list (all), or one flow."""
        if isinstance(value, str):
            return "all", [value]
        if isinstance(value, list) and all(isinstance(flow, str) for flow in value):
            return "all", value
        keys = set(value) if isinstance(value, Lined) else set()
        if keys == {"operator", "flow_ids"} and value["operator"] in ("any", "all"):
            return value["operator"], list(value["flow_ids"])
        raise self.fail(line, "expected {operator: any | all, flow_ids: [flow, …]}")

    def one_flow(self, value: Any, line: int) -> str:
        flow = value.get("flow_id") if isinstance(value, Lined) and set(value) == {"flow_id"} else value
        return self.text(flow, line)

    def utterance(self, value: Any, line: int) -> Lined:
        allowed = {"utter_name", "text_matches", "buttons"}
        if not isinstance(value, Lined) or not value:
            raise self.fail(line, f"expected some of {', '.join(sorted(allowed))}")
        self.keys(value, allowed)
        for button in value.get("buttons", []):
            if not isinstance(button, Lined) or "title" not in button or set(button) - {"title", "payload"}:
                raise self.fail(line, "buttons: expected a list of {title: …, payload: …}")
        try:
            re.compile(value.get("text_matches", ""))
        except (re.error, TypeError) as error:
            raise self.fail(line, f"text_matches: {error}") from error
        return value


_Value = Callable[[_Reader, Any, int], Any]
SIMPLE_CHECKS = ("bot", "utter", "slot_was_set", "slot_was_not_set")
_ANSWERED = ("assertions", "unanswered")
# step → how its value is read, and the keys that may stand beside it
_STEPS: dict[str, tuple[_Value, tuple[str, ...]]] = {
    "user": (_Reader.text, _ANSWERED),
    "button": (_Reader.text, _ANSWERED),
    "event": (_Reader.text, ("data", *_ANSWERED)),
    "resend": (_Reader.yes, ("assertions",)),
    "bot": (_Reader.text, ()),
    "utter": (_Reader.text, ()),
    "slot_was_set": (_Reader.named_slots, ()),
    "slot_was_not_set": (_Reader.named_slots, ()),
    "at": (_Reader.moment, ()),
    "advance": (_Reader.span, ()),
    "identity": (_Reader.identity, ()),
    "tickets": (_Reader.tickets, ()),
    "account": (_Reader.account, ()),
    "console": (_Reader.console, ()),
    "process": (_Reader.process, ()),
}
_CHECKS: dict[str, _Value] = {
    "flow_started": _Reader.several_flows,
    "flow_completed": _Reader.one_flow,
    "flow_cancelled": _Reader.one_flow,
    "pattern_clarification_contains": _Reader.several_flows,
    "slot_was_set": _Reader.named_slots,
    "slot_was_not_set": _Reader.named_slots,
    "action_executed": _Reader.text,
    "bot_uttered": _Reader.utterance,
    "bot_did_not_utter": _Reader.utterance,
}
