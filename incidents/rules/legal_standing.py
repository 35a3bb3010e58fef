"""How each regime stands while not all is known: a duty, to assess, none, or open and on what."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from incidents.rules.law_pack import Pack, Regime, Stage, Unit
from incidents.rules.legal_engine import applies
from incidents.rules.legal_knowledge import Known, Tree, Truth, View, closed, tree

Verdict: TypeAlias = Literal["duty", "assess", "no", "open", "not_in_force", "voluntary"]
EVALUATION_DATE = "evaluation_date"
# These are settled by the incident and the profile, nobody is asked for them.
NOT_ASKED = frozenset({EVALUATION_DATE, "clock_timezone", "holiday_calendar"})
_MOST_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Standing:
    """How one regime stands. `open_on`: the facts it rests on that nobody gave.

    A regime that cannot be a duty on the day (not in force, or voluntary) is never open: it
    stands as the facts do with their defaults, and `open_on` says what that rests on.
    """

    regime: str
    verdict: Verdict
    open_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One regime made ready to be asked many times."""

    regime: Regime
    trigger: Tree
    watch: Tree | None
    stages: tuple[tuple[Stage, Tree | None], ...]

    def trees(self) -> Iterator[Tree]:
        """Every predicate of it."""
        yield self.trigger
        if self.watch:
            yield self.watch
        yield from (condition for _, condition in self.stages if condition)


def standings(pack: Pack, known: Known) -> tuple[Standing, ...]:
    """How every regime stands, in the order of the pack."""
    view = view_of(pack, known)
    return tuple(standing(reading(regime), view) for regime in pack.regimes.values())


def standing(read: Reading, view: View) -> Standing:
    """How this one stands."""
    if not can_be_duty(read.regime, str(view.facts.get(EVALUATION_DATE) or "")):
        return _without_duty(read, view)
    trigger = read.trigger.truth(view)
    if trigger:
        return Standing(read.regime.id, "duty")
    watch = read.watch.truth(view) if read.watch else False
    if trigger is False and watch is not None:
        return Standing(read.regime.id, "assess" if watch else "no")
    return Standing(read.regime.id, "open", _open_on(read, view, trigger, watch))


def _open_on(read: Reading, view: View, trigger: Truth, watch: Truth) -> tuple[str, ...]:
    names = list(read.trigger.open_on(view)) if trigger is None else []
    if watch is None and read.watch:
        names += read.watch.open_on(view)
    return tuple(dict.fromkeys(names))


def _without_duty(read: Reading, view: View) -> Standing:
    as_it_stands = read.trigger.truth(as_counted(view))
    is_open = read.trigger.truth(view) is None
    rests_on = tuple(dict.fromkeys(read.trigger.open_on(view))) if is_open else ()
    verdict: Verdict = "voluntary" if read.regime.status == "voluntary" else "not_in_force"
    return Standing(read.regime.id, verdict if as_it_stands else "no", rests_on)


def can_be_duty(regime: Regime, on: str) -> bool:
    """Whether it binds on this day (an ISO date), were its trigger to hold."""
    return regime.status != "voluntary" and applies(regime, on)


def view_of(pack: Pack, known: Known) -> View:
    """What is known over the defaults; without a day, the day the pack stands for is judged."""
    facts = {name: fact.default for name, fact in pack.facts.items()}
    if EVALUATION_DATE in facts and facts[EVALUATION_DATE] is None:
        facts[EVALUATION_DATE] = pack.as_of
    facts |= {name: closed(name, value) for name, value in known.findings.items()}
    return View(facts, {*known.findings, *NOT_ASKED})


def as_counted(view: View) -> View:
    """The same facts as the engine counts them: every default taken for what is so."""
    return View(view.facts, view.given, is_total=True, hours=view.hours)


def hours(pack: Pack, view: View) -> tuple[int | None, int | None]:
    """The shortest period in hours of what is a duty or to assess for certain, and of what may be."""
    certain: list[int] = []
    possible: list[int] = []
    for regime in pack.regimes.values():
        read = reading(regime)
        verdict = standing(read, view).verdict
        if verdict not in ("duty", "assess", "open"):
            continue
        for stage, condition in read.stages:
            asked = condition.truth(view) if condition else True
            if asked is not False:
                found = _hours_of(stage)
                possible += found
                certain += found if asked and verdict != "open" else []
    return min(certain, default=None), min(possible, default=None)


def _hours_of(stage: Stage) -> list[int]:
    periods = (stage.deadline, stage.cap)
    return [each.value for each in periods if each and each.unit is Unit.HOURS]


def reading(regime: Regime) -> Reading:
    """This regime made ready; kept, as the same few regimes are asked over and over."""
    kept = _kept.get(id(regime))
    if kept is None or kept.regime is not regime:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        kept = _kept[id(regime)] = _read(regime)
    return kept


# By identity; the reading holds its regime, so no other can come to have the same.
_kept: dict[int, Reading] = {}


def _read(regime: Regime) -> Reading:
    return Reading(
        regime,
        tree(regime.trigger),
        tree(regime.watch) if regime.watch else None,
        tuple(
            (stage, tree(stage.condition) if stage.condition else None)
            for stage in regime.stages
        ),
    )
