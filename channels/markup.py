"""The Markdown subset on the page: bold and links. Everything else is text, and all text is escaped."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from markupsafe import Markup

_TOKEN = re.compile(
    r"\*\*(?P<bold>[^*\n]+)\*\*"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<target>[^)\s]+)\)"
    r"|(?P<bare>https?://[^\s<>()\"]*[^\s<>()\".,;:!?])"
    r"|(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
)

_ROW = re.compile(r"#[a-z][a-z0-9_]*")


def to_markup(text: str) -> Markup:
    """Safe HTML for one line of text."""
    parts, end = [], 0
    for found in _TOKEN.finditer(text):
        parts += [Markup.escape(text[end : found.start()]), _element(found)]
        end = found.end()
    return Markup("").join([*parts, Markup.escape(text[end:])])


def is_safe_link(target: str) -> bool:
    """http, https, mailto and a row of this page; anything else would run or leave the web."""
    if _ROW.fullmatch(target):
        return True
    try:
        return urlsplit(target).scheme.lower() in ("http", "https", "mailto")
    except ValueError:
        return False


def _element(found: re.Match[str]) -> Markup:
    if found["bold"] is not None:
        return Markup("<strong>{}</strong>").format(found["bold"])
    if found["email"] is not None:
        return _link(f"mailto:{found['email']}", found["email"])
    if found["bare"] is not None:
        return _link(found["bare"], found["bare"])
    if is_safe_link(found["target"]):
        return _link(found["target"], found["label"])
    return Markup.escape(found[0])


def _link(target: str, label: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(target, label)
