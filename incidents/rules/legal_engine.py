"""The engine: which duties to notify follow from a case, and until when, under one law pack.

Pure and quick: predicates are compiled once a pack. The conventions it follows stand in the pack.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from incidents.rules.law_pack import Deadline, Pack, Regime, Stage, Unit
from incidents.rules.law_pack_facts import MAX_STATE, SHORTEST
from incidents.rules.legal_deadlines import (
    Calendars,
    Reckoning,
    due_at,
    permitted_until,
    year_end,
)
from incidents.rules.legal_facts import Case
from incidents.rules.legal_predicates import Test, compile

WAIVED_AFTER_CAP = "main_clock_starts_after_cap"
MEMBER_STATE = "EU-MEMBER-STATE"


@dataclass(frozen=True, slots=True)
class Due:
    """One stage whose clock runs. `due_at` is in the zone of the facts, `started_at` in UTC."""

    regime: str
    stage: str
    due_at: datetime
    permitted_until: datetime | None
    started_at: datetime
    clock: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the law says of a case; regimes and stages in the order of the pack.

    `pending` and `no_fixed_deadline` name stages as "regime/stage".
    """

    duty: tuple[str, ...]
    assess: tuple[str, ...]
    not_in_force: tuple[str, ...]
    voluntary: tuple[str, ...]
    due: tuple[Due, ...]
    pending: tuple[str, ...]
    no_fixed_deadline: tuple[str, ...]
    counsel_within_first_hour: bool
    counsel_rules: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Plain data in the shape of `expected` in the worked cases of a pack."""
        return {
            "duty": list(self.duty),
            "assess": list(self.assess),
            "not_in_force": list(self.not_in_force),
            "voluntary": list(self.voluntary),
            "due": [
                {
                    "regime": each.regime,
                    "stage": each.stage,
                    "due_at": each.due_at.isoformat(timespec="seconds"),
                    "permitted_until": each.permitted_until.isoformat(timespec="seconds")
                    if each.permitted_until
                    else None,
                }
                for each in self.due
            ],
            "pending": list(self.pending),
            "no_fixed_deadline": list(self.no_fixed_deadline),
            "counsel_within_first_hour": self.counsel_within_first_hour,
        }


def evaluate(pack: Pack, case: Case, calendars: Calendars) -> Outcome:
    """What follows from this case under this pack.

    A stage with a cap is due as soon as either of its limits is known, at the earlier one: with
    the deadline's own event still open, the cap alone stands. That is the safe direction.
    """
    found = _Found()
    court = _Court(pack, case, calendars, judged_on(pack, case))
    compiled = _of_pack(pack)
    for regime in compiled.regimes:
        _judge(regime, court, found)
    facts = {
        **case.facts,
        "derived": {MAX_STATE: case.facts["derived"][MAX_STATE], SHORTEST: found.shortest},
    }
    rules = tuple(ident for ident, applies in compiled.counsel if applies(facts))
    return Outcome(
        duty=tuple(found.duty),
        assess=tuple(found.assess),
        not_in_force=tuple(found.not_in_force),
        voluntary=tuple(found.voluntary),
        due=tuple(found.due),
        pending=tuple(found.pending),
        no_fixed_deadline=tuple(found.no_fixed_deadline),
        counsel_within_first_hour=bool(rules),
        counsel_rules=rules,
    )


def judged_on(pack: Pack, case: Case) -> str:
    """The day on which it is judged what applies, as an ISO text.

    Where nobody said it: the local day of awareness, else of discovery, else of the first event
    known; for a case without any instant the day of the pack, so that no duty is overlooked.
    """
    said = case.facts["evaluation_date"]
    if said is not None:
        return str(said)
    clocks = case.clocks
    known = (
        clocks.get("awareness") or clocks.get("discovery") or min(clocks.values(), default=None)
    )
    if known is None:
        return pack.as_of
    return known.astimezone(ZoneInfo(case.facts["clock_timezone"])).date().isoformat()


def applies(regime: Regime, day: str) -> bool:
    """Whether the regime applies on this day; what has no first day does only as a contract."""
    if regime.applies_until is not None and day > regime.applies_until:
        return False
    if regime.applies_from is None:
        return regime.status == "contractual"
    return regime.applies_from <= day


@dataclass(slots=True)
class _Found:
    """An outcome while it is being found."""

    duty: list[str] = field(default_factory=list)
    assess: list[str] = field(default_factory=list)
    not_in_force: list[str] = field(default_factory=list)
    voluntary: list[str] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    no_fixed_deadline: list[str] = field(default_factory=list)
    shortest: int | None = None


@dataclass(slots=True)
class _Court:
    """What one evaluation goes by."""

    pack: Pack
    case: Case
    calendars: Calendars
    day: str
    zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.case.facts["clock_timezone"])


@dataclass(frozen=True, slots=True)
class _Stage:
    stage: Stage
    name: str
    applies: Test | None
    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Regime:
    regime: Regime
    trigger: Test
    watch: Test | None
    stages: tuple[_Stage, ...]


@dataclass(frozen=True, slots=True)
class _Pack:
    regimes: tuple[_Regime, ...]
    counsel: tuple[tuple[str, Test], ...]


# A pack narrowed for one organisation shares its regimes with the whole: each is compiled once.
_packs: WeakKeyDictionary[Pack, _Pack] = WeakKeyDictionary()
_regimes: WeakKeyDictionary[Regime, _Regime] = WeakKeyDictionary()


def _of_pack(pack: Pack) -> _Pack:
    found = _packs.get(pack)
    if found is None:
        found = _packs[pack] = _Pack(
            tuple(_of_regime(regime) for regime in pack.regimes.values()),
            tuple((rule.id, compile(rule.when)) for rule in pack.counsel),
        )
    return found


def _of_regime(regime: Regime) -> _Regime:
    found = _regimes.get(regime)
    if found is None:
        found = _regimes[regime] = _Regime(
            regime,
            compile(regime.trigger),
            None if regime.watch is None else compile(regime.watch),
            tuple(_of_stage(regime, stage) for stage in regime.stages),
        )
    return found


def _of_stage(regime: Regime, stage: Stage) -> _Stage:
    limits = [each for each in (stage.deadline, stage.cap) if each is not None]
    return _Stage(
        stage,
        f"{regime.id}/{stage.id}",
        None if stage.condition is None else compile(stage.condition),
        tuple(each.value for each in limits if each.unit is Unit.HOURS),
    )


def _judge(compiled: _Regime, court: _Court, found: _Found) -> None:
    regime, facts = compiled.regime, court.case.facts
    if compiled.trigger(facts):
        if regime.status == "voluntary":
            found.voluntary.append(regime.id)
        elif not applies(regime, court.day):
            found.not_in_force.append(regime.id)
        else:
            found.duty.append(regime.id)
            _run(compiled, court, found)
    elif (
        compiled.watch is not None
        and regime.status != "voluntary"
        and compiled.watch(facts)
        and applies(regime, court.day)
    ):
        found.assess.append(regime.id)
        for stage in _asked(compiled, facts):
            _shorten(stage, found)


def _run(compiled: _Regime, court: _Court, found: _Found) -> None:
    """Sort the stages of a duty: due, pending, or without a number."""
    for stage in _asked(compiled, court.case.facts):
        _shorten(stage, found)
        if stage.stage.deadline is None:
            found.no_fixed_deadline.append(stage.name)
        elif (due := _due(compiled.regime, stage.stage, court)) is not None:
            found.due.append(due)
        else:
            found.pending.append(stage.name)


def _asked(compiled: _Regime, facts: Mapping[str, Any]) -> Iterator[_Stage]:
    return (each for each in compiled.stages if each.applies is None or each.applies(facts))


def _shorten(stage: _Stage, found: _Found) -> None:
    for hours in stage.hours:
        if found.shortest is None or hours < found.shortest:
            found.shortest = hours


# A limit that runs: its period, and when its clock started.
_Running: TypeAlias = tuple[Deadline, datetime]


def _due(regime: Regime, stage: Stage, court: _Court) -> Due | None:
    by = _reckoning(regime, stage, court)
    running = _limit(regime, stage, court, by)
    if running is None:
        return None
    deadline, start = running
    due = due_at(deadline, start, by)
    return Due(
        regime=regime.id,
        stage=stage.id,
        due_at=due,
        permitted_until=permitted_until(deadline, start, due, by),
        started_at=start.astimezone(UTC),
        clock=deadline.clock,
    )


def _limit(regime: Regime, stage: Stage, court: _Court, by: Reckoning) -> _Running | None:
    """The limit that counts: the earlier of those whose clocks have started."""
    limits = [
        (limit, start)
        for limit in (stage.deadline, stage.cap)
        if limit is not None and (start := _started(limit, regime, stage, court)) is not None
    ]
    if len(limits) == 2 and _is_waived(stage, limits[0], limits[1], by):
        return limits[0]
    return min(limits, key=lambda one: due_at(*one, by).astimezone(UTC), default=None)


def _is_waived(stage: Stage, main: _Running, cap: _Running, by: Reckoning) -> bool:
    if stage.cap is None or stage.cap.waived_when != WAIVED_AFTER_CAP:
        return False
    return main[1] > due_at(*cap, by).astimezone(UTC)


def _started(limit: Deadline, regime: Regime, stage: Stage, court: _Court) -> datetime | None:
    """When the event was from which this limit counts; None while nobody knows."""
    case = court.case
    if limit.clock == "previous_stage":
        sent = (case.submitted.get(f"{regime.id}/{each}") for each in stage.after)
        return min((each for each in sent if each is not None), default=None)
    if limit.clock == "calendar_year_end":
        discovery = case.clocks.get("discovery")
        return None if discovery is None else year_end(discovery, court.zone)
    return case.clocks.get(limit.clock)


def _reckoning(regime: Regime, stage: Stage, court: _Court) -> Reckoning:
    facts, (entities, stages) = court.case.facts, court.pack.relief_excluded
    calendar = facts["holiday_calendar"] if regime.calendar == MEMBER_STATE else regime.calendar
    return Reckoning(
        profile=regime.computation,
        zone=court.zone,
        is_holiday=partial(court.calendars, calendar) if calendar else _never,
        rolls=stage.rolls,
        relieved=stage.id not in stages or entities.isdisjoint(facts["entity_types"]),
    )


def _never(_day: date) -> bool:
    return False
