"""Why a regime applies, does not apply or stays open: its tree as it was walked, in plain words.

Every leaf says what was found, what is demanded, and whether somebody said so, the data map has
it, or it is a default nobody confirmed. A `not` is turned inside out, so that nobody has to think
in double negatives: "none of malware, ransomware" instead of "not any of".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from incidents.rules import legal_words
from incidents.rules.law_pack import Pack, Regime
from incidents.rules.legal_arithmetic import stage_sentence
from incidents.rules.legal_engine import judged_on
from incidents.rules.legal_facts import Case
from incidents.rules.legal_knowledge import (
    COUNTS,
    MAX_US_STATE,
    SHORTEST_HOURS,
    Known,
    Leaf,
    Truth,
    View,
    tree,
)
from incidents.rules.legal_standing import (
    EVALUATION_DATE,
    NOT_ASKED,
    Verdict,
    as_counted,
    hours,
    reading,
    standing,
    view_of,
)
from incidents.rules.predicates import Predicate

__all__ = [
    "Node",
    "Walked",
    "WalkedRule",
    "WalkedStage",
    "applies_text",
    "explain",
    "explain_counsel",
    "stage_sentence",
]

Kind: TypeAlias = Literal["all", "any", "leaf"]
Basis: TypeAlias = Literal["said", "data_map", "unknown", "default", "counted"]
_BASES = {
    "said": "said",
    "data_map": "from the data map, nobody confirmed it",
    "unknown": "asked, nobody knows yet; counted so",
    "default": "nobody said; counted so",
    "counted": "counted from the rest",
}
_LEADS = {"all": "All of this must be so", "any": "One of these is enough"}


@dataclass(frozen=True, slots=True)
class Node:
    """One step of the tree. `holds` rests on findings alone (None: open), `counted` also on
    assumptions, as the engine counts. `assumed`: nobody said so. Leaves have a field and a basis.
    """

    text: str
    holds: Truth
    kind: Kind
    counted: bool
    negated: bool = False
    assumed: bool = False
    field: str = ""
    basis: Basis = "said"
    parts: tuple["Node", ...] = ()

    def deciders(self) -> Iterator["Node"]:
        """The leaves that made it hold, fail or stay open, in the order written."""
        if self.kind == "leaf":
            yield self
        for part in self.parts:
            if part.holds is self.holds:
                yield from part.deciders()


@dataclass(frozen=True, slots=True)
class WalkedStage:
    """One stage of a regime and its condition, if it has one."""

    stage: str
    name: str
    condition: Node | None

    @property
    def is_asked(self) -> Truth:
        """Whether the stage is asked for, were the regime a duty; None: open."""
        return self.condition.holds if self.condition else True


@dataclass(frozen=True, slots=True)
class Walked:
    """One regime explained. `verdict` rests on findings alone; `counted_as` is the engine's."""

    regime: str
    verdict: Verdict
    counted_as: Verdict
    applies_text: str
    trigger: Node
    watch: Node | None
    stages: tuple[WalkedStage, ...]
    because: tuple[str, ...]
    confidence: str


@dataclass(frozen=True, slots=True)
class WalkedRule:
    """One reason to engage counsel within the first hour, as it was walked."""

    rule: str
    reason: str
    tree: Node


def explain(pack: Pack, case: Case, known: Known) -> tuple[Walked, ...]:
    """Every regime of the pack explained. `known` says which facts of the case are findings."""
    scene = _scene(pack, case, known)
    return tuple(_walked(regime, scene) for regime in pack.regimes.values())


