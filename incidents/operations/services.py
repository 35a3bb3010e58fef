"""Services named as affected: which of them may be named, and what the catalogue knows of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection

from incidents.models.catalogue import Dependency, Service
from incidents.rules.reasons import Invalid, Reason

LEAST_TIER = 4

# Trouble flows on: whatever needs, over any number of steps, a service that is down. UNION
# forgets what it has seen, so a circle of dependencies ends.
_DEPENDENTS = """
    WITH RECURSIVE reached(id) AS (
        SELECT downstream_id FROM {table} WHERE upstream_id IN ({affected})
        UNION SELECT needs.downstream_id FROM {table} needs JOIN reached ON needs.upstream_id = reached.id
    ) SELECT COUNT(*) FROM reached WHERE id NOT IN ({affected})
"""


def named(services: Sequence[Service], *, already: Collection[int] = ()) -> list[Service]:
    """These as the catalogue has them now, with owner and team.

    Invalid where one is gone, or retired and not affected `already`.
    """
    rows = Service.objects.select_related("owner__team", "team")
    known = {row.pk: row for row in rows.filter(pk__in=[each.pk for each in services])}
    problems = [
        Reason(*complaint, "services")
        for each in services
        if (complaint := _absent(each, known, already))
    ]
    if problems:
        raise Invalid(*problems)
    return list(known.values())


def derived_facts(services: Sequence[Service]) -> dict[str, Any]:
    """What the catalogue says about the affected services; nobody types it. One query."""
    return {
        **of_rows(services),
        "dependents_affected": _dependents([service.pk for service in services]),
    }


def of_rows(services: Sequence[Service]) -> dict[str, Any]:
    """What the rows of the affected services say by themselves."""
    return {
        "service_tier": min((service.tier for service in services), default=LEAST_TIER),
        "revenue_service_affected": any(each.is_revenue_generating for each in services),
    }


def _absent(
    service: Service, known: Mapping[int, Service], already: Collection[int]
) -> tuple[str, str] | None:
    if service.pk not in known:
        message = f"“{service.slug}” is not in the service catalogue: choose one that is."
        return "unknown_service", message
    if not known[service.pk].is_active and service.pk not in already:
        message = f"{service.name} is retired: name the service that took its place."
        return "inactive_service", message
    return None


def _dependents(affected: list[int]) -> int:
    """How many other services need one of these, directly or through others."""
    if not affected:
        return 0
    marks = ", ".join(["%s"] * len(affected))
    with connection.cursor() as cursor:
        sql = _DEPENDENTS.format(table=Dependency._meta.db_table, affected=marks)
        cursor.execute(sql, [*affected, *affected])
        return int(cursor.fetchone()[0])
