"""What an incident owes under its law: each stage of each duty as a clock has it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from incidents.rules import legal_words
from incidents.rules.law_pack import Pack, Regime, Stage
from incidents.rules.legal_clocks import kind_of
from incidents.rules.legal_deadlines import Calendars
from incidents.rules.legal_engine import Due, Outcome, evaluate, judged_on
from incidents.rules.legal_facts import Case
from incidents.rules.predicates import Finding, explain

LONGEST_TITLE, LONGEST_BASIS = 300, 500  # characters


@dataclass(frozen=True, slots=True)
class Duty:
    """One stage that is owed. Instants are in UTC; `zone` is the one they are reckoned in.

    `due_at` None: its event has not happened, or neither law nor policy has a number.
    `is_fixed` false: the number is our own target. `is_assumed`: nobody said when its event was.
    """

    kind: str
    regime: str
    stage: str
    title: str
    recipients: tuple[str, ...]
    confidence: str
    basis: str
    clock: str
    zone: str
    is_fixed: bool
    is_assumed: bool = False
    started_at: datetime | None = None
    due_at: datetime | None = None
    permitted_until: datetime | None = None


def owed(
    pack: Pack, case: Case, calendars: Calendars, assumed: Collection[str] = ()
) -> tuple[Outcome, tuple[Duty, ...]]:
    """What the law says, and what is owed because of it, in the order of the pack.

    `assumed` are the clocks of the case that nobody said.
    """
    outcome = evaluate(pack, case, calendars)
    running = {(each.regime, each.stage): each for each in outcome.due}
    if outcome.no_fixed_deadline:
        targets = evaluate(_by_target(pack), case, calendars)
        running |= {(each.regime, each.stage): each for each in targets.due}
    named = {f"{each.regime}/{each.stage}" for each in outcome.due}
    named |= {*outcome.pending, *outcome.no_fixed_deadline}
    duties = tuple(
        _duty(pack, regime, stage, case, running.get((regime.id, stage.id)), assumed)
        for regime, stage in _stages(pack, outcome)
        if f"{regime.id}/{stage.id}" in named
    )
    return outcome, duties


def reasons(pack: Pack, regime: str, case: Case) -> tuple[str, ...]:
    """The facts that make this regime a duty, each in plain words: "persons affected: 120"."""
    found = explain(pack.regimes[regime].trigger, case.facts)
    return tuple(dict.fromkeys(_met(each, pack) for each in found.findings))


def why_not(pack: Pack, regime: str, stage: str, case: Case) -> str:
    """Why this stage is not owed, in a sentence that names the facts."""
    law = pack.regimes.get(regime)
    if law is None:
        return "By our profile this law does not concern us."
    trigger = explain(law.trigger, case.facts)
    if not trigger.holds:
        return _sentence([_unmet(each, pack) for each in trigger.findings])
    condition = next((each.condition for each in law.stages if each.id == stage), None)
    if condition is not None:
        found = explain(condition, case.facts)
        if not found.holds:
            return _sentence([_unmet(each, pack) for each in found.findings])
    return f"It does not apply on {judged_on(pack, case)}."


def in_both_zones(instant: datetime, zone: str) -> str:
    """The instant in UTC, and where it is reckoned if its clocks show another time."""
    said = f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    there = instant.astimezone(ZoneInfo(zone))
    if not there.utcoffset():
        return said
    return f"{said} ({there:%Y-%m-%d %H:%M} {zone})"


def _met(found: Finding, pack: Pack) -> str:
    """What was found, of a list only what counts here."""
    actual, wanted = found.actual, found.expected
    if isinstance(actual, list | tuple) and not found.negated:
        among = wanted if isinstance(wanted, list | tuple) else (wanted,)
        actual = [each for each in actual if each in among] or actual
    return _said(found.field, actual, pack)


def _unmet(found: Finding, pack: Pack) -> str:
    demand = {"field": found.field, "operator": found.operator, "value": found.expected}
    needed = legal_words.demand(demand, pack.facts, pack.words, negated=found.negated)
    return f"{_said(found.field, found.actual, pack)} (needed: {needed})"


def _said(field: str, value: object, pack: Pack) -> str:
    name = field.partition(".")[0]
    return (
        f"{legal_words.called(field, pack.facts)}: {legal_words.label(name, value, pack.words)}"
    )


def _sentence(parts: Collection[str]) -> str:
    said = "; ".join(dict.fromkeys(parts))
    return f"{said[:1].upper()}{said[1:]}."


def _stages(pack: Pack, outcome: Outcome) -> Iterator[tuple[Regime, Stage]]:
    for name in outcome.duty:
        regime = pack.regimes[name]
        yield from ((regime, stage) for stage in regime.stages)


def _duty(
    pack: Pack,
    regime: Regime,
    stage: Stage,
    case: Case,
    due: Due | None,
    assumed: Collection[str],
) -> Duty:
    is_fixed = stage.deadline is not None
    counted = stage.deadline or stage.planning_target
    clock = due.clock if due else counted.clock if counted else ""
    duty = Duty(
        kind=kind_of(regime.id, stage.id),
        regime=regime.id,
        stage=stage.id,
        title=_title(regime, stage),
        recipients=stage.recipients,
        confidence=regime.confidence,
        basis=_basis(regime, reasons(pack, regime.id, case)),
        clock=clock,
        zone=case.facts["clock_timezone"],
        is_fixed=is_fixed,
    )
    if due is None:
        return duty
    return replace(
        duty,
        is_assumed=_rests_on(clock) in assumed,
        started_at=due.started_at,
        due_at=due.due_at.astimezone(UTC),
        permitted_until=_later(due) if is_fixed else None,
    )


def _rests_on(clock: str) -> str:
    """The event behind a clock: the end of a year follows from the discovery."""
    return "discovery" if clock == "calendar_year_end" else clock


def _later(due: Due) -> datetime | None:
    """What the law allows, where that is later."""
    until = due.permitted_until and due.permitted_until.astimezone(UTC)
    return until if until and until > due.due_at.astimezone(UTC) else None


def _title(regime: Regime, stage: Stage) -> str:
    said = regime.name if len(regime.stages) == 1 else f"{regime.name}: {stage.name}"
    return _cut(said, LONGEST_TITLE)


def _basis(regime: Regime, why: Collection[str]) -> str:
    law = regime.legal_basis or regime.source
    return _cut(f"{law}: {'; '.join(why)}." if why else f"{law}.", LONGEST_BASIS)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


# Of each pack the same with our own targets in the place of numbers the law does not have.
_targets: WeakKeyDictionary[Pack, Pack] = WeakKeyDictionary()


def _by_target(pack: Pack) -> Pack:
    found = _targets.get(pack)
    if found is None:
        regimes = {name: _targeted(regime) for name, regime in pack.regimes.items()}
        found = _targets[pack] = replace(pack, regimes=MappingProxyType(regimes))
    return found


def _targeted(regime: Regime) -> Regime:
    stages = tuple(
        replace(stage, deadline=stage.planning_target)
        if stage.deadline is None and stage.planning_target
        else stage
        for stage in regime.stages
    )
    return replace(regime, stages=stages)


def assumed_instants(
    said: Mapping[str, datetime], detected_at: datetime, sent_at: datetime | None = None
) -> dict[str, datetime]:
    """Discovery and awareness, where nobody said them: at the detection, which is early.

    Never after anything that can only have come later: a decision, or the first submission
    (`sent_at`); nor is awareness before the discovery somebody said.
    """
    later = [each for name, each in said.items() if name != "discovery"]
    earliest = min([detected_at, *later, *([sent_at] if sent_at else [])])
    discovery = said.get("discovery", earliest)
    found = {"discovery": earliest, "awareness": max(earliest, discovery)}
    return {name: each for name, each in found.items() if name not in said}
