"""The intents by what they are about."""

from __future__ import annotations

OUT = "out_of_scope"
HOW_TO = frozenset(
    [
        "new_account",
        "account_inactive",
        "account_locked",
        "forgot_password",
        "changed_employer",
        "login_problem",
        "deactivated_again",
        "ticket_status",
        "contact_support",
    ]
)
