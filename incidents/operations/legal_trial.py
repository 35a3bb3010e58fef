"""The law of a case nobody declared: evaluated, asked about and explained; nothing is stored."""

from collections.abc import Collection, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from incidents.calendars import is_holiday
from incidents.operations import law, law_files
from incidents.rules import (
    legal_engine,
    legal_explanation,
    legal_facts,
    legal_interview,
    legal_profile,
)
from incidents.rules.law_pack import Pack, Regime
from incidents.rules.legal_engine import Outcome
from incidents.rules.legal_explanation import Walked, WalkedRule
from incidents.rules.legal_facts import Case
from incidents.rules.legal_interview import Known, Question
from incidents.rules.reasons import Invalid, Reason, Refused

MOST_MEMBERS = 500  # of a list or a map: there are fewer jurisdictions
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Tried:
    """One case before the law: what follows, what is open (best first), and the trees as walked."""

    outcome: Outcome
    open: tuple[str, ...]
    question: Question | None
    walked: tuple[Walked, ...]
    counsel: tuple[WalkedRule, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The law that would be asked now; without `number` none is in force, and it is the shipped one.

    `concerning`: regime to why it could ever concern us; None where no profile is in force.
    """

    pack: Pack
    number: int | None
    concerning: Mapping[str, str] | None

    @property
    def regimes(self) -> tuple[Regime, ...]:
        """In the pack's order."""
        return tuple(self.pack.regimes.values())


def evaluate(
    facts: Mapping[str, Any],
    clocks: Mapping[str, Any] = _NOTHING,
    submitted: Mapping[str, Any] = _NOTHING,
    *,
    is_ours: bool = False,
    at: datetime,
) -> Outcome:
    """What the law in force at `at` says of these facts; without any, what the shipped one says.

    All of its regimes, or with `is_ours` those that could concern us, on top of what our profile
    says; Refused `no_law_in_force` where pack or profile are missing for that. Invalid by path.
    """
    under = _law(at, is_ours=is_ours)
    case = _case(under, facts, clocks, submitted)
    return legal_engine.evaluate(under.pack, case, is_holiday)


def evaluate_many(
    cases: Sequence[tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]],
    *,
    is_ours: bool = False,
    at: datetime,
) -> list[Outcome]:
    """The same of many cases (facts, clocks, submitted), under one law asked for once.

    Invalid where any of them is: every problem, its path behind that of the case, such as
    "cases.3.facts.risk_to_individuals".
    """
    under = _law(at, is_ours=is_ours)
    found: list[Outcome] = []
    problems: list[Reason] = []
    for number, (facts, clocks, submitted) in enumerate(cases):
        try:
            case = _case(under, facts, clocks, submitted)
            found.append(legal_engine.evaluate(under.pack, case, is_holiday))
        except Invalid as refused:
            problems += (
                replace(reason, field=f"cases.{number}.{reason.field}")
                for reason in refused.reasons
            )
    if problems:
        raise Invalid(*problems)
    return found


def explain(
    facts: Mapping[str, Any],
    clocks: Mapping[str, Any] = _NOTHING,
    submitted: Mapping[str, Any] = _NOTHING,
    unknown: Collection[str] = (),
    *,
    is_ours: bool = False,
    at: datetime,
) -> Tried:
    """The same with its reasons. `unknown`: facts asked for that nobody knows; refused alike."""
    under = _law(at, is_ours=is_ours)
    pack, case = under.pack, _case(under, facts, clocks, submitted)
    _require_known(pack, unknown)
    known = Known({**under.facts, **facts}, frozenset(unknown))
    return Tried(
        legal_engine.evaluate(pack, case, is_holiday),
        legal_interview.open_questions(pack, known),
        legal_interview.next_question(pack, known),
        legal_explanation.explain(pack, case, known),
        legal_explanation.explain_counsel(pack, case, known),
    )


def book(at: datetime) -> Book:
    """The law in force at `at`, else the shipped one, and which of it could concern us."""
    row = law.law_pack_in_force(at)
    pack = law.pack_of(row) if row else law_files.shipped_pack()
    profile = law.legal_profile_in_force(at)
    concerning = (
        legal_profile.concerning(pack, law.profile_of(profile, pack)) if profile else None
    )
    return Book(pack, row.number if row else None, concerning)


@dataclass(frozen=True, slots=True)
class _Law:
    """The pack asked, and the facts our profile gives; none where the whole pack is asked."""

    pack: Pack
    facts: Mapping[str, Any]


def _law(at: datetime, *, is_ours: bool) -> _Law:
    if is_ours:
        return _ours(at)
    return _Law(law.pack_in_force(at) or law_files.shipped_pack(), _NOTHING)


def _case(
    under: _Law,
    facts: Mapping[str, Any],
    clocks: Mapping[str, Any],
    submitted: Mapping[str, Any],
) -> Case:
    """What was said: by the profile, and over it by the caller."""
    _require_few(facts)
    said = {**under.facts, **facts} if under.facts else facts
    return legal_facts.case(under.pack, said, clocks, submitted)


def _ours(at: datetime) -> _Law:
    row = law.law_pack_in_force(at)
    profile = law.legal_profile_in_force(at)
    if row is None or profile is None:
        missing = "law pack" if row is None else "legal profile"
        message = f"No {missing} is in force, so nobody has said what concerns us: approve one."
        raise Refused.because("no_law_in_force", message, "profile")
    pack, ours = law.ours(row, profile)
    return _Law(pack, ours.facts)


def _require_few(facts: Mapping[str, Any]) -> None:
    long = [
        name
        for name, value in facts.items()
        if isinstance(value, Sized) and len(value) > MOST_MEMBERS
    ]
    if long:
        message = f"Say at most {MOST_MEMBERS}."
        raise Invalid(*(Reason("fact_too_long", message, f"facts.{name}") for name in long))


def _require_known(pack: Pack, names: Collection[str]) -> None:
    """A question may be about one count of a map: persons_affected_by_jurisdiction.US-CA."""
    strange = [name for name in names if name.partition(".")[0] not in pack.facts]
    if strange:
        raise Invalid(
            *(
                Reason("unknown_fact", f"There is no fact {name}.", f"unknown.{name}")
                for name in strange
            )
        )
