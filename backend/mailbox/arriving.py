"""A mail as it came over the wire → what a person reads of it. Pure, and survives any bytes at all."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from html.parser import HTMLParser

from backend.words import say

LONGEST_SUBJECT, LONGEST_TEXT, LONGEST_ADDRESS = 300, 50_000, 320
# Codecs that cost time out of proportion, or that stand for something other than a text's encoding.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Arrived:
    """`message_id` is the sender's own name for the mail, empty where it gave none."""

    subject: str
    sender: str
    text: str
    message_id: str = ""


def read(content: bytes) -> Arrived:
    """Subject and sender decoded (RFC 2047), and the plain text (RFC 2046); never raises."""
    try:
        message = message_from_bytes(content)
        text = _text(message)
        return Arrived(
            subject=_header(message, "Subject")[:LONGEST_SUBJECT] or say("mail_without_subject"),
            sender=_header(message, "From")[:LONGEST_ADDRESS],
            text=_cut(text) or say("mail_without_text"),
            message_id=_header(message, "Message-ID"),
        )
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The library's parser is no wall. What it cannot take is still a mail: shown as it came.
        return Arrived(say("mail_without_subject"), "", _cut(_clean(content.decode("utf-8", "replace"))))


def _header(message: Message, name: str) -> str:
    """One line of Unicode; a header that is encoded wrongly is shown as it stands."""
    value = message.get(name)
    if value is None:
        return ""
    raw = str(value)
    try:
        parts = decode_header(raw)
    except (MessageError, ValueError):
        return " ".join(_clean(raw).split())
    words = "".join(_decoded(part, charset) if isinstance(part, bytes) else part for part, charset in parts)
    return " ".join(_clean(words).split())


def _text(message: Message) -> str:
    """The first plain text that is no attachment, else the words of the first HTML, else nothing."""
    found: dict[str, Message] = {}
    for part in message.walk():
        if not part.is_multipart() and part.get_content_disposition() != "attachment":
            found.setdefault(part.get_content_type(), part)
    if "text/plain" in found:
        return _content(found["text/plain"])
    return _words_of(_content(found["text/html"])) if "text/html" in found else ""


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return _clean(_decoded(payload, part.get_content_charset())) if isinstance(payload, bytes) else ""


def _decoded(content: bytes, charset: str | None) -> str:
    """Unknown or wrong encodings: UTF-8 with marks where it does not fit."""
    try:
        name = codecs.lookup(charset or "utf-8").name
        if name not in _NO_CHARSETS:
            return content.decode(name, "replace")
    except (LookupError, ValueError):
        pass
    return content.decode("utf-8", "replace")


class _Words(HTMLParser):
    """What a reader would see of an HTML mail, a line for each block."""

    _SILENT = ("script", "style", "head", "title")
    _BLOCKS = ("p", "div", "br", "tr", "li", "table", "h1", "h2", "h3", "h4", "blockquote")

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self._SILENT
        if tag in self._BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in self._SILENT))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def _words_of(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _clean(text: str) -> str:
    """Line ends alike, no control characters, no half characters: what every database takes."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", text).encode("utf-8", "replace").decode("utf-8")


def _cut(text: str) -> str:
    text = text.strip()
    if len(text) <= LONGEST_TEXT:
        return text
    rest = say("mail_cut")
    return f"{text[: LONGEST_TEXT - len(rest) - 2]}\n\n{rest}"
