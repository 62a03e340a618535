"""What happens at the academy, with what follows for HMIS. One transaction per call."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection

from backend.accounts import repository as accounts
from backend.accounts import service
from backend.accounts.account import ENTERPRISE, Account
from backend.accounts.state import Timestamps
from backend.cta import repository
from backend.cta.record import Course, CtaAccount
from backend.world import World


class CtaUnknown(Exception):
    """There is no academy account with this id."""


@dataclass(frozen=True)
class Completed:
    """The person afterwards, and the HMIS account that was queued by it."""

    cta: CtaAccount
    queued: Account | None


def enroll(world: World, *, given: str, family: str, address: str, employer: str) -> CtaAccount:
    """A new academy account. An HMIS account with the same address becomes its own. Raises AddressTaken."""
    with world.database.write() as connection:
        cta = CtaAccount(str(uuid4()), address, given, family, employer, world.clock.now())
        repository.add(connection, cta)
        account = accounts.find_by_address(connection, address, for_update=True)
        if account is not None and account.cta_id is None:
            accounts.belong_to(connection, account.id, cta.id)
        return cta


def complete(world: World, cta_id: str, course: Course) -> Completed:
    """A course is done. The first basic series queues an HMIS account by itself (How-To row 1).

    Raises CtaUnknown.
    """
    with world.database.write() as connection:
        held(connection, cta_id)
        repository.complete(connection, cta_id, course, world.clock.now())
        cta = held(connection, cta_id)
        newcomer = course == "basic" and not accounts.select_of_cta(connection, cta_id)
        return Completed(cta, queue_in(connection, world, cta) if newcomer else None)


def complete_for_account(world: World, account_id: str, course: Course) -> Account:
    """The same for whoever an HMIS account belongs to; without an academy account, one is made for it."""
    with world.database.write() as connection:
        account = service.held(connection, account_id)
        cta_id = account.cta_id or _made_for(connection, world, account)
        repository.complete(connection, cta_id, course, world.clock.now())
        return service.held(connection, account_id)


def change(world: World, cta_id: str, *, address: str, employer: str) -> CtaAccount:
    """A new work e-mail address and employer (How-To row 5); HMIS accounts stay as they are.

    Raises CtaUnknown or AddressTaken.
    """
    with world.database.write() as connection:
        held(connection, cta_id)
        repository.change(connection, cta_id, address=address, employer=employer)
        return held(connection, cta_id)


def queue_account(world: World, cta_id: str) -> Account | None:
    """Support asks for an HMIS account under the academy's address; None where nothing is to be done.

    Raises CtaUnknown.
    """
    with world.database.write() as connection:
        return queue_in(connection, world, held(connection, cta_id))


def queue_in(connection: Connection, world: World, cta: CtaAccount) -> Account | None:
    """The same inside a transaction."""
    now = world.clock.now()
    if not may_queue(connection, cta):
        return None
    account = Account(
        id=str(uuid4()),
        profile={
            "userName": cta.address,
            "name": {"givenName": cta.given, "familyName": cta.family},
            "displayName": cta.display_name,
            "emails": [{"value": cta.address, "type": "work", "primary": True}],
            ENTERPRISE: {"organization": cta.employer},
        },
        times=Timestamps(created_at=now, queued_on=now),
        modified_at=now,
        cta_id=cta.id,
    )
    accounts.add(connection, account)
    return service.held(connection, account.id)


def may_queue(connection: Connection, cta: CtaAccount) -> bool:
    """The basic series is complete, and no HMIS account has this address yet."""
    return cta.has_completed("basic") and accounts.find_by_address(connection, cta.address) is None


def held(connection: Connection, cta_id: str) -> CtaAccount:
    """The academy account, its row held until the transaction ends. Raises CtaUnknown."""
    cta = repository.load(connection, cta_id, for_update=True)
    if cta is None:
        raise CtaUnknown(cta_id)
    return cta


def _made_for(connection: Connection, world: World, account: Account) -> str:
    address = account.address or account.user_name
    known = repository.find(connection, address)
    if known is None:
        name = account.profile.get("name") or {}
        known = CtaAccount(
            id=str(uuid4()),
            address=address,
            given=str(name.get("givenName") or ""),
            family=str(name.get("familyName") or account.display_name),
            employer=account.organization or "",
            created_at=world.clock.now(),
        )
        repository.add(connection, known)
    accounts.belong_to(connection, account.id, known.id)
    return known.id
