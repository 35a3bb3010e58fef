"""The ledger an auditor asks for: every legal clock of every incident, what was filed, what was not.

Private incidents are left out for whoever may not see them; so are exercises, unless asked for.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Min, Model, Prefetch, Q, QuerySet

from incidents.models.incident import Incident
from incidents.models.legal import FactSaid, Filing, LegalClock, LegalDecision
from incidents.models.people import Person
from incidents.models.private import seen_by
from incidents.operations import law, records, standing
from incidents.rules import ledger as rules
from incidents.rules.ledger import COLUMNS, Asked
from incidents.rules.reasons import Refused

SEE = (
    "incidents.view_legalclock",
    "incidents.view_legaldecision",
    "incidents.view_filing",
    "incidents.view_factsaid",
)
EXPORT = "incidents.export_legalclock"
MOST_ROWS = 20_000  # of a file; a longer one is asked for by period

M = TypeVar("M", bound=Model)
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One clock with all that was said and sent; `said`: who said when its event was, if anybody."""

    clock: LegalClock
    triggered_at: datetime | None
    said: FactSaid | None
    filings: tuple[Filing, ...]
    outcome: str

    @property
    def words(self) -> str:
        """The outcome for people."""
        return rules.OUTCOMES[self.outcome]

    @property
    def waits_for(self) -> str:
        """The event its clock starts with, for people."""
        return self.clock.event


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision, and how sure its law is: high, medium or low."""

    row: LegalDecision
    confidence: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A file as it was handed out, and its SHA-256 in hexadecimal."""

    content: bytes
    sha256: str
    rows: int


def may_see(person: Person) -> bool:
    """Whether this person may read the ledger: whoever sees clocks, facts, filings, decisions."""
    return all(person.has_perm(each) for each in SEE)


def may_export(person: Person) -> bool:
    """Whether this person may take it away as a file."""
    return may_see(person) and person.has_perm(EXPORT)


def clocks(asked: Asked, person: Person, *, at: datetime) -> QuerySet[LegalClock]:
    """The clocks asked for that this person may see, the last that began first."""
    rows = _asked(LegalClock.objects.all(), asked, person)
    if asked.outcome in ("open", rules.OVERDUE):
        rows = rows.filter(settled_at=None)
        late = Q(due_at__lte=at)
        rows = rows.filter(late) if asked.outcome == rules.OVERDUE else rows.exclude(late)
    elif asked.outcome:
        rows = rows.filter(outcome=asked.outcome)
    filings = Filing.objects.defer("file").select_related("sent_by", "recorded_by")
    return (
        rows.select_related("incident", "settled_by")
        .prefetch_related(Prefetch("filings", filings))
        .order_by("-started_at", "-id")
    )


def decisions(asked: Asked, person: Person) -> QuerySet[LegalDecision]:
    """What was decided not to be notified, stood down or kept, the last first; whatever outcome."""
    rows = _asked(LegalDecision.objects.all(), asked, person)
    return rows.select_related("incident", "decided_by").order_by("-decided_at", "-id")


def decided(rows: Iterable[LegalDecision]) -> list[Decided]:
    """These decisions of `decisions`, each with the confidence its pinned pack has in the regime."""
    return [Decided(row, law.confidence_of(row.incident, row.regime)) for row in rows]


def regimes(person: Person) -> list[str]:
    """The regimes that ever ran a clock this person may see."""
    rows = seen_by(LegalClock.objects.exclude(regime=""), person)
    return list(rows.order_by("regime").values_list("regime", flat=True).distinct())


def lines(rows: Sequence[LegalClock], *, at: datetime) -> list[Line]:
    """These clocks of `clocks`, each with when it was written down first and who said when its
    event was; two queries, of these rows alone: asked for while all are sorted it costs of all.
    """
    said = _said({row.incident_id for row in rows})
    triggered = _triggered([row.pk for row in rows])
    return [
        Line(
            clock=row,
            triggered_at=triggered.get(row.pk),
            said=said.get((row.incident_id, row.clock)),
            filings=tuple(row.filings.all()),
            outcome=rules.outcome(
                row.outcome, is_overdue=row.due_at is not None and row.due_at <= at
            ),
        )
        for row in rows
    ]


