"""Loads the words in actions/words/: YAML with Jinja expressions, checked before anybody sees them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError

FOLDER = Path(__file__).parent / "words"


class WordsError(Exception):
    """A file of words that cannot be used; names the file, the key and what was expected."""


class Slots(dict[str, Any]):
    """Slots for templates: one that nobody filled is None, so that words may ask for any slot."""

    def __missing__(self, key: str) -> None:
        return None


def load_words(name: str) -> Mapping[str, Any]:
    """The content of actions/words/<name>.yml; raises WordsError when it, or a template in it, is wrong."""
    path = FOLDER / f"{name}.yml"
    try:
        words = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise WordsError(f"{path.name}: cannot be read: {error}") from error
    if not isinstance(words, dict):
        raise WordsError(f"{path.name}: expected a mapping")
    _check(path.name, "", words)
    return words


def render(template: str, values: Mapping[str, Any]) -> str:
    """One template as text; raises UndefinedError for a name that nobody passes."""
    return _compiled(template).render(values).strip()


@lru_cache(maxsize=256)
def _compiled(template: str) -> Template:
    return _environment.from_string(template)


def _check(file: str, where: str, node: Any) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            _check(file, f"{where}.{key}" if where else str(key), value)
    elif isinstance(node, list):
        for place, value in enumerate(node):
            _check(file, f"{where}[{place}]", value)
    elif isinstance(node, str):
        try:
            _environment.parse(node)
        except TemplateSyntaxError as error:
            raise WordsError(f"{file}: {where}: {error.message}") from error
    else:
        raise WordsError(f"{file}: {where}: expected text")


def _day(value: Any) -> str:
    """`Nov 23, 2026` from a date or an ISO day; anything else is nothing."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10])
        except ValueError:
            return ""
    return f"{value:%b} {value.day}, {value.year}" if isinstance(value, date) else ""


def _clock_time(value: Any) -> str:
    """`Nov 23, 2026, 4:05 PM` from an ISO moment that is already local."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{_day(moment.date())}, {moment.hour % 12 or 12}:{moment:%M %p}"


def _one_line(value: Any, longest: int = 300) -> str:
    text = " ".join(str(value if value is not None else "").split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


_environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
_environment.filters |= {"day": _day, "clock_time": _clock_time, "one_line": _one_line}
