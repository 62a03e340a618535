"""action_check_login: is the person in yet? Only where the identity allows to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.accounts import Account
from actions.identity import is_address
from actions.reactivation import has_logged_in_since
from actions.steps.base import OutcomeAction
from actions.steps.turn import Turn


class CheckLogin(OutcomeAction):
    """check_login_state: logged_in, active (reactivated, not used yet), inactive, or unknown."""

    stem = "check_login"

    def answer(self, turn: Turn) -> Mapping[str, Any]:
        email = turn.text("requester_email")
        if not is_address(email) or not self.office.may_lift(turn.identity, email):
            return self.outcome("ok", check_login_state="unknown")
        account = self.office.look(email)
        return self.outcome("ok", check_login_state=self._state(account, turn))

    def _state(self, account: Account | None, turn: Turn) -> str:
        if account is None or account.state not in ("active", "inactive"):
            return "unknown"
        if account.state == "inactive":
            return "inactive"
        policy = self.office.tools.policy
        since = account.reactivated_on
        if since is None and account.last_login is not None:
            today = policy.today(account.last_login) == policy.today(turn.at)
            return "logged_in" if today else "active"
        return "logged_in" if has_logged_in_since(account, since) else "active"
