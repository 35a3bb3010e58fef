"""How long it took: medians and 90th percentiles by month, and what has no end yet."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, FloatField, Func, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from incidents.models import Incident
from incidents.rules.phases import OPEN_STATES, State

_EVERY = Q()
_IMPORTED = ~Q(source="")


@dataclass(frozen=True, slots=True)
class Measure:
    """One duration: from which instant to which, asked of which incidents.

    `in_history`: imported history carries the end; where it does not, its rows are missing
    there and not "never". `early_is_zero`: an end before the start means that nobody waited;
    of every other measure it is a contradiction, and the row is missing.
    """

    name: str
    start: str
    stop: str
    among: Q = _EVERY
    in_history: bool = False
    early_is_zero: bool = False

    def measured(self) -> Q:
        """Both instants are known and in order."""
        in_order = Q() if self.early_is_zero else Q(**{f"{self.stop}__gte": F(self.start)})
        return self.among & self._begun() & Q(**{f"{self.stop}__isnull": False}) & in_order

    def running(self) -> Q:
        """Begun, and still open without an end."""
        return self._endless() & Q(state__in=OPEN_STATES)

    def never(self) -> Q:
        """Closed without an end: kept in view, since dropping it would praise silence."""
        silent = self._endless() & Q(state=State.CLOSED)
        return silent if self.in_history else silent & ~_IMPORTED

    def _begun(self) -> Q:
        return Q(**{f"{self.start}__isnull": False})

    def _endless(self) -> Q:
        return self.among & self._begun() & Q(**{f"{self.stop}__isnull": True})


# Policy asks for a public notice by level; imported history was public by definition.
_PUBLIC = Q(level__public_update_required=True) | _IMPORTED
FIRST_PUBLIC_UPDATE = Measure(
    "time_to_first_public_update", "detected_at", "first_public_update_at",
    among=_PUBLIC, in_history=True, early_is_zero=True,
)  # fmt: skip
CONTAINMENT = Measure("detection_to_containment", "detected_at", "contained_at")
RESOLUTION = Measure("detection_to_resolution", "detected_at", "resolved_at", in_history=True)
COMMANDER = Measure("time_to_commander", "declared_at", "commander_assigned_at")
ACKNOWLEDGE = Measure("time_to_acknowledge", "detected_at", "acknowledged_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """Minutes of `n` incidents, and how many have no such number: of all asked, none is dropped."""

    n: int = 0
    median_minutes: float | None = None
    p90_minutes: float | None = None
    running: int = 0
    never: int = 0
    missing: int = 0


class Epoch(Func):
    """Seconds since 1970 of an instant. SQLite keeps milliseconds of them."""

    function = "EXTRACT"
    template = "EXTRACT(EPOCH FROM %(expressions)s)::double precision"
    arity = 1
    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Without Django's arithmetic of instants, which is a call into Python for every row."""
        template = "(JULIANDAY(%(expressions)s) - 2440587.5) * 86400.0"
        return self.as_sql(compiler, connection, template=template, **context)


def durations(rows: QuerySet[Incident], *measures: Measure) -> dict[str, dict[int, Duration]]:
    """Each measure by name, by span: one query for all counts, one a measure for percentiles."""
    counts = _counts(rows, measures)
    return {
        measure.name: {
            span: _duration(of_span[measure.name], found.get(span))
            for span, of_span in counts.items()
        }
        for measure, found in ((measure, _percentiles(rows, measure)) for measure in measures)
    }


def _counts(
    rows: QuerySet[Any], measures: tuple[Measure, ...]
) -> dict[int, dict[str, dict[str, int]]]:
    wanted = {
        f"{measure.name}_{what}": Count("pk", filter=condition)
        for measure in measures
        for what, condition in (
            ("asked", measure.among),
            ("n", measure.measured()),
            ("running", measure.running()),
            ("never", measure.never()),
        )
    }
    return {
        row["span"]: {measure.name: _known(row, measure.name) for measure in measures}
        for row in rows.values("span").annotate(**wanted)
    }


def _known(row: dict[str, Any], name: str) -> dict[str, int]:
    known = {what: row[f"{name}_{what}"] for what in ("n", "running", "never")}
    return known | {"missing": row[f"{name}_asked"] - sum(known.values())}


def _percentiles(rows: QuerySet[Any], measure: Measure) -> dict[int, tuple[float, float]]:
    """Median and 90th percentile in minutes by span: four rows a span leave the database.

    Window functions and not percentile_cont: the same numbers on SQLite and PostgreSQL.
    """
    minutes = (Epoch(measure.stop) - Epoch(measure.start)) / 60.0
    ranked = rows.filter(measure.measured()).annotate(
        minutes=minutes,
        rank=Window(RowNumber(), partition_by="span", order_by=[minutes, "pk"]),
        size=Window(Count("pk"), partition_by="span"),
    )
    # Ranks count from 1. In hundredths of a rank the arithmetic is whole, hence exact.
    near = ranked.annotate(
        to_median=(F("rank") - 1) * 100 - (F("size") - 1) * 50,
        to_p90=(F("rank") - 1) * 100 - (F("size") - 1) * 90,
    ).filter(Q(to_median__gt=-100, to_median__lt=100) | Q(to_p90__gt=-100, to_p90__lt=100))
    spans: dict[int, tuple[int, dict[int, float]]] = {}
    for span, size, rank, took in near.values_list("span", "size", "rank", "minutes"):
        spans.setdefault(span, (size, {}))[1][rank - 1] = max(took, 0.0)
    return {
        span: (_interpolated(size, at_rank, 50), _interpolated(size, at_rank, 90))
        for span, (size, at_rank) in spans.items()
    }


def _interpolated(size: int, at_rank: dict[int, float], percent: int) -> float:
    """Linear between the two nearest ranks, as percentile_cont and spreadsheets do."""
    below, hundredths = divmod((size - 1) * percent, 100)
    lower = at_rank[below]
    upper = at_rank[below + 1] if hundredths else lower
    return round(lower + (upper - lower) * hundredths / 100, 4)


def _duration(counts: dict[str, int], minutes: tuple[float, float] | None) -> Duration:
    median, p90 = minutes or (None, None)
    return Duration(median_minutes=median, p90_minutes=p90, **counts)
