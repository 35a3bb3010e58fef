"""Which services a year's exercises are about, and when each was exercised last."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from incidents.models import Service
from incidents.models.calendar import today
from training.models import Exercised, GameDay
from training.operations import coverage
from training.rules.year_cadence import Kept, deal


def kept(days: Iterable[GameDay]) -> list[Kept]:
    """Every active service by its slug, with the days it was exercised last and will be; two queries.

    `days` come with their services loaded.
    """
    last = coverage.last_exercised()
    coming: dict[str, list[date]] = defaultdict(list)
    for day in days:
        for service in day.services.all():
            coming[service.slug].append(today(day.starts_at))
    found = []
    for slug, tier in (
        Service.objects.filter(is_active=True)
        .order_by("tier", "name")
        .values_list("slug", "tier")
    ):
        done = last.get((Exercised.Kind.SERVICE, slug))
        before = [today(done)] if done else []
        found.append(Kept(slug, tier, (*before, *coming[slug])))
    return found


def dealt(exercises: int) -> list[list[Service]]:
    """The services of each exercise of a year, in order."""
    slugs = deal(kept(()), exercises)
    rows: Mapping[str, Service] = Service.objects.in_bulk(
        {slug for mine in slugs for slug in mine}, field_name="slug"
    )
    return [[rows[slug] for slug in mine] for mine in slugs]
