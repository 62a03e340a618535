"""Beginning a row of the How-To from the page, and our own pictures on the page and in the chat."""

from __future__ import annotations

import logging
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.howto import collect_rows
from channels import pictures
from common.policy import load_policy
from tests.support.fake_assistant import FakeAssistant
from tests.support.gateway_process import HOWTO, ROOT, Chat

PICTURES = sorted((ROOT / "channels/static/pictures").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"
ALT = "Two login screens. They read: This account is inactive, account is locked."


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return Path(shutil.copy(HOWTO, tmp_path / "howto.json"))


def test_a_row_is_shown_as_its_title_and_sent_as_its_flow(
    client: httpx.Client, fake: FakeAssistant, rows: Path
) -> None:
    chat = Chat(client)
    chat.settled()
    begun = chat.send({"client_id": "s", "start": "unlock_account"})
    assert begun.status_code == 200 and begun.json()["said"]["text"] == "Unlock my account"
    assert fake.turns[-1]["start"] == {"flow": "unlock_account", "title": "Unlock my account"}
    assert "text" not in fake.turns[-1]
    again = chat.send({"client_id": "s", "start": "unlock_account"})
    assert again.json() == begun.json() and len(fake.turns) == 2
    other = chat.send({"client_id": "s", "start": "new_account"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "client_id_taken")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"start": "file_ticket"}, "unknown_row"),
        ({"start": "login_problem"}, "unknown_row"),
        ({"start": "Unlock my account"}, "bad_request"),
        ({"start": ""}, "bad_request"),
        ({"start": 3}, "bad_request"),
        ({"start": {"flow": "unlock_account"}}, "bad_request"),
        ({"start": "unlock_account", "text": "and this"}, "bad_request"),
        ({"start": "unlock_account", "button": "greeting-0.0"}, "bad_request"),
        ({}, "bad_request"),
    ],
)
def test_only_a_row_of_the_howto_begins(
    client: httpx.Client, fake: FakeAssistant, rows: Path, body: dict[str, Any], code: str
) -> None:
    chat = Chat(client)
    chat.settled()
    refused = chat.send({"client_id": "s", **body})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, code)
    assert len(chat.texts()) == 1 and len(fake.turns) == 1


def test_without_the_howto_no_row_begins(client: httpx.Client, fake: FakeAssistant) -> None:
    refused = Chat(client).send({"client_id": "s", "start": "unlock_account"})
    assert refused.json()["error"]["code"] == "unknown_row"


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        (
            {"file": "login-messages.svg", "alt": ALT},
            {"src": "/static/pictures/login-messages.svg", "alt": ALT, "width": 320, "height": 136},
        ),
        ({"file": "https://elsewhere.example/x.svg", "alt": ALT}, None),
        ({"file": "../icon.svg", "alt": ALT}, None),
        ({"file": "no-such.svg", "alt": ALT}, None),
        (None, None),
    ],
)
def test_a_picture_is_ours_with_words_or_it_is_left_out(
    client: httpx.Client, fake: FakeAssistant, image: Any, shown: Any
) -> None:
    fake.script = lambda turn: [{"text": "What does the login screen say?", "image": image}]
    chat = Chat(client)
    (message,) = chat.settled()
    assert message["text"] == "What does the login screen say?"
    assert message.get("image") == shown
    # the answer of a turn, before it went through the database, has the same shape
    assert chat.say("hm").json()["messages"][0].get("image") == shown


def test_the_page_shows_the_picture_with_its_words_and_size(client: httpx.Client, rows: Path) -> None:
    html = client.get("/").text
    (image,) = re.findall(r"<img [^>]*>", html)
    assert 'src="/static/pictures/account-inactive.svg"' in image
    assert 'alt="A login screen. It reads: This account is inactive"' in image
    assert 'width="320" height="200"' in image
    assert "<q>account is locked</q>" in html, "the message is text too, also without a picture"


def test_a_missing_picture_is_said_once(client: httpx.Client, rows: Path, caplog: Any) -> None:
    pictures.drawing.cache_clear()
    with caplog.at_level(logging.WARNING, "channels.pictures"):
        for _ in range(3):
            client.get("/")
    assert [record.args[0] for record in caplog.records] == ["no-such-picture.svg"]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_pictures_are_served_like_the_other_files(client: httpx.Client, picture: Path) -> None:
    first = client.get(f"/static/pictures/{picture.name}")
    assert first.status_code == 200 and first.content == picture.read_bytes()
    assert first.headers["content-type"] == "image/svg+xml"
    assert first.headers["content-encoding"] == "gzip" and first.headers["cache-control"] == "no-cache"
    assert "default-src 'self'" in first.headers["content-security-policy"]
    again = client.get(f"/static/pictures/{picture.name}", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_pictures_are_small_plain_drawings(picture: Path) -> None:
    root = ET.fromstring(picture.read_text(encoding="utf-8"))
    assert picture.stat().st_size <= 2_000
    allowed = {SVG + name for name in ("svg", "g", "rect", "circle", "path", "text")}
    assert {element.tag for element in root.iter()} <= allowed
    # no style: the page's rules for styles hold in a picture too, and browsers disagree about it
    names = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in names if name == "style" or name.startswith("on") or "href" in name}
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    # wide enough a text for any font stays in its box, and is large enough on a phone (204 of 320 wide)
    texts = list(root.iter(f"{SVG}text"))
    assert texts and all(text.get("textLength") for text in texts)
    sizes = [element.get("font-size") for element in root.iter() if element.get("font-size")]
    assert all(float(size or 0) * 204 / 320 >= 14 for size in sizes)


def drawn(file: str) -> str:
    root = ET.parse(ROOT / "channels/static/pictures" / file).getroot()
    return " / ".join(text.text or "" for text in root.iter(f"{SVG}text"))


def test_the_rows_pictures_read_what_their_login_message_says() -> None:
    rows = collect_rows(ROOT / "flows", load_policy(ROOT / "policy.yml").words())
    shown = {row["flow"]: row["picture"] for row in rows if row["picture"]}
    assert set(shown) == {row["flow"] for row in rows if row["login_message"]}
    for row in rows:
        if row["picture"]:
            assert pictures.drawing(row["picture"]["file"])
            assert drawn(row["picture"]["file"]) == row["login_message"]


def test_the_assistants_pictures_read_what_their_words_say() -> None:
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    named = [one for variations in responses.values() for one in variations if one.get("image")]
    assert named
    for one in named:
        assert pictures.drawing(one["image"])
        assert all(line in one["custom"]["image_alt"] for line in drawn(one["image"]).split(" / "))


def test_every_picture_is_used() -> None:
    said = (ROOT / "domain.yml").read_text() + "".join(
        path.read_text() for path in (ROOT / "flows").glob("*.yml")
    )
    assert [path.name for path in PICTURES if path.name not in said] == []
