"""What the SCIM verbs do to accounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from scim2_models import Context, ListResponse, PatchOp, SearchRequest
from sqlalchemy import Connection

from backend.accounts import passwords, repository, service, verbs
from backend.accounts.account import Account
from backend.accounts.state import Timestamps
from backend.scim.convert import to_profile, to_user
from backend.scim.narrow import to_condition
from backend.scim.schema import MOST_RESULTS, HmisUser
from backend.world import World


class Users:
    """The /Users endpoint without HTTP. `base`: the address of /scim/v2, for `meta.location`."""

    def __init__(self, world: World, base: str) -> None:
        self.world = world
        self.base = base

    def get(self, account_id: str) -> Any:
        """Raises AccountUnknown."""
        with self.world.database.read() as connection:
            account = repository.load(connection, account_id)
        if account is None:
            raise service.AccountUnknown(account_id)
        return self._shown(account)

    def search(self, request: SearchRequest[Any]) -> ListResponse[Any]:
        """Filter, order and page; at most MOST_RESULTS a page."""
        condition = to_condition(request.filter.ast) if request.filter else None
        with self.world.database.read() as connection:
            found = repository.select_where(connection, *([condition] if condition is not None else []))
        users = [self._shown(account) for account in found]
        if request.filter:
            users = [user for user in users if request.filter.match(user)]
        users = request.sort(users)
        start = request.start_index_0 or 0
        count = MOST_RESULTS if request.count is None else min(request.count, MOST_RESULTS)
        page = users[start : start + count]
        listing: ListResponse[Any] = ListResponse[HmisUser](
            total_results=len(users), start_index=start + 1, items_per_page=len(page), resources=page
        )
        return listing

    def create(self, document: dict[str, Any]) -> Any:
        """A new account; `active: false` makes a disabled one. Raises UserNameTaken."""
        user = HmisUser.model_validate(document, scim_ctx=Context.RESOURCE_CREATION_REQUEST)
        now = self.world.clock.now()
        account = Account(
            id=str(uuid4()),
            profile=to_profile(user),
            times=Timestamps(created_at=now, disabled_on=now if user.active is False else None),
            modified_at=now,
            password_set_on=now if user.password else None,
        )
        with self.world.database.write() as connection:
            repository.add(connection, account)
            if user.password:
                passwords.keep(connection, account.id, passwords.kept_form(user.password, "own"))
        return self._shown(account)

    def replace(self, account_id: str, document: dict[str, Any]) -> Any:
        """PUT. Leaving `active` out leaves it alone."""

        def change(current: Any) -> Any:
            user = HmisUser.model_validate(document, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
            user.replace(current)
            return user

        return self._change(account_id, change)

    def patch(self, account_id: str, document: dict[str, Any]) -> Any:
        """PATCH. `active` true on an inactive account is a reactivation."""
        operations = PatchOp[HmisUser].model_validate(document, scim_ctx=Context.RESOURCE_PATCH_REQUEST)

        def change(current: Any) -> Any:
            operations.patch(current)
            return current

        return self._change(account_id, change)

    def delete(self, account_id: str) -> None:
        """Raises AccountUnknown."""
        with self.world.database.write() as connection:
            if not repository.remove(connection, account_id):
                raise service.AccountUnknown(account_id)

    def _change(self, account_id: str, change: Callable[[Any], Any]) -> Any:
        with self.world.database.write() as connection:
            account = service.held(connection, account_id)
            was_active = self._shown(account).active
            user = change(self._shown(account))
            account = self._store(connection, account, user)
            if user.active is not None and user.active != was_active:
                account = self._switch(connection, account, to=user.active)
        return self._shown(account)

    def _store(self, connection: Connection, account: Account, user: Any) -> Account:
        now = self.world.clock.now()
        changed = replace(account, profile=to_profile(user))
        if user.password:
            changed = replace(changed, password_set_on=now)
            passwords.keep(connection, account.id, passwords.kept_form(user.password, "own"))
        if changed == account:
            return account
        changed = replace(changed, modified_at=now)
        repository.save(connection, changed)
        return changed

    def _switch(self, connection: Connection, account: Account, *, to: bool) -> Account:
        if to:
            return service.reactivate_in(connection, self.world, account).account
        return service.apply_in(connection, self.world, account, verbs.disable).account

    def _shown(self, account: Account) -> Any:
        return to_user(account, self.world.clock.now(), self.world.policy, self.base)
