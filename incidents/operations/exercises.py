"""Exercises: who takes part in one. Nobody else hears of it, and nobody else is given a role in it.

What is planned above this app (players, those who stand beside them, those who run it) is asked
of the rosters it registers; whoever holds or was offered a role takes part in any case.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Protocol

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.private import seers
from incidents.rules.reasons import Reason

MARK = "EXERCISE"

# Of these incidents, by their keys, who was invited: pairs of an incident's and a person's key.
Roster = Callable[[Collection[int]], Iterable[tuple[int, int]]]
_rosters: list[Roster] = []


def invited_by(roster: Roster) -> None:
    """Ask this roster as well, whenever it matters who takes part; once, however often it is said."""
    if roster not in _rosters:
        _rosters.append(roster)


class Holding(Protocol):
    """Lets what is planned above this app hold an exercise, within the act that asks for it."""

    def __call__(
        self, exercise: Incident, *, why: str, actor: Person | None, at: datetime
    ) -> None:
        """Let nothing more of it come until somebody lets it run on."""


_holdings: list[Holding] = []


def held_by(holding: Holding) -> None:
    """Ask this as well, whenever an exercise has to wait; once, however often it is said."""
    if holding not in _holdings:
        _holdings.append(holding)


def hold(exercise: Incident, *, why: str, actor: Person | None, at: datetime) -> None:
    """Let the exercise wait, for a reason that everybody in it may read."""
    for holding in _holdings:
        holding(exercise, why=why, actor=actor, at=at)


def participants(exercise: Incident) -> set[int]:
    """The keys of everybody who may hear of it; a query for the roles and one a roster."""
    here = set(seers(exercise).values_list("pk", flat=True))
    return here | _invited(exercise)


def outsider(incident: Incident, person: Person, field: str = "person") -> Reason | None:
    """Why this person may be given nothing to do here; None in a real incident, without a query.

    An exercise nobody was invited to, declared without a plan, has no outsiders.
    """
    if incident.kind != Incident.Kind.EXERCISE:
        return None
    invited = _invited(incident)
    if not invited or person.pk in invited | set(seers(incident).values_list("pk", flat=True)):
        return None
    message = (
        f"{person} takes no part in this exercise and must not hear of it: choose somebody who "
        "plays, or have them invited to the next one."
    )
    return Reason("not_in_the_exercise", message, field)


def marked(subject: str) -> str:
    """The subject of a message about one: nobody may take it for the real thing."""
    return subject if subject.startswith(MARK) else f"{MARK} {subject}"


def _invited(exercise: Incident) -> set[int]:
    return {person for roster in _rosters for _, person in roster([exercise.pk])}
