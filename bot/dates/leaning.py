"""Words that lean on a date: "before", "since", "over", "almost", "about", "or so"; and the final width."""

from __future__ import annotations

from dataclasses import replace

from bot.dates import numbers, widths
from bot.dates.days import Days, one, shift
from bot.dates.parse import Hit, Parse, Value, call, rule
from bot.dates.spans import Span, to_value

_FRONT = (
    "right_before",
    "right_after",
    "little_more",
    "at_least",
    "more",
    "less",
    "almost",
    "latest",
    "earliest",
    "before",
    "after",
    "since",
    "until",
    "exact",
    "approx",
    "hedge",
    "short_of",
)
_BEHIND = (
    "more_after",
    "little_more_after",
    "less_after",
    "latest_after",
    "earliest_after",
    "exact_after",
    "approx",
)
_COUNTED = ("more", "less", "at_least")
_OTHER_SIDE = {
    "more": ("less",),
    "at_least": ("less",),
    "less": ("more", "at_least"),
    "after": ("before", "right_before", "until"),
    "earliest": ("before", "right_before", "until"),
    "right_after": ("before", "right_before"),
    "before": ("after", "right_after"),
}
_FEWEST, _MOST = 10, 999  # "over 90" counts days, "over 5" and "over 2024" do not


@rule
def leaning(parse: Parse, index: int) -> Hit | None:
    """A leaning word, what it leans on, and what may stand behind."""
    name, after = _front(parse, index)
    whole = parse.cat(index, "relative_day")
    if not name or (whole and whole[1] > after):  # "antes de ayer" is a day
        return None
    if name in ("before", "after") and parse.norm(after) in ("that", "then", "eso"):
        return None  # "before that, the 19th" leans on what was said before
    inner = call("phrase", parse, after) if name == "short_of" else _inner(parse, after)
    if not inner and name in _COUNTED:
        inner = _days_alone(parse, after)
    if not inner or inner[1] <= after or (name == "short_of" and inner[0].kind != "bare"):
        return None
    if name == "approx" and parse.norm(index) in ("like", "como") and after == index + 1:
        name = "hedge" if inner[0].kind in ("named", "number") else name  # "like Jan 5" is a filler there
    value = lean(parse, inner[0], name)
    if not value:
        return None
    return _held_in(parse, inner, value, name) or trailing(parse, (value, inner[1]))


def _held_in(parse: Parse, inner: Hit, value: Value, name: str) -> Hit | None:
    """The other side behind it: "more than 2 months but less than 3", "after Oct 15 but before Halloween"."""
    joined = parse.skip(inner[1], (",", "but", "and", "pero", "y"), 2)
    other = _OTHER_SIDE.get(name)
    if joined == inner[1] or not other or not value.days:
        return None
    front, after = _front(parse, joined)
    if front not in other:
        return None
    until = call("phrase", parse, after) or _same_unit(parse, after, inner[0])
    turned = lean(parse, until[0], front) if until else None
    if not until or not turned or not turned.days:
        return None
    days = Days(max(value.days.start, turned.days.start), min(value.days.end, turned.days.end))
    return (replace(value, days=days), until[1]) if days.start <= days.end else None


def _same_unit(parse: Parse, index: int, of: Value) -> Hit | None:
    """ "… but less than 3" counts what was counted before."""
    count = numbers.cardinal(parse, index)
    if not count or of.kind not in ("bare", "distance") or parse.cat(count[1], "unit", "month"):
        return None
    value = to_value(parse, Span(((numbers.Amount(count[0], count[0]), of.grain),)), "distance")
    return (value, count[1]) if value else None


def _front(parse: Parse, index: int) -> tuple[str, int]:
    best = ("", index)
    for name in _FRONT:
        hit = parse.cat(index, name)
        if hit and hit[1] > best[1]:
            best = (name, hit[1])
    return best


def _inner(parse: Parse, index: int) -> Hit | None:
    """The phrase leaned on; small words may stand between."""
    filler = parse.cues["filler"]
    for _ in range(6):
        hit = call("phrase", parse, index)
        if hit:
            return hit
        if parse.norm(index) not in filler:
            return None
        index += 1
    return None


def _days_alone(parse: Parse, index: int) -> Hit | None:
    """A number that can only count days: "over 90", "less than 90" at the end of a clause."""
    count = numbers.cardinal(parse, index)
    if not count or not _FEWEST <= count[0] <= _MOST:
        return None
    ends = count[1] >= len(parse.tokens) or parse.norm(count[1]) in (
        ".",
        ",",
        "!",
        "?",
        ";",
        "for",
        "i",
        "now",
    )
    if not ends:
        return None
    value = to_value(parse, Span(((numbers.Amount(count[0], count[0]), "day"),)), "distance")
    return (value, count[1]) if value else None


