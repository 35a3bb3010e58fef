"""The interview: the few questions that matter now, the one that can decide most first.

A question is worth what it settles whatever the answer turns out to be: of the answers that some
regime tells apart, the one that closes the fewest open points for good counts; then how much
rests on it at all; then what the pack reads first. An open point is a regime that may be a duty
or may need assessing; less weighs a stage, of a duty there is, that depends on a condition, and
less again whether counsel is needed within the hour. What no open point rests on is never asked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from incidents.rules import legal_answers, legal_words
from incidents.rules.facts import FactType
from incidents.rules.law_pack import Pack
from incidents.rules.legal_effects import Effect, leaves_on, own_leaves
from incidents.rules.legal_knowledge import Known, Leaf, Tree, View, tree
from incidents.rules.legal_standing import (
    Reading,
    Standing,
    Verdict,
    hours,
    reading,
    standing,
    standings,
    view_of,
)

__all__ = [
    "Answer",
    "Known",
    "Question",
    "Standing",
    "Verdict",
    "next_question",
    "open_questions",
    "question_about",
    "standings",
]

_REGIME, _STAGE, _COUNSEL = 1.0, 0.5, 0.25


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer and what it would do, as far as is known now.

    `starts`: regimes that would be a duty, for certain or with the defaults for what is not
    known; `adds`: stages ("regime/stage") it would add to what is a duty already; `ends`: open
    regimes that would be settled as asking nothing of us. A number stands for a span: any number
    may be typed.
    """

    value: Any
    label: str
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `decides`: the most open points that one answer would settle.

    `name` is a fact, or one count of a map such as "persons_affected_by_jurisdiction.US-CA".
    `is_reopened`: it was asked before, nobody knew, and nothing else is left to ask.
    """

    name: str
    text: str
    why: str
    type: FactType
    answers: tuple[Answer, ...]
    decides: int
    is_reopened: bool = False


@dataclass(frozen=True, slots=True)
class _Point:
    """Something that is open: what it rests on, and whether a view settles it."""

    weight: float
    rests_on: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    is_settled: Callable[[View], bool]


def next_question(pack: Pack, known: Known) -> Question | None:
    """The question to ask now; one nobody could answer again when no other is left, else None."""
    inquiry = _Inquiry(pack, known)
    ranked = inquiry.ranked()
    return inquiry.question(ranked[0]) if ranked else None


def question_about(pack: Pack, known: Known, name: str) -> Question | None:
    """The same for one open question of the asker's choice; None if nothing rests on it."""
    inquiry = _Inquiry(pack, known)
    return inquiry.question(name) if name in inquiry.ranked() else None


def open_questions(pack: Pack, known: Known) -> tuple[str, ...]:
    """What is worth asking, best first; what nobody knows comes last."""
    return tuple(_Inquiry(pack, known).ranked())


class _Worth(NamedTuple):
    """What the least telling answer settles, what rests on it, and the points the best settles."""

    at_least: float = 0.0
    reach: float = 0.0
    at_most: int = 0


@dataclass(slots=True)
class _Inquiry:
    pack: Pack
    known: Known
    view: View = field(init=False)
    points: list[_Point] = field(init=False)
    worth: dict[str, _Worth] = field(init=False)

    def __post_init__(self) -> None:
        view = view_of(self.pack, self.known)
        facts, given = view.facts, view.given
        self.view = View(facts, given, hours=hours(self.pack, view))
        self.points = list(_points(self.pack, self.view))
        names = dict.fromkeys(name for point in self.points for name in point.rests_on)
        self.worth = {name: self._worth(name) for name in names}

    def ranked(self) -> list[str]:
        """Names, best first, unknown ones last; sorting is stable, so ties keep the order."""
        unknown, worth = self.known.unknown, self.worth
        return sorted(
            worth, key=lambda name: (name in unknown, -worth[name].at_least, -worth[name].reach)
        )

    def question(self, name: str) -> Question:
        """This one with its answers and what each would do."""
        fact = legal_answers.fact_of(name, self.pack.facts)
        return Question(
            name,
            legal_words.question(name, self.pack.facts),
            legal_words.why(name, self.pack.facts),
            fact.type,
            tuple(self._answers(name)),
            self.worth[name].at_most,
            is_reopened=name in self.known.unknown,
        )

    def _worth(self, name: str) -> _Worth:
        touched = [point for point in self.points if name in point.rests_on]
        settled = [
            [point.weight for point in touched if is_settled(point)]
            for is_settled in self._after(name, touched)
        ]
        if not settled:
            return _Worth()
        reach = sum(point.weight for point in touched)
        return _Worth(min(map(sum, settled)), reach, max(map(len, settled)))

    def _after(
        self, name: str, touched: Sequence[_Point]
    ) -> Iterator[Callable[[_Point], bool]]:
        """For each answer, a test of the points it settles."""
        seen: dict[Any, bool] = {}
        about = {id(point): leaves_on(point.leaves, name) for point in touched}
        for value in self._values(name):
            view = self.view.with_fact(name, value)

            def is_settled(point: _Point, view: View = view) -> bool:
                # A point learns of the fact through these leaves alone.
                truths = tuple(leaf.truth(view) for leaf in about[id(point)])
                key = (id(point), truths)
                if key not in seen:
                    seen[key] = point.is_settled(view)
                return seen[key]

            yield is_settled

    def _values(self, name: str) -> list[Any]:
        fact = legal_answers.fact_of(name, self.pack.facts)
        return legal_answers.values(name, fact, self._leaves())

    def _leaves(self) -> Iterator[Leaf]:
        for point in self.points:
            yield from point.leaves

    def _answers(self, name: str) -> Iterator[Answer]:
        fact = legal_answers.fact_of(name, self.pack.facts)
        effect = Effect(self.pack, self.view, name)
        leaves = list(self._leaves())
        for value in legal_answers.values(name, fact, leaves):
            label = legal_answers.said(name, value, fact, leaves, self.pack.words)
            yield Answer(value, label, *effect.of(value))


def _points(pack: Pack, view: View) -> Iterator[_Point]:
    for regime in pack.regimes.values():
        read = reading(regime)
        now = standing(read, view)
        if now.verdict == "open":
            trees = [read.trigger, *([read.watch] if read.watch else [])]
            yield _Point(
                _REGIME,
                now.open_on,
                own_leaves(trees),
                partial(_is_decided, read),
            )
        if now.verdict == "duty":
            for _, condition in read.stages:
                if condition and condition.truth(view) is None:
                    yield _Point(
                        _STAGE,
                        tuple(dict.fromkeys(condition.open_on(view))),
                        own_leaves([condition]),
                        partial(_is_known, condition),
                    )
    yield from _counsel(pack, view)


def _is_decided(read: Reading, view: View) -> bool:
    return standing(read, view).verdict != "open"


def _is_known(condition: Tree, view: View) -> bool:
    return condition.truth(view) is not None


def _counsel(pack: Pack, view: View) -> Iterator[_Point]:
    """Open until one rule says that counsel is needed within the hour, or all say not."""
    rules = [tree(rule.when) for rule in pack.counsel]
    truths = [rule.truth(view) for rule in rules]
    still = [rule for rule, truth in zip(rules, truths, strict=True) if truth is None]
    if True in truths or not still:
        return
    names = dict.fromkeys(name for rule in still for name in rule.open_on(view))

    def is_settled(view: View) -> bool:
        found = {rule.truth(view) for rule in still}
        return True in found or None not in found

    yield _Point(_COUNSEL, tuple(names), own_leaves(still), is_settled)
