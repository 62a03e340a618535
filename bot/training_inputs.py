"""Checks all that a training reads before Rasa is started, and hashes it, so that nothing trains twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot import fingerprint
from bot.date_words import FIXED, START
from bot.flows import DomainFacts, FlowErrors, load_flows
from bot.howto import HowToError, collect_rows
from bot.nlg import names_in
from bot.replies import IMAGE_ALT
from common.policy import PolicyError, load_policy
from common.yaml_lines import Entry, YamlError, read_mapping


class InputError(Exception):
    """What has to be edited before a training makes sense: one `file:line: key: message` per line."""


@dataclass(frozen=True)
class Inputs:
    """The files and folders of an assistant."""

    root: Path
    policy_file: Path

    @property
    def config(self) -> Path:
        return self.root / "config.yml"

    @property
    def domain(self) -> Path:
        return self.root / "domain.yml"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def flows(self) -> Path:
        return self.root / "flows"

    def components(self) -> list[str]:
        """Names of pipeline and policies as config.yml has them."""
        config = yaml.safe_load(self.config.read_text(encoding="utf-8")) or {}
        return [part["name"] for key in ("pipeline", "policies") for part in config.get(key) or ()]

    def digest(self) -> str:
        """Changes whenever a new training could give another model."""
        code = fingerprint.HERE
        return fingerprint.of_files(
            [
                self.config,
                self.domain,
                self.data,
                self.flows,
                self.policy_file,
                code,
                code.parent / "common",
                code.parent / "requirements",
            ]
        )

    def check(self) -> None:
        """Raises InputError with all findings of the first stage that has any."""
        try:
            words = load_policy(self.policy_file).words()
            domain = read_mapping(self.domain)
        except (PolicyError, YamlError) as error:
            raise InputError(str(error)) from error
        facts = DomainFacts.from_dict(yaml.safe_load(self.domain.read_text(encoding="utf-8")))
        _raise_all(check_responses(domain, facts, words))
        try:
            load_flows(self.flows, facts)
            collect_rows(self.flows, words)
        except (FlowErrors, HowToError) as error:
            raise InputError(str(error)) from error


def check_responses(domain: Entry, facts: DomainFacts, policy_words: Iterable[str]) -> list[str]:
    """Findings about the responses' `{names}` and pictures:

    each name must be a slot, a policy word, a date word or `context.…`; each picture has an alternative text.
    """
    known = set(facts.slots) | set(policy_words) | set(FIXED)
    known |= {f"{slot}_{form}" for slot in facts.slots for form in ("long", "short")}
    known |= {slot.removesuffix(START) + "_range" for slot in facts.slots if slot.endswith(START)}
    responses = domain.mapping().get("responses")
    findings: list[str] = []
    for response in (responses.mapping() if responses else {}).values():
        for name in sorted(_names_in(response.value)):
            if name not in known:
                findings.append(
                    str(response.error(f"{{{name}}} is no slot, no word of policy.yml and no date word"))
                )
        findings += _pictures_without_words(response)
    return findings


def _pictures_without_words(response: Entry) -> list[str]:
    """Who does not see a picture must learn what it shows."""
    variations = response.value if isinstance(response.value, list) else ()
    return [
        str(response.error(f"a picture without words; expected custom.{IMAGE_ALT} beside image"))
        for one in variations
        if isinstance(one, dict) and one.get("image") and not (one.get("custom") or {}).get(IMAGE_ALT)
    ]


def _names_in(value: Any) -> set[str]:
    if isinstance(value, Entry):
        return _names_in(value.value)
    if isinstance(value, str):
        return names_in(value)
    if isinstance(value, dict):
        return set().union(
            *(_names_in(one) for key, one in value.items() if key not in ("payload", "metadata"))
        )
    if isinstance(value, list):
        return set().union(*(_names_in(one) for one in value))
    return set()


def _raise_all(findings: list[str]) -> None:
    if findings:
        raise InputError("\n".join(findings))
