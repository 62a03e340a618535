"""The quick importer gives what Rasa's gives, and leaves to Rasa's what it does not know."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rasa.shared.importers.importer import TrainingDataImporter

from bot.importer import OtherShape, PlainImporter, make_importer, read_plain
from bot.train import spelled_out
from bot.training_inputs import Inputs
from tests.support.assistant_process import FIXTURE, ROOT

# What Rasa says about every domain and of itself; training hides it too.
pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning", "ignore::DeprecationWarning")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURE, tmp_path / "assistant"))


def both(root: Path, folder: Path) -> tuple[TrainingDataImporter, TrainingDataImporter]:
    config, data = root / "config.yml", root / "data"
    domain = spelled_out(root / "domain.yml", folder / "domain.yml")
    own = TrainingDataImporter.load_from_config(str(config), str(domain), [str(data)])
    return make_importer(config, domain, data), own


@pytest.mark.parametrize("root", [ROOT, FIXTURE], ids=["the assistant", "the fixture"])
def test_nothing_differs_from_rasas_importer(root: Path, tmp_path: Path) -> None:
    quick, own = both(root, tmp_path)
    assert isinstance(quick, PlainImporter)
    lines = [message.data for message in quick.get_nlu_data().training_examples]
    assert lines == [message.data for message in own.get_nlu_data().training_examples]
    assert quick.get_nlu_data().fingerprint() == own.get_nlu_data().fingerprint()
    assert quick.get_domain().as_dict() == own.get_domain().as_dict()
    assert quick.get_domain().fingerprint() == own.get_domain().fingerprint()
    assert quick.get_stories().fingerprint() == own.get_stories().fingerprint()
    assert quick.get_config() == own.get_config()
    assert quick.get_config_file_for_auto_config() == own.get_config_file_for_auto_config()


HEAD = 'version: "3.1"\nnlu:\n'
PLAIN = HEAD + "- intent: a\n  examples: |\n    - one\n    - two\n"


def test_plain_lines_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(PLAIN)
    assert read_plain(tmp_path / "a.yml") == [{"intent": "a", "examples": "- one\n- two\n"}]


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace("3.1", "2.0"),
        PLAIN.replace('version: "3.1"\n', ""),
        PLAIN + "- synonym: x\n  examples: |\n    - y\n",
        PLAIN + "- intent: a/b\n  examples: |\n    - y\n",
        PLAIN + "- intent: b\n  examples: |\n    y\n",
        PLAIN + "- intent: no\n  examples: |\n    - y\n",
        PLAIN + "- intent: b\n  examples:\n    - text: y\n",
        PLAIN + "  examples: |\n    - three\n",
        PLAIN + "- intent: b\n  metadata: x\n  examples: |\n    - y\n",
        PLAIN + "responses: {}\n",
        PLAIN + "nlu: []\n",
        PLAIN + "- {\n",
        "nlu",
    ],
)
def test_another_shape_is_left_to_rasa(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yml").write_text(text)
    with pytest.raises(OtherShape):
        read_plain(tmp_path / "a.yml")


def test_rasas_importer_takes_over(copy: Path, tmp_path: Path) -> None:
    with (copy / "data/nlu.yml").open("a") as file:
        file.write("  - synonym: noon\n    examples: |\n      - midday\n")
    quick, own = both(copy, tmp_path)
    assert not isinstance(quick, PlainImporter)
    assert quick.get_nlu_data().entity_synonyms == {"midday": "noon"} == own.get_nlu_data().entity_synonyms


@pytest.mark.parametrize(
    "name", ["config.yml", "domain.yml", "data/nlu.yml", "data/rules.yml", "flows/order.yml", "policy.yml"]
)
def test_one_byte_more_in_an_input_means_a_new_training(copy: Path, name: str) -> None:
    shutil.copy(ROOT / "policy.yml", copy)
    inputs = Inputs(copy, copy / "policy.yml")
    before = inputs.digest()
    with (copy / name).open("a") as file:
        file.write("\n")
    assert inputs.digest() != before
