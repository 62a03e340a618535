"""What the pages of the sandbox share: how they are rendered, and the outline that they extend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_SHARED = Path(__file__).parent / "templates"


def page_environment(folder: Path, **names: Any) -> Environment:
    """Templates of `folder`, on the outline in backend/templates; `names` are known in all of them.

    A name that is missing is an error (jinja2.UndefinedError), and what is filled in is escaped.
    """
    environment = Environment(
        loader=FileSystemLoader([folder, _SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(names)
    return environment
