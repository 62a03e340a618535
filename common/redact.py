"""Logs without personal data: one line per record, e-mail addresses, tokens and long numbers masked."""

from __future__ import annotations

import logging
import re
import sys
import time

_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\bbearer\s+[^\s'\",;]+"), "Bearer [masked]"),
    (
        re.compile(r"(?i)\b(password|passwd|secret|token)(['\"]?\s*[=:]\s*['\"]?)[^\s'\",;&}]+"),
        r"\1\2[masked]",
    ),
    (re.compile(r"(?<=//)[^/\s:@]+:[^/\s@]+@"), "[masked]@"),
    (re.compile(r"(?i)[\w.+'%-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+"), "[e-mail]"),
    (re.compile(r"\b\d{3}-\d{2}-\d{4}\b"), "[number]"),
    (re.compile(r"\d{6,}"), "[number]"),
)


def redact(text: str) -> str:
    """The same text with what could identify or admit a person masked."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


class RedactFilter(logging.Filter):
    """Masks a record's message and traceback before any handler writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):
            text = str(record.msg)
        record.msg = redact(text)
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


class OneLineFormatter(logging.Formatter):
    """`2026-11-23T16:00:00Z INFO worker jobs.runner: …`; a traceback stays on its record's line."""

    converter = staticmethod(time.gmtime)

    def __init__(self, process_name: str) -> None:
        safe_name = process_name.replace("%", "%%")
        super().__init__(
            f"%(asctime)s %(levelname)s {safe_name} %(name)s: %(message)s", datefmt="%Y-%m-%dT%H:%M:%SZ"
        )

    def format(self, record: logging.LogRecord) -> str:
        return " | ".join(part for part in super().format(record).splitlines() if part.strip())


def install_logging(process_name: str, level: int = logging.INFO) -> None:
    """Make the root logger write redacted single lines to stderr, in place of whatever handlers it had."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter(process_name))
    handler.addFilter(RedactFilter())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(True)
