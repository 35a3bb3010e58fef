"""What is known of an incident as the law reads it: facts, clocks, submissions, all checked.

No clock is read here: a what-if may lie in the future. That an instant of a real incident has
happened is for the operation that records it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from incidents.rules.facts import Contradiction, TotalFacts, normalise
from incidents.rules.law_pack import Pack
from incidents.rules.law_pack_facts import MAX_STATE, most_in_a_state
from incidents.rules.legal_order import clock_order, submission_order
from incidents.rules.reasons import Invalid, Reason

_NOTHING: Mapping[str, Any] = MappingProxyType({})
# Nobody says when these were: they follow from a submission, or from the year of discovery.
DERIVED_CLOCKS = frozenset({"previous_stage", "calendar_year_end"})
# Beyond these an instant is a slip of the keyboard, and a period might leave the calendar.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_JURISDICTIONS = ("operates_in", "affected_jurisdictions")
_COUNTS = "persons_affected_by_jurisdiction"
_NOT_PERSONAL = frozenset({"none", "non_personal_confidential"})
_EEA = (
    *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT"),
    *("LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO"),
)
# What people write for a code: somebody who says "EU" must not lose the law of its members.
_MEANT = {"EU": _EEA, "UK": ("GB",), "EL": ("GR",)}

_CONTRADICTIONS = (
    Contradiction(
        "data_categories",
        "data_categories",
        lambda categories, _: "none" in categories and len(set(categories)) > 1,
        "The data categories say none beside others: take one of the two away.",
    ),
    Contradiction(
        "persons_affected_total",
        _COUNTS,
        lambda total, counts: max(counts.values(), default=0) > total,
        "More persons are affected in one jurisdiction than in total: correct one of the two.",
    ),
    Contradiction(
        _COUNTS,
        _COUNTS,
        lambda counts, _: any(
            counts[code] > counts.get(code[:2], counts[code]) for code in counts
        ),
        "More persons are affected in a part of a country than in all of it: correct one.",
    ),
    Contradiction(
        "data_categories",
        "personal_data_exposure",
        lambda categories, exposure: exposure == "confirmed" and set(categories) == {"none"},
        "Exposure of personal data is confirmed, yet no data category: name the categories.",
    ),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One incident before the law. Facts are total and closed; instants are in UTC.

    `clocks` say when which event was; `submitted` maps "regime/stage" to when it was sent.
    """

    facts: TotalFacts
    clocks: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    submitted: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))


def case(
    pack: Pack,
    facts: Mapping[str, Any],
    clocks: Mapping[str, Any] = _NOTHING,
    submitted: Mapping[str, Any] = _NOTHING,
) -> Case:
    """The case of these facts, clocks and submissions; instants are ISO texts or datetimes.

    Invalid, with every problem by its path: facts unknown, ill-typed or contradictory, clocks
    and stages unknown, instants without a zone or out of order.
    """
    found: list[Reason] = []
    total = _tried(found, lambda: total_facts(pack, facts))
    when = _tried(found, lambda: _known_clocks(pack, clocks))
    sent = _tried(found, lambda: _known_stages(pack, submitted))
    if when is not None:
        found += clock_order(when)
        if sent is not None:
            found += submission_order(pack, when, sent)
    if found or total is None or when is None or sent is None:
        raise Invalid(*found)
    return Case(total, when, sent)


def total_facts(pack: Pack, facts: Mapping[str, Any]) -> TotalFacts:
    """The facts alone: every one there is, closed, with what is counted from them."""
    if not isinstance(facts, Mapping) or not all(isinstance(name, str) for name in facts):
        raise Invalid.because("facts_not_a_mapping", "Give the facts by name.", "facts")
    total = normalise(facts, pack.facts, _CONTRADICTIONS)
    problems = list(_ill_said(total))
    if problems:
        raise Invalid(*problems)
    return _closed(total)


def parse_instants(said: Mapping[str, Any], field: str) -> dict[str, datetime]:
    """The instants of these ISO texts or datetimes, in UTC. Invalid by path: "clocks.x"."""
    if not isinstance(said, Mapping):
        raise Invalid.because("instants_not_a_mapping", "Give the instants by name.", field)
    read = {str(name): _instant(value, f"{field}.{name}") for name, value in said.items()}
    problems = [each for each in read.values() if isinstance(each, Reason)]
    if problems:
        raise Invalid(*problems)
    return {name: each for name, each in read.items() if isinstance(each, datetime)}


