"""action_find_last_login: what the account's record says where the person does not remember the last login.

Only for a person who may see it (actions/identity.py): whoever may not hears exactly what would be said
without any record.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from actions.accounts import Account
from actions.http import CallHuman, RetryLater, TellPerson, time_limit
from actions.identity import is_address
from actions.reactivation import has_retake_since_login, within_cutoff
from actions.steps.base import OutcomeAction
from actions.steps.turn import Turn

log = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0
_LAPSED = "midnight"


class FindLastLogin(OutcomeAction):
    """ok: find_last_login_state is needs_email, within, over, lapsed (reactivated, unused until midnight) or
    unknown; within and over come with find_last_login_on (the day) and find_last_login_retake (since then).
    refused: this person may not look; retry: the account system is away; human: it cannot tell.
    """

    stem = "find_last_login"

    def answer(self, turn: Turn) -> Mapping[str, Any]:
        email = turn.text("requester_email")
        office = self.office
        if not is_address(email):
            could = office.may_lift(turn.identity, turn.identity.email or "")
            return (
                self.outcome("ok", find_last_login_state="needs_email") if could else self.outcome("refused")
            )
        if not office.may_lift(turn.identity, email):
            return self.outcome("refused")
        try:
            with time_limit(_LOOK_SECONDS):
                account = office.tools.accounts.find(email)
        except RetryLater as error:
            log.warning("the last login could not be looked up: %s", error)
            return self.outcome("retry")
        except (TellPerson, CallHuman) as error:
            log.error("the last login could not be looked up: %s", error)
            return self.outcome("human")
        return self.outcome("ok", **self._record(account, turn))

    def _record(self, account: Account | None, turn: Turn) -> dict[str, Any]:
        if account is not None and account.state == "inactive" and account.disabled_reason == _LAPSED:
            return {"find_last_login_state": "lapsed"}
        if account is None or account.last_login is None:
            return {"find_last_login_state": "unknown"}
        policy = self.office.tools.policy
        return {
            "find_last_login_state": "within" if within_cutoff(account, turn.at, policy) else "over",
            "find_last_login_on": policy.today(account.last_login).isoformat(),
            "find_last_login_retake": has_retake_since_login(account),
        }
