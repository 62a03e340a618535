"""Docs that cannot lag: what exists and is not described fails here."""

import ast
import itertools
import re

import pytest
import yaml

from tests.support.repository import ROOT, tracked_files

ENVIRON_NAMES = {"environ", "env"}
# Set by scripts and libraries for each other; nobody who runs the assistant sets them.
INTERNAL = {"PATH", "PYTHONPATH", "HOME", "SANIC_WORKERS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}


def documented(name: str) -> str:
    path = ROOT / name
    assert path.exists(), f"{name} is missing"
    return path.read_text(encoding="utf-8")


def headings(text: str) -> set[str]:
    return {match.strip("` ") for match in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def flow_files() -> list[str]:
    return sorted(path.stem for path in (ROOT / "flows").glob("*.yml"))


@pytest.mark.parametrize("stem", flow_files())
def test_every_flow_file_has_conversations_and_a_heading(stem: str) -> None:
    conversations = ROOT / "tests" / "conversations" / stem
    assert list(conversations.rglob("*.yml")), f"tests/conversations/{stem}/ has no conversations"
    assert stem in headings(documented("docs/flows.md")), f"docs/flows.md has no heading {stem}"


def test_every_heading_and_conversation_folder_belongs_to_a_flow_file() -> None:
    stems = set(flow_files())
    folders = {
        path.name for path in (ROOT / "tests" / "conversations").iterdir() if any(path.glob("**/*.yml"))
    }
    assert folders - stems == set()
    described = {
        heading for heading in headings(documented("docs/flows.md")) if re.fullmatch(r"[a-z_]+", heading)
    }
    assert described - stems == set()


def settings_read() -> set[str]:
    """Every upper-case name that a room or common/ reads from the environment, by its syntax."""
    names: set[str] = set()
    for path in tracked_files("common/*.py", "bot/*.py", "actions/*.py", "channels/*.py", "backend/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names |= _names_in(node)
    return {name for name in names if re.fullmatch(r"[A-Z][A-Z0-9_]{2,}", name)} - INTERNAL


def _names_in(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _is_environ(node.value):
        return _constants([node.slice])
    if isinstance(node, ast.Call):
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in ("get", "getenv"):
            if called.attr == "getenv" or _is_environ(called.value):
                return _constants(node.args[:1])
        elif node.args and _is_environ(node.args[0]):  # _port(env, "PORT", …)
            return _constants(node.args[1:2])
    return set()


def _is_environ(node: ast.AST) -> bool:
    return (isinstance(node, ast.Name) and node.id in ENVIRON_NAMES) or (
        isinstance(node, ast.Attribute) and node.attr in ENVIRON_NAMES
    )


def _constants(nodes: list[ast.expr]) -> set[str]:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_setting_is_described() -> None:
    import common.settings

    named = settings_read() | {field.upper() for field in common.settings.Settings.__dataclass_fields__}
    text = documented("docs/settings.md")
    assert len(named) > 20
    assert {name for name in named if f"`{name}`" not in text} == set()


def test_every_row_of_the_help_page_has_its_links_in_the_docs() -> None:
    rows = {
        (flow, body["metadata"]["howto"]["title"])
        for path in (ROOT / "flows").glob("*.yml")
        for flow, body in yaml.safe_load(path.read_text(encoding="utf-8"))["flows"].items()
        if "howto" in body.get("metadata", {})
    }
    linked = re.findall(
        r"^\| (.+) \| `/#(\w+)` \| `/\?start=(\w+)` \|$", documented("docs/help-page.md"), re.MULTILINE
    )
    assert {(flow, title) for title, flow, _ in linked} == rows
    assert all(flow == begun for _, flow, begun in linked)


def test_every_policy_key_is_commented() -> None:
    lines = documented("policy.yml").splitlines()
    assert yaml.safe_load("\n".join(lines))
    bare = [
        line
        for before, line in itertools.pairwise(lines)
        if re.match(r"[a-z_]+:", line)
        and not before.startswith("#")
        and line not in ("courses:", "addresses:")
    ]
    assert bare == []


def make_targets() -> list[str]:
    return re.findall(r"^([a-z-]+):.*## ", documented("Makefile"), re.MULTILINE)


@pytest.mark.parametrize("target", make_targets())
def test_every_command_is_in_the_readme(target: str) -> None:
    assert f"make {target}" in documented("README.md")


def test_every_target_is_phony() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", documented("Makefile"), re.MULTILINE)
    assert phony
    assert set(phony[1].split()) - {"setup"} == set(make_targets())


def test_there_is_a_changelog() -> None:
    assert "Unreleased" in documented("CHANGELOG.md")


def test_decision_records_are_numbered_and_short() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert records
    numbers = [record.name[:4] for record in records]
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", record.name) for record in records)
    assert len(set(numbers)) == len(numbers)
    assert [record.name for record in records if len(record.read_text().splitlines()) > 80] == []
