"""From a conversation to a ticket: a pure function of slots, identity, transcript, moment and policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from actions.identity import Identity
from actions.tickets import Line, TicketDraft
from actions.tickets.people import People
from actions.tickets.readable import readable_value
from actions.tickets.transcript import Transcript
from actions.wording import Slots, WordsError, load_words, render
from common.last_login import has_beginning
from common.policy import Policy

MOST_FACTS = 8
_LONGEST_SUBJECT = 150
_CASES = ("1", "2", "never", "unknown")


class UnknownRow(Exception):
    """A flow asks for a ticket of a row that actions/words/tickets.yml does not know."""


@dataclass(frozen=True)
class Request:
    """Everything that a ticket depends on.

    `at`: the turn's moment; `record_last_login`: only where the record contradicts a proven person.
    """

    slots: Mapping[str, Any]
    identity: Identity
    transcript: Transcript
    at: datetime
    record_last_login: date | None = None


@dataclass(frozen=True)
class _Fact:
    label: str
    shown_as: str
    value: str


class TicketWriter:
    """Writes tickets, summaries and replies in the words of actions/words/tickets.yml."""

    def __init__(self, policy: Policy) -> None:
        """Raises WordsError."""
        self._policy = policy
        self._words = load_words("tickets")
        for row, words in self._words["rows"].items():
            if not words.get("title") or not words.get("subject") or not words.get("asks", {}).get("default"):
                raise WordsError(f"tickets.yml: rows.{row}: expected title, subject and asks.default")

    @property
    def rows(self) -> tuple[str, ...]:
        return tuple(self._words["rows"])

    def draft(self, request: Request) -> TicketDraft:
        """The ticket; raises UnknownRow."""
        values, facts = self._values(request)
        row = str(request.slots.get("row"))
        return TicketDraft(
            subject=self._subject(row, values),
            email=values["email"],
            name=values["name"],
            verified=values["verified"],
            row=row,
            case=_case(request.slots),
            facts=tuple(f"{fact.label}: {fact.value}" for fact in facts),
            asked_for=values["asked_for"],
            transcript=values["transcript"],
            body=render(self._words["body"], values),
        )

    def summary(self, request: Request) -> str:
        """What the person is shown before the yes: the same subject and facts that Support gets."""
        values, facts = self._values(request)
        subject = plain(self._subject(str(request.slots.get("row")), values))
        labelled = [_Fact(fact.label, fact.shown_as, plain(fact.value)) for fact in facts]
        shown = Slots(values["slots"], problem_text=plain(values["slots"]["problem_text"]))
        more = {"subject": subject, "labelled": labelled, "slots": shown, "name": plain(values["name"])}
        return render(self._words["summary"], {**values, **more})

    def reply_again(self, request: Request) -> str:
        """The answer on the same ticket that asks for reactivation again."""
        return render(self._words["reply_again"], self._common(request))

    def _subject(self, row: str, values: Mapping[str, Any]) -> str:
        text = " ".join(render(self._words["rows"][row]["subject"], values).split())
        return text if len(text) <= _LONGEST_SUBJECT else text[: _LONGEST_SUBJECT - 1] + "…"

    def _common(self, request: Request) -> dict[str, Any]:
        slots = {name: readable_value(value) for name, value in request.slots.items()}
        people = People.from_slots(slots)
        email, writer = people.owner.email, people.writer
        words = self._words["verified"]
        proven = request.identity.email
        how = render(words[request.identity.level], {"proven": proven}) if proven else None
        verified = how if request.identity.proves(email) else None
        return {
            **self._policy.words(),
            "slots": Slots(slots, problem_text=_text(slots.get("problem_text")).strip()),
            "email": email,
            "name": people.owner.name,
            "writer": writer,
            "writer_verified": writer is not None and request.identity.proves(writer.email),
            "today": self._policy.today(request.at),
            "cutoff": self._policy.cutoff(request.at),
            "has_beginning": _has_beginning(slots.get("last_login_start"), self._policy.today(request.at)),
            "proven": proven,
            "verified": verified,
            "verified_how": how,
            "verified_line": render(words["line" if verified else "line_unproven"], {"verified": verified}),
        }

    def _values(self, request: Request) -> tuple[dict[str, Any], list[_Fact]]:
        row = request.slots.get("row")
        if row not in self._words["rows"]:
            raise UnknownRow(str(row))
        words = self._words["rows"][row]
        values = self._common(request)
        case = _case(request.slots)
        asked = request.slots.get("asked_for")
        values |= {
            "row_title": words["title"],
            "case": render(self._words["cases"][case], values) if case else "",
            "case_short": render(self._words["cases_short"][case], values) if case else "",
            "asked_for": words["asks"].get(asked, words["asks"]["default"]),
            "tried": " ".join(_text(values["slots"]["tried"]).split()),
            "record_last_login": request.record_last_login,
            "transcript": _shared_lines(request, values["writer"] is not None),
            "transcript_cut": request.transcript.cut,
        }
        facts = self._facts(words, values)
        values["facts"] = [f"{fact.label}: {fact.value}" for fact in facts]
        return values, facts

    def _facts(self, words: Mapping[str, Any], values: Mapping[str, Any]) -> list[_Fact]:
        entries = [*self._words["facts_first"], *words.get("facts", ()), *self._words["facts_last"]]
        facts = [
            _Fact(
                entry["label"],
                render(entry.get("shown_as", entry["label"]), values),
                _tidy(render(entry["value"], values)),
            )
            for entry in entries
        ]
        return [fact for fact in facts if fact.value][:MOST_FACTS]


def _shared_lines(request: Request, for_someone_else: bool) -> tuple[Line, ...]:
    """What was said goes along on the person's own ticket only.

    Who writes for others speaks of several people in one conversation, and each may read their ticket.
    """
    return () if for_someone_else else request.transcript.lines


def _case(slots: Mapping[str, Any]) -> str | None:
    case = slots.get("ticket_case")
    return case if case in _CASES else None


def _text(value: Any) -> str:
    """A slot's words: a list is read as an enumeration, nothing as nothing."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _tidy(text: str) -> str:
    text = " ".join(text.split()).replace(" ,", ",")
    return text if len(text) <= 400 else text[:399] + "…"


def plain(text: str) -> str:
    """A person's text so that the chat's Markdown leaves it alone: no bold, no links, no lines of its own."""
    for mark, instead in (("*", "∗"), ("](", "] ("), ("`", "'"), ("<", "‹"), (">", "›")):
        text = text.replace(mark, instead)
    return " ".join(text.split())


def _has_beginning(start: Any, today: date) -> bool:
    try:
        return has_beginning(date.fromisoformat(str(start)), today)
    except ValueError:
        return False
