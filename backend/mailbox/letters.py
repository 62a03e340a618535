"""Letters from templates: the first line of a template is the subject, the rest the text."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend.mailbox.repository import Mail

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    """Plain text, hence no escaping; an unknown name is an error, not a gap in a letter."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def letter(template: str, to: str, at: datetime, **words: Any) -> Mail:
    """`template`: a file name in `mailbox/templates` without `.txt`."""
    subject, _, text = _environment().get_template(f"{template}.txt").render(words).partition("\n")
    return Mail(to=to, subject=" ".join(subject.split()), text=text.strip() + "\n", at=at)
