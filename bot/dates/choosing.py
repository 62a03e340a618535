"""Find every date phrase in a message and choose the one that says when the person last logged in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dates import widths, years
from bot.dates.answer import About
from bot.dates.away import absent_since, away_days, names_that_day
from bot.dates.clauses import attempts, bounds, deeds, has
from bot.dates.days import Days, add_months, make, one, shift
from bot.dates.grammar import phrase
from bot.dates.leaning import final
from bot.dates.parse import Hit, Parse, Value
from bot.dates.ranges import skip_time
from bot.dates.referring import referring


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
    away: bool = False  # the days around an absence


def candidates(parse: Parse) -> list[Candidate]:
    """All date phrases from left to right, none inside another."""
    doubted = any("hedge" in found for found in parse.phrases)
    result: list[Candidate] = []
    index = 0
    while index < len(parse.tokens):
        hit = phrase(parse, index)
        if result and (behind := _referring(parse, index, result[-1], hit)):
            if result[-1].about != "login" or behind.about == "login" or result[-1].denied:
                result.pop()  # it was named to count from
            result.append(behind)
            index = behind.after
            continue
        days = final(parse, hit[0], doubted=doubted) if hit else None
        if not hit or not days:
            index += 1
            continue
        candidate = _judge(parse, hit[0], days, index, hit[1])
        result.append(candidate)
        index = max(hit[1], index + 1)
    kept = [candidate for candidate in result if not candidate.denied and not _asked(parse, candidate)]
    if len(kept) > 1 and has(parse, "mistaken", max(0, kept[0].first - 4), kept[0].first):
        kept = kept[1:]  # "I thought it was December 12, but …"
    return _merged(parse, kept)


def _referring(parse: Parse, index: int, before: Candidate, hit: Hit | None) -> Candidate | None:
    """A phrase that points back at the one before it, unless more is said here; it speaks of the same."""
    if before.value.days is None or parse.cat(index - 1, "since", "until") or parse.norm(index - 1) == "by":
        return None
    named = any(parse.cat(at, "weekday") for at in range(before.first, before.after))
    hedged = parse.cat(index, "hedge", "approx")
    at = hedged[1] if hedged else index
    found = referring(parse, at, before.value, before.value.days, weekday=named)
    if not found or (hit and hit[1] > found[1]):
        return None
    if has(parse, "wishing", bounds(parse, index, index)[0], index):
        return None  # "in June. I need it by the 30th"
    if has(parse, "coming_back", bounds(parse, before.first, before.first)[0], before.first):
        return None
    judged = _judge(parse, found[0], found[0].days or before.days, index, found[1])
    about: About = before.about if judged.about == "unsaid" else judged.about
    return replace(judged, about=about, denied=False, away=False, score=max(judged.score, before.score) + 1)


def _judge(parse: Parse, value: Value, days: Days, first: int, after: int) -> Candidate:
    start, end = bounds(parse, first, after)
    leans = set(value.mods)
    gone = away_days(parse, value, days, first, after)
    if gone:
        return Candidate(replace(value, vague=True), gone, first, after, "other", False, -2.0, away=True)
    login = _tells_of_login(parse, start, end)
    other = has(parse, "other", start, end)
    elsewhere = not login and has(parse, "elsewhere", start, end)
    told = login or (absent_since(parse, value, start, end) and not elsewhere)
    about: About = "login" if told else "other" if other or elsewhere else "unsaid"
    score = 2.0 * login - 2.0 * (other or elsewhere)
    if "since" in leans:
        score += 1
    if value.kind == "bare":
        score -= 1.5
    if start > 0 and start < first and parse.norm(start - 1) in parse.cues["subordinate"]:
        score -= 1
    if days.start > parse.today:
        score -= 3
    if value.grain == "year":
        score -= 0.5
    if _still_going(parse, value, days, start, first):
        value = replace(value, vague=True)
        days = widths.open_start(one(parse.today), one(shift(days.start, -1)))
    denied = (
        _denied(parse, first)
        or _only_tried(parse, value, start, end)
        or _never_then(parse, value, start, first, end)
    )
    if has(parse, "coming_back", start, first) and not login and not names_that_day(parse, start):
        about, score = "other", score - 2  # "and came back last monday"
    if has(parse, "to_come", start, after) and (ahead := _ahead(parse, value)):
        return Candidate(replace(value, days=ahead), ahead, first, after, "other", False, score - 3)
    if denied and _is_on(parse, value, days):  # "not this year", "not in the last 90 days": before it
        days = widths.open_start(one(parse.today), one(shift(days.start, -1)))
        return Candidate(replace(value, vague=True), days, first, after, about, False, score)
    if _gives_a_birthday(parse, start, first) or _is_in_a_password(parse, first):
        return Candidate(value, days, first, after, "other", True, score)
    if _still_used(parse, value, start, end):
        return Candidate(value, days, first, after, about, True, score)
    return Candidate(
        value, days, first, after, about, denied and not leans & {"since", "until", "less", "more"}, score
    )


def _tells_of_login(parse: Parse, start: int, end: int) -> bool:
    """Words of a login in the clause; the "been on" of "been on jury duty" is none."""
    told = deeds(parse, start, end)
    absent = [index for index, after in parse.places.get("login", ()) if start <= index and after <= end]
    return bool(told) or any("absent" in parse.phrases[index] for index in absent)


def _still_going(parse: Parse, value: Value, days: Days, start: int, first: int) -> bool:
    """As in "haven't logged in this month", "… today": before it."""
    if value.mods or value.kind != "named" or value.grain == "year" or not days.holds(one(parse.today)):
        return False
    denials = [index for index in range(start, first) if "absent" in parse.phrases[index]]
    told = [index for index in deeds(parse, start, first) if denials and index > denials[0]]
    return bool(told) and days.start <= parse.today and parse.norm(first) in ("this", "today", "esta", "este")


def _ahead(parse: Parse, value: Value) -> Days | None:
    """The next such day, where no year or month was said: "I start on the 21st"."""
    if value.kind == "number" and value.days:
        day = value.days.start.day
        first = parse.today.replace(day=1)
        for months in range(3):
            there = add_months(first, months)
            found = make(there.year, there.month, day)
            if found and found > parse.today:
                return one(found)
        return None
    later = years.coming(value, parse) if value.free and value.yearly else None
    return later.days if later else None


def _is_on(parse: Parse, value: Value, days: Days) -> bool:
    """A period of some length that goes on today."""
    return days.length() > 1 and days.holds(one(parse.today)) and (value.settled or value.kind == "named")


def _gives_a_birthday(parse: Parse, start: int, first: int) -> bool:
    return has(parse, "birth", start, first)


def _is_in_a_password(parse: Parse, first: int) -> bool:
    """As in "Summer2026!"."""
    behind = parse.tokens[first + 1] if first + 1 < len(parse.tokens) else None
    return bool(behind and behind.glued and behind.kind == "number" and parse.cat(first, "season"))


def _never_then(parse: Parse, value: Value, start: int, first: int, end: int) -> bool:
    """As in "never got the e-mail yesterday", "never had such an awful monday"."""
    if value.kind != "named" or deeds(parse, start, end):
        return False
    for index in range(start, first):
        hit = parse.phrases[index].get("never")
        if hit and "correction" not in {name for each in parse.phrases[index:first] for name in each}:
            return hit[1] < first and "never_else" not in parse.phrases[hit[1]]
    return False


def _only_tried(parse: Parse, value: Value, start: int, end: int) -> bool:
    """As in "I can't log in today", "I need to get in by friday": no login on that day."""
    told = deeds(parse, start, end)
    return bool(told) and value.kind not in ("distance", "bare") and told == attempts(parse, start, end)


def _still_used(parse: Parse, value: Value, start: int, end: int) -> bool:
    """As in "I've been using it for 5 years", "since 2019 I've been using it": that is no last login."""
    if value.kind not in ("bare", "distance") and "since" not in value.mods:
        return False
    if value.settled or not has(parse, "using", start, end) or has(parse, "away", start, end):
        return False
    unlike = parse.cues["using"] - ({"since"} if "since" in value.mods else set())
    return not any(parse.norm(index) in unlike for index in range(start, end))


def _asked(parse: Parse, candidate: Candidate) -> bool:
    """Whether it stands in a clause that opens as a question and says nothing of a login."""
    if candidate.about == "login":
        return False
    start = bounds(parse, candidate.first, candidate.after)[0]
    return start < candidate.first and "question" in parse.phrases[start]


def _denied(parse: Parse, first: int) -> bool:
    if parse.norm(first - 1) in parse.cues["negation"] and parse.norm(first) not in ("since", "until"):
        return True
    return any(
        start >= 0 and (hit := parse.phrases[start].get("negation")) is not None and hit[1] == first
        for start in (first - 2, first - 3)
    )


def _merged(parse: Parse, found: list[Candidate]) -> list[Candidate]:
    """Neighbours with only small words or a time between them that say the same thing: the finer one."""
    result: list[Candidate] = []
    for candidate in found:
        last = result[-1] if result else None
        if last and not (last.away or candidate.away) and _adjacent(parse, last.after, candidate.first):
            if last.days.holds(candidate.days) or _names_its_weekday(parse, last, candidate.days):
                result[-1] = candidate
                continue
            if candidate.days.holds(last.days) or _names_its_weekday(parse, candidate, last.days):
                continue
        result.append(candidate)
    return result


def _names_its_weekday(parse: Parse, candidate: Candidate, days: Days) -> bool:
    """Whether it is but the weekday of that one day: "September 14 (Monday)"."""
    day = parse.cat(candidate.first, "weekday")
    return bool(
        day and day[1] == candidate.after and days.length() == 1 and days.start.weekday() == int(day[0])
    )


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
    said = [parse.norm(index) for index in between if parse.kind(index) == "word"]
    if (
        said[:1] == ["no"]
        or any(parse.norm(index) == "*" for index in between)
        or any("correction" in parse.phrases[index] for index in between)
    ):
        return found[-1]
    return None


def _both(one: Candidate, other: Candidate) -> Candidate:
    if one.days.holds(other.days) and not one.away:
        return other
    if other.days.holds(one.days) and not other.away:
        return one
    value = Value(one.value.grain, one.days.hull(other.days), vague=True, settled=True)
    return Candidate(
        value,
        one.days.hull(other.days),
        one.first,
        other.after,
        one.about,
        False,
        one.score,
        one.away or other.away,
    )
