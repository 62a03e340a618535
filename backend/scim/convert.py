"""Between stored accounts and SCIM users."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scim2_models import Context, InvalidValueException, Meta

from backend.accounts.account import Account
from backend.accounts.state import Rules
from backend.scim.schema import ACCOUNT_URN, HmisAccount, HmisUser, Training
from backend.words import say

_COMPUTED = ("id", "meta", "schemas", "active", "password", "groups", ACCOUNT_URN)
_LONGEST = 320


def to_user(account: Account, now: datetime, rules: Rules, base: str) -> Any:
    """The resource as a client sees it; `base` is the address of /scim/v2."""
    status = account.status(now, rules)
    user = HmisUser.model_validate(account.profile)
    user.id = account.id
    user.active = status.administratively_active
    user.meta = Meta(
        resource_type="User",
        created=account.times.created_at,
        last_modified=account.modified_at,
        location=f"{base}/Users/{account.id}",
    )
    user[HmisAccount] = HmisAccount(
        state=status.state.value,
        last_login=account.times.last_login,
        locked_until=status.locked_until,
        disabled_reason=status.disabled_reason.value if status.disabled_reason else None,
        reactivated_on=account.times.reactivated_on,
        log_in_by=status.log_in_by,
        trainings=[Training(course=each.course, completed_at=each.completed_at) for each in account.trainings]
        or None,
    )
    return user


def to_profile(user: Any) -> dict[str, Any]:
    """What of a client's user is stored. Raises InvalidValueException for keys that do not fit."""
    document: dict[str, Any] = user.model_dump(scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    profile = {name: value for name, value in document.items() if name not in _COMPUTED}
    for name in ("userName", "externalId"):
        value = profile.get(name)
        if value is not None and not 0 < len(value.strip()) <= _LONGEST:
            raise InvalidValueException(detail=say("value_length", field=name, limit=_LONGEST))
    for entry in profile.get("emails") or []:
        if len(entry.get("value") or "") > _LONGEST:
            raise InvalidValueException(detail=say("value_length", field="emails.value", limit=_LONGEST))
    return profile