def explain_counsel(pack: Pack, case: Case, known: Known) -> tuple[WalkedRule, ...]:
    """Every rule that can ask for counsel within the first hour, explained."""
    scene = _scene(pack, case, known)
    return tuple(
        WalkedRule(rule.id, rule.reason, _node(rule.when, scene)) for rule in pack.counsel
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    pack: Pack
    case: Case
    known: Known
    day: str
    view: View  # of findings alone
    counted: View  # of everything as it stands


def _scene(pack: Pack, case: Case, known: Known) -> _Scene:
    day = judged_on(pack, case)
    found = view_of(pack, Known({**known.findings, EVALUATION_DATE: day}, known.unknown))
    facts = {**case.facts, EVALUATION_DATE: day}
    counted = as_counted(View(facts, found.given))
    view = View(found.facts, found.given, hours=hours(pack, found))
    return _Scene(
        pack,
        case,
        known,
        day,
        view,
        View(facts, found.given, is_total=True, hours=hours(pack, counted)),
    )


def _walked(regime: Regime, scene: _Scene) -> Walked:
    read = reading(regime)
    verdict = standing(read, scene.view).verdict
    trigger = _node(regime.trigger, scene)
    watch = _node(regime.watch, scene) if regime.watch else None
    return Walked(
        regime.id,
        verdict,
        standing(read, scene.counted).verdict,
        applies_text(regime, scene.day),
        trigger,
        watch,
        tuple(
            WalkedStage(
                stage.id,
                stage.name,
                _node(stage.condition, scene) if stage.condition else None,
            )
            for stage in regime.stages
        ),
        tuple(dict.fromkeys(_because(verdict, trigger, watch))),
        regime.confidence,
    )


def _because(verdict: Verdict, trigger: Node, watch: Node | None) -> Iterator[str]:
    """The leaves that decided it: of the trigger, and of the watch where that had the last word."""
    is_settled_by_watch = verdict == "assess" and watch is not None
    if not is_settled_by_watch:
        yield from (leaf.text for leaf in trigger.deciders())
    if watch is not None and (is_settled_by_watch or watch.holds is None):
        yield from (leaf.text for leaf in watch.deciders())


def _node(predicate: Predicate, scene: _Scene, *, negated: bool = False) -> Node:
    match predicate:
        case {"all": parts}:
            return _group("any" if negated else "all", parts, scene, negated=negated)
        case {"any": parts}:
            return _group("all" if negated else "any", parts, scene, negated=negated)
        case {"not": inner}:
            return _node(inner, scene, negated=not negated)
    return _leaf_node(predicate, scene, negated=negated)


def _group(kind: Kind, parts: list[Predicate], scene: _Scene, *, negated: bool) -> Node:
    nodes = tuple(_node(part, scene, negated=negated) for part in parts)
    found = [node.holds for node in nodes]
    counted = [node.counted for node in nodes]
    decides = kind == "any"
    holds = decides if decides in found else None if None in found else not decides
    return Node(
        _LEADS[kind],
        holds,
        kind,
        any(counted) if decides else all(counted),
        negated=negated,
        assumed=any(node.assumed for node in nodes),
        parts=nodes,
    )


def _leaf_node(predicate: Predicate, scene: _Scene, *, negated: bool) -> Node:
    leaf = tree(predicate)
    assert isinstance(leaf, Leaf)  # noqa: S101  (tells the type checker what `match` left over)
    truth, counted = leaf.truth(scene.view), bool(leaf.truth(scene.counted))
    basis = _basis(leaf, scene)
    return Node(
        _leaf_text(leaf, basis, scene, negated=negated),
        truth if truth is None else truth is not negated,
        "leaf",
        counted is not negated,
        negated=negated,
        assumed=basis not in ("said", "counted"),
        field=leaf.field,
        basis=basis,
    )


def _leaf_text(leaf: Leaf, basis: Basis, scene: _Scene, *, negated: bool) -> str:
    words = scene.pack.words
    called = legal_words.called(leaf.field, scene.pack.facts)
    found = legal_words.label(leaf.name, _actual(leaf.field, scene), words)
    said = {"field": leaf.field, "operator": leaf.operator, "value": leaf.expected}
    needed = legal_words.demand(said, scene.pack.facts, words, negated=negated)
    return f"{called[:1].upper()}{called[1:]}: {found} ({_BASES[basis]}). Needed: {needed}."


def _actual(field: str, scene: _Scene) -> object:
    facts = scene.counted.facts
    if field == SHORTEST_HOURS:
        return scene.counted.hours[0]
    if field == MAX_US_STATE:
        counts = facts.get(COUNTS) or {}
        return max((n for code, n in counts.items() if code.startswith("US-")), default=0)
    name, dot, key = field.partition(".")
    return (facts.get(name) or {}).get(key, 0) if dot else facts.get(name)


def _basis(leaf: Leaf, scene: _Scene) -> Basis:
    if leaf.field.startswith("derived.") or leaf.name in NOT_ASKED:
        return "counted"
    if {leaf.name, leaf.field} & scene.known.unknown and leaf.name not in scene.known.findings:
        return "unknown"
    if leaf.truth(scene.view) is not None:
        return "said"
    return "data_map" if leaf.name in scene.case.facts.given else "default"


def applies_text(regime: Regime, day: str) -> str:
    """Whether the regime binds on this day (ISO), and since or until when, in one sentence."""
    since, until = regime.applies_from, regime.applies_until
    if regime.status == "voluntary":
        return "Voluntary: no law orders it."
    if since is None and regime.status == "contractual":
        return "Binds by contract, whatever the day."
    if since is None:
        return "Not in force: no day is set from which it applies."
    if day < since:
        return f"Not in force on {day}: it applies from {since}."
    if until is not None and day > until:
        return f"No longer in force on {day}: it applied until {until}."
    end = f" and until {until}" if until else ""
    return f"In force on {day}: it applies since {since}{end}."
