"""Whom a step of a nudge policy means: an owner, a manager, leadership, roles of an incident."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from django.db.models import Prefetch, Q, QuerySet

from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.operations import standing
from incidents.rules.nudges import LEADERSHIP, MANAGER, OWNER, Step
from incidents.rules.phases import State

# A person and the role's slug in which they are told; "" in none.
Told: TypeAlias = tuple[Person, str]
Owner: TypeAlias = Person | Sequence[Told] | None


@dataclass
class Recipients:
    """Finds them for one sweep, which reads who leads at most once.

    Of a private incident everybody is named who is meant; composing leaves out who may not see it.
    Nobody is called to an exercise who does not play in it; its lessons are everybody's.
    """

    of_lessons: bool = False
    _leaders: list[Told] | None = field(default=None, init=False)

    def told(self, step: Step, *, owner: Owner, incident: Incident | None = None) -> list[Told]:
        """Those of the step who can be written to, each once, in the role named first.

        The owner is one person, or several in their roles. For an owner who left hears their
        manager; where nobody is left to hear, leadership: a reminder is never silenced. Reads
        managers that were not brought along, and who holds roles unless `holding` was.
        """
        owners = [(owner, "")] if isinstance(owner, Person) else list(owner or ())
        meant = (each for name in step.to for each in self._meant(name, owners, incident))
        return once(reachable(meant)) or once(reachable(self.leadership(incident)))

    def leadership(self, incident: Incident | None = None) -> list[Told]:
        """Those who lead; for an exercise only where its lessons are meant."""
        if self._is_played(incident):
            return []
        if self._leaders is None:
            self._leaders = [(leader, "") for leader in standing.leaders()]
        return self._leaders

    def _meant(
        self, name: str, owners: Sequence[Told], incident: Incident | None
    ) -> Iterable[Told]:
        if name == OWNER:
            left = (one for one, _ in owners if not one.is_active)
            return [*owners, *self._managers(left, incident)]
        if name == MANAGER:
            return self._managers((person for person, _ in owners), incident)
        if name == LEADERSHIP:
            return self.leadership(incident)
        return holders(incident, name) if incident is not None else ()

    def _managers(self, people: Iterable[Person], incident: Incident | None) -> list[Told]:
        """Those they report to; a player's does not play, so of an exercise nobody."""
        return [] if self._is_played(incident) else _managers(people)

    def _is_played(self, incident: Incident | None) -> bool:
        is_exercise = incident is not None and incident.kind == Incident.Kind.EXERCISE
        return is_exercise and not self.of_lessons


def told(step: Step, *, owner: Owner, incident: Incident | None = None) -> list[Told]:
    """The same for one row: reads who leads where leadership is meant."""
    return Recipients().told(step, owner=owner, incident=incident)


def holding(incident: str = "") -> Prefetch[str]:
    """Brings along who holds roles in the incident at this path, with their managers: `held`."""
    path = f"{incident}__assignments" if incident else "assignments"
    return Prefetch(path, _holding(), to_attr="held")


def holders(incident: Incident, *roles: str) -> list[Told]:
    """Who holds these roles now and can be written to, in this order of roles."""
    held = _held(incident)
    return [
        told
        for role in roles
        for told in reachable((one.person, role) for one in held if one.role_id == role)
    ]


def reachable(told: Iterable[Told]) -> Iterator[Told]:
    """Those who are here and can be written to."""
    return ((person, role) for person, role in told if person.is_active and person.email)


def once(told: Iterable[Told]) -> list[Told]:
    """Each person once, in the role named first."""
    first: dict[int, Told] = {}
    for person, role in told:
        first.setdefault(person.pk, (person, role))
    return list(first.values())


def _managers(people: Iterable[Person]) -> list[Told]:
    return [(person.manager, "") for person in people if person.manager is not None]


def _held(incident: Incident) -> list[Assignment]:
    """As brought along to `held`, else asked for; of what is closed, who held it to the end."""
    brought: Sequence[Assignment] | None = getattr(incident, "held", None)
    rows = _holding().filter(incident=incident) if brought is None else brought
    closed_at = incident.closed_at if incident.state == State.CLOSED else None
    return [
        one
        for one in rows
        if one.ended_at is None or (closed_at is not None and one.ended_at >= closed_at)
    ]


def _holding() -> QuerySet[Assignment]:
    """Who holds a role, or held it to the end."""
    still = Q(ended_at=None) | Q(end_reason=standing.CLOSED)
    rows = Assignment.objects.filter(still).select_related("person__manager")
    return rows.order_by("assigned_at", "pk")
