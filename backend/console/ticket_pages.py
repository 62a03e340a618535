"""The queue and a ticket's page."""

from __future__ import annotations

from typing import Annotated, cast, get_args

from fastapi import APIRouter, Path, Query, Response

from backend.console import answers
from backend.console.forms import DeskForm, PagesOf, SignedIn
from backend.console.pages import see_other
from backend.console.words import all_words
from backend.tickets import repository, service
from backend.tickets.ticket import ReplyDraft, Status, Ticket

PAGE_SIZE = 50
MOST_OTHERS = 8
_IDENTITIES = {"yes": True, "no": False}
Number = Annotated[int, Path(ge=1, le=999_999_999)]
_LONGEST_ANSWER = 20_000


def ticket_routes() -> APIRouter:
    router = APIRouter(prefix="/tickets")

    @router.get("")
    def queue(
        pages: PagesOf,
        session: SignedIn,
        status: str = "open",
        q: str = "",
        row: str = "",
        verified: str = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        done: str = "",
    ) -> Response:
        chosen = cast(Status, status) if status in get_args(Status) else None
        words = q.strip()[:100]
        wanted = repository.Wanted(chosen, words, row[:60] or None, _IDENTITIES.get(verified))
        with pages.world.database.read() as connection:
            found, total = repository.queue(
                connection, wanted, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
            )
            rows = repository.count_by_row(connection, chosen)
        return pages.render(
            "queue.html",
            session,
            notice=done,
            tickets=found,
            total=total,
            chosen=chosen or "all",
            q=words,
            row=wanted.row or "",
            verified=verified if wanted.verified is not None else "",
            rows={**dict.fromkeys(all_words()["rows"], 0), **rows},
            page=page,
            last_page=max(1, -(-total // PAGE_SIZE)),
        )

    @router.get("/{number}")
    def show(pages: PagesOf, session: SignedIn, number: Number, done: str = "") -> Response:
        view = pages.view()
        with pages.world.database.read() as connection:
            ticket = repository.load(connection, number)
            if ticket is None:
                raise service.TicketUnknown(number)
            matter = answers.matter_of(connection, ticket, view)
            others = _others(repository.of_requester(connection, ticket.draft.requester.email), number)
            following = repository.next_open(connection, after=number)
        return pages.render(
            "ticket.html",
            session,
            notice=done,
            view=view,
            ticket=ticket,
            account=matter.account,
            academy=matter.cta,
            others=others[:MOST_OTHERS],
            more_others=max(0, len(others) - MOST_OTHERS),
            following=following,
            offers=answers.offers(matter),
        )

    @router.post("/{number}/answer")
    def answer(pages: PagesOf, number: Number, fields: DeskForm) -> Response:
        """One of the usual answers."""
        notice = answers.send(pages.world, number, fields["key"], fields["answer"])
        return see_other(f"/tickets/{number}", notice)

    @router.post("/{number}/reply")
    def reply(pages: PagesOf, number: Number, fields: DeskForm) -> Response:
        """The agent's own words."""
        text = fields.get("text", "").strip()[:_LONGEST_ANSWER]
        if not text:
            return see_other(f"/tickets/{number}", "empty_answer")
        draft = ReplyDraft.model_validate({"key": fields["key"], "from": "support", "text": text})
        kept = service.reply(pages.world, number, draft, temporary_password="temporary_password" in fields)
        return see_other(f"/tickets/{number}", "answered" if kept.created else "answered_before")

    @router.post("/{number}/close")
    def close(pages: PagesOf, number: Number, fields: DeskForm) -> Response:
        service.close(pages.world, number)
        return see_other(f"/tickets/{number}", "closed")

    return router


def _others(tickets: list[Ticket], number: int) -> list[Ticket]:
    """The requester's other tickets: open ones first, then the newest."""
    others = [each for each in tickets if each.number != number]
    return sorted(others, key=lambda each: (each.status != "open", -each.number))
