"""The profile of an organisation before the law: what it is, where it is, which law it switches.

A profile is said once, in calm, and approved; it is a finding about every incident. What it says
leaves out the regimes that can never concern us; doubt keeps them in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from incidents.rules import legal_words
from incidents.rules.law_pack import Pack, Regime, narrowed
from incidents.rules.legal_facts import total_facts
from incidents.rules.legal_knowledge import Known, View
from incidents.rules.legal_standing import NOT_ASKED, Reading, reading, view_of
from incidents.rules.reasons import Invalid, Reason

# What is so of us whatever happens; all else is a fact of one incident.
PROFILE_FACTS = (
    "operates_in",
    "data_roles",
    "entity_types",
    "contract_clause_types",
    "clock_timezone",
    "holiday_calendar",
    "gdpr_establishment_processing",
    "uk_establishment_processing",
    "large_scale_processing",
    "il_database_security_level",
)
EVERY_SECTOR = frozenset({"all", "private_sector"})
LONGEST_REASON = 2_000  # characters
_PARTS = ("facts", "sectors", "off", "on")


@dataclass(frozen=True, slots=True)
class Profile:
    """What we said of ourselves. `off` and `on`: regimes switched by hand, each with the reason.

    No sectors means that nobody said: then none is ruled out.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    sectors: tuple[str, ...] = ()
    off: Mapping[str, str] = field(default_factory=dict)
    on: Mapping[str, str] = field(default_factory=dict)


def read_profile(document: object, pack: Pack) -> Profile:
    """The profile of this document under this pack. Invalid with every problem by its path."""
    if not isinstance(document, Mapping):
        raise Invalid.because("profile_not_a_mapping", "Say facts, sectors, off and on.", "")
    problems = [*_strangers(document), *_fact_problems(document, pack)]
    problems += [*_sector_problems(document, pack), *_switch_problems(document, pack)]
    if problems:
        raise Invalid(*problems)
    said = document.get("facts") or {}
    total = total_facts(pack, said)
    return Profile(
        {name: total[name] for name in said},
        tuple(document.get("sectors") or ()),
        dict(document.get("off") or {}),
        dict(document.get("on") or {}),
    )


def sectors(pack: Pack) -> tuple[str, ...]:
    """The sectors a profile may name, in the order of the pack."""
    named = (sector for regime in pack.regimes.values() for sector in regime.sectors)
    return tuple(each for each in dict.fromkeys(named) if each not in EVERY_SECTOR)


def _strangers(document: Mapping[Any, Any]) -> Iterator[Reason]:
    for name in document:
        if name not in _PARTS:
            text = f"A profile has no part “{str(name)[:80]}”: use {', '.join(_PARTS)}."
            yield Reason("profile_unknown_part", text, str(name)[:80])


def _fact_problems(document: Mapping[Any, Any], pack: Pack) -> Iterator[Reason]:
    said = document.get("facts")
    if said is None:
        return
    if not isinstance(said, Mapping):
        yield Reason("profile_bad_facts", "Give the facts by name.", "facts")
        return
    for name in said:
        if name not in PROFILE_FACTS:
            text = (
                f"{str(name)[:80]} is not for a profile: "
                f"say it of an incident; a profile says {', '.join(PROFILE_FACTS)}."
            )
            yield Reason("not_a_profile_fact", text, f"facts.{str(name)[:80]}")
    try:
        total_facts(pack, {name: said[name] for name in said if name in PROFILE_FACTS})
    except Invalid as refusal:
        yield from refusal.reasons


def _sector_problems(document: Mapping[Any, Any], pack: Pack) -> Iterator[Reason]:
    said = document.get("sectors")
    if said is None:
        return
    if not isinstance(said, list | tuple):
        yield Reason("profile_bad_sectors", "List the sectors.", "sectors")
        return
    known = sectors(pack)
    for index, each in enumerate(said):
        if each not in known:
            text = f"There is no sector {str(each)[:80]}: use {', '.join(known)}."
            yield Reason("unknown_sector", text, f"sectors[{index}]")


