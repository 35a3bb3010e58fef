"""What became of the duties when the facts changed, and because of which of them.

A cause is found by putting one changed thing back at a time: what alone brings back what was
before is a cause. Where only several together do, the fewest of them that do are named.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from incidents.rules import legal_words
from incidents.rules.facts import TotalFacts
from incidents.rules.law_pack import Pack, narrowed
from incidents.rules.law_pack_facts import MAX_STATE, most_in_a_state
from incidents.rules.legal_arithmetic import instant
from incidents.rules.legal_compare import LawChange, compare
from incidents.rules.legal_deadlines import Calendars
from incidents.rules.legal_engine import Due, Outcome, evaluate
from incidents.rules.legal_facts import Case
from incidents.rules.legal_knowledge import COUNTS
from incidents.rules.legal_standing import Verdict

__all__ = ["BUCKETS", "Change", "LawChange", "Moved", "changes", "compare"]

BUCKETS: tuple[Verdict, ...] = ("duty", "assess", "not_in_force", "voluntary")


@dataclass(frozen=True, slots=True)
class Moved:
    """One stage that came, went, or is due at another instant; None: it was, or is, not due."""

    stage: str
    was: Due | None
    now: Due | None


@dataclass(frozen=True, slots=True)
class Change:
    """One regime that stands otherwise, or whose stages do. `because`: sentences, never empty."""

    regime: str
    was: Verdict
    now: Verdict
    because: tuple[str, ...]
    moved: tuple[Moved, ...] = ()
    stages_added: tuple[str, ...] = ()
    stages_removed: tuple[str, ...] = ()


def changes(pack: Pack, before: Case, after: Case, calendars: Calendars) -> tuple[Change, ...]:
    """Every regime of which these two cases do not say the same, in the order of the pack."""
    was, now = (_read(evaluate(pack, each, calendars), pack) for each in (before, after))
    differences = list(_differences(before, after))
    return tuple(
        _change(pack, name, _Sides(was[name], now[name], before, after), differences, calendars)
        for name in pack.regimes
        if not _same(was[name], now[name])
    )


@dataclass(frozen=True, slots=True)
class _State:
    """All that an outcome says of one regime; its stages by how they stand."""

    verdict: Verdict
    due: Mapping[str, tuple[datetime, datetime | None]]
    stages: frozenset[tuple[str, str]]
    found: Mapping[str, Due]


@dataclass(frozen=True, slots=True)
class _Sides:
    was: _State
    now: _State
    before: Case
    after: Case


_Difference: TypeAlias = tuple[str, str]  # the part of a case, and the name within it


def _read(outcome: Outcome, pack: Pack) -> dict[str, _State]:
    verdicts: dict[str, Verdict] = {
        name: bucket for bucket in BUCKETS for name in getattr(outcome, bucket)
    }
    found: dict[str, dict[str, Due]] = {name: {} for name in pack.regimes}
    stages: dict[str, set[tuple[str, str]]] = {name: set() for name in pack.regimes}
    for due in outcome.due:
        found[due.regime][due.stage] = due
        stages[due.regime].add((due.stage, "due"))
    for kind in ("pending", "no_fixed_deadline"):
        for each in getattr(outcome, kind):
            regime, _, stage = each.partition("/")
            stages[regime].add((stage, kind))
    return {
        name: _State(
            verdicts.get(name, "no"),
            {stage: (due.due_at, due.permitted_until) for stage, due in found[name].items()},
            frozenset(stages[name]),
            found[name],
        )
        for name in pack.regimes
    }


def _differences(before: Case, after: Case) -> Iterator[_Difference]:
    for part in ("facts", "clocks", "submitted"):
        was, now = getattr(before, part), getattr(after, part)
        for name in dict.fromkeys([*was, *now]):
            if name != "derived" and was.get(name) != now.get(name):
                yield part, name


def _change(
    pack: Pack,
    name: str,
    sides: _Sides,
    differences: list[_Difference],
    calendars: Calendars,
) -> Change:
    was, now = sides.was, sides.now
    causes = list(_causes(pack, name, sides, differences, calendars))
    stages_before, stages_after = ({stage for stage, _ in each.stages} for each in (was, now))
    return Change(
        name,
        was.verdict,
        now.verdict,
        tuple(_sentence(each, sides, pack) for each in causes),
        tuple(_moved(pack, name, was, now)),
        tuple(s.id for s in pack.regimes[name].stages if s.id in stages_after - stages_before),
        tuple(s.id for s in pack.regimes[name].stages if s.id in stages_before - stages_after),
    )


def _causes(
    pack: Pack,
    name: str,
    sides: _Sides,
    differences: list[_Difference],
    calendars: Calendars,
) -> Iterator[_Difference]:
    one = narrowed(pack, {name})
    is_judged_otherwise = sides.was.verdict != sides.now.verdict

    def undo(some: Iterable[_Difference]) -> bool:
        """Whether these put back would bring back what was before."""
        case = sides.after
        for each in some:
            case = _put_back(sides.before, case, each)
        state = _read(evaluate(one, case, calendars), one)[name]
        if is_judged_otherwise:
            return state.verdict == sides.was.verdict
        return _same(state, sides.was)

    alone = [each for each in differences if undo([each])]
    if alone:
        yield from alone
        return
    needed = list(differences)
    for each in differences:
        fewer = [other for other in needed if other != each]
        needed = fewer if undo(fewer) else needed
    yield from needed


def _same(one: _State, other: _State) -> bool:
    return (one.verdict, one.due, one.stages) == (other.verdict, other.due, other.stages)


def _put_back(before: Case, after: Case, difference: _Difference) -> Case:
    part, name = difference
    if part == "facts":
        values = {**after.facts, name: before.facts[name]}
        # What is counted from the facts goes back with them.
        values["derived"] = {MAX_STATE: most_in_a_state(values[COUNTS])}
        return replace(after, facts=TotalFacts(values, after.facts.given))
    was, now = getattr(before, part), dict(getattr(after, part))
    now.pop(name, None)
    if name in was:
        now[name] = was[name]
    return replace(after, clocks=now) if part == "clocks" else replace(after, submitted=now)


def _sentence(difference: _Difference, sides: _Sides, pack: Pack) -> str:
    part, name = difference
    was, now = (getattr(case, part).get(name) for case in (sides.before, sides.after))
    if part == "facts":
        called = legal_words.called(name, pack.facts)
        before, after = (legal_words.label(name, each, pack.words) for each in (was, now))
        return f"{called[:1].upper()}{called[1:]}: was “{before}”, is now “{after}”."
    zone = ZoneInfo(sides.after.facts["clock_timezone"])
    before, after = (instant(each.astimezone(zone)) if each else "" for each in (was, now))
    what = legal_words.clock_called(name) if part == "clocks" else f"submission of {name}"
    what = f"{what[:1].upper()}{what[1:]}"
    if not before:
        return f"{what}: now known, {after}."
    return f"{what}: was {before}, is now {after or 'not known'}."


def _moved(pack: Pack, name: str, was: _State, now: _State) -> Iterator[Moved]:
    for stage in pack.regimes[name].stages:
        if was.due.get(stage.id) != now.due.get(stage.id):
            yield Moved(stage.id, was.found.get(stage.id), now.found.get(stage.id))
