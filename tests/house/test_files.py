"""What no tracked file may hold, and how long a file may be."""

import re
from pathlib import Path

import pytest

from tests.support.repository import ROOT, name_of, text_of, tracked_files

LONGEST = 400
THIS_FILE = Path(__file__).resolve()
# put together here so that this table does not find itself
REGISTRIES = ("py" + "pi.org", "pythonhosted" + ".org", "registry." + "npmjs", "proxy.golang" + ".org")
OPEN_WORK = re.compile(
    r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b"
    r"|NotImplemented" + r"Error|pytest\.(skip|xfail)|mark\.(skip|xfail)"
)
MACHINE_PATH = re.compile(r"/(?:root|home/\w+|Users/\w+)/|/tmp/(?!hmis)\w")
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bxox[bap]-\d|\bsk_live_")


def lines_of(*patterns: str) -> list[tuple[str, int, str]]:
    return [
        (name_of(path), number, line)
        for path in tracked_files(*patterns)
        if path != THIS_FILE and (text := text_of(path)) is not None
        for number, line in enumerate(text.splitlines(), 1)
    ]


def offenders(pattern: re.Pattern[str], *patterns: str) -> list[str]:
    return [f"{name}:{number}" for name, number, line in lines_of(*patterns) if pattern.search(line)]


def test_no_registry_is_named() -> None:
    assert offenders(re.compile("|".join(map(re.escape, REGISTRIES)))) == []


def test_no_path_of_one_machine_is_named() -> None:
    assert offenders(re.compile(re.escape(f"{ROOT}/"))) == []
    assert offenders(MACHINE_PATH) == []


def test_no_secret_is_kept() -> None:
    assert offenders(PRIVATE_KEY) == []


def test_no_work_is_left_open() -> None:
    assert offenders(OPEN_WORK, "*.py", "*.js", "*.yml", "*.css", "*.sh", "Makefile") == []


@pytest.mark.parametrize("pattern", ["*.py", "*.js"])
def test_one_concept_one_file(pattern: str) -> None:
    long = [
        f"{name_of(path)}: {count} lines"
        for path in tracked_files(pattern)
        if (count := len((text_of(path) or "").splitlines())) > LONGEST
    ]
    assert long == []


def test_nothing_made_by_a_run_is_tracked() -> None:
    made = [
        name_of(path) for path in tracked_files() if name_of(path).startswith(("var/", ".venv/", "models/"))
    ]
    assert made == []


def test_no_file_is_huge() -> None:
    huge = [name_of(path) for path in tracked_files() if path.stat().st_size > 1_000_000]
    assert huge == []
