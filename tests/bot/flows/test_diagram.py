"""Mermaid pages: one per flow, the same each time, with labels that cannot end early."""

from pathlib import Path

import pytest

from bot.flows import diagram
from tests.support.flow_talk import FOLDER, flows_of

BODIES = {
    "a": {
        "name": "Alpha",
        "nlu_trigger": [{"intent": "start_a"}],
        "persisted_slots": ["name"],
        "steps": [
            {"collect": "name", "rejections": [{"if": 'slots.name = "<x>"', "utter": "utter_bad_name"}]},
            {"set_slots": [{"kind": None}]},
            {"call": "b", "next": [{"if": "slots.sure", "then": "end"}, {"else": "END"}]},
            {"id": "end", "link": "c"},
        ],
    },
    "b": {"if": False, "steps": [{"action": "utter_b"}]},
    "c": {"steps": [{"noop": True, "next": "END"}]},
}


def test_the_drawing() -> None:
    assert diagram.to_mermaid(flows_of(BODIES)["a"]) == [
        "flowchart TD",
        "  start((start))",
        "  done((end))",
        "  start --> s0",
        '  s0[/"ask name"/]',
        "  s0 --> s1",
        '  s0 -.->|"rejected: slots.name = #quot;#lt;x#gt;#quot; → utter_bad_name"| s0',
        '  s1[["kind = null"]]',
        "  s1 --> s2",
        '  s2[["call b"]]',
        '  s2 -->|"slots.sure"| s3',
        '  s2 -->|"else"| done',
        '  s3(["link c"])',
    ]


def test_the_page() -> None:
    page = diagram.to_markdown(flows_of(BODIES)["a"])
    assert page.startswith("# Alpha (`a`)\n\ndoes a\n\nStarted by: `start_a`\n")
    assert "```mermaid\nflowchart TD\n" in page and page.endswith("```\n")


def test_pages_are_written_and_the_same_each_time(tmp_path: Path) -> None:
    flows = flows_of(BODIES)
    first = {path.name: path.read_bytes() for path in diagram.write(flows, tmp_path)}
    assert {"a.md", "b.md", "README.md", "pattern_collect_information.md"} <= set(first)
    assert first == {path.name: path.read_bytes() for path in diagram.write(flows, tmp_path)}


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f.yml").write_text("flows:\n  a: {description: d, steps: [{action: utter_a}]}\n")
    domain = str(FOLDER / "domain.yml")
    assert diagram.main([str(tmp_path), domain, str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "a.md").is_file()
    (tmp_path / "f.yml").write_text("flows: {}\n  x")
    assert diagram.main([str(tmp_path), domain, str(tmp_path / "out")]) == 1
    assert "f.yml:2" in capsys.readouterr().out
    assert diagram.main([]) == 2
