"""What tests of the assistant's room share: the flows as they ship, and the domain's facts."""

from __future__ import annotations

import pytest

from bot.flows import DomainFacts, Flows, load_flows
from tests.support.repository import ROOT


@pytest.fixture(scope="session")
def facts() -> DomainFacts:
    return DomainFacts.from_yaml(ROOT / "domain.yml")


@pytest.fixture(scope="session")
def flows(facts: DomainFacts) -> Flows:
    return load_flows(ROOT / "flows", facts)
