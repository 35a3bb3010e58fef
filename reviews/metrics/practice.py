"""Exercises beside real incidents, and incidents of people who had practised beside the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from incidents.models import Incident
from incidents.rules.phases import State
from reviews.metrics import durations as took
from reviews.metrics.durations import Duration, Measure, durations
from reviews.metrics.spans import Spans, narrowed, placed, spans_of

# What an exercise is run for like an incident. None of it leaves the house, so a first public
# update compares with nothing; the first internal one does.
FIRST_INTERNAL_UPDATE = Measure(
    "time_to_first_internal_update", "declared_at", "first_internal_update_at"
)
COMPARED = (
    took.COMMANDER,
    took.ACKNOWLEDGE,
    FIRST_INTERNAL_UPDATE,
    took.CONTAINMENT,
)
SUPPRESSED_BELOW = 8  # incidents: a median of fewer says something about persons


@dataclass(frozen=True, slots=True)
class Quarter:
    """One calendar quarter of the organisation: each measure of real incidents and of exercises."""

    starts_on: date
    real: Mapping[str, Duration]
    practised: Mapping[str, Duration]


def by_quarter(firsts: tuple[date, ...], exercises: QuerySet[Incident]) -> list[Quarter]:
    """From the first of these days to the last, each a quarter; ten queries.

    `exercises` are those that ran in real time: minutes of a compressed story compare with nothing.
    """
    spans = spans_of(firsts)
    real = durations(placed(narrowed(), spans), *COMPARED)
    held = durations(placed(_over(exercises), spans), *COMPARED)
    return [
        Quarter(first, _in(real, number), _in(held, number))
        for number, first in enumerate(firsts[:-1])
    ]


def by_practice(
    firsts: tuple[date, ...], had_practised: Q
) -> tuple[Mapping[str, Duration], ...]:
    """Real incidents of the whole time: of commanders who had not practised, and who had.

    `had_practised` says so of an incident; five queries. Fewer than SUPPRESSED_BELOW of either
    give counts and no figure.
    """
    spans = Spans((spans_of(firsts).edges[0], spans_of(firsts).edges[-1]))
    rows = placed(narrowed(), spans).filter(commander_assigned_at__isnull=False)
    split = Case(
        When(had_practised, then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    found = durations(rows.annotate(span=split), *COMPARED)
    return tuple(
        {name: _suppressed(each) for name, each in _in(found, group).items()}
        for group in (0, 1)
    )


def _over(exercises: QuerySet[Incident]) -> QuerySet[Incident]:
    return exercises.filter(kind=Incident.Kind.EXERCISE).exclude(state=State.CANCELLED)


def _in(found: Mapping[str, Mapping[int, Duration]], number: int) -> dict[str, Duration]:
    return {name: by_span.get(number, Duration()) for name, by_span in found.items()}


def _suppressed(one: Duration) -> Duration:
    if one.n >= SUPPRESSED_BELOW:
        return one
    return Duration(n=one.n, running=one.running, never=one.never, missing=one.missing)
