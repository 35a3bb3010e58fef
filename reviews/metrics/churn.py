"""How steady the severity was: how often it changed, and how many were called too low or too high."""

from dataclasses import dataclass

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.db.models.functions import Least

from incidents.models import Classification, Incident
from reviews.metrics.shares import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """Of `n` incidents with a register of levels: the changes, and those called wrongly.

    Under-called: the level was once below the computed one, or at declaration below the gravest
    it ever had or was computed. Over-called: the level was once above the computed one. One
    incident may be both. `missing` have no register, as imported history.
    """

    n: int
    changes: int
    missing: int
    under_called: Share
    over_called: Share


def severity_churn(rows: QuerySet[Incident]) -> Churn:
    """Over all of these incidents together; one query."""
    kind = Classification.Kind
    entry, level, computed = (
        "classifications",
        F("classifications__level__rank"),
        F("classifications__computed__rank"),
    )
    # Rank 1 is the gravest: below is a higher number. Grouped by the key alone, for no database
    # should compare whole rows.
    each = rows.values("pk").annotate(
        entries=Count(entry),
        changed=Count(entry, filter=Q(classifications__kind=kind.SET)),
        below=Count(entry, filter=Q(classifications__level__rank__gt=computed)),
        above=Count(entry, filter=Q(classifications__level__rank__lt=computed)),
        declared=Min(level, filter=Q(classifications__kind=kind.DECLARED)),
        gravest=Least(Min(level), Min(computed), Min("computed_level__rank")),
    )
    known = Q(entries__gt=0)
    found = each.aggregate(
        n=Count("pk", filter=known),
        missing=Count("pk", filter=~known),
        changes=Sum("changed", default=0),
        under=Count("pk", filter=known & (Q(below__gt=0) | Q(declared__gt=F("gravest")))),
        over=Count("pk", filter=known & Q(above__gt=0)),
    )
    n, missing = found["n"], found["missing"]
    return Churn(
        n=n,
        changes=found["changes"],
        missing=missing,
        under_called=Share(n=n, count=found["under"], missing=missing),
        over_called=Share(n=n, count=found["over"], missing=missing),
    )
