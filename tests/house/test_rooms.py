"""Rooms meet only over HTTP: no room imports another, and what they share imports none of them."""

import pytest

from tests.support.repository import ROOT, imported_by, name_of, tracked_files

ROOMS = ("bot", "actions", "channels", "backend")
WORKSHOP = ("scripts", "bench", "report", "tests")
FORBIDDEN = {room: {*ROOMS, *WORKSHOP} - {room} for room in ROOMS} | {"common": {*ROOMS, *WORKSHOP}}


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_imports_no_other(room: str) -> None:
    files = tracked_files(f"{room}/*.py")
    assert files, f"{room}/ has no Python files"
    crossings = [
        f"{name_of(path)}:{line}: imports {module}"
        for path in files
        for line, module in imported_by(path)
        if module.partition(".")[0] in FORBIDDEN[room]
    ]
    assert crossings == []


def test_common_needs_only_the_standard_library_and_yaml() -> None:
    import sys

    allowed = sys.stdlib_module_names | {"common", "yaml"}
    others = [
        f"{name_of(path)}:{line}: imports {module}"
        for path in tracked_files("common/*.py")
        for line, module in imported_by(path)
        if module.partition(".")[0] not in allowed
    ]
    assert others == []


def test_the_flow_core_is_free_of_rasa() -> None:
    imports = [
        f"{name_of(path)}:{line}: imports {module}"
        for path in tracked_files("bot/flows/*.py", "bot/dates/*.py", "bot/outcomes/*.py")
        for line, module in imported_by(path)
        if module.partition(".")[0] in ("rasa", "rasa_sdk", "sanic", "tensorflow")
        and path.name != "component.py"
    ]
    assert imports == []


def test_the_rule_sees_what_it_forbids(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = ROOT / "bot"
    source = folder / "not_there.py"
    sample = (
        "import actions.jobs\nfrom backend import x\nfrom . import y\nimportlib.import_module('channels.z')\n"
    )
    path = tmp_path_factory.mktemp("x") / source.name
    path.write_text(sample)
    assert [module for _, module in imported_by(_Pretend(path, source))] == [
        "actions.jobs",
        "backend",
        "bot",
        "channels.z",
    ]


class _Pretend:
    """A file that is read from one place and stands in another."""

    def __init__(self, real, place) -> None:  # type: ignore[no-untyped-def]
        self._real, self._place = real, place

    def relative_to(self, root):  # type: ignore[no-untyped-def]
        return self._place.relative_to(root)

    def read_text(self, encoding: str) -> str:
        return str(self._real.read_text(encoding=encoding))
