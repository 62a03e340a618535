"""The help page and the assistant say the same, what the How-To says, with policy.yml's numbers and links."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.support.agreement import (
    Installation,
    disagreements,
    installations,
    one_line,
    only,
    own_rules,
)
from tests.support.fake_assistant import FakeAssistant
from tests.support.gateway_process import ROOT, running_gateway

HERE = Path(__file__).parent
TABLE: Mapping[str, Any] = yaml.safe_load((HERE / "rows.yml").read_text(encoding="utf-8"))
OTHER: Mapping[str, Any] = yaml.safe_load((HERE / "other_region.yml").read_text(encoding="utf-8"))
COUNTER: Mapping[str, list[Mapping[str, str]]] = yaml.safe_load(
    (HERE / "counterexamples.yml").read_text(encoding="utf-8")
)
EXAMPLES, OWN_RULES = COUNTER["disagreements"], COUNTER["own_rules"]


def copy_of_ours(folder: Path) -> Path:
    shutil.copytree(ROOT / "flows", folder / "flows")
    for name in ("domain.yml", "policy.yml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} holds {old!r} {text.count(old)} times; expected once"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Installation]:
    """As we ship it, another region, and every counterexample."""
    places = {"ours": (copy_of_ours(tmp_path_factory.mktemp("ours")), TABLE)}
    places["other"] = (copy_of_ours(tmp_path_factory.mktemp("other")), TABLE)
    for old, new in OTHER["policy"]:
        edit(places["other"][0] / "policy.yml", old, new)
    for number, example in enumerate(EXAMPLES):
        folder = copy_of_ours(tmp_path_factory.mktemp("example"))
        edit(folder / example["file"], example["replace"], example["with"])
        places[str(number)] = (folder, only(TABLE, example["row"]))
    return dict(zip(places, installations(list(places.values())), strict=True))


def test_ours_agree(played: Mapping[str, Installation]) -> None:
    assert disagreements(played["ours"], TABLE) == []


def test_another_region_agrees_by_an_edit_of_its_policy_alone(played: Mapping[str, Installation]) -> None:
    assert disagreements(played["other"], TABLE) == []


def test_the_table_has_the_pages_rows(played: Mapping[str, Installation]) -> None:
    assert set(played["ours"].rows) == set(TABLE["rows"])


def test_rules_and_addresses_are_the_policys() -> None:
    assert own_rules(ROOT) == []


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=lambda n: EXAMPLES[n]["finds"])
def test_a_disagreement_is_found(played: Mapping[str, Installation], number: int) -> None:
    example = EXAMPLES[number]
    findings = disagreements(played[str(number)], only(TABLE, example["row"]))
    wanted = f"{example['row']}, {example['finds']}"
    assert any(finding.startswith(wanted) for finding in findings), findings


@pytest.mark.parametrize("example", OWN_RULES, ids=lambda example: example["finds"])
def test_a_rule_of_its_own_is_found(tmp_path: Path, example: Mapping[str, str]) -> None:
    folder = copy_of_ours(tmp_path)
    edit(folder / example["file"], example["replace"], example["with"])
    (finding,) = own_rules(folder)
    assert example["finds"] in finding


def sayings(found: Installation) -> Mapping[str, str]:
    """The policy's words as they stand in sentences, so "90 days" and not the bare number."""
    words = found.policy.words()
    del words["reminder_hours_before_midnight"]
    days = {name: f"{words[name]} days" for name in ("retrain_after_days", "inactive_after_days")}
    return {**words, **days}


def sides(found: Installation) -> Mapping[str, str]:
    return {"page": found.page, "assistant": one_line("\n".join(found.responses.values()))}


def test_every_word_of_the_policy_arrives_on_both_sides(played: Mapping[str, Installation]) -> None:
    for region in ("ours", "other"):
        for side, text in sides(played[region]).items():
            missing = {name for name, word in sayings(played[region]).items() if word not in text}
            assert missing == set(OTHER["not_said_by"][side]), f"{region}, {side}"


def test_nothing_of_our_region_is_left_in_another(played: Mapping[str, Installation]) -> None:
    old, new = sayings(played["ours"]), sayings(played["other"])
    same = {name for name in old if old[name] == new[name]}
    assert same == set(OTHER["same"]), "the other region differs in everything that can differ"
    left = [old[name] for name in old if name not in same] + OTHER["never_said"]
    for side, text in sides(played["other"]).items():
        found = [word for word in left if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)]
        assert found == [], side


def test_the_gateway_serves_the_page_of_its_policy(
    played: Mapping[str, Installation], tmp_path: Path
) -> None:
    folder = played["other"].folder
    shutil.copy(folder / "howto.json", tmp_path / "howto.json")
    policy = str(folder / "policy.yml")
    with (
        FakeAssistant() as fake,
        running_gateway(tmp_path, fake.url, POLICY_FILE=policy, RETENTION_DAYS="7") as gateway,
    ):
        html = httpx.get(gateway.url, timeout=20).text
    words = sayings(played["other"])
    for name in ("retrain_after_days", "locked_time", "reset_password_url", "support_phone", "region_name"):
        assert words[name] in html
    assert "90 days" not in html and "1 hour" not in html
