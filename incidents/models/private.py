"""Private incidents: who sees one, and which rows of other tables are hidden with it."""

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from incidents.models.incident import Incident
from incidents.models.people import Person

M = TypeVar("M", bound=Model)


def seers(incident: Incident) -> QuerySet[Person]:
    """Who sees this incident although it is private: what `hidden_from` asks, seen from its side."""
    return Person.objects.filter(
        Q(pk=incident.declared_by_id)
        | Q(pk__in=incident.assignments.values("person"))
        | Q(pk__in=incident.delegations.values("to"))
        | Q(pk__in=incident.hand_overs.values("to"))
        | Q(pk__in=Person.groups.through.objects.filter(
            group__in=incident.seen_by.values("pk")
        ).values("person"))
    )  # fmt: skip


def seen_by(rows: QuerySet[M], person: Person, path: str = "incident") -> QuerySet[M]:
    """Those rows whose incident, at this path, this person may see; rows without one remain.

    What is hidden is asked for on its own, so nothing is joined and nothing asked row by row.
    """
    return rows.exclude(**{f"{path}__in": Incident.objects.hidden_from(person).values("pk")})
