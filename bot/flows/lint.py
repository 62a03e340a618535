"""Finds what is legal in a flow but wrong for people: `python -m bot.flows.lint flows domain.yml`.

Each check is a generator named after what it finds. Exit code 1 when a finding is an error (or the
flows do not load), 2 for wrong arguments; warnings alone are 0.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.flows.conditions import compile_condition, holds, is_template, without_templates
from bot.flows.errors import FlowErrors
from bot.flows.facts import DomainFacts
from bot.flows.loader import DEFAULT_PATTERNS, load_flows
from bot.flows.model import ACTION, CALL_STEP, COLLECT, LINK, NOOP, SET_SLOTS, Flow, Flows, Step
from bot.flows.side_effects import SIDE_EFFECTS
from bot.flows.stack import END

ERROR, WARNING = "error", "warning"
MOST_BUTTONS = 5


@dataclass(frozen=True, order=True)
class Finding:
    """One finding, printed as `file:line: grade: key: message`."""

    file: str
    line: int
    grade: str
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.grade}: {self.key}: {self.message}"


def lint(flows: Flows, facts: DomainFacts, domain_file: str = "domain.yml") -> list[Finding]:
    """All findings about the flows of the folder (default patterns are ours) and the domain's responses."""
    found: set[Finding] = set()
    for flow in flows.values():
        if flow.file == DEFAULT_PATTERNS.name:
            continue
        for check in (
            unreachable_steps,
            missing_else,
            unread_outcomes,
            unconfirmed_side_effects,
            silent_ends,
        ):
            found.update(check(flow, flows))
    found.update(shared_triggers(flows))
    found.update(too_many_buttons(facts, domain_file))
    found.update(unused_names(flows, facts, domain_file))
    return sorted(found)


def unreachable_steps(flow: Flow, _flows: Flows) -> Iterator[Finding]:
    """Steps that no way leads to."""
    reached = _reachable(flow, [flow.steps[0].id])
    for step in flow.steps:
        if step.id not in reached:
            yield _at(flow, step, ERROR, "no way leads to this step")


def missing_else(flow: Flow, _flows: Flows) -> Iterator[Finding]:
    """Branches that may all be false: the engine would have to apologise."""
    for step in flow.steps:
        if all(branch.when is not None for branch in step.next) and step.kind != LINK:
            yield _at(flow, step, ERROR, "the branches have no else")


def unread_outcomes(flow: Flow, flows: Flows) -> Iterator[Finding]:
    """Custom actions whose outcome nobody looks at: a failure would pass for success."""
    for step in flow.steps:
        if step.kind != ACTION or step.value not in flows.actions or not step.value.startswith("action_"):
            continue
        outcome = step.value.removeprefix("action_") + "_outcome"
        if outcome not in _slots_read_after(flow, step):
            yield _at(flow, step, ERROR, f"no branch on slots.{outcome} follows {step.value}")


def unconfirmed_side_effects(flow: Flow, _flows: Flows) -> Iterator[Finding]:
    """Side effects that can be reached, or reached again, without a yes."""
    for step in flow.steps:
        if step.value not in SIDE_EFFECTS:
            continue
        first = _reachable(flow, [flow.steps[0].id], without_yes=True)
        again = _reachable(flow, [branch.to for branch in step.next], without_yes=True)
        message = (
            f"{step.value} {SIDE_EFFECTS[step.value]}{{}} without a yes: a collect of a bool slot with "
            "ask_before_filling must come before it"
        )
        if step.id in first:
            yield _at(flow, step, ERROR, message.format(""))
        elif step.id in again:
            yield _at(flow, step, ERROR, message.format(" again"))


def silent_ends(flow: Flow, flows: Flows) -> Iterator[Finding]:
    """Ways on which a person says something (or starts the flow) and hears nothing."""
    if flow.is_pattern or flow.guard is False:
        return
    starts: list[tuple[Step, list[str]]] = [(flow.steps[0], [flow.steps[0].id])]
    starts += [(step, [branch.to for branch in step.next]) for step in flow.steps if step.kind == COLLECT]
    if not any(_speaks(step) for step in flow.steps):
        yield _at(flow, flow.steps[0], ERROR, "the flow never says anything")
        return
    for step, entry in starts:
        if END in _reachable(flow, entry, until_message=True):
            yield _at(flow, step, WARNING, "the flow can end after this without a message")