def _tried(found: list[Reason], attempt: Any) -> Any:
    """What the attempt gives; None where it is Invalid, with its reasons found."""
    try:
        return attempt()
    except Invalid as refusal:
        found += refusal.reasons
        return None


def _instant(value: object, path: str) -> datetime | Reason:
    if isinstance(value, str):
        with suppress(ValueError):
            value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        text = "must be an instant such as 2026-11-23T09:20:00+01:00."
        return Reason("instant_has_wrong_type", f"{path} {text}", path)
    if value.utcoffset() is None:
        text = "has no zone: add its offset, such as +01:00, or Z."
        return Reason("instant_is_naive", f"{path} {text}", path)
    if not _is_in_range(value):
        text = f"must lie between {EARLIEST:%Y} and {LATEST:%Y}."
        return Reason("instant_out_of_range", f"{path} {text}", path)
    return value.astimezone(UTC)


def _is_in_range(instant: datetime) -> bool:
    # By the year first: at the ends of the calendar a change of zone overflows.
    if not EARLIEST.year <= instant.year <= LATEST.year:
        return False
    return EARLIEST <= instant.astimezone(UTC) <= LATEST


def _known_clocks(pack: Pack, clocks: Mapping[str, Any]) -> Mapping[str, datetime]:
    read = parse_instants(clocks, "clocks")
    problems = [
        Reason("unknown_clock", f"There is no clock {name[:80]}.", f"clocks.{name}")
        for name in read
        if name not in pack.clocks
    ] + [
        Reason(
            "clock_is_derived",
            f"{name} follows from the submissions and the discovery: leave it out.",
            f"clocks.{name}",
        )
        for name in sorted(DERIVED_CLOCKS & read.keys())
    ]
    if problems:
        raise Invalid(*problems)
    return MappingProxyType(read)


def _known_stages(pack: Pack, submitted: Mapping[str, Any]) -> Mapping[str, datetime]:
    read = parse_instants(submitted, "submitted")
    problems = [
        Reason("unknown_stage", f"There is no stage {name[:130]}.", f"submitted.{name}")
        for name in read
        if not _is_stage(pack, name)
    ]
    if problems:
        raise Invalid(*problems)
    return MappingProxyType(read)


def _is_stage(pack: Pack, name: str) -> bool:
    regime, _, stage = name.partition("/")
    found = pack.regimes.get(regime)
    return found is not None and any(each.id == stage for each in found.stages)


def _ill_said(facts: TotalFacts) -> Iterator[Reason]:
    """What has the right type and still cannot be meant: a zone, a code nobody knows."""
    if not _is_zone(facts["clock_timezone"]):
        text = "clock_timezone must be a zone such as Europe/Berlin."
        yield Reason("unknown_zone", text, "facts.clock_timezone")
    country = facts["holiday_calendar"]
    if country and not _COUNTRY.fullmatch(country):
        text = "holiday_calendar must be a country such as DE, or empty."
        yield Reason("unknown_country", text, "facts.holiday_calendar")
    for name in (*_JURISDICTIONS, _COUNTS):
        strange = [code for code in facts[name] if not _CODE.fullmatch(code)]
        if strange:
            text = f"{name}: “{strange[0][:40]}” is no code; write DE, or US-CA."
            yield Reason("unknown_jurisdiction", text, f"facts.{name}")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    # A folder of zones ("Europe") and a name longer than a file's are errors of the system.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _closed(facts: TotalFacts) -> TotalFacts:
    """With what the facts imply: US-CA implies US, a category of personal data personal data."""
    values = dict(facts)
    for name in _JURISDICTIONS:
        values[name] = with_countries(facts[name])
    categories = list(facts["data_categories"])
    if "personal_data" not in categories and set(categories) - _NOT_PERSONAL:
        categories.insert(0, "personal_data")
    values["data_categories"] = categories
    values["derived"] = {MAX_STATE: most_in_a_state(facts[_COUNTS])}
    return TotalFacts(values, facts.given)


def with_countries(codes: Iterable[str]) -> list[str]:
    """These codes with what each implies: US-CA the US, EU all of its members."""
    implied = [meant for code in codes for meant in (code, code[:2], *_MEANT.get(code[:2], ()))]
    return list(dict.fromkeys(implied))
