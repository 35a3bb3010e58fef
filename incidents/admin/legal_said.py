"""How the pages of the law name regimes, periods, recipients and instants: short, for tired eyes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from incidents.rules.law_pack import Deadline, Pack, Regime, Unit

_LOW = "low confidence"
_LAST_OF_ALL = 10.0**9  # where the law has no number, what has one is named before it
_HOURS = {
    Unit.HOURS: 1.0,
    Unit.CALENDAR_DAYS: 24.0,
    Unit.BUSINESS_DAYS: 34.0,
    Unit.MONTHS: 730.0,
}
_WORDS = {
    Unit.HOURS: ("h", "h"),
    Unit.CALENDAR_DAYS: ("day", "days"),
    Unit.BUSINESS_DAYS: ("business day", "business days"),
    Unit.MONTHS: ("month", "months"),
}


def names(pack: Pack) -> Mapping[str, str]:
    """Short names by regime: what stands before the dash, where that tells it from the others."""
    heads = {one.id: one.name.partition(" - ")[0] for one in pack.regimes.values()}
    often = Counter(heads.values())
    return {
        one.id: heads[one.id] if often[heads[one.id]] == 1 else one.name.replace(" - ", ": ", 1)
        for one in pack.regimes.values()
    }


def name(pack: Pack, regime: str) -> str:
    """The short name of one; its code, where a later pack does not know it."""
    return names(pack).get(regime, regime)


def period(deadline: Deadline) -> str:
    """Such as "72 h" or "4 business days"."""
    one, many = _WORDS[deadline.unit]
    return f"{deadline.value:,} {one if deadline.value == 1 else many}"


def shortest(regime: Regime) -> str:
    """The shortest period of its stages; "" where the law has no number."""
    found = _shortest(regime)
    return period(found) if found else ""


def starting(pack: Pack, regimes: Iterable[str]) -> str:
    """What an answer would start, the most urgent named: "EU NIS2 (24 h) and 3 more"; or ""."""
    found = sorted((pack.regimes[one] for one in regimes), key=_hours)
    if not found:
        return ""
    first, others = found[0], len(found) - 1
    takes = shortest(first)
    marks = ", ".join(filter(None, [takes, _LOW if first.is_doubtful else ""]))
    head = f"{name(pack, first.id)} ({marks})" if marks else name(pack, first.id)
    return f"{head} and {others} more" if others else head


def adding(pack: Pack, stages: Iterable[str]) -> str:
    """What an answer would add to a duty there is: "Notice to the regulator (15 days)"; or ""."""
    found = [pack.regimes[regime].stage(stage) for regime, stage in map(_parted, stages)]
    if not found:
        return ""
    first, others = found[0], len(found) - 1
    takes = f" ({period(first.deadline)})" if first.deadline else ""
    return f"{first.name}{takes}{f' and {others} more' if others else ''}"


def _parted(stage: str) -> tuple[str, str]:
    regime, _, name = stage.partition("/")
    return regime, name


def all_of(pack: Pack, regimes: Iterable[str]) -> str:
    """Every one of them by its short name, the most urgent first."""
    found = sorted((pack.regimes[one] for one in regimes), key=_hours)
    return "; ".join(
        f"{name(pack, one.id)} ({_LOW})" if one.is_doubtful else name(pack, one.id)
        for one in found
    )


def recipients(pack: Pack | None, codes: Iterable[str]) -> str:
    """Whom to notify, in the pack's words."""
    words = pack.words.get("recipients", {}) if pack else {}
    return "; ".join(words.get(code, code.replace("_", " ")) for code in codes)


def in_zone(at: datetime, zone: str) -> str:
    """An instant as a clock on a wall of that zone shows it, with the name of the zone."""
    try:
        there = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return ""
    return f"{there:%a} {there.day} {there:%b}, {there:%H:%M} {zone.replace('_', ' ')}"


def elsewhere(at: datetime, zones: Iterable[str], here: Any) -> Iterator[str]:
    """The same instant in each of these zones in which the day or the hour is another one."""
    seen = {at.astimezone(here).replace(tzinfo=None)}
    for zone in dict.fromkeys(zones):
        try:
            there = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        except (ZoneInfoNotFoundError, ValueError):
            continue
        if there not in seen:
            seen.add(there)
            yield in_zone(at, zone)


def _shortest(regime: Regime) -> Deadline | None:
    fixed = [one.deadline for one in regime.stages if one.deadline]
    return min(fixed, key=_length, default=None)


def _hours(regime: Regime) -> float:
    found = _shortest(regime)
    return _length(found) if found else _LAST_OF_ALL


def _length(deadline: Deadline) -> float:
    return deadline.value * _HOURS[deadline.unit]
