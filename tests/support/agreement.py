"""Where the help page and the assistant disagree with each other, with the How-To or with policy.yml.

An installation is a folder with flows/, domain.yml and policy.yml. The page is rendered by the gateway's own
code from the howto.json that the training writes; the assistant's words come from `tests.support.walk`, which
plays the flows on the real engine and renders with the real renderer. The table is tests/agreement/rows.yml.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from bot.howto import write_howto
from channels.gateway import Gateway
from channels.howto import HowTo
from channels.page import Page
from channels.words import load_words
from common.policy import Policy, load_policy
from tests.support.stack import ROOT, python_of

Table = Mapping[str, Any]
_FILES = "action_file_ticket"
# What only policy.yml may say: numbers of minutes, hours and days, and where things are.
_OWN_RULE = re.compile(
    r"\b(?:\d+|an|one) (?:minutes?|hours?)\b|\b\d+ days?\b|https?://|\b\d{3}[-. ]\d{4}\b|@\w", re.IGNORECASE
)


@dataclass(frozen=True)
class Installation:
    """`rows` are the texts of the page's rows by flow, `page` all of its text, `chat` what walk.py wrote."""

    folder: Path
    policy: Policy
    rows: Mapping[str, str]
    page: str
    chat: Mapping[str, Any]

    @property
    def responses(self) -> Mapping[str, str]:
        said: Mapping[str, str] = self.chat["responses"]
        return said


def only(table: Table, row: str) -> Table:
    """The table with this row alone."""
    return {**table, "rows": {row: table["rows"][row]}}


def installations(wanted: Sequence[tuple[Path, Table]]) -> list[Installation]:
    """Read these folders and play the tables' walks in them; the assistant's environment is started once."""
    jobs = [_job(folder, table) for folder, table in wanted]
    done = subprocess.run(
        [python_of("bot"), "-m", "tests.support.walk"],
        cwd=ROOT,
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"the walks ended with {done.returncode}\n{done.stderr[-4000:]}")
    played = json.loads(done.stdout)
    return [_read(folder, chat) for (folder, _), chat in zip(wanted, played, strict=True)]


def _job(folder: Path, table: Table) -> dict[str, Any]:
    walks = {
        f"{flow}: {name}": {
            "flow": flow,
            "slots": plan.get("slots", {}),
            "answers": {**table["answers"], **plan["answers"]},
            "actions": {**table["actions"], **plan.get("actions", {})},
        }
        for flow, row in table["rows"].items()
        for name, plan in row["walks"].items()
    }
    return {"folder": str(folder), "slots": table["slots"], "walks": walks}


def _read(folder: Path, chat: Mapping[str, Any]) -> Installation:
    policy = load_policy(folder / "policy.yml")
    write_howto(folder / "flows", folder / "policy.yml", folder / "howto.json")
    gateway = SimpleNamespace(
        policy=policy,
        words=load_words(),
        options=SimpleNamespace(retention_days=7),
        howto=HowTo(folder / "howto.json"),
    )
    html = Page(cast(Gateway, gateway)).render().decode()
    texts = _Texts(html)
    return Installation(folder, policy, texts.rows, texts.page, chat)


class _Texts(HTMLParser):
    """The page as read: alternative texts for pictures, and behind each link where it leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._parts: dict[str, list[str]] = {"": []}
        self._row = ""
        self._links: list[str] = []
        self.feed(html)
        self.rows = {flow: one_line("".join(parts)) for flow, parts in self._parts.items() if flow}
        self.page = one_line("".join(self._parts[""]))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "article":
            self._row = found["aria-labelledby"] or ""
            self._parts[self._row] = []
        if tag == "a":
            self._links.append(found.get("href") or "")
        if tag == "img":
            self.handle_data(f" {found['alt']} ")
        if tag not in ("a", "strong", "q", "span"):
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.handle_data(f" ({self._links.pop()})")
        if tag == "article":
            self._row = ""

    def handle_data(self, data: str) -> None:
        self._parts[""].append(data)
        if self._row:
            self._parts[self._row].append(data)


def one_line(text: str) -> str:
    """Without Markdown and line ends: `[label](link)` reads "label (link)"."""
    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", r"\1 (\2)", text.replace("**", ""))
    return " ".join(text.split())


def disagreements(found: Installation, table: Table) -> list[str]:
    """One line for each thing that is not as the table says; empty when all is well."""
    findings = []
    for flow, row in table["rows"].items():
        for name, plan in row["walks"].items():
            findings += _of_walk(f"{flow}, {name}", found.chat["walks"][f"{flow}: {name}"], plan)
        findings += _of_facts(found, flow, row)
    return findings


def _of_walk(place: str, walk: Mapping[str, Any], plan: Mapping[str, Any]) -> Iterable[str]:
    """Does it end where it should, and is something filed only where it may be?"""
    if walk["open"] != plan.get("open"):
        yield f"{place}: ends with the question {walk['open']}; expected {plan.get('open')}"
    filed = [action for action in walk["ran"] if action in (_FILES, "action_reply_ticket")]
    if filed != plan.get("files", []):
        yield f"{place}: runs {filed}; expected {plan.get('files', [])}"


def _of_facts(found: Installation, flow: str, row: Mapping[str, Any]) -> Iterable[str]:
    """Each fact on both sides, and within one place in the table's order."""
    words = found.policy.words()
    reached: dict[str, int] = {}
    first = next(iter(row["walks"]))
    for fact in row["facts"]:
        walk = fact.get("walk", first)
        said = one_line(" ".join(found.chat["walks"][f"{flow}: {walk}"]["said"]))
        sides = (
            ("the page", found.rows.get(flow, ""), fact.get("page"), "page"),
            (f"the assistant ({walk})", said, fact.get("assistant"), walk),
        )
        for who, text, phrase, place in sides:
            if phrase is None:
                continue
            wanted = _filled(phrase, words)
            match = _pattern(wanted).search(text, 0 if fact.get("anywhere") else reached.get(place, 0))
            if match is None:
                late = " (here or later)" if _pattern(wanted).search(text) else ""
                yield f"{flow}, {fact['fact']}: {who} does not say “{wanted}”{late}"
            elif not fact.get("anywhere"):
                reached[place] = match.start()


def _filled(phrase: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: words[name[1]], phrase)


def _pattern(phrase: str) -> re.Pattern[str]:
    """Anything may stand where the phrase has `…`; case does not matter."""
    return re.compile(".*?".join(re.escape(part.strip()) for part in phrase.split("…")), re.IGNORECASE)


def own_rules(folder: Path) -> list[str]:
    """Rules and addresses written into a text instead of naming a word of policy.yml."""
    findings = []
    for path in (folder / "domain.yml", *sorted((folder / "flows").glob("*.yml"))):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            spoken = re.sub(r"\{\w+\}", "{}", line.partition(" #")[0])
            is_text = (
                not re.match(r"\s*(?:#|- if:|if:|description:|payload:)", line) and "matches" not in line
            )
            if is_text and (rule := _OWN_RULE.search(spoken)) and "name@agency.org" not in spoken:
                findings.append(
                    f"{path.name}:{number}: says {rule[0]!r} itself; expected a word of policy.yml"
                )
    return findings
