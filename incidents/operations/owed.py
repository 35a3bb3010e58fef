"""Where the things owed outside of incidents stand: one source a kind, each a constant number of queries."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Model, Q

from incidents.models.attestation import Attestation
from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.people import Person
from incidents.models.roles import Qualification
from incidents.models.statement import HoldingStatement
from incidents.operations.composing import page_of
from incidents.operations.law import matrix_in_force
from incidents.operations.matrix_facts import limits, looked_at
from incidents.rules import owed as rules
from incidents.rules.nudges import end_of_day
from incidents.rules.owed import Debt, Owed

_DAY = timedelta(days=1)
_LONGEST = 250  # characters of a title

# What kind of row each is about.
SUBJECTS = {
    rules.STATEMENT: "incidents.holdingstatement",
    rules.MATRIX: "incidents.matrixversion",
    rules.QUALIFICATION: "incidents.qualification",
    rules.RUNBOOK: "incidents.service",
    rules.ATTESTATION: "incidents.attestation",
    rules.ROTA_GAP: "incidents.shift",
}


def owed(what: str, at: datetime, ahead: timedelta) -> list[Owed]:
    """Everything of this kind that is owed at `at`, or becomes due within `ahead`."""
    return list(_SOURCES[what](at, ahead))


def _statements(at: datetime, ahead: timedelta) -> Iterator[Owed]:
    """Words to be written, reviewed, approved anew, and those that expire: once a statement.

    Approved ones of the same title and use that last longer replace those that last less long.
    """
    known = HoldingStatement.objects.exclude(status=HoldingStatement.Status.RETIRED)
    rows = list(known.select_related("maker", "approver").defer("text").order_by("pk"))
    lasts: dict[tuple[object, ...], date] = {}
    for row in filter(_is_approved, rows):
        lasts[_use(row)] = max(lasts.get(_use(row), date.min), _last(row))
    until = _begins(today(at) + ahead)
    for row in rows:
        is_replaced = _is_approved(row) and _last(row) < lasts[_use(row)]
        debts = () if is_replaced else tuple(_debts(row))
        if debts:
            debt, due_at = rules.soonest(debts, at)
            if due_at is None or due_at < until:
                owner = _active(row.maker) or _active(row.approver)
                yield _owed(row, debt.titled(row.title), due_at, owner)


def _debts(row: HoldingStatement) -> Iterator[tuple[Debt, datetime | None]]:
    """Everything owed about one statement. A draft is owed only where a day was named."""
    if not _is_approved(row):
        if row.review_on:
            yield Debt.WRITING, _begins(row.review_on)
        return
    if row.expires_on:
        yield Debt.EXPIRY, _begins(row.expires_on)
    if row.review_on:
        yield Debt.REVIEW, _begins(row.review_on)
    if _active(row.approver) is None:
        yield Debt.APPROVER, None


def _is_approved(row: HoldingStatement) -> bool:
    return row.status == HoldingStatement.Status.APPROVED


def _last(row: HoldingStatement) -> date:
    return row.expires_on or date.max


def _use(row: HoldingStatement) -> tuple[object, ...]:
    return (row.title, row.scenario_id, row.severity, row.audience, row.language, row.purpose)


def _matrices(at: datetime, ahead: timedelta) -> Iterator[Owed]:
    """The version in force, once nobody has looked at it for as long as the limits say (R27)."""
    law = matrix_in_force(at)
    if law is None:
        return
    due_at = looked_at(law, at) + limits().review_days * _DAY
    if due_at < at + ahead:
        yield _owed(law, f"Review of the matrix {law}", due_at, None)


def _qualifications(at: datetime, ahead: timedelta) -> Iterator[Owed]:
    """What lapses, and what lapsed a short while ago, of people who are here."""
    day = today(at)
    rows = Qualification.objects.filter(
        level=Qualification.Level.QUALIFIED,
        person__is_active=True,
        expires_on__gt=day - rules.LAPSED_DAYS * _DAY,
        expires_on__lt=day + ahead,
    )
    for row in rows.select_related("person", "role").order_by("pk"):
        if row.expires_on:
            title = f"{row.person}'s qualification as {row.role.name}"
            yield _owed(row, title, _begins(row.expires_on), row.person_id)


def _runbooks(at: datetime, ahead: timedelta) -> Iterator[Owed]:
    """Runbooks of active services that nobody has followed for long, or ever."""
    kept = rules.RUNBOOK_DAYS * _DAY
    stale = Q(runbook_checked_on=None) | Q(runbook_checked_on__lt=today(at) + ahead - kept)
    rows = Service.objects.filter(stale, is_active=True).exclude(runbook_url="")
    for row in rows.order_by("pk"):
        checked = row.runbook_checked_on
        due_at = _ends(checked + kept) if checked else None
        yield _owed(row, f"A check of the runbook of {row.name}", due_at, row.owner_id)


def _attestations(_at: datetime, _ahead: timedelta) -> Iterator[Owed]:
    """What nobody answered yet in open campaigns; who left can answer no more."""
    rows = Attestation.objects.filter(
        answer=Attestation.Answer.OPEN, campaign__closed_at=None, person__is_active=True
    ).select_related("person", "campaign__version__matrix")
    for row in rows.order_by("pk"):
        title = f"{row.person}'s attestation of {row.campaign.version}"
        yield _owed(row, title, _ends(row.campaign.due_on), row.person_id)


def _owed(row: Model, title: str, due_at: datetime | None, owner: int | None) -> Owed:
    return Owed(str(row.pk), title[:_LONGEST], page_of(row), due_at, owner)


def _active(person: Person | None) -> int | None:
    return person.pk if person and person.is_active else None


def _begins(on: date) -> datetime:
    """The instant from which it no longer counts."""
    return end_of_day(on - _DAY, settings.ORGANISATION_ZONE)


def _ends(on: date) -> datetime:
    """The instant at which the last day is over."""
    return end_of_day(on, settings.ORGANISATION_ZONE)


_SOURCES: Mapping[str, Callable[[datetime, timedelta], Iterator[Owed]]] = {
    rules.STATEMENT: _statements,
    rules.MATRIX: _matrices,
    rules.QUALIFICATION: _qualifications,
    rules.RUNBOOK: _runbooks,
    rules.ATTESTATION: _attestations,
}
