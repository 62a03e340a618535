"""Mistakes in a conversation file are named with their place, before anything is started."""

from pathlib import Path

import pytest

from tests.support.conversation_files import ConversationError, kind_of, load_conversations

HEAD = "test_cases:\n  - test_case: a\n    steps:\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "happy.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_file(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "fixtures:\n  - known: [requester_email: a@b.example, mocked_datetime: '2026-11-23T10:00:00-08:00']\n"
        "test_cases:\n  - test_case: a\n    fixtures: [known]\n    steps:\n"
        "      - user: hello\n      - utter: utter_greet\n      - slot_was_set: [x: 1, y]\n"
        "      - advance: {hours: 2}\n      - button: Yes\n"
        "        assertions:\n          - flow_started: f\n",
    )
    (case,) = load_conversations(path)
    assert case.slots == {"requester_email": "a@b.example"}
    assert case.now is not None
    assert [step.kind for step in case.steps] == ["user", "utter", "slot_was_set", "advance", "button"]
    assert case.steps[2].value == [{"name": "x", "value": 1}, {"name": "y"}]
    assert case.steps[4].value == "Yes"
    assert case.steps[4].more["assertions"][0].value == ("all", ["f"])


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("test_cases: []\n", 1, "expected a list"),
        ("tests: []\n", 1, "unknown key tests"),
        ("a: [\n", 2, "expected"),
        ("test_cases:\n  - steps:\n      - user: hi\n", 2, "test_case is missing"),
        (HEAD + "      - say: hi\n", 4, "expected one of user"),
        (HEAD + "      - user: hi\n        bot: hello\n", 4, "expected one of"),
        (HEAD + "      - user: hi\n        after: 3\n", 5, "unknown key after"),
        (HEAD + "      - user: 5\n", 4, "expected text"),
        (HEAD + "      - user: hi\n        user: ho\n", 5, "given twice"),
        (HEAD + "      - bot: hi\n", 4, "no turn comes before it"),
        (HEAD + "      - user: hi\n        assertions:\n          - said: x\n", 6, "unknown assertion said"),
        (
            HEAD + "      - user: hi\n        assertions:\n          - bot_uttered: {name: x}\n",
            6,
            "unknown key",
        ),
        (
            HEAD + "      - user: hi\n        assertions:\n          - bot_uttered: {text_matches: '('}\n",
            6,
            "text_ma",
        ),
        (
            HEAD + "      - user: hi\n        assertions:\n          - flow_completed: {flow_id: x, y: 1}\n",
            6,
            "text",
        ),
        (HEAD + "      - user: hi\n        assertions: []\n", 5, "expected a list"),
        (
            HEAD + "      - user: hi\n        assertions:\n          - flow_started: f\n      - utter: x\n",
            7,
            "among",
        ),
        (HEAD + "      - advance: {weeks: 2}\n", 4, "expected days"),
        (HEAD + "      - at: 2026-11-23T10:00:00\n", 4, "with its offset"),
        (HEAD + "      - process: {kill: postgres}\n", 4, "backend"),
        (HEAD + "      - process: {wake: actions}\n", 4, "kill"),
        (HEAD + "      - identity: {level: email}\n", 4, "e-mail address"),
        (HEAD + "      - tickets: {requester: a@b.example}\n", 4, "count or newest"),
        (
            HEAD + "      - tickets: {requester: a@b.example, newest: {colour: red}}\n",
            4,
            "unknown key colour",
        ),
        (HEAD + "      - console: {account: a@b.example, press: login}\n", 4, "press"),
        (HEAD + "      - user: a\n  - test_case: a\n    steps: [{user: b}]\n", 2, "two test cases"),
        ("test_cases:\n  - test_case: a\n    fixtures: [f]\n    steps: [{user: b}]\n", 3, "no fixture f"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, text: str, place: int, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConversationError) as caught:
        load_conversations(path)
    assert str(caught.value).startswith(f"{path}:{place}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["f/happy.yml", "f/restart/again.yml"])
def test_the_kind_is_in_the_path(tmp_path: Path, name: str) -> None:
    assert kind_of(tmp_path / name, tmp_path) in name


@pytest.mark.parametrize("name", ["happy.yml", "f/other.yml", "f/other/happy.yml"])
def test_other_places_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConversationError):
        kind_of(tmp_path / name, tmp_path)
