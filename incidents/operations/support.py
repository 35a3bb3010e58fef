"""What support may say: what was published of open incidents, and words approved for support.

Nothing else is offered: no draft, nothing that expired, nothing whose approver has left, no words
meant for another audience. Those are the communications lead's to publish.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from incidents.models.calendar import today
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.severity import Audience
from incidents.models.statement import HoldingStatement
from incidents.models.update import StatementCopy, Update, UpdateClock
from incidents.operations import standing, statement
from incidents.operations.statement import Offer
from incidents.rules.reasons import Refused
from incidents.rules.wording import fill_known

VIEW, _SEE = "incidents.view_holdingstatement", "incidents.view_incident"
# A page for somebody with a customer on the telephone: more incidents than that nobody reads.
MOST_INCIDENTS = 20
MOST_WORDS = 500
# Whose update is read out: support's own, else what everybody may read.
_HEARD = (Audience.SUPPORT, Audience.PUBLIC)


@dataclass(frozen=True, slots=True)
class Sayable:
    """One open incident: what was published last, and the words approved for it, filled in."""

    incident: Incident
    published: Update | None
    offers: tuple[Offer, ...]


def sayable(person: Person, *, at: datetime) -> list[Sayable]:
    """The open incidents this person may see, the gravest first; constant queries however many.

    Exercises are left out: what is played there must not reach a customer.
    """
    incidents = list(_running(person)) if person.has_perm(_SEE) else []
    published = _published(incidents)
    clocks = _next_updates(incidents, at)
    rows = list(usable(today(at))) if incidents else []
    return [
        Sayable(
            incident,
            published.get(incident.pk),
            tuple(_offers(incident, rows, clocks.get(incident.pk), at)),
        )
        for incident in incidents
    ]


def usable(on: date, query: str = "") -> QuerySet[HoldingStatement]:
    """The words support may use on this day, by scenario; those that contain every word asked."""
    rows = (
        HoldingStatement.objects.usable(on)
        .filter(audience=Audience.SUPPORT, approver__is_active=True)
        .select_related("scenario", "approver")
        .order_by(F("scenario__name").asc(nulls_last=True), "severity", "title", "pk")
    )
    for word in query.split():
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(text__icontains=word)
            | Q(scenario__name__icontains=word)
        )
    return rows[:MOST_WORDS]


@transaction.atomic
def copied(
    row: HoldingStatement, *, incident: Incident | None = None, actor: Person, at: datetime
) -> StatementCopy:
    """Count that these words were taken, for this incident where one is named.

    Refuses `statement_not_usable` and `incident_not_seen`. No audit line: a count decides nothing,
    nobody answers for it, and a busy day would bury the acts that matter beneath it.
    """
    standing.permit_to(actor, VIEW)
    statement.require_usable(row, row.audience, at)
    if incident and not Incident.objects.visible_to(actor).filter(pk=incident.pk).exists():
        message = "There is no such incident: open the page anew."
        raise Refused.because("incident_not_seen", message, "incident")
    return StatementCopy.objects.create(statement=row, incident=incident, person=actor, at=at)


def _running(person: Person) -> QuerySet[Incident]:
    return (
        Incident.objects.open()
        .real()
        .visible_to(person)
        .select_related("level__scheme", "scenario")
        .prefetch_related("services")
        .order_by(F("level__rank").asc(nulls_last=True), "-declared_at")[:MOST_INCIDENTS]
    )


def _published(incidents: Iterable[Incident]) -> Mapping[int, Update]:
    """The last update to support of each, else the last public one."""
    said = Update.objects.filter(incident=OuterRef("pk"), status=Update.Status.PUBLISHED)
    # By an expression: SQLite would else walk all that was ever published to this audience.
    latest = Coalesce("published_at", "drafted_at").desc()
    last = {
        audience: Subquery(
            said.filter(audience=audience).order_by(latest, "-id").values("pk")[:1]
        )
        for audience in _HEARD
    }
    keys = Incident.objects.filter(pk__in=[one.pk for one in incidents]).values_list(
        *(last[audience] for audience in _HEARD)
    )
    chosen = [support or public for support, public in keys if support or public]
    rows = Update.objects.filter(pk__in=chosen).select_related("published_by", "corrects")
    return {row.incident_id: row for row in rows}


def _next_updates(incidents: Iterable[Incident], at: datetime) -> Mapping[int, datetime]:
    """When support, or else everybody, hears more: what is late is promised to nobody."""
    rows = UpdateClock.objects.filter(
        incident__in=[one.pk for one in incidents], audience__in=_HEARD, due_at__gt=at
    )
    # Support's own clock comes last, and stays.
    ordered = sorted(rows, key=lambda row: row.audience == Audience.SUPPORT)
    return {row.incident_id: row.due_at for row in ordered if row.due_at}


def _offers(
    incident: Incident, rows: Iterable[HoldingStatement], hears: datetime | None, at: datetime
) -> Iterator[Offer]:
    """The words that fit, the closest first, filled with what the incident knows."""
    knows = statement.known(incident, at)
    if hears:
        knows["next_update"] = hears
    fitting = [row for row in rows if _fits(row, incident)]
    for row in sorted(fitting, key=lambda one: (one.scenario_id is None, not one.severity)):
        yield Offer(row, *fill_known(row.text, knows))


def _fits(row: HoldingStatement, incident: Incident) -> bool:
    """For its scenario and level; that it is over is said once it is resolved, and nothing else."""
    level = incident.level.code if incident.level else ""
    is_over = row.purpose == HoldingStatement.Purpose.OVER
    return (
        row.scenario_id in (None, incident.scenario_id)
        and row.severity in ("", level)
        and is_over == (incident.resolved_at is not None)
    )
