"""The first page: what burns, what is due, what is uncovered, and the numbers by month."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from incidents.admin.verbs import acting
from incidents.models import (
    EmergencyChange,
    Incident,
    LegalClock,
    NoticeClock,
    NudgePolicy,
    Obligation,
    Person,
    UpdateClock,
)
from incidents.models.private import seen_by
from incidents.operations import duty, notices
from raci_project import charts, coverage
from reviews.models import ActionItem, Review
from training.models import GameDay

SHOWN = 8  # of each register
LINES = 12  # of the panel that has them all


@dataclass(frozen=True)
class Debt:
    """One thing that is owed by an instant, by whom, and where it is done.

    `is_grave`: owed by law, by contract or to the public in a running incident; never crowded out.
    """

    what: str
    who: str
    due_at: datetime
    url: str
    is_grave: bool = False


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's dashboard callback. Whoever may not view incidents is told whom to ask."""
    at = timezone.now()
    may_view = request.user.has_perm("incidents.view_incident")
    may_see_shifts = request.user.has_perm("incidents.view_shift")
    context |= {"at": at, "may_view": may_view}
    if may_view:
        reader = acting(request)
        is_empty = coverage.is_empty()
        period = charts.period(request.GET.get("until", ""), at)
        context |= {
            "burning": burning(reader),
            "open_count": Incident.objects.open().visible_to(reader).count(),
            "debts": foremost(debts(reader)),
            "holes": coverage.holes(reader, at),
            "on_duty": duty.on_duty(at=at) if may_see_shifts else [],
            "period": period,
            "charts": [] if is_empty else charts.by_month(period.last, at=at),
            "is_empty": is_empty,
            "declare_url": reverse("admin:incidents_incident_declare"),
            "may_declare": request.user.has_perm("incidents.declare_incident"),
            "may_say": request.user.has_perm("incidents.view_holdingstatement"),
        }
    return context


def burning(reader: Person) -> list[Incident]:
    """Open incidents, the gravest first, with commander and when the next update is due."""
    return list(
        Incident.objects.open()
        .visible_to(reader)
        .select_related("level")
        .with_command()
        .annotate(next_due_at=Min("update_clocks__due_at"))
        .order_by("level__rank", "-declared_at")[:SHOWN]
    )


def foremost(owed: Iterable[Debt]) -> list[Debt]:
    """As many as the panel bears, by instant; what is grave finds a place before the rest."""
    ranked = sorted(owed, key=lambda debt: (not debt.is_grave, debt.due_at))
    return sorted(ranked[:LINES], key=lambda debt: debt.due_at)


def debts(reader: Person) -> Iterator[Debt]:
    """What is due soonest in every register, of what this reader may see; at most SHOWN of each."""
    yield from _updates(reader)
    yield from _legal(reader)
    yield from _notices(reader)
    yield from _emergencies()
    yield from _reviews(reader)
    yield from _items(reader)
    yield from _game_days()
    yield from _reports()
    yield from _gaps()


def _updates(reader: Person) -> Iterator[Debt]:
    owed = seen_by(UpdateClock.objects.exclude(due_at=None), reader)
    for clock in owed.select_related("incident")[:SHOWN]:
        url = reverse("admin:incidents_incident_change", args=[clock.incident_id])
        what = f"{clock.incident.reference}: {clock.audience} update"
        yield Debt(what, "communications lead", _instant(clock.due_at), url, is_grave=True)


def _legal(reader: Person) -> Iterator[Debt]:
    running = seen_by(LegalClock.objects.filter(settled_at=None), reader).exclude(due_at=None)
    for clock in running.select_related("incident")[:SHOWN]:
        url = reverse("admin:incidents_legalclock_change", args=[clock.pk])
        what = f"{clock.incident.reference}: {clock.title}"
        yield Debt(what, "counsel", _instant(clock.due_at), url, is_grave=True)


def _notices(reader: Person) -> Iterator[Debt]:
    owed = seen_by(notices.still_open(NoticeClock.objects.all()), reader)
    for clock in owed.select_related("incident")[:SHOWN]:
        url = reverse("admin:incidents_incident_change", args=[clock.incident_id])
        what = f"{clock.incident.reference}: notice to {clock.clause.customer}"
        yield Debt(what, "communications lead", _instant(clock.due_at), url, is_grave=True)


def _emergencies() -> Iterator[Debt]:
    owed = EmergencyChange.objects.filter(decided_at=None).exclude(due_at=None)
    for change in owed.select_related("version__matrix")[:SHOWN]:
        url = reverse("admin:incidents_matrixversion_change", args=[change.version_id])
        what = f"Approve or decline the emergency change {change.version}"
        yield Debt(what, "leadership", _instant(change.due_at), url)


def _reviews(reader: Person) -> Iterator[Debt]:
    drafts = Review.objects.filter(status=Review.Status.DRAFT)
    owed = seen_by(drafts, reader).exclude(due_at=None)
    for review in owed.select_related("incident", "owner")[:SHOWN]:
        url = reverse("admin:reviews_review_change", args=[review.pk])
        what = f"Review of {review.incident.reference}"
        yield Debt(what, str(review.owner), _instant(review.due_at), url)


def _items(reader: Person) -> Iterator[Debt]:
    todo = ActionItem.objects.filter(status=ActionItem.Status.OPEN)
    owed = seen_by(todo, reader, "review__incident").exclude(due_at=None)
    for item in owed.select_related("owner").order_by("due_at")[:SHOWN]:
        url = reverse("admin:reviews_actionitem_change", args=[item.pk])
        yield Debt(str(item), str(item.owner), _instant(item.due_at), url)


def _game_days() -> Iterator[Debt]:
    planned = GameDay.objects.filter(status=GameDay.Status.PLANNED).select_related("organiser")
    for day in planned.order_by("starts_at")[:2]:
        url = reverse("admin:training_gameday_change", args=[day.pk])
        yield Debt(f"Game day: {day}", str(day.organiser), day.starts_at, url)


def _reports() -> Iterator[Debt]:
    """After-action reports of completed exercises that nobody published yet."""
    owed = GameDay.objects.filter(status=GameDay.Status.COMPLETED, reported_at=None)
    rows = owed.exclude(report_due_at=None).select_related("report_owner")
    for day in rows.order_by("report_due_at")[:SHOWN]:
        url = reverse("admin:training_gameday_report", args=[day.pk])
        what = f"After-action report: {day}"
        yield Debt(what, str(day.report_owner), _instant(day.report_due_at), url)


def _gaps() -> Iterator[Debt]:
    """Turns that nobody has or can serve, as the last look at the rotations found them."""
    open_rows = Obligation.objects.open().filter(what=NudgePolicy.What.ROTA_GAP)
    for row in open_rows.exclude(due_at=None).order_by("due_at")[:SHOWN]:
        yield Debt(row.title, "leadership", _instant(row.due_at), row.link)


def _instant(at: datetime | None) -> datetime:
    """The queries above leave out rows without one; this tells the type checker."""
    if at is None:
        raise ValueError("A row without a due instant was read.")
    return at
