import logging
import sys
import warnings
from collections.abc import Iterator

import pytest

from common.redact import install_logging, redact


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("asked by maria.lopez@agency.org today", "asked by [e-mail] today"),
        ("/Users?filter=userName%20eq%20maria%40agency.org", "[e-mail]"),
        ("Authorization: Bearer abc.DEF-123", "Authorization: Bearer [masked]"),
        ("token=abc123 next", "token=[masked] next"),
        ("{'password': 'hunter2'}", "{'password': '[masked]'}"),
        ("ssn 123-45-6789", "ssn [number]"),
        ("id 123456 and 12345", "id [number] and 12345"),
        ("postgresql://me:pw@db/hmis", "postgresql://[masked]@db/hmis"),
        ("took 12 ms, ticket 1001, exit code: 2", "took 12 ms, ticket 1001, exit code: 2"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert masked in redact(text)
    assert redact(redact(text)) == redact(text)


def test_logs_are_masked_single_lines(restored_logging: None, capsys: pytest.CaptureFixture[str]) -> None:
    install_logging("worker")
    log = logging.getLogger("jobs.runner")
    log.info("for %s", "maria@agency.org\nsecond line")
    try:
        raise ValueError("no account maria@agency.org")
    except ValueError:
        log.exception("lookup failed")
    warnings.warn_explicit("about 123456789", UserWarning, "x.py", 1)
    sys.stderr.flush()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert " INFO worker jobs.runner: for [e-mail] | second line" in lines[0]
    assert "lookup failed | Traceback" in lines[1]
    assert lines[1].endswith("ValueError: no account [e-mail]")
    assert "[number]" in lines[2]


def test_a_record_with_wrong_arguments_is_still_one_line(
    restored_logging: None, capsys: pytest.CaptureFixture[str]
) -> None:
    install_logging("gateway")
    logging.getLogger("x").info("only %s %s", "one")
    assert len(capsys.readouterr().err.splitlines()) == 1
