"""A law pack as the program holds it: regimes, their stages and clocks, and the words they use.

A pack is data written by lawyers and approved like a matrix. Reading it promises that every word
in it is known, so that nothing that evaluates it has to ask again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from incidents.rules.facts import Vocabulary
from incidents.rules.law_pack_check import VOCABULARIES, problems
from incidents.rules.law_pack_facts import MAX_STATE, SHORTEST, read_facts, with_derived
from incidents.rules.predicates import Predicate
from incidents.rules.reasons import Invalid


class Unit(StrEnum):
    """In what a period is counted."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Deadline:
    """So many units from the instant at which its clock starts."""

    value: int
    unit: Unit
    clock: str


@dataclass(frozen=True, slots=True)
class Cap(Deadline):
    """A second limit: the earlier of deadline and cap counts. `waived_when` "": it always does."""

    waived_when: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing to do under a regime. Without `deadline` the law has no number.

    `after` are the stages whose submission starts a previous_stage clock; `planning_target` is our
    own policy, never law; `rolls`: the last day may move to the next working day.
    """

    id: str
    name: str
    recipients: tuple[str, ...]
    condition: Predicate | None
    deadline: Deadline | None
    cap: Cap | None
    after: tuple[str, ...]
    without_undue_delay: bool
    planning_target: Deadline | None
    rolls: bool


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Regime:
    """One duty to notify: when it is triggered or to be watched, and what it then asks.

    Dates are ISO texts; `applies_until` is the last day of it.
    """

    id: str
    name: str
    jurisdiction: str
    recipients: tuple[str, ...]
    sectors: tuple[str, ...]
    entity_types: tuple[str, ...]
    data_categories: tuple[str, ...]
    status: str
    in_force_since: str | None
    applies_from: str | None
    applies_until: str | None
    computation: str
    calendar: str | None
    trigger: Predicate
    watch: Predicate | None
    stages: tuple[Stage, ...]
    legal_basis: str
    source: str
    confidence: str
    verification: Mapping[str, Any]
    notes: str

    # The parts above hold mappings: equal regimes have equal names, and that is enough.
    def __hash__(self) -> int:
        return hash(self.id)

    def stage(self, ident: str) -> Stage:
        """The stage of this name. KeyError if it has none."""
        for stage in self.stages:
            if stage.id == ident:
                return stage
        raise KeyError(ident)

    @property
    def is_doubtful(self) -> bool:
        """Whether its number, force or scope could not be confirmed: shown wherever it appears."""
        return self.confidence == "low"


@dataclass(frozen=True, slots=True)
class CounselRule:
    """When counsel is engaged within the first hour, and why."""

    id: str
    when: Predicate
    reason: str


# Two packs are the same only if they are one object: what is compiled of a pack hangs on it.
@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Pack:
    """All we know of the law. `facts` are what may be said; `regimes` stand in the pack's order.

    `words` hold the vocabularies with their meanings; `relief_excluded` are the entity types and
    stages without the weekend relief of DORA.
    """

    title: str
    as_of: str
    disclaimer: str
    facts: Vocabulary
    clocks: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    regimes: Mapping[str, Regime]
    counsel: tuple[CounselRule, ...]
    calendars: Mapping[str, str]
    profiles: frozenset[str]
    test_cases: tuple[Mapping[str, Any], ...]
    relief_excluded: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())

    @property
    def readable(self) -> Vocabulary:
        """The facts predicates may read: what is said, and what is counted from it."""
        return with_derived(self.facts, MAX_STATE, SHORTEST)


def read(document: object) -> Pack:
    """The pack of this document. Invalid with every problem and the path to it."""
    try:
        found = list(problems(document))
    except RecursionError as error:
        raise Invalid.because("law_too_deep", "The pack is nested too deep to read.") from error
    if found or not isinstance(document, Mapping):
        raise Invalid(*found)
    vocabularies, meta = document["vocabularies"], document["meta"]
    policy = (document.get("policies") or {}).get("counsel_first_hour") or {"rules": ()}
    return Pack(
        title=meta["title"],
        as_of=meta["as_of"],
        disclaimer=meta.get("disclaimer") or "",
        facts=MappingProxyType(read_facts(vocabularies)),
        clocks=MappingProxyType(dict(vocabularies["clock_starts"])),
        words=MappingProxyType({name: dict(vocabularies[name]) for name in VOCABULARIES}),
        regimes=MappingProxyType({each["id"]: _regime(each) for each in document["regimes"]}),
        counsel=tuple(CounselRule(**rule) for rule in policy["rules"]),
        calendars=MappingProxyType(dict(document["holiday_calendars"])),
        profiles=frozenset(document["computation_profiles"]),
        test_cases=tuple(document.get("test_cases") or ()),
        relief_excluded=_relief_excluded(document["computation_profiles"]),
    )


def narrowed(pack: Pack, ids: Collection[str]) -> Pack:
    """The same pack with only these regimes, in its own order; unknown names are left out."""
    kept = {name: regime for name, regime in pack.regimes.items() if name in ids}
    return replace(pack, regimes=MappingProxyType(kept))


def _relief_excluded(profiles: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    dora = profiles.get("eu_dora_301") or {}
    return (
        frozenset(dora.get("weekend_relief_excluded_entity_types") or ()),
        frozenset(dora.get("weekend_relief_excluded_stages") or ()),
    )


def _regime(said: Mapping[str, Any]) -> Regime:
    return Regime(
        id=said["id"],
        name=said["name"],
        jurisdiction=said["jurisdiction"],
        recipients=tuple(said["recipients"]),
        sectors=tuple(said["sectors"]),
        entity_types=tuple(said["entity_types"]),
        data_categories=tuple(said["data_categories"]),
        status=said["status"],
        in_force_since=said.get("in_force_since"),
        applies_from=said.get("applies_from"),
        applies_until=said.get("applies_until"),
        computation=said["computation"],
        calendar=said.get("calendar"),
        trigger=said["trigger"],
        watch=said.get("watch"),
        stages=tuple(_stage(each) for each in said["stages"]),
        legal_basis=said.get("legal_basis") or "",
        source=said.get("source") or "",
        confidence=said["confidence"],
        verification=said["verification"],
        notes=said.get("notes") or "",
    )


def _stage(said: Mapping[str, Any]) -> Stage:
    cap = said.get("cap")
    return Stage(
        id=said["id"],
        name=said["name"],
        recipients=tuple(said["recipient"]),
        condition=said.get("condition"),
        deadline=_deadline(said.get("deadline")),
        cap=Cap(*_period(cap), cap.get("waived_when") or "") if cap else None,
        after=tuple(said.get("after_stage") or ()),
        without_undue_delay=said.get("without_undue_delay", False),
        planning_target=_deadline(said.get("planning_target")),
        rolls=said.get("roll_to_working_day", False),
    )


def _deadline(said: Mapping[str, Any] | None) -> Deadline | None:
    return Deadline(*_period(said)) if said else None


def _period(said: Mapping[str, Any]) -> tuple[int, Unit, str]:
    return said["value"], Unit(said["unit"]), said["clock_start"]
