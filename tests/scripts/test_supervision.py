import os
from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from common.settings import load
from scripts.programs import PROGRAMS
from scripts.supervision import Place, write_config


@pytest.mark.parametrize("name", ["plain", "with space", "100% mine", "ümlaut", "x" * 120])
def test_the_supervisor_reads_what_we_write(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(load({"VAR_DIR": str(tmp_path / name)}).var_dir)
    place.make()
    write_config(place, PROGRAMS)
    monkeypatch.chdir(place.var)
    options = ServerOptions()
    options.realize(["-c", str(place.config)])
    groups = options.process_group_configs
    programs = {group.process_configs[0].name: group.process_configs[0] for group in groups}
    assert set(programs) == {program.name for program in PROGRAMS}
    assert programs["assistant"].stdout_logfile == "log/assistant.log"
    assert programs["assistant"].environment["GATEWAY_SECRET"] == ""
    assert all(config.autorestart is not False for config in programs.values())


def test_a_long_path_gets_its_socket_elsewhere(tmp_path: Path) -> None:
    place = Place(tmp_path / ("x" * 150))
    assert len(os.fsencode(place.socket)) < 100
    assert place.socket != Place(tmp_path / ("y" * 150)).socket
    place.make()
    place.prepare_socket()
    assert place.socket.parent.stat().st_mode & 0o077 == 0
    place.socket.parent.rmdir()


def test_a_short_path_keeps_it_near() -> None:
    assert Place(Path("/srv/hmis/var")).socket == Path("/srv/hmis/var/run/supervisor.sock")
