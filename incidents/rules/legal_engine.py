"""The engine: which duties to notify follow from a case, and until when, under one law pack.

Pure and quick: predicates are compiled once a pack. The conventions it follows stand in the pack.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from incidents.rules.facts import TotalFacts
from incidents.rules.law_pack import Pack, Regime, Stage, Unit
from incidents.rules.law_pack_facts import MAX_STATE, SHORTEST
from incidents.rules.legal_deadlines import Calendars
from incidents.rules.legal_facts import Case
from incidents.rules.legal_limits import Running, Setting, running
from incidents.rules.legal_predicates import Test, compile


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
    found, day = _Found(), judged_on(pack, case)
    case = _on(day, case)
    setting = Setting.of(pack, case, calendars)
    compiled = _of_pack(pack)
    for regime in compiled.regimes:
        _judge(regime, setting, day, found)
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


def _on(day: str, case: Case) -> Case:
    """The case as it is judged: a predicate that asks for the day reads the one that counts."""
    if case.facts["evaluation_date"] is not None:
        return case
    facts = TotalFacts({**case.facts, "evaluation_date": day}, case.facts.given)
    return replace(case, facts=facts)


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


def _judge(compiled: _Regime, setting: Setting, day: str, found: _Found) -> None:
    regime, facts = compiled.regime, setting.case.facts
    if compiled.trigger(facts):
        if regime.status == "voluntary":
            found.voluntary.append(regime.id)
        elif not applies(regime, day):
            found.not_in_force.append(regime.id)
        else:
            found.duty.append(regime.id)
            _run(compiled, setting, found)
    elif _is_watched(compiled, facts) and applies(regime, day):
        found.assess.append(regime.id)
        for stage in _asked(compiled, facts):
            _shorten(stage, found)


def _is_watched(compiled: _Regime, facts: Mapping[str, Any]) -> bool:
    """Whether a legal question is open: never of what nobody must do."""
    if compiled.watch is None or compiled.regime.status == "voluntary":
        return False
    return compiled.watch(facts)


def _run(compiled: _Regime, setting: Setting, found: _Found) -> None:
    """Sort the stages of a duty: due, pending, or without a number."""
    for each in _asked(compiled, setting.case.facts):
        _shorten(each, found)
        if each.stage.deadline is None:
            found.no_fixed_deadline.append(each.name)
        elif (limit := running(compiled.regime, each.stage, setting)) is not None:
            found.due.append(_due(compiled.regime, each.stage, limit))
        else:
            found.pending.append(each.name)


def _due(regime: Regime, stage: Stage, limit: Running) -> Due:
    return Due(
        regime=regime.id,
        stage=stage.id,
        due_at=limit.due_at,
        permitted_until=limit.permitted_until,
        started_at=limit.started_at,
        clock=limit.limit.clock,
    )


def _asked(compiled: _Regime, facts: Mapping[str, Any]) -> Iterator[_Stage]:
    return (each for each in compiled.stages if each.applies is None or each.applies(facts))


def _shorten(stage: _Stage, found: _Found) -> None:
    for hours in stage.hours:
        if found.shortest is None or hours < found.shortest:
            found.shortest = hours
