"""A law pack in words: each regime with what triggers it, what it asks for, and how sure we are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from incidents.rules import legal_places, legal_words
from incidents.rules.law_pack import Cap, Deadline, Pack, Regime, Stage
from incidents.rules.legal_arithmetic import counted_from, period
from incidents.rules.operators import OPERATORS
from incidents.rules.predicates import Predicate

STATUS_WORDS = {
    "in_force": "in force",
    "not_yet_in_force": "not yet in force",
    "superseded": "superseded",
    "voluntary": "voluntary",
    "contractual": "by contract",
}
STATUS_TAGS = {
    "in_force": "tag-green",
    "contractual": "tag-green",
    "not_yet_in_force": "tag-blue",
}
_PREVIOUS = "previous_stage"
_MEMBERS = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
    ]
)
_EEA = _MEMBERS | {"IS", "LI", "NO"}


@dataclass(frozen=True, slots=True)
class StageShown:
    """One stage: what is due when, to whom; `target` is ours, never law."""

    stage: Stage
    recipients: tuple[str, ...]
    when: str
    target: str
    condition: SafeString


@dataclass(frozen=True, slots=True)
class RegimeShown:
    """One regime as its panel shows it; `concerns` says why it could concern us, "" if it cannot."""

    regime: Regime
    place: str
    status: str
    tag: str
    period: str
    trigger: SafeString
    watch: SafeString
    stages: tuple[StageShown, ...]
    recipients: str
    verified: str
    checked: tuple[str, ...]
    unverified: tuple[str, ...]
    concerns: str


def shown(pack: Pack, regime: Regime, concerns: str = "") -> RegimeShown:
    """This regime in words."""
    said = regime.verification
    return RegimeShown(
        regime=regime,
        place=place_of(regime),
        status=STATUS_WORDS[regime.status],
        tag=STATUS_TAGS.get(regime.status, ""),
        period=_period(regime),
        trigger=in_words(pack, regime.trigger),
        watch=in_words(pack, regime.watch) if regime.watch else SafeString(),
        stages=tuple(_stage(pack, regime, each) for each in regime.stages),
        recipients=", ".join(recipients(pack, regime.recipients)),
        verified=str(said["level"]).replace("_", " "),
        checked=tuple(said.get("checked") or ()),
        unverified=tuple(said.get("unverified") or ()),
        concerns=concerns,
    )


def place_of(regime: Regime) -> str:
    """Whose law it is, as a label."""
    return legal_places.name(regime.jurisdiction).removeprefix("the ")


def recipients(pack: Pack, names: Sequence[str]) -> tuple[str, ...]:
    """Who is told, as the pack calls them."""
    known = pack.words["recipients"]
    return tuple(known.get(name) or name.replace("_", " ") for name in names)


def spoken(deadline: Deadline, after: Sequence[str] = ()) -> str:
    """A period in words: "72 hours from awareness"."""
    if deadline.clock == _PREVIOUS:
        return f"{period(deadline)} after {' or '.join(after) or 'the stage before'} was sent"
    return counted_from(deadline)


def in_words(pack: Pack, predicate: Predicate) -> SafeString:
    """A predicate as nested lists, which a person can follow with a finger."""
    return format_html("<ul class='law-tree'>{}</ul>", _node(pack, predicate, negated=False))


def _node(pack: Pack, node: Predicate, *, negated: bool) -> SafeString:
    match node:
        case {"not": inner}:
            return _node(pack, inner, negated=not negated)
        case {"all": parts}:
            return _group(pack, parts, "any of" if negated else "all of", negated=negated)
        case {"any": parts}:
            return _group(pack, parts, "all of" if negated else "any of", negated=negated)
    return format_html("<li>{}</li>", _leaf(pack, node, negated=negated))


def _group(pack: Pack, parts: Sequence[Predicate], word: str, *, negated: bool) -> SafeString:
    if len(parts) == 1:
        return _node(pack, parts[0], negated=negated)
    inner = format_html_join("", "{}", ((_node(pack, one, negated=negated),) for one in parts))
    return format_html("<li><span class='faint'>{}</span><ul>{}</ul></li>", word, inner)


def _leaf(pack: Pack, leaf: Predicate, *, negated: bool) -> str:
    operator = OPERATORS[leaf["operator"]]
    demand = operator.opposite if negated else operator.demand
    field = leaf["field"]
    said = demand.format(value_words(pack, field, leaf.get("value")))
    return f"{legal_words.called(field, pack.facts)}: {said}"


def value_words(pack: Pack, field: str, value: object) -> str:
    """This value of this fact; thirty countries by the name of what they are together."""
    if isinstance(value, list | tuple) and field in legal_words.PLACES:
        given = {str(each) for each in value}
        for members, called in ((_EEA, "the EEA"), (_MEMBERS, "the EU")):
            if members <= given:
                others = [each for each in value if str(each) not in {*members, "EU"}]
                return ", ".join([called, *map(legal_places.name, map(str, others))])
    return legal_words.label(field, value, pack.words)


def _stage(pack: Pack, regime: Regime, stage: Stage) -> StageShown:
    target = stage.planning_target
    return StageShown(
        stage=stage,
        recipients=recipients(pack, stage.recipients),
        when=_when(stage, _names(regime)),
        target=spoken(target) if target else "",
        condition=in_words(pack, stage.condition) if stage.condition else SafeString(),
    )


def _names(regime: Regime) -> Mapping[str, str]:
    return {each.id: f"“{each.name}”" for each in regime.stages}


def _when(stage: Stage, names: Mapping[str, str]) -> str:
    after = [names.get(each, each) for each in stage.after]
    said = [spoken(stage.deadline, after) if stage.deadline else "No number in the law"]
    if stage.cap:
        said.append(_cap(stage.cap))
    if stage.without_undue_delay:
        said.append("without undue delay")
    if stage.rolls:
        said.append("the last day may move to the next working day")
    return "; ".join(said)


def _cap(cap: Cap) -> str:
    waived = ", unless that had passed before the clock started" if cap.waived_when else ""
    return f"at most {spoken(cap)}{waived}"


def _period(regime: Regime) -> str:
    begins, ends = regime.applies_from, regime.applies_until
    if begins and ends:
        return f"applies from {begins} to {ends}"
    if begins:
        return f"applies from {begins}"
    return f"applies until {ends}" if ends else "no date"
