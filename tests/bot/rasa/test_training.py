"""Training: what it checks first, what makes it train again, what it leaves."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import fingerprint, without_tensorflow
from bot.commands import SOURCES
from bot.howto import HowToError, collect_rows
from bot.training_inputs import InputError, Inputs
from tests.support.assistant_process import FIXTURE, ROOT, AssistantProcess


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The fixture assistant's files, to be changed."""
    return Path(shutil.copytree(FIXTURE, tmp_path / "assistant"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


PURE = sorted(
    {*(ROOT / "bot/flows").rglob("*.py"), *(ROOT / "bot/flows").rglob("*.yml"), *SOURCES}
    | {ROOT / "bot" / name for name in fingerprint.EDGE}
)


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.name)
def test_one_byte_more_in_a_pure_module_changes_the_fingerprint(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint.of_dialogue(FIXTURE / "flows")
    read = Path.read_bytes

    def read_with_one_more(self: Path) -> bytes:
        return read(self) + (b"\n" if self.resolve() == path.resolve() else b"")

    monkeypatch.setattr(Path, "read_bytes", read_with_one_more)
    assert fingerprint.of_dialogue(FIXTURE / "flows") != before


@pytest.mark.parametrize("name", ["order.yml", "patterns.yml", "deeper/new.yml"])
def test_one_byte_more_in_a_flow_changes_the_fingerprint(copy: Path, name: str) -> None:
    before = fingerprint.of_dialogue(copy / "flows")
    path = copy / "flows" / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n")
    assert fingerprint.of_dialogue(copy / "flows") != before


def test_leavings_of_python_and_editors_do_not(copy: Path) -> None:
    before = fingerprint.of_dialogue(copy / "flows")
    (copy / "flows/__pycache__").mkdir()
    (copy / "flows/__pycache__/x.pyc").write_bytes(b"x")
    (copy / "flows/order.yml~").write_bytes(b"x")
    assert fingerprint.of_dialogue(copy / "flows") == before


def test_trains_only_what_changed(copy: Path, tmp_path: Path) -> None:
    var = tmp_path / "var"
    var.mkdir()
    process = AssistantProcess(var, "http://127.0.0.1:9", copy)
    first = process.train()
    assert (first.returncode, first.stderr) == (0, "")
    model = var / "models/assistant.tar.gz"
    assert model.is_file()

    again = process.train()
    assert (again.returncode, again.stdout) == (0, "train: nothing changed\n")

    made = model.stat().st_mtime_ns
    change(copy / "flows/order.yml", "name: Opening hours", "name: Opening times")
    edited = process.train()
    assert edited.returncode == 0, edited.stderr
    assert [line for line in edited.stdout.splitlines() if "Starting" in line] == [
        "train: Starting to train component 'FlowPolicy'."
    ]
    assert model.stat().st_mtime_ns > made

    (var / "howto.json").unlink()
    assert process.train().stdout == "train: nothing changed\n"
    assert json.loads((var / "howto.json").read_text()) == HOWTO


HOWTO = {
    "rows": [
        {
            "flow": "order",
            "row": 7,
            "title": "Order",
            "login_message": "No order yet",
            "picture": None,
            "intro": None,
            "steps": ["Say it within 90 days."],
            "cases": [],
            "notes": [],
        }
    ]
}


def spoil(name: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda root: change(root / name, old, new)


@pytest.mark.parametrize(
    ("spoiled", "found"),
    [
        (
            spoil("flows/order.yml", "action: utter_sent", "action: utter_nowhere"),
            r"order\.yml:\d+: .*utter_nowhere",
        ),
        (spoil("flows/order.yml", "collect: color", "collect: colour"), r"order\.yml:\d+: .*colour"),
        (
            spoil("flows/order.yml", "action: action_make_order", "action: action_none"),
            r"order\.yml:\d+: .*action_none",
        ),
        (spoil("flows/order.yml", "    steps:", "   steps:"), r"order\.yml:\d+"),
        (spoil("flows/order.yml", "{retrain_after_days}", "{no_word}"), r"order\.yml: .*no_word"),
        (
            spoil("domain.yml", "Hello.", "Hello {nobody}."),
            r"domain\.yml:\d+: responses\.utter_greet.*nobody",
        ),
        (spoil("domain.yml", "Which one?", "Which: one?"), r"domain\.yml:\d+"),
        (
            spoil("domain.yml", ', image_alt: "All {color}"', ""),
            r"domain\.yml:\d+: responses\.utter_extra: a picture without words",
        ),
    ],
)
def test_an_input_that_has_to_be_edited_is_named_with_its_place(
    copy: Path, spoiled: Callable[[Path], None], found: str
) -> None:
    spoiled(copy)
    with pytest.raises(InputError, match=found):
        Inputs(copy, ROOT / "policy.yml").check()


def test_a_wrong_input_ends_training_with_1(copy: Path, tmp_path: Path) -> None:
    change(copy / "flows/order.yml", "action: utter_sent", "action: utter_nowhere")
    ended = AssistantProcess(tmp_path, "http://127.0.0.1:9", copy).train()
    assert ended.returncode == 1
    assert "utter_nowhere" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_wrong_setting_ends_training_with_2(tmp_path: Path) -> None:
    ended = AssistantProcess(tmp_path, "http://127.0.0.1:9", MODE="test").train()
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)


WORDS = {"days": "90"}


PICTURE = "{{row: 1, title: t, steps: [s], login_message: It is off, picture: {{file: '{}', alt: '{}'}}}}"


@pytest.mark.parametrize(
    ("howto", "found"),
    [
        ("{row: x, title: t, steps: [s]}", "row"),
        ("{row: 1, steps: [s]}", "title"),
        ("{row: 1, title: t}", "steps"),
        ("{row: 1, title: t, steps: s}", "steps"),
        ("{row: 1, title: t, steps: [1]}", r"steps\.0"),
        ("{row: 1, title: t, steps: ['{no}']}", "no"),
        ("{row: 1, title: t, steps: [s], more: 1}", "more"),
        ("{row: 1, title: t, cases: [x]}", "cases"),
        ("{row: 1, title: t, cases: [{steps: [s]}]}", r"cases\.0\.title"),
        ("[1]", "howto"),
        ("{row: 1, title: t, steps: ['[x](#b)']}", "#b is no row; expected one of a"),
        (
            "{row: 1, title: t, steps: [s], login_message: m, picture: x.svg}",
            "picture: expected file and alt",
        ),
        (
            "{row: 1, title: t, steps: [s], login_message: m, picture: {file: x.svg}}",
            "picture: expected file",
        ),
        (PICTURE.format("../x.svg", "says: It is off"), r"picture\.file"),
        (PICTURE.format("https://x.example/x.svg", "says: It is off"), r"picture\.file"),
        (PICTURE.format("x.png", "says: It is off"), r"picture\.file"),
        (
            PICTURE.format("x.svg", "A login screen"),
            r"picture\.alt: expected it to say what the picture reads",
        ),
        (PICTURE.format("x.svg", ""), r"picture\.alt: expected text"),
        ("{row: 1, title: t, steps: [s], picture: {file: x.svg, alt: y}}", r"picture\.alt"),
    ],
)
def test_a_wrong_howto_is_named(tmp_path: Path, howto: str, found: str) -> None:
    (tmp_path / "a.yml").write_text(f"flows:\n  a:\n    metadata:\n      howto: {howto}\n")
    with pytest.raises(HowToError, match=found):
        collect_rows(tmp_path, WORDS)


def test_cases_give_steps_too(tmp_path: Path) -> None:
    cases = "[{title: 'within {days}', steps: [one, two]}]"
    howto = f"{{row: 2, title: t, intro: i, cases: {cases}, notes: ['{{days}}']}}"
    (tmp_path / "a.yml").write_text(f"flows:\n  a:\n    metadata:\n      howto: {howto}\n  b: {{}}\n")
    [row] = collect_rows(tmp_path, WORDS)
    assert row["steps"] == ["within 90: one", "within 90: two"]
    assert row["cases"] == [{"title": "within 90", "steps": ["one", "two"]}]
    assert (row["intro"], row["notes"], row["login_message"]) == ("i", ["90"], None)


def test_a_picture_and_links_between_rows(tmp_path: Path) -> None:
    howto = PICTURE.format("it-is-off.svg", "A login screen. It says: it is off, for {days} days")
    (tmp_path / "a.yml").write_text(f"flows:\n  a:\n    metadata:\n      howto: {howto}\n")
    other = "{row: 2, title: t, steps: ['[a](#a) or [b](#b)']}"
    (tmp_path / "b.yml").write_text(f"flows:\n  b:\n    metadata:\n      howto: {other}\n")
    first, second = collect_rows(tmp_path, WORDS)
    alt = "A login screen. It says: it is off, for 90 days"
    assert first["picture"] == {"file": "it-is-off.svg", "alt": alt}
    assert second["picture"] is None and second["steps"] == ["[a](#a) or [b](#b)"]


def test_howto_as_a_command(tmp_path: Path, assistant: AssistantProcess) -> None:
    out = tmp_path / "out/howto.json"
    files = [str(FIXTURE / "flows"), str(FIXTURE / "domain.yml"), str(ROOT / "policy.yml"), str(out)]
    assert assistant.run("bot.howto", *files).returncode == 0
    assert json.loads(out.read_text()) == HOWTO
    assert assistant.run("bot.howto").returncode == 2


@pytest.mark.parametrize(
    ("components", "free"),
    [
        (["WhitespaceTokenizer", "KeywordIntentClassifier", "bot.flow_policy.FlowPolicy"], True),
        (["WhitespaceTokenizer", "LogisticRegressionClassifier"], False),
        (["rasa.graph_components.providers.domain_provider.DomainProvider"], True),
        (["WhitespaceTokenizer", "DIETClassifier"], False),
        (["rasa.core.policies.ted_policy.TEDPolicy"], False),
    ],
)
def test_who_needs_tensorflow(components: list[str], free: bool) -> None:
    assert without_tensorflow.is_free_of_tensorflow(components) is free


def test_the_model_is_stored_without_its_training_graph(assistant: AssistantProcess) -> None:
    with tarfile.open(assistant.var / "models/assistant.tar.gz") as archive:
        content = archive.extractfile("metadata.json")
        assert content is not None
        metadata = json.load(content)
    assert metadata["train_schema"] == {"nodes": {}}
    assert metadata["predict_schema"]["nodes"]


def test_the_model_needs_no_tensorflow(assistant: AssistantProcess) -> None:
    components = without_tensorflow.components_of(assistant.var / "models/assistant.tar.gz")
    assert any(name.endswith("FlowPolicy") for name in components)
    assert without_tensorflow.is_free_of_tensorflow(components)
    assert "ensorflow" not in assistant.log()
