"""Everything that is installed is pinned and hashed, named without an address, and free for us to use."""

import importlib.metadata
import re
import subprocess

import pytest

from tests.support.repository import ROOT

LOCKS = ("app", "bot", "build", "uv", "encoder")
BOT_PYTHON = ROOT / ".venv/bot/bin/python"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
GPL = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public", re.IGNORECASE)
LIST_LICENSES = """
import importlib.metadata as m
for d in m.distributions():
    about = d.metadata
    classifiers = " ".join(c for c in about.get_all("Classifier", []) if c.startswith("License"))
    first = ((about.get("License") or "").splitlines() or [""])[0]
    print(about["Name"], classifiers or about.get("License-Expression") or first, sep="\\t")
"""


def requirements(name: str) -> list[str]:
    """One entry per requirement, its hashes joined to it."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    loose = [
        line[:60] for line in requirements(name) if not (PINNED.match(line) and "--hash=sha256:" in line)
    ]
    assert requirements(name)
    assert loose == []


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").iterdir()), ids=lambda path: path.name)
def test_no_address_stands_in_a_lock_file(path) -> None:  # type: ignore[no-untyped-def]
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links|file:", text) == []


@pytest.mark.parametrize("name", ["app", "bot", "build", "uv"])
def test_every_wish_is_locked(name: str) -> None:
    wishes = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
    wanted = {re.split(r"[=<>\[; ]", line)[0].lower() for line in wishes if line and not line.startswith("#")}
    locked = {match[1].lower() for line in requirements(name) if (match := PINNED.match(line))}
    assert wanted <= locked


def licenses() -> dict[str, str]:
    listed = [(d.metadata["Name"], _license(d.metadata)) for d in importlib.metadata.distributions()]
    answer = subprocess.run(
        [str(BOT_PYTHON), "-c", LIST_LICENSES], capture_output=True, text=True, check=True
    )
    listed += [tuple(line.split("\t", 1)) for line in answer.stdout.splitlines() if "\t" in line]  # type: ignore[misc]
    return dict(listed)


def _license(about: importlib.metadata.PackageMetadata) -> str:
    classifiers = " ".join(c for c in about.get_all("Classifier") or [] if c.startswith("License"))
    return classifiers or about.get("License-Expression") or (about.get("License") or "").partition("\n")[0]


def test_nothing_is_under_the_gpl() -> None:
    assert {name: text for name, text in licenses().items() if GPL.search(text)} == {}
