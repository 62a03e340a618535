"""Mistakes in docs/demo.md are named with their line, before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.accounts.passwords import demo_password
from tests.support.demo_guide import (
    COPIED,
    Copy,
    Fill,
    GuideError,
    Open,
    Part,
    Press,
    Sight,
    Step,
    Type,
    Walk,
    load_guide,
)
from tests.support.repository import ROOT

GUIDE = ROOT / "docs" / "demo.md"


def write(folder: Path, *rows: str) -> Path:
    path = folder / "demo.md"
    path.write_text("\n".join(["# Title", "| Tab | x |", "## A part", "words", *rows]), encoding="utf-8")
    return path


def test_every_kind_of_step(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "| # | Do | See |",
        "|---|---|---|",
        "| 1 | Type `hello, you` | `one`, `two, three` |",
        "| 2 | Press `Yes` | Console: `three` |",
        "| 3 | Copy what follows `password:` | |",
        "| 4 | Login: `Name` = `a` › `Word` = copied › `Log in` (5 times) | `in`, Chat: `you are in` |",
    )
    [part] = load_guide(path)
    walk = Walk("Login", (Fill("Name", "a"), Fill("Word", COPIED), Open("Log in")), 5)
    assert part == Part(
        "A part",
        (
            Step(7, Type("hello, you"), (Sight("Chat", "one"), Sight("Chat", "two, three"))),
            Step(8, Press("Yes"), (Sight("Console", "three"),)),
            Step(9, Copy("password:"), ()),
            Step(10, walk, (Sight("Login", "in"), Sight("Chat", "you are in"))),
        ),
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("| 2 | Type `a` | `b` |", "5: step 2; expected 1"),
        ("| 1 | Say `a` | `b` |", "5: 'Say `a`'; expected Type"),
        ("| 1 | Type a | `b` |", "5: 'Type a'; expected Type"),
        ("| 1 | Type `a` | b |", "5: 'b'; expected `text`"),
        ("| 1 | Type `a` | |", "5: nothing to see"),
        ("| 1 | Console: `a` › b | `c` |", "5: 'b'; expected `name`"),
        ("| 1 | Login: `a` = b | `c` |", "5: '`a` = b'; expected `name`"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(GuideError) as caught:
        load_guide(write(tmp_path, row))
    assert str(caught.value).startswith(message)


def test_the_guide_plays_every_row() -> None:
    titles = [part.title for part in load_guide(GUIDE)]
    for row in range(1, 7):
        assert any(title.startswith(f"Row {row}") for title in titles), f"row {row}"
    for topic in ("Case 1", "Case 2", "midnight", "never logged in", "how far", "Which row", "danger"):
        assert any(topic in title for title in titles), topic
    assert len(set(titles)) == len(titles)


def test_the_guide_names_the_sandboxs_password_and_the_readme_names_the_guide() -> None:
    assert f"`{demo_password()}`" in GUIDE.read_text("utf-8")
    assert "(docs/demo.md)" in (ROOT / "README.md").read_text("utf-8")
