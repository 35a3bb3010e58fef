"""What a story must have before it is played, each rule with an id.

Source: HSEEP (every inject supports an objective, every objective has an inject, every inject an
expected action; a contingency has its trigger, which the database itself keeps: E06).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from incidents.rules.acts import ACTS
from incidents.rules.findings import Level
from incidents.rules.reasons import Reason
from training.rules.stories import Inject, Story

ERROR, WARNING, INFORMATION = Level.ERROR, Level.WARNING, Level.INFORMATION
Judge = Callable[[Mapping[str, Any]], Sequence[Reason]]


def _nothing(_facts: Mapping[str, Any]) -> Sequence[Reason]:
    return ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found; `inject` and `objective` are the numbers it is about, 0 for none."""

    rule: str
    level: Level
    message: str
    inject: int = 0
    objective: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the story.

    `activities`: keys of activities and acts bound in the matrix in force; None where none is.
    `judge` says what is wrong with facts under the law, all of them together.
    """

    activities: Collection[str] | None = None
    retired_roles: Mapping[str, str] | None = None
    judge: Judge = _nothing


def of_story(story: Story, known: Known) -> tuple[Finding, ...]:
    """What stands against playing it, the gravest first."""
    found = (
        *_shape(story), *_links(story), *_expected(story), *_order(story), *_facts(story, known),
        *_activities(story, known), *_measured(story), *_recipients(story, known),
        *_recalled(story),
    )  # fmt: skip
    return gravest_first(found)


def _shape(story: Story) -> Iterator[Finding]:
    if not story.objectives:
        yield Finding("E00", ERROR, "There is no objective: say first what it is to show.")
    if not story.by_the_clock:
        yield Finding("E00", ERROR, "There is no inject: nothing would reach the players.")


def _links(story: Story) -> Iterator[Finding]:
    for each in story.injects:
        if not each.objectives:
            message = f"Inject {each.number} supports no objective: link it, or retire it."
            yield Finding("E01", ERROR, message, inject=each.number)
    supported = {number for each in story.injects for number in each.objectives}
    for goal in story.objectives:
        if goal.number not in supported:
            message = f"Objective {goal.number} has no inject: nothing will show it."
            yield Finding("E02", ERROR, message, objective=goal.number)


def _expected(story: Story) -> Iterator[Finding]:
    for each in story.injects:
        if not each.expected_action:
            message = f"Inject {each.number} does not say what is expected of the players."
            yield Finding("E03", ERROR, message, inject=each.number)


def _order(story: Story) -> Iterator[Finding]:
    line = story.by_the_clock
    reached = 0
    for each in line:
        if each.module and each.module < reached:
            message = (
                f"Inject {each.number} (T+{each.minute}) is in module {each.module}, and comes "
                f"after one of module {reached}."
            )
            yield Finding("E04", WARNING, message, inject=each.number)
        reached = max(reached, each.module)
        if each.minute > story.duration_minutes:
            message = f"Inject {each.number} comes after the end (T+{story.duration_minutes})."
            yield Finding("E04", WARNING, message, inject=each.number)
    if line and line[0].minute > 0:
        message = (
            f"Nothing happens before T+{line[0].minute}: let the first inject come at T+0."
        )
        yield Finding("E04", INFORMATION, message, inject=line[0].number)
    yield from _gates(line)


def _gates(line: Sequence[Inject]) -> Iterator[Finding]:
    gates = [each for each in line if each.is_gate]
    for one, other in pairwise(gates):
        if one.minute == other.minute:
            message = (
                f"Injects {one.number} and {other.number} both wait for a decision at "
                f"T+{one.minute}: players decide one thing at a time."
            )
            yield Finding("E05", ERROR, message, inject=other.number)


def _facts(story: Story, known: Known) -> Iterator[Finding]:
    for reason in known.judge(story.facts):
        yield Finding("E07", ERROR, f"The facts it begins with: {reason.message}")
    said = dict(story.facts)
    for each in story.by_the_clock:
        said |= each.facts
        if each.facts:
            yield from _judged(each, known, said)
    for each in story.injects:
        if each.is_contingency and each.facts:
            yield from _judged(each, known, {**said, **each.facts})


def _judged(inject: Inject, known: Known, facts: Mapping[str, Any]) -> Iterator[Finding]:
    for reason in known.judge(facts):
        message = f"The facts of inject {inject.number}: {reason.message}"
        yield Finding("E07", ERROR, message, inject=inject.number)


def _activities(story: Story, known: Known) -> Iterator[Finding]:
    if known.activities is None:
        return
    parts: list[tuple[str, int, int, tuple[str, ...]]] = [
        *(("Objective", 0, each.number, each.activities) for each in story.objectives),
        *(("Inject", each.number, 0, each.activities) for each in story.injects),
    ]
    for what, inject, objective, names in parts:
        for name in names:
            if name in known.activities:
                continue
            is_act = name in ACTS
            called = ACTS[name].label if is_act else name
            message = (
                f"{what} {inject or objective} names “{called}”, which the matrix in force "
                f"{'binds to no activity' if is_act else 'does not have'}."
            )
            yield Finding("E08", WARNING if is_act else ERROR, message, inject, objective)


def _measured(story: Story) -> Iterator[Finding]:
    for goal in story.objectives:
        if not goal.target:
            message = f"Objective {goal.number} has no target: say by when, or how many."
            yield Finding("E09", WARNING, message, objective=goal.number)
        if not goal.activities:
            message = f"Objective {goal.number} names no activity of the matrix it tests."
            yield Finding("E09", WARNING, message, objective=goal.number)


def _recipients(story: Story, known: Known) -> Iterator[Finding]:
    retired = known.retired_roles or {}
    for each in story.injects:
        if each.to in retired:
            message = (
                f"Inject {each.number} goes to {retired[each.to]}, a role that is retired."
            )
            yield Finding("E10", WARNING, message, inject=each.number)


def _recalled(story: Story) -> Iterator[Finding]:
    count = sum(each.confidence == "recalled" for each in story.chronicle)
    if count:
        message = (
            f"{count} of {len(story.chronicle)} facts of the outage are recalled, not confirmed: "
            "check them in the sources before anybody quotes them."
        )
        yield Finding("E11", INFORMATION, message)


def gravest_first(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The errors before the warnings; of those of one weight in the order of the rules."""
    order = tuple(Level)
    return tuple(sorted(found, key=lambda one: (order.index(one.level), one.rule)))
