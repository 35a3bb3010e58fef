"""A matrix resolved to people as a competent developer writes it with Django alone.

The least busy person qualified and present takes each role, owners the services. It explains
nothing, finds no gap, and knows neither lapsed nor absent people by name.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count

from incidents.models import Absence, Assignment, Cell, MatrixVersion, Qualification, Service
from incidents.rules.roles import DOMAIN_OWNER

Line = dict[str, list[str]]


def resolve(
    version: MatrixVersion, services: Iterable[Service], at: datetime
) -> dict[int, Line]:
    """For each activity the usernames under each letter."""
    cells = Cell.objects.filter(activity__version=version, variation=None)
    letters = list(cells.values_list("activity", "role", "letters"))
    owners = Service.objects.filter(pk__in=[each.pk for each in services])
    people = {DOMAIN_OWNER: list(owners.values_list("owner__username", flat=True))}
    people |= _holders({role for _, role, _ in letters}, at)
    lines: dict[int, Line] = defaultdict(lambda: defaultdict(list))
    for activity, role, letter in letters:
        for one in letter.split("/"):
            lines[activity][one] += people.get(role, [])
    return lines


def _holders(roles: set[str], at: datetime) -> dict[str, list[str]]:
    away = set(Absence.objects.covering(at).values_list("person", flat=True))
    held = Assignment.objects.filter(ended_at=None).order_by()
    loads = dict(held.values_list("person").annotate(here=Count("pk")))
    able = Qualification.objects.valid(at).filter(role__in=roles, person__is_active=True)
    rows = able.values_list("role", "person", "person__username")
    found: dict[str, list[str]] = {}
    taken: set[int] = set()
    for role, person, username in sorted(rows, key=lambda row: (loads.get(row[1], 0), row[2])):
        if role not in found and person not in away and person not in taken:
            found[role] = [username]
            taken.add(person)
    return found