def trailing(parse: Parse, hit: Hit) -> Hit:
    """As in "… or so", "… or more", "… tops" behind a phrase."""
    value, after = hit
    at = after + (parse.norm(after) in (",", "-"))
    if value.settled:
        return hit
    for name in _BEHIND:
        found = parse.cat(at, name)
        if not found or (
            name == "approx"
            and parse.norm(at)
            not in ("or", "ish", "give", "more", "o", "approx", "roughly", "mas", "approximately")
        ):
            continue
        is_far = value.kind in ("distance", "bare")
        if name in ("latest_after", "earliest_after"):
            is_far = not is_far  # "2 months at the latest" is no date that leans
        if is_far or name == "approx":
            behind = parse.cat(found[1], "ago")
            turned = lean(
                parse, replace(value, kind="distance") if behind else value, name.removesuffix("_after")
            )
            return (turned, behind[1] if behind else found[1]) if turned else hit
    return hit


def lean(parse: Parse, value: Value, name: str) -> Value | None:
    """What a leaning word makes of a value."""
    days = value.days
    if days is None:
        return None
    far = value.kind in ("distance", "bare")
    if name in ("approx", "hedge"):
        return replace(value, mods=(*value.mods, name), vague=True)
    if name == "exact":
        return replace(value, mods=(*value.mods, "exact"), precise=True)
    if name == "short_of":
        name = "less"
    if name == "until":
        return replace(value, mods=(*value.mods, "until"))
    if name == "since":
        return replace(
            value,
            mods=(*value.mods, "since"),
            kind="distance" if far else value.kind,
            vague=value.vague or far,
        )
    if far and name in ("more", "less", "almost", "little_more", "at_least", "before", "after"):
        return _far(parse, value, days, name)
    return _near(parse, value, days, name)


def _far(parse: Parse, value: Value, days: Days, name: str) -> Value | None:
    """Leaning on a distance."""
    today = one(parse.today)
    if name in ("before", "after") and value.kind == "bare":
        return replace(value, kind="distance", vague=True) if name == "before" else None
    gap = (parse.today - days.start).days
    if name in ("more", "before"):
        result = widths.open_start(today, one(shift(days.end, -1)))
    elif name == "at_least":
        result = widths.open_start(today, one(days.end))
    elif name in ("less", "after"):
        result = Days(
            days.start if value.grain in ("minute", "hour") else shift(days.start, name == "less"),
            parse.today,
        )
    else:
        far, close = widths.leaning(name)
        near = days.end if name == "little_more" else shift(parse.today, -round(gap * close))
        result = Days(shift(parse.today, -round(gap * far)), max(near, shift(parse.today, -round(gap * far))))
    result = Days(min(result.start, result.end), min(result.end, parse.today))
    return Value(value.grain, result, kind="distance", vague=True, settled=True, mods=(*value.mods, name))


def _near(parse: Parse, value: Value, days: Days, name: str) -> Value | None:
    """Leaning on a named day or period."""
    reach = widths.number("beside", name, "days") if name.startswith("right") else 0
    if name in ("before", "right_before", "latest", "earliest") and days.start > parse.today:
        return None
    if name == "before":
        result = widths.open_start(one(parse.today), one(shift(days.start, -1)))
    elif name == "latest":
        result = widths.open_start(one(parse.today), one(days.end))
    elif name == "earliest":
        result = Days(days.start, parse.today)
    elif name == "right_before":
        result = Days(shift(days.start, -reach), shift(days.start, -1))
    elif name == "right_after":
        result = Days(shift(days.end, 1), shift(days.end, reach))
    elif name == "after":
        result = Days(min(shift(days.end, 1), parse.today), parse.today)
    elif name == "less" and days.holds(one(parse.today)):
        result = days
    else:  # "over the summer": a preposition there
        return value
    if result.start > parse.today:
        result = one(parse.today)
    return Value(
        "week",
        Days(result.start, min(result.end, parse.today)),
        vague=True,
        settled=True,
        mods=(*value.mods, name),
    )


def final(parse: Parse, value: Value, *, doubted: bool) -> Days | None:
    """The days with all vagueness applied, not after today unless wholly in the future."""
    days = value.days
    if days is None:
        return None
    if days.start > parse.today:
        return days
    if not value.settled:
        gap = (parse.today - days.start).days
        if value.kind in ("distance", "bare") and not value.precise:
            manner = "approx" if "approx" in value.mods else "plain"
            if not (value.vague and not value.mods):
                days = widths.widened(days, manner, value.grain, gap)
        elif value.mods and "approx" in value.mods:
            days = widths.widened(days, "approx", _named(value, days), gap)
        elif doubted or "hedge" in value.mods:
            days = widths.widened(days, "hedge", _named(value, days), gap)
    return Days(min(days.start, parse.today), min(days.end, parse.today))


def _named(value: Value, days: Days) -> str:
    if days.length() <= 3:
        return "named_day"
    if days.length() <= 15:
        return "named_week"
    return "named_month" if days.length() <= 31 else "named_long" if days.length() < 300 else "named_year"