def shared_triggers(flows: Flows) -> Iterator[Finding]:
    """One intent for several flows without a guard: only the first would ever start."""
    seen: dict[str, Flow] = {}
    for flow in flows.values():
        for trigger in flow.triggers:
            other = seen.setdefault(trigger.intent, flow)
            if other is not flow and other.guard is None:
                yield Finding(
                    flow.file,
                    flow.line,
                    WARNING,
                    f"{flow.id}.nlu_trigger",
                    f"{trigger.intent} starts {other.id} already, which has no guard",
                )


def too_many_buttons(facts: DomainFacts, domain_file: str) -> Iterator[Finding]:
    """More choices than a channel shows in one row."""
    for name, buttons in facts.responses.items():
        if buttons > MOST_BUTTONS:
            yield Finding(
                domain_file, 0, WARNING, f"responses.{name}", f"{buttons} buttons, at most {MOST_BUTTONS}"
            )


def unused_names(flows: Flows, facts: DomainFacts, domain_file: str) -> Iterator[Finding]:
    """Responses and actions that no flow names (an action may still send a response by name)."""
    used = {"utter_restart", "utter_default"}
    for flow in flows.values():
        for step in flow.steps:
            used |= {step.value, step.utter, *(one.utter for one in step.rejections)}
            if step.kind == COLLECT:
                used |= {f"validate_{step.value}", f"utter_ask_{step.value}", f"action_ask_{step.value}"}
    for kind, names in (("responses", facts.responses), ("actions", facts.actions)):
        for name in sorted(set(names) - used):
            yield Finding(domain_file, 0, WARNING, f"{kind}.{name}", "no flow names it")


# -- ways through a flow ------------------------------------------------------------------------


def _reachable(
    flow: Flow, entry: Iterable[str], *, without_yes: bool = False, until_message: bool = False
) -> set[str]:
    """Step ids (and END) reached from the entries, optionally not past a yes or past a message."""
    found: set[str] = set()
    waiting = list(entry)
    while waiting:
        step_id = waiting.pop()
        if step_id in found:
            continue
        found.add(step_id)
        step = flow.step(step_id)
        if step is None or step.kind == LINK or (until_message and _speaks(step)):
            continue
        yes = _yes_branch(step) if without_yes else None
        waiting += [branch.to for place, branch in enumerate(step.next) if place != yes]
    return found


def _speaks(step: Step) -> bool:
    return step.kind in (COLLECT, CALL_STEP, LINK) or (
        step.kind == ACTION and (step.value.startswith("utter_") or is_template(step.value))
    )


def _yes_branch(step: Step) -> int | None:
    """The branch that only a yes to this collect takes; None if the step does not ask for one."""
    if step.kind != COLLECT or not step.ask_before_filling:
        return None
    taken = {value: _taken(step, value) for value in (True, False)}
    return taken[True] if taken[True] != taken[False] else None


def _taken(step: Step, value: bool) -> int | None:
    slots = _Nulls({step.value: value})
    for place, branch in enumerate(step.next):
        if branch.when is None or holds(without_templates(branch.when), slots, {}):
            return place
    return None


class _Nulls(dict[str, object]):
    """Every slot that is not given is null."""

    def __missing__(self, key: str) -> None:
        return None


def _slots_read_after(flow: Flow, step: Step) -> set[str]:
    """The slots that the branches right after a step read, past steps that only set slots or branch."""
    read: set[str] = set()
    waiting, seen = [step], {step.id}
    while waiting:
        one = waiting.pop()
        for branch in one.next:
            if branch.when is not None:
                names = compile_condition(without_templates(branch.when)).names()
                read |= {name for space, name in names if space == "slots"}
            following = flow.step(branch.to)
            if following and following.id not in seen and following.kind in (NOOP, SET_SLOTS):
                seen.add(following.id)
                waiting.append(following)
    return read


def _at(flow: Flow, step: Step, grade: str, message: str) -> Finding:
    return Finding(flow.file, step.line or flow.line, grade, f"{flow.id}.{step.id}", message)


def main(arguments: list[str]) -> int:
    """Print all findings; see the module for exit codes."""
    if len(arguments) != 2:
        print("usage: python -m bot.flows.lint FLOWS DOMAIN", file=sys.stderr)
        return 2
    folder, domain = Path(arguments[0]), Path(arguments[1])
    facts = DomainFacts.from_yaml(domain)
    try:
        flows = load_flows(folder, facts)
    except FlowErrors as errors:
        print(errors)
        return 1
    findings = lint(flows, facts, str(domain))
    for finding in findings:
        print(finding)
    return int(any(finding.grade == ERROR for finding in findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
