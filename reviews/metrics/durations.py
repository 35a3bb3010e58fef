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
    return {measure.name: _of_one(rows, measure, counts) for measure in measures}


def _of_one(
    rows: QuerySet[Incident], measure: Measure, counts: dict[int, dict[str, dict[str, int]]]
) -> dict[int, Duration]:
    known = {span: of_span[measure.name] for span, of_span in counts.items()}
    sizes = {span: of_span["n"] for span, of_span in known.items()}
    minutes = _percentiles(rows, measure, sizes)
    return {span: _duration(of_span, minutes.get(span)) for span, of_span in known.items()}


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


def _percentiles(
    rows: QuerySet[Any], measure: Measure, sizes: dict[int, int]
) -> dict[int, tuple[float, float]]:
    """Median and 90th percentile in minutes, given how many were measured in each span.

    Ranked by a window function and not percentile_cont: the same numbers on SQLite and
    PostgreSQL, and only the rows nearest to the percentiles leave the database.
    """
    near = {rank for n in sizes.values() for percent in (50, 90) for rank in _ranks(n, percent)}
    minutes = (Epoch(measure.stop) - Epoch(measure.start)) / 60.0
    rank = Window(RowNumber(), partition_by="span", order_by=[minutes, "pk"])
    ranked = rows.filter(measure.measured()).annotate(minutes=minutes, rank=rank)
    found = ranked.filter(rank__in=near).values_list("span", "rank", "minutes")
    took = {(span, rank): max(minutes, 0.0) for span, rank, minutes in found}
    # A row that changed since it was counted leaves a gap: then no figure, not a wrong one.
    return {
        span: (_interpolated(took, span, n, 50), _interpolated(took, span, n, 90))
        for span, n in sizes.items()
        if (span, _ranks(n, 90)[1]) in took
    }


def _ranks(n: int, percent: int) -> tuple[int, int]:
    """The two ranks of n, from 1, between which a percentile lies; the same one where it is exact."""
    below, hundredths = divmod((n - 1) * percent, 100)
    return below + 1, below + 1 + bool(hundredths)


def _interpolated(took: dict[tuple[int, int], float], span: int, n: int, percent: int) -> float:
    """Linear between the two ranks, as percentile_cont and spreadsheets do."""
    lower, upper = (took[span, rank] for rank in _ranks(n, percent))
    return round(lower + (upper - lower) * ((n - 1) * percent % 100) / 100, 4)


def _duration(counts: dict[str, int], minutes: tuple[float, float] | None) -> Duration:
    median, p90 = minutes or (None, None)
    return Duration(median_minutes=median, p90_minutes=p90, **counts)