def _switch_problems(document: Mapping[Any, Any], pack: Pack) -> Iterator[Reason]:
    for part in ("off", "on"):
        said = document.get(part)
        if said is None:
            continue
        if not isinstance(said, Mapping):
            yield Reason("profile_bad_switch", "Give a reason for each regime.", part)
            continue
        for name, why in said.items():
            yield from _one_switch(f"{part}.{str(name)[:80]}", name, why, pack)
    off, on = document.get("off"), document.get("on")
    if isinstance(off, Mapping) and isinstance(on, Mapping):
        for name in off:
            if name in on:
                text = f"{str(name)[:80]} is switched off and on: choose one."
                yield Reason("switched_both_ways", text, f"on.{str(name)[:80]}")


def _one_switch(path: str, name: object, why: object, pack: Pack) -> Iterator[Reason]:
    if name not in pack.regimes:
        text = f"The law pack has no regime {str(name)[:80]}."
        yield Reason("unknown_regime", text, path)
    if not isinstance(why, str) or not why.strip():
        yield Reason("switch_needs_reason", "Say why: an auditor will ask.", path)
    elif len(why) > LONGEST_REASON:
        text = f"Give the reason in at most {LONGEST_REASON:,} characters."
        yield Reason("reason_too_long", text, path)


def concerning(pack: Pack, profile: Profile) -> Mapping[str, str]:
    """Each regime that could ever concern us, and why it could, in the order of the pack.

    It could while neither its trigger nor its watch is ruled out by what the profile says, and it
    is the law of a sector or a kind of entity of ours. Switched off it does not, switched on it does, whatever else.
    """
    view = _view(pack, profile)
    found = {name: _why(regime, view, profile, pack) for name, regime in pack.regimes.items()}
    return {name: why for name, why in found.items() if why}


def in_use(pack: Pack, profile: Profile) -> Pack:
    """The pack narrowed to what could concern us."""
    return narrowed(pack, concerning(pack, profile))


def _view(pack: Pack, profile: Profile) -> View:
    view = view_of(pack, Known(profile.facts))
    # Not the day: whether it is in force is asked of each incident anew.
    return View(view.facts, set(profile.facts) - {"evaluation_date"})


def _why(regime: Regime, view: View, profile: Profile, pack: Pack) -> str:
    if regime.id in profile.on:
        return f"Switched on: {profile.on[regime.id]}"
    if regime.id in profile.off or _is_foreign_sector(regime, profile):
        return ""
    read = reading(regime)
    is_ruled_out = read.trigger.truth(view) is False and (
        read.watch is None or read.watch.truth(view) is False
    )
    return "" if is_ruled_out else _grounds(read, view, pack)


def _is_foreign_sector(regime: Regime, profile: Profile) -> bool:
    """Whether it is the law of sectors that are not ours, and of nothing that we say we are.

    What it names outright weighs more: a listed company that forgot its sector still files.
    """
    ours, theirs = profile.sectors, set(regime.sectors)
    if not ours or not theirs or theirs & (EVERY_SECTOR | set(ours)):
        return False
    is_named = set(regime.entity_types) & set(profile.facts.get("entity_types", ()))
    return not is_named - {"business"}


def _grounds(read: Reading, view: View, pack: Pack) -> str:
    """What of the profile speaks for it, and what an incident would have to add."""
    leaves = [leaf for tree in read.trees() for leaf in tree.leaves()]
    # That we are not something else is no ground to be concerned.
    telling = (
        leaf for leaf in leaves if leaf.name in view.given and "not" not in leaf.operator
    )
    met = {leaf.name: leaf for leaf in telling if leaf.truth(view)}
    ours = [
        f"{legal_words.called(name)}: {_shared(leaf.expected, view.facts[name], name, pack)}"
        for name, leaf in met.items()
    ]
    rest = dict.fromkeys(
        leaf.name
        for leaf in leaves
        if leaf.name not in view.given and leaf.name not in NOT_ASKED and leaf.name != "derived"
    )
    asked = [legal_words.called(name, pack.facts) for name in rest]
    lead = f"{'; '.join(ours)}. " if ours else ""
    lead = f"{lead[:1].upper()}{lead[1:]}"
    return f"{lead}It then depends on {_listed(asked)}." if asked else lead.strip()


def _shared(expected: Any, ours: Any, name: str, pack: Pack) -> str:
    """The members of a list that meet the demand; else the value itself."""
    if not isinstance(ours, list | tuple):
        return legal_words.label(name, ours, pack.words)
    wanted = expected if isinstance(expected, list | tuple) else (expected,)
    both = [each for each in ours if each in wanted] or list(ours)
    return legal_words.label(name, both, pack.words)


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
