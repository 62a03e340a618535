"""Identity rules as tables."""

from __future__ import annotations

from typing import Any

import pytest

from actions.identity import Identity, is_address, may_reactivate, may_use_ticket
from common.settings import load

SANDBOX = load({})
PRODUCTION = load({"MODE": "production", "ACCOUNTS": "none", "DESK": "rt"})
NOBODY = Identity()
JO = Identity("email", "Jo@Agency.org")
SLACK_JO = Identity("slack", "jo@agency.org")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"level": "anonymous", "email": None}, NOBODY),
        ({"level": "email", "email": "jo@agency.org"}, Identity("email", "jo@agency.org")),
        ({"level": "slack", "email": "jo@agency.org"}, SLACK_JO),
        ({"level": "email", "email": None}, NOBODY),
        ({"level": "anonymous", "email": "jo@agency.org"}, NOBODY),
        ({"level": "admin", "email": "jo@agency.org"}, NOBODY),
        ("email", NOBODY),
        (None, NOBODY),
    ],
)
def test_from_metadata(value: Any, expected: Identity) -> None:
    assert Identity.from_metadata(value) == expected


@pytest.mark.parametrize(
    ("identity", "email", "settings", "allowed"),
    [
        (NOBODY, "jo@agency.org", SANDBOX, True),
        (NOBODY, "jo@agency.org", PRODUCTION, False),
        (JO, "jo@agency.org", PRODUCTION, True),
        (SLACK_JO, "JO@agency.org", PRODUCTION, True),
        (JO, "kim@agency.org", PRODUCTION, False),
        (JO, "", PRODUCTION, False),
    ],
)
def test_may_reactivate(identity: Identity, email: str, settings: Any, allowed: bool) -> None:
    assert may_reactivate(identity, email, settings) is allowed


@pytest.mark.parametrize(
    ("identity", "claimed", "filed_here", "settings", "allowed"),
    [
        (NOBODY, None, True, PRODUCTION, True),
        (NOBODY, "jo@agency.org", False, PRODUCTION, False),
        (JO, None, False, PRODUCTION, True),
        (NOBODY, "jo@agency.org", False, SANDBOX, True),
        (NOBODY, "kim@agency.org", False, SANDBOX, False),
        (NOBODY, None, False, SANDBOX, False),
    ],
)
def test_may_use_ticket(
    identity: Identity, claimed: str | None, filed_here: bool, settings: Any, allowed: bool
) -> None:
    assert may_use_ticket(identity, claimed, "jo@agency.org", filed_here, settings) is allowed


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("jo@agency.org", True),
        ("jo.o'neil+hmis@mail.agency-one.org", True),
        ("josé@agencia.org", True),
        ("jo@agency", False),
        ("jo@@agency.org", False),
        ("@agency.org", False),
        ("jo @agency.org", False),
        ("jo@agency..org", False),
        ("jo@agency.org\nBcc: x@y.org", False),
        ('jo"@agency.org', False),
        ("x" * 65 + "@agency.org", False),
        ("", False),
        (None, False),
    ],
)
def test_is_address(value: Any, good: bool) -> None:
    assert is_address(value) is good