def export_ledger(
    asked: Asked, *, write: Callable[[Rows], bytes], form: str, actor: Person, at: datetime
) -> Exported:
    """The ledger asked for as a file that `write` makes of its rows; the audit line says which.

    The rows may begin like formulas: `write` makes them safe. One row a clock, one a filing, one a
    decision; decisions have no outcome, so an outcome asked for leaves them out. NotPermitted
    without the permissions to see and export it; refuses `ledger_too_long`.

    Only the audit line is a transaction: SQLite has one writer, and a file of years takes seconds
    in which others declare and acknowledge.
    """
    for permission in (*SEE, EXPORT):
        standing.permit_to(actor, permission)
    rows = list(clocks(asked, actor, at=at)[: MOST_ROWS + 1])
    decisive = [] if asked.outcome else list(decisions(asked, actor)[: MOST_ROWS + 1])
    if len(rows) + len(decisive) > MOST_ROWS:
        message = f"These are more than {MOST_ROWS:,} rows: ask for a shorter period."
        raise Refused.because("ledger_too_long", message, "since")
    table = [list(COLUMNS)]
    for line in lines(rows, at=at):
        table += _rows_of(line)
    table += [_row(**_decision(each)) for each in decided(decisive)]
    content = write(table)
    digest = hashlib.sha256(content).hexdigest()
    records.audit(
        "export_ledger", ContentType.objects.get_for_model(LegalClock), actor=actor, at=at,
        form=form, sha256=digest, rows=len(table) - 1, since=asked.since, until=asked.until,
        regime=asked.regime, outcome=asked.outcome, with_exercises=asked.with_exercises,
    )  # fmt: skip
    return Exported(content, digest, len(table) - 1)


def _asked(rows: QuerySet[M], asked: Asked, person: Person) -> QuerySet[M]:
    found = seen_by(rows, person)
    if not asked.with_exercises:
        # Asked of them on their own: joined, SQLite walks the incidents and sorts every clock.
        exercises = Incident.objects.filter(kind=Incident.Kind.EXERCISE).order_by()
        found = found.exclude(incident__in=exercises.values("pk"))
    if asked.since:
        found = found.filter(incident__declared_at__gte=_begins(asked.since))
    if asked.until and asked.until < date.max:
        found = found.filter(incident__declared_at__lt=_begins(asked.until + timedelta(1)))
    return found.filter(regime=asked.regime) if asked.regime else found


def _begins(day: date) -> datetime:
    """The first instant of this day in the organisation's zone."""
    return datetime.combine(day, time.min, settings.ORGANISATION_ZONE)


def _said(incidents: set[int]) -> Mapping[tuple[int, str], FactSaid]:
    """The last answer about each clock of these incidents that is an instant."""
    rows = FactSaid.objects.filter(incident__in=incidents, kind=FactSaid.Kind.CLOCK)
    last = {
        (row.incident_id, row.name): row
        for row in rows.select_related("said_by").order_by("said_at", "id")
    }
    return {key: row for key, row in last.items() if not row.is_unknown}


def _triggered(clocks: Sequence[int]) -> Mapping[int, datetime]:
    """When each of these clocks was first written down."""
    rows = LegalClock.history.filter(id__in=clocks).order_by().values("id")
    return dict(rows.annotate(first=Min("history_date")).values_list("id", "first"))


def _rows_of(line: Line) -> Iterator[list[str]]:
    yield _row(**_clock(line))
    for filing in line.filings:
        yield _row(**_filing(line.clock, filing))


def _row(**said: Any) -> list[str]:
    return [_text(said.get(column)) for column in COLUMNS]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


def _of(row: LegalClock | LegalDecision) -> dict[str, Any]:
    return {
        "incident": row.incident.reference,
        "incident_kind": row.incident.kind,
        "regime": row.regime,
        "stage": row.stage,
        "title": row.title,
    }


def _clock(line: Line) -> dict[str, Any]:
    row, said = line.clock, line.said
    own = ("confidence", "basis", "clock", "started_at", "is_assumed", "due_at", "is_fixed",
           "permitted_until", "zone", "settled_at", "settled_by", "late_reason")  # fmt: skip
    return {
        **_of(row),
        **{name: getattr(row, name) for name in own},
        "record": "clock",
        "triggered_at": line.triggered_at,
        "started_said_by": said and said.said_by,
        "started_said_at": said and said.said_at,
        "outcome": line.outcome,
        "reason": row.answer,
    }


def _filing(clock: LegalClock, row: Filing) -> dict[str, Any]:
    own = ("sent_at", "sent_by", "recipient", "reference", "late_reason", "sha256",
           "recorded_by", "recorded_at")  # fmt: skip
    said = {name: getattr(row, name) for name in own}
    return {**_of(clock), **said, "record": "filing", "reason": row.note}


def _decision(decided: Decided) -> dict[str, Any]:
    row = decided.row
    return {
        **_of(row),
        "confidence": decided.confidence,
        "record": f"decision {row.get_kind_display()}",
        "settled_at": row.decided_at,
        "settled_by": row.decided_by,
        "reason": row.reason,
    }
