"""Find every date phrase in a message and choose the one that says when the person last logged in."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dates.answer import About
from bot.dates.days import Days
from bot.dates.grammar import phrase
from bot.dates.leaning import final
from bot.dates.parse import Parse, Value
from bot.dates.ranges import skip_time


@dataclass(frozen=True)
class Candidate:
    """A phrase: its value, its days, the tokens it spans, what its clause speaks of."""

    value: Value
    days: Days
    first: int
    after: int
    about: About
    denied: bool
    score: float


def candidates(parse: Parse) -> list[Candidate]:
    """All date phrases from left to right, none inside another."""
    doubted = any("hedge" in found for found in parse.phrases)
    result: list[Candidate] = []
    index = 0
    while index < len(parse.tokens):
        hit = phrase(parse, index)
        days = final(parse, hit[0], doubted=doubted) if hit else None
        if not hit or not days:
            index += 1
            continue
        candidate = _judge(parse, hit[0], days, index, hit[1])
        result.append(candidate)
        index = max(hit[1], index + 1)
    kept = [candidate for candidate in result if not candidate.denied and not _asked(parse, candidate)]
    return _merged(parse, kept)


def _judge(parse: Parse, value: Value, days: Days, first: int, after: int) -> Candidate:
    start, end = clause(parse, first, after)
    login = _any(parse, "login", start, end)
    other = _any(parse, "other", start, end)
    about: About = "login" if login else "other" if other else "unsaid"
    score = 2.0 * login - 2.0 * other
    if "since" in value.mods:
        score += 1
    if value.kind == "bare":
        score -= 1.5
    if start > 0 and start < first and parse.norm(start - 1) in parse.cues["subordinate"]:
        score -= 1
    if days.start > parse.today:
        score -= 3
    if value.grain == "year":
        score -= 0.5
    denied = _denied(parse, first) and not set(value.mods) & {"since", "until", "less", "more"}
    return Candidate(value, days, first, after, about, denied, score)


def _asked(parse: Parse, candidate: Candidate) -> bool:
    """Whether it stands in a clause that opens as a question and says nothing of a login."""
    if candidate.about == "login":
        return False
    start = clause(parse, candidate.first, candidate.after)[0]
    return start < candidate.first and "question" in parse.phrases[start]


def _denied(parse: Parse, first: int) -> bool:
    if parse.norm(first - 1) in parse.cues["negation"] and parse.norm(first) not in ("since", "until"):
        return True
    return any(
        start >= 0 and (hit := parse.phrases[start].get("negation")) is not None and hit[1] == first
        for start in (first - 2, first - 3)
    )


def clause(parse: Parse, first: int, after: int) -> tuple[int, int]:
    """The tokens of the clause around a phrase."""
    start, end = first, after
    while start > 0 and not _breaks(parse, start - 1):
        start -= 1
    while end < len(parse.tokens) and not _breaks(parse, end):
        end += 1
    return start, end


def _breaks(parse: Parse, index: int) -> bool:
    token = parse.tokens[index]
    if token.kind == "sign":
        return token.norm in ".,;!?"
    return token.norm in parse.cues["breaks"]


def _any(parse: Parse, category: str, start: int, end: int) -> bool:
    return any(
        (hit := parse.phrases[index].get(category)) is not None and hit[1] <= end
        for index in range(start, end)
    )


def _merged(parse: Parse, found: list[Candidate]) -> list[Candidate]:
    """Neighbours with only small words or a time between them that say the same thing: the finer one."""
    result: list[Candidate] = []
    for candidate in found:
        last = result[-1] if result else None
        if last and _adjacent(parse, last.after, candidate.first):
            if last.days.holds(candidate.days):
                result[-1] = candidate
                continue
            if candidate.days.holds(last.days):
                continue
        result.append(candidate)
    return result


def _adjacent(parse: Parse, after: int, first: int) -> bool:
    index = skip_time(parse, after)
    while index < first and (
        parse.norm(index)
        in (",", "-", ".", "(", "on", "at", "the", "of", "so", "like", "maybe", "i", "think")
    ):
        index += 1
    return index >= first


def choose(parse: Parse, found: list[Candidate]) -> Candidate | None:
    """The best-supported phrase; where two are equal and disagree, all they cover (so that one asks)."""
    if not found:
        return None
    past = [candidate for candidate in found if candidate.days.start <= parse.today] or found
    corrected = _corrected(parse, past)
    if corrected:
        return corrected
    top = max(candidate.score for candidate in past)
    best = [candidate for candidate in past if candidate.score == top]
    chosen = best[0]
    for other in best[1:]:
        chosen = _both(chosen, other)
    return chosen


def _corrected(parse: Parse, found: list[Candidate]) -> Candidate | None:
    """As in "Monday, no wait, Tuesday": the last one."""
    if len(found) < 2:
        return None
    between = range(found[-2].after, found[-1].first)
    return found[-1] if any("correction" in parse.phrases[index] for index in between) else None


def _both(one: Candidate, other: Candidate) -> Candidate:
    if one.days.holds(other.days):
        return other
    if other.days.holds(one.days):
        return one
    value = Value(one.value.grain, one.days.hull(other.days), vague=True, settled=True)
    return Candidate(value, one.days.hull(other.days), one.first, other.after, one.about, False, one.score)
