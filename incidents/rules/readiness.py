"""Ready for the law: how soon a regime wants to be told, and whether our data map speaks for it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from incidents.rules.law_pack import Deadline, Pack, Regime, Unit
from incidents.rules.legal_arithmetic import counted_from
from incidents.rules.legal_knowledge import View, tree
from incidents.rules.legal_profile import Profile
from incidents.rules.predicates import Predicate
from incidents.rules.regulators import offices

# To put periods in order, not to compute them: business days pass the faster, months the slower.
_ABOUT_HOURS = {
    Unit.HOURS: 1,
    Unit.CALENDAR_DAYS: 24,
    Unit.BUSINESS_DAYS: 34,
    Unit.MONTHS: 730,
}
_NEVER = 1_000_000
# What of the map may speak for or against a regime: how many they are is never complete.
MAPPED_FACTS = ("data_categories", "affected_jurisdictions")


@dataclass(frozen=True, slots=True)
class Shortest:
    """The first that a regime wants: `text` for people, `hours` about, `is_fixed` by the law."""

    text: str
    hours: int
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Concern:
    """One regime that could concern us, why, and whom it makes us tell.

    `is_mapped`: our data map holds what it is about; None where it turns on nothing mapped.
    `is_off`: the profile switched it off.
    """

    regime: Regime
    why: str
    shortest: Shortest
    offices: tuple[str, ...]
    is_mapped: bool | None
    is_off: bool = False


def shortest(regime: Regime) -> Shortest:
    """The shortest period of its stages; without one our own target, else without delay."""
    fixed = [each for stage in regime.stages for each in (stage.deadline, stage.cap) if each]
    if fixed:
        first = min(fixed, key=_hours)
        return Shortest(counted_from(first), _hours(first), is_fixed=True)
    ours = [stage.planning_target for stage in regime.stages if stage.planning_target]
    if ours:
        first = min(ours, key=_hours)
        text = f"without undue delay; our target {counted_from(first)}"
        return Shortest(text, _hours(first), is_fixed=False)
    return Shortest("without undue delay", _NEVER, is_fixed=False)


def concerns(
    pack: Pack, profile: Profile, why: Mapping[str, str], mapped: Mapping[str, Any]
) -> tuple[Concern, ...]:
    """What could concern us, what the data map speaks for first, then the shortest clock first.

    `why` is `legal_profile.concerning`; with it stand those switched off that the map speaks for.
    """
    found = [
        _concern(regime, profile, mapped, why.get(name, ""))
        for name, regime in pack.regimes.items()
        if name in why or name in profile.off
    ]
    kept = [each for each in found if not each.is_off or each.is_mapped]
    return tuple(sorted(kept, key=lambda each: (not each.is_mapped, each.shortest.hours)))


def wanted(found: Iterable[Concern]) -> dict[str, list[Concern]]:
    """Whom the regimes that are on make us tell, each with the regimes that do."""
    by_office: dict[str, list[Concern]] = {}
    for each in found:
        for code in () if each.is_off else each.offices:
            by_office.setdefault(code, []).append(each)
    return by_office


def _concern(regime: Regime, profile: Profile, mapped: Mapping[str, Any], why: str) -> Concern:
    is_off = not why
    told = [code for stage in regime.stages for code in stage.recipients]
    return Concern(
        regime,
        why or f"Switched off: {profile.off[regime.id]}",
        shortest(regime),
        tuple(offices(told)),
        _is_mapped(regime, profile, mapped),
        is_off,
    )


def _is_mapped(regime: Regime, profile: Profile, mapped: Mapping[str, Any]) -> bool | None:
    known = {name: mapped[name] for name in MAPPED_FACTS if name in mapped}
    predicates = [each for each in (regime.trigger, regime.watch) if each is not None]
    turning = [leaf for each in predicates for leaf in _leaves(each) if leaf["field"] in known]
    if not turning:
        return None
    facts = {**profile.facts, **known}
    ours, mapped_alone = View(facts, facts.keys()), View(facts, known.keys())
    may_hold = any(tree(each).truth(ours) is not False for each in predicates)
    return may_hold and any(tree(leaf).truth(mapped_alone) for leaf in turning)


def _leaves(node: Predicate) -> Iterator[Predicate]:
    """What a predicate asks for; that something is absent is no asking."""
    if "not" in node:
        return
    for part in (*node.get("all", ()), *node.get("any", ())):
        yield from _leaves(part)
    if "field" in node and not str(node["operator"]).startswith("not_"):
        yield node


def _hours(deadline: Deadline) -> int:
    return deadline.value * _ABOUT_HOURS[deadline.unit]
