"""The table fits the flows as they are, and says where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.flows import DomainFacts, Flows
from bot.outcomes import TableError, load_table
from bot.outcomes.check import check_table
from bot.outcomes.table import PATH

ROOT = Path(__file__).parents[3]
TEXT = PATH.read_text(encoding="utf-8")


def test_the_table_fits_the_flows(flows: Flows, facts: DomainFacts) -> None:
    check_table(flows, facts)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  ticket_status: ticket_status\n", "", "rows: the flow ticket_status is in no row"),
        ("  login_problem: login_problem\n", "  x: login_problem\n", "rows: there is no flow x"),
        ("human_flows: [contact_support]", "human_flows: [greet]", "there is no flow among the rows greet"),
        (
            "[utter_in_again, utter_logged_in]",
            "[utter_in_agian]",
            "says.in: there is no response utter_in_agian",
        ),
        ("    - utter_training_first\n", "", "flows/new_account.yml:"),
        (
            "    - utter_training_first\n",
            "",
            "new_account can end with utter_training_first; name it under what",
        ),
        ("  event_logged_in: in\n", "  event_logged_on: in\n", "events: there is no intent event_logged_on"),
        ("  reply_ticket_outcome:", "  reply_outcome:", "results: there is no slot reply_outcome"),
        ("  event_logged_in: in\n", "  event_logged_in: came\n", "events.event_logged_in: expected one of"),
        ("  told:\n", "  asked:\n", "says.asked: unknown key"),
        ("human_flows: [contact_support]", "human_flows: contact_support", "human_flows: expected a list"),
    ],
)
def test_mistakes_are_named(
    flows: Flows, facts: DomainFacts, tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in TEXT
    path = tmp_path / "table.yml"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError) as caught:
        check_table(flows, facts, path)
    assert all(line.startswith(f"{path}:") for line in str(caught.value).splitlines())
    assert message in str(caught.value)


def test_loading_alone_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "table.yml"
    path.write_text("rows: {a: [b]}\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"table.yml:1: says: missing"):
        load_table(path)
