"""Writes howto.json, what the help page shows: the How-To rows, from `metadata.howto` of the flows.

`python -m bot.howto flows domain.yml policy.yml OUT`; training calls it each time, so page and assistant
agree. Shape: `{"rows": [{"flow", "row", "title", "login_message" or null, "picture": {"file", "alt"} or null,
"intro" or null, "steps": [text], "cases": [{"title", "steps": [text]}], "notes": [text]}]}`, in the order of
the row numbers. `{policy_word}` is filled in; a link may go to another row, as `[its title](#flow)`. `steps`
is never empty: a row that has only cases gives theirs, each led by its case's title. A picture shows the
login screen; its alternative text must hold the message, for who does not see it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from common.policy import PolicyError, load_policy

_NAME = re.compile(r"\{([A-Za-z_]\w*)\}")
_TO_ROW = re.compile(r"\]\(#([^)\s]*)\)")
_PICTURE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.svg")
_KEYS = {"row", "title", "login_message", "picture", "intro", "steps", "cases", "notes"}


class HowToError(Exception):
    """A flow's `metadata.howto` cannot be used; the message names file, flow and key."""


def collect_rows(flows: Path, words: Mapping[str, str]) -> list[dict[str, Any]]:
    """All rows of all flow files; raises HowToError."""
    rows: list[dict[str, Any]] = []
    for path in sorted(flows.rglob("*.yml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except yaml.YAMLError as error:
            raise HowToError(f"{path}: not YAML ({' '.join(str(error).split())})") from error
        for flow, body in (content.get("flows") or {}).items():
            howto = ((body or {}).get("metadata") or {}).get("howto")
            if howto is not None:
                rows.append(_to_row(flow, howto, f"{path}: flows.{flow}.metadata.howto", words))
    _check_links(rows, flows)
    return sorted(rows, key=lambda row: (row["row"], row["flow"]))


def write_howto(flows: Path, policy_file: Path, out: Path) -> None:
    """Replace `out` in one step; raises HowToError or PolicyError."""
    rows = collect_rows(flows, load_policy(policy_file).words())
    text = json.dumps({"rows": rows}, ensure_ascii=False, indent=1) + "\n"
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=out.parent, prefix=out.name, suffix=".new")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(temporary, 0o644)
    os.replace(temporary, out)


def _to_row(flow: str, howto: Any, place: str, words: Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(howto, dict):
        raise HowToError(f"{place}: expected keys such as row, title and steps")
    if unknown := sorted(set(howto) - _KEYS):
        raise HowToError(f"{place}.{unknown[0]}: unknown key; expected one of {', '.join(sorted(_KEYS))}")
    row = howto.get("row")
    if isinstance(row, bool) or not isinstance(row, int):
        raise HowToError(f"{place}.row: expected the row's number in the How-To")
    message = _optional(howto.get("login_message"), f"{place}.login_message", words)
    cases = _cases(howto.get("cases"), place, words)
    steps = _texts(howto.get("steps"), f"{place}.steps", words)
    if not steps and not cases:
        raise HowToError(f"{place}.steps: expected steps or cases")
    return {
        "flow": flow,
        "row": row,
        "title": _text(howto.get("title"), f"{place}.title", words),
        "login_message": message,
        "picture": _picture(howto.get("picture"), message, f"{place}.picture", words),
        "intro": _optional(howto.get("intro"), f"{place}.intro", words),
        "steps": steps or [f"{case['title']}: {step}" for case in cases for step in case["steps"]],
        "cases": cases,
        "notes": _texts(howto.get("notes"), f"{place}.notes", words),
    }


def _picture(value: Any, message: str | None, place: str, words: Mapping[str, str]) -> dict[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != {"file", "alt"}:
        raise HowToError(f"{place}: expected file and alt")
    if not isinstance(value["file"], str) or not _PICTURE.fullmatch(value["file"]):
        raise HowToError(f"{place}.file: expected the name of an SVG picture, such as account-inactive.svg")
    alt = _text(value["alt"], f"{place}.alt", words)
    if message is None or message.lower() not in alt.lower():
        raise HowToError(f"{place}.alt: expected it to say what the picture reads, the row's login_message")
    return {"file": value["file"], "alt": alt}


def _check_links(rows: list[dict[str, Any]], flows: Path) -> None:
    known = {row["flow"] for row in rows}
    for row in rows:
        for target in _TO_ROW.findall(json.dumps(row)):
            if target not in known:
                raise HowToError(
                    f"{flows}: flows.{row['flow']}.metadata.howto: #{target} is no row; "
                    f"expected one of {', '.join(sorted(known))}"
                )


def _cases(value: Any, place: str, words: Mapping[str, str]) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(case, dict) for case in value):
        raise HowToError(f"{place}.cases: expected a list of cases with title and steps")
    return [
        {
            "title": _text(case.get("title"), f"{place}.cases.{n}.title", words),
            "steps": _texts(case.get("steps"), f"{place}.cases.{n}.steps", words),
        }
        for n, case in enumerate(value)
    ]


def _texts(value: Any, place: str, words: Mapping[str, str]) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise HowToError(f"{place}: expected a list of texts")
    return [_text(one, f"{place}.{n}", words) for n, one in enumerate(value)]


def _optional(value: Any, place: str, words: Mapping[str, str]) -> str | None:
    return None if value is None else _text(value, place, words)


def _text(value: Any, place: str, words: Mapping[str, str]) -> str:
    if not isinstance(value, str) or not value.strip():
        raise HowToError(f"{place}: expected text")
    for name in _NAME.findall(value):
        if name not in words:
            raise HowToError(
                f"{place}: {{{name}}} is no word of policy.yml; expected one of {', '.join(sorted(words))}"
            )
    return _NAME.sub(lambda match: words[match.group(1)], value).strip()


def main(arguments: list[str]) -> int:
    if len(arguments) != 4:
        print("usage: python -m bot.howto FLOWS DOMAIN POLICY OUT", file=sys.stderr)
        return 2
    flows, _domain, policy, out = map(Path, arguments)
    try:
        write_howto(flows, policy, out)
    except (HowToError, PolicyError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
