"""Whether a game day is ready to be run, and what a year of exercises leaves out; rules with ids.

Sources: HSEEP (every objective has an evaluator, nobody evaluates their own part, rotation of
command, the report has an owner), ISO/IEC 27001 A.5.24 and PCI DSS 12.10.2 (the whole plan once a
year, with all who have a part in it).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DOMAIN_OWNER,
    NAMES,
    PRIVACY,
)
from training.rules.exercise_checks import (
    ERROR,
    INFORMATION,
    WARNING,
    Finding,
    gravest_first,
)
from training.rules.stories import Story

JUDGING = frozenset({"lead_evaluator", "evaluator"})
STEERING = frozenset({"director", "facilitator", "controller"})
OVER = frozenset({"running", "completed"})
# Who must have had a part in at least one exercise of the year; of several any one will do.
YEARLY: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("E31", (COUNSEL, PRIVACY), "legal or privacy"),
    ("E32", (COMMUNICATIONS,), "the communications lead"),
    ("E33", (DOMAIN_OWNER,), "an owner of an affected service"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One game day as the checks see it; people by a key, with `names` to call them by.

    `parts` are roles and who plays them, shadows aside; `duties` the staff.
    """

    title: str
    year: int
    status: str = "planned"
    parts: tuple[tuple[str, str], ...] = ()
    shadows: tuple[tuple[str, str], ...] = ()
    duties: tuple[tuple[str, str], ...] = ()
    declined: frozenset[str] = frozenset()
    has_report_owner: bool = False
    has_report_date: bool = False
    names: Mapping[str, str] | None = None

    @property
    def commander(self) -> str:
        """Who commands; "" for nobody."""
        return next((person for role, person in self.parts if role == COMMANDER), "")

    def name(self, person: str) -> str:
        """As people call them."""
        return (self.names or {}).get(person, person)


def of_day(
    story: Story, day: Day, *, neighbours: Iterable[Day] = (), busiest: str = ""
) -> tuple[Finding, ...]:
    """What stands against this cast and staff; `busiest` led most real incidents."""
    found = (
        *_evaluated(story, day), *_nobody_twice(day), *_steered(day),
        *_rotation(day, neighbours, busiest), *_reported(day), *_heard(story, day),
        *_coming(day),
    )  # fmt: skip
    return gravest_first(found)


def of_year(year: int, days: Iterable[Day]) -> tuple[Finding, ...]:
    """What the exercises of one calendar year leave out; those called off do not count."""
    held = [day for day in days if day.year == year and day.status != "cancelled"]
    if not held:
        message = f"No exercise in {year}: the whole plan is to be practised once a year."
        return (Finding("E30", WARNING, message),)
    played = {role for day in held for role, _ in day.parts}
    return tuple(
        Finding(rule, WARNING, f"In {year} no exercise has {who} among its players.")
        for rule, roles, who in YEARLY
        if not played & set(roles)
    )


def _evaluated(story: Story, day: Day) -> Iterator[Finding]:
    judges = {person for duty, person in day.duties if duty in JUDGING}
    if not judges:
        count = len(story.objectives)
        message = f"Nobody evaluates: name somebody who rates its {count} objectives."
        yield Finding("E20", ERROR, message)


def _nobody_twice(day: Day) -> Iterator[Finding]:
    players = {person for _, person in (*day.parts, *day.shadows)}
    for duty, person in day.duties:
        if person in players:
            what = "evaluate" if duty in JUDGING else "help to run it"
            message = (
                f"{day.name(person)} plays, and is to {what} too: nobody rates their own part."
            )
            yield Finding("E21", ERROR, message)


def _steered(day: Day) -> Iterator[Finding]:
    if not any(duty in STEERING for duty, _ in day.duties):
        message = "No facilitator is named: whoever organises it will have to steer it alone."
        yield Finding("E22", WARNING, message)


def _rotation(day: Day, neighbours: Iterable[Day], busiest: str) -> Iterator[Finding]:
    commander = day.commander
    if not commander:
        yield Finding("E23", ERROR, "Nobody commands: name a commander.")
        return
    if commander == busiest:
        message = f"{day.name(commander)} led most real incidents: let somebody else practise command."
        yield Finding("E23", ERROR, message)
    for other in neighbours:
        if other.commander == commander:
            message = (
                f"{day.name(commander)} commands “{other.title}” too, just before or after."
            )
            yield Finding("E24", ERROR, message)


def _reported(day: Day) -> Iterator[Finding]:
    missing = [
        what
        for what, is_there in (
            ("an owner", day.has_report_owner),
            ("a date", day.has_report_date),
        )
        if not is_there
    ]
    if missing:
        message = f"The after-action report has not got {' and '.join(missing)} yet."
        level = ERROR if day.status == "completed" else INFORMATION
        yield Finding("E25", level, message)


def _heard(story: Story, day: Day) -> Iterator[Finding]:
    played = {role for role, _ in day.parts}
    for role in sorted({each.to for each in story.injects if each.to} - played):
        numbers = [str(each.number) for each in story.injects if each.to == role]
        called = NAMES.get(role, role.replace("_", " "))
        message = (
            f"Nobody plays {called}, to whom inject {', '.join(numbers)} "
            f"{'goes' if len(numbers) == 1 else 'go'}: everybody will hear it."
        )
        yield Finding("E26", WARNING, message)


def _coming(day: Day) -> Iterator[Finding]:
    if day.status in OVER:
        return
    for role, person in day.parts:
        if person in day.declined:
            called = NAMES.get(role, role.replace("_", " "))
            message = f"{day.name(person)} has declined to play {called}: recast the part."
            yield Finding("E27", ERROR, message)
