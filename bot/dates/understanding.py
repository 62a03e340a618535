"""The public function: from a text and a moment to a LastLogin."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from bot.dates import widths
from bot.dates.answer import About, LastLogin, Window
from bot.dates.choosing import Candidate, candidates, choose
from bot.dates.clauses import bounds, has
from bot.dates.days import Days, shift
from bot.dates.never import whole_history
from bot.dates.parse import Parse

DEFAULT_ZONE = "America/Los_Angeles"


def understand(
    text: str, reference: datetime, *, retrain_after_days: int = 90, zone: str | tzinfo = DEFAULT_ZONE
) -> LastLogin:
    """When the words say the person last logged in, read as past (How-To row 2).

    `reference`: now; an aware one is turned into the deployment's `zone`, a naive one is local already.
    Never raises on any text.
    """
    where = ZoneInfo(zone) if isinstance(zone, str) else zone
    return conclude(Parse(text, to_local(reference, where), where), text, retrain_after_days)


def conclude(parse: Parse, text: str, retrain_after_days: int) -> LastLogin:
    """The same for a text that was taken apart already."""
    found = candidates(parse)
    never = whole_history(parse)
    if never is not None:
        place, said = never
        beside = [each for each in found if _outweighs(parse, each, place, said)]
        if not beside and not _one_day_denied(parse, found, place):
            return _without_days(parse, text, "never", place)
        found = beside
    chosen = choose(parse, found)
    if chosen is None:
        unknown = _first(parse, "unknown")
        if unknown is None:
            return LastLogin(None, None, False, "unknown")
        return _without_days(parse, text, "unknown", unknown)
    window = window_of(chosen.days, parse.today, retrain_after_days)
    days = (
        _said(chosen) if window_of(_said(chosen), parse.today, retrain_after_days) == window else chosen.days
    )
    return LastLogin(
        days.start,
        days.end,
        chosen.value.vague or any("hedge" in hit for hit in parse.phrases),
        window,
        *_place(parse, text, chosen.first, chosen.after),
        chosen.about,
    )


def _said(chosen: Candidate) -> Days:
    """A single day as it was said: the doubt of "Friday, I think" counts where it makes a difference."""
    said, value = chosen.value.days, chosen.value
    if not said or said.length() > 1 or value.grain != "day" or value.settled or "approx" in value.mods:
        return chosen.days
    widened = said.widen(widths.margin("hedge", "named_day", 0))
    return said if widened.holds(chosen.days) and chosen.days.holds(said) else chosen.days


def to_local(reference: datetime, zone: str | tzinfo) -> datetime:
    """The wall clock of the deployment, without a zone."""
    if reference.tzinfo is None:
        return reference
    where = ZoneInfo(zone) if isinstance(zone, str) else zone
    return reference.astimezone(where).replace(tzinfo=None)


def window_of(days: Days, today: date, retrain_after_days: int) -> Window:
    """Against the cutoff: today minus the days, itself still within ("exactly 90 days ago is Case 1")."""
    if days.start > today:
        return "future"
    cutoff = shift(today, -retrain_after_days)
    if days.start >= cutoff:
        return "within"
    return "over" if days.end < cutoff else "straddles"


def _first(parse: Parse, category: str) -> tuple[int, int] | None:
    for index, found in enumerate(parse.phrases):
        if category in found:
            return index, found[category][1]
    return None


def _outweighs(parse: Parse, candidate: Candidate, never: tuple[int, int], said: bool) -> bool:
    """Whether a date stands against "never": about logging in or unsaid, and not in its clause."""
    leans = set(candidate.value.mods)
    if leans & {"since", "until"} and candidate.days.start <= parse.today:
        return True
    if candidate.about == "other" or candidate.days.start >= parse.today or "before" in leans:
        return False
    start, end = bounds(parse, *never)
    if said and start <= candidate.first < end:
        return candidate.value.kind in ("distance", "bare")  # "never used it in 4 months"
    return candidate.about == "login" or "never_used" not in parse.phrases[never[0]]


def _one_day_denied(parse: Parse, found: list[Candidate], never: tuple[int, int]) -> bool:
    """As in "never got in yesterday": of that day only."""
    end = bounds(parse, *never)[1]
    return any(
        never[1] <= each.first < end and each.value.kind == "named" and not each.value.mods for each in found
    )


def _place(parse: Parse, text: str, first: int, after: int) -> tuple[str, tuple[int, int]]:
    start, end = parse.tokens[first].start, parse.tokens[after - 1].end
    return text[start:end], (start, end)


def _without_days(parse: Parse, text: str, window: Window, place: tuple[int, int]) -> LastLogin:
    words, span = _place(parse, text, *place)
    about: About = "unsaid"
    if has(parse, "login", 0, len(parse.tokens)) or has(parse, "when_words", 0, len(parse.tokens)):
        about = "login"
    return LastLogin(None, None, window == "unknown", window, words, span, about)
