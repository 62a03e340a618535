"""The desk: filing, replying, closing. One transaction per call; every key acts once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from backend.accounts import repository as accounts
from backend.accounts import service
from backend.mailbox import repository as mailbox
from backend.mailbox.letters import letter
from backend.store.keys import key_of
from backend.tickets import repository
from backend.tickets.ticket import ReplyDraft, Ticket, TicketDraft
from backend.world import World


class TicketUnknown(Exception):
    """There is no ticket with this number."""


@dataclass(frozen=True)
class Kept:
    """The ticket, and whether this very call made the change."""

    ticket: Ticket
    created: bool


def file(world: World, key: str, draft: TicketDraft) -> Kept:
    """File a ticket; the same key again, even at the same moment, returns the one that is there."""
    with world.database.read() as connection:
        known = repository.load_by_key(connection, key)
    if known is not None:
        return Kept(known, created=False)
    try:
        with world.database.write() as connection:
            number = repository.add(connection, key, draft, world.clock.now())
            return Kept(held(connection, number), created=True)
    except IntegrityError:
        with world.database.read() as connection:
            known = repository.load_by_key(connection, key)
        if known is None:
            raise
        return Kept(known, created=False)


def reply(world: World, number: int, draft: ReplyDraft, *, temporary_password: bool = False) -> Kept:
    """Keep a reply. Support's is mailed to the requester; a temporary password is only in that mail.

    A reply of the requester opens the ticket again; one of support answers it. Raises TicketUnknown.
    """
    with world.database.write() as connection:
        ticket = held(connection, number)
        created = reply_in(connection, world, ticket, draft, temporary_password=temporary_password)
        return Kept(held(connection, number), created)


def reply_in(
    connection: Connection,
    world: World,
    ticket: Ticket,
    draft: ReplyDraft,
    *,
    temporary_password: bool = False,
) -> bool:
    """The same inside a transaction that holds the ticket; False when the key was used before."""
    now = world.clock.now()
    if not repository.add_reply(connection, ticket.number, draft.key, draft.author, draft.text, now):
        return False
    if draft.author == "requester":
        waiting_since = now if ticket.status != "open" else None
        repository.set_status(connection, ticket.number, "open", waiting_since)
    else:
        repository.set_status(connection, ticket.number, "answered")
        _mail_answer(connection, world, ticket, draft.text, temporary_password=temporary_password)
    return True


def close(world: World, number: int) -> Ticket:
    """Raises TicketUnknown."""
    with world.database.write() as connection:
        held(connection, number)
        repository.set_status(connection, number, "closed")
        return held(connection, number)


def held(connection: Connection, number: int) -> Ticket:
    """The ticket, its row held until the transaction ends. Raises TicketUnknown."""
    ticket = repository.load(connection, number, for_update=True)
    if ticket is None:
        raise TicketUnknown(number)
    return ticket


def _mail_answer(
    connection: Connection, world: World, ticket: Ticket, text: str, *, temporary_password: bool
) -> None:
    """One mail to the requester; a password goes only to the account's own address, else in its own mail."""
    now = world.clock.now()
    to = ticket.draft.requester.email
    password = None
    if temporary_password:
        account = accounts.find_by_address(connection, to, for_update=True)
        if account is not None and account.address is not None:
            account, password = service.set_temporary_password(connection, account, now)
            if key_of(account.address or "") != key_of(to):
                service.send(
                    connection, world, account, "temporary_password", now, temporary_password=password
                )
                password = None
    words = world.policy.words()
    mail = letter(
        "ticket_answered",
        to,
        now,
        number=ticket.number,
        subject=ticket.draft.subject,
        text=text,
        temporary_password=password,
        **words,
    )
    mailbox.add(connection, mail)
