"""What is read of a mail: a table of shapes (arriving.yml), and bytes of any kind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend.mailbox.arriving import LONGEST_SUBJECT, LONGEST_TEXT, Arrived, read

SHAPES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("arriving.yml").read_text("utf-8"))
_BYTE = re.compile(rb"\\x([0-9a-f]{2})")


def to_bytes(raw: str) -> bytes:
    lines = raw.replace("\n", "\r\n").encode("utf-8")
    return _BYTE.sub(lambda found: bytes([int(found[1], 16)]), lines)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape["name"])
def test_shapes(shape: dict[str, Any]) -> None:
    found = read(to_bytes(shape["raw"]))
    assert {name: getattr(found, name) for name in shape if name not in ("name", "raw")} == {
        name: value for name, value in shape.items() if name not in ("name", "raw")
    }


def test_the_names_of_shapes_differ() -> None:
    assert len({shape["name"] for shape in SHAPES}) == len(SHAPES)


def test_a_long_text_is_cut_and_says_so() -> None:
    found = read(b"Subject: " + b"s" * 900 + b"\r\n\r\n" + b"word " * 20_000)
    assert len(found.subject) == LONGEST_SUBJECT
    assert len(found.text) <= LONGEST_TEXT and found.text.endswith("(The rest of this mail is left out.)")


def test_parts_within_parts_within_parts() -> None:
    head = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(3000))
    found = read(f"Subject: Deep\r\n{head}\r\nthe end".encode())
    assert storable(found)


PIECES = r"""
Subject: =?
=?utf-8?b?
?=
Content-Type: multipart/mixed; boundary=
charset=
--b\r\n
Content-Type: text/html\r\n\r\n<p
Content-Transfer-Encoding: base64\r\n\r\n
\r\n
\r\n\r\n
Content-Disposition: attachment; filename*=utf-8''%
From:
<!--
&#x
\x00
\xff\xfe
Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-
punycode
idna
Message-ID: <
"""
HEADS = st.sampled_from(
    [line.encode().decode("unicode_escape").encode("latin-1") for line in PIECES.split("\n")]
)


@given(st.lists(st.one_of(HEADS, st.binary(max_size=12)), max_size=40).map(b"".join))
def test_any_bytes_are_read(content: bytes) -> None:
    assert storable(read(content))


def storable(found: Arrived) -> bool:
    """What SQLite and PostgreSQL take: valid UTF-8 without NUL, within the columns."""
    words = (found.subject, found.sender, found.text, found.message_id)
    assert all(word.encode("utf-8") is not None and "\x00" not in word for word in words)
    return bool(found.subject and found.text) and len(found.subject) <= 300 and len(found.sender) <= 320
