"""The board: all open incidents at once, who commands what, and how many commanders are left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, acting
from incidents.admin.incident_live import may_view
from incidents.admin.incident_words import first_word
from incidents.models import (
    Absence,
    Assignment,
    AuditHead,
    CommandCall,
    EscalationCall,
    Incident,
    LegalClock,
    NoticeClock,
    Person,
    Qualification,
    UpdateClock,
)
from incidents.models.calendar import today
from incidents.rules.board import Where, where
from incidents.rules.hours import Hours
from incidents.rules.roles import COMMANDER, COMMUNICATIONS

_TEMPLATES = "admin/incidents/incident"
# Absences and hours begin and end without an act: the board looks again this often.
_ANEW_SECONDS = 300
_FIRST_DUE: dict[str, tuple[str, QuerySet[Any]]] = {
    "update_due_at": (
        "update",
        UpdateClock.objects.filter(incident=OuterRef("pk"), due_at__isnull=False),
    ),
    "legal_due_at": (
        "legal clock",
        LegalClock.objects.filter(
            incident=OuterRef("pk"), settled_at=None, due_at__isnull=False
        ),
    ),
    "notice_due_at": (
        "notice to a customer",
        NoticeClock.objects.filter(
            incident=OuterRef("pk"), given_at=None, due_at__isnull=False
        ),
    ),
    "answer_due_at": (
        "answer of the commander",
        CommandCall.objects.filter(assignment__incident=OuterRef("pk"), outcome=""),
    ),
}


@dataclass(frozen=True)
class Row:
    """One open incident on the board."""

    incident: Incident
    commander: Assignment | None
    voice: Assignment | None
    due_what: str
    due_at: datetime | None
    is_level_proposed: bool
    first_word: dict[str, Any] | None


@dataclass(frozen=True)
class Commander:
    """One person qualified to command; `commands` is the incident, where the reader may see it."""

    person: Person
    where: Where
    commands: Incident | None


class BoardPage(GovernedAdmin):
    """Adds the board to the admin of incidents."""

    def get_urls(self) -> list[URLPattern]:
        """Before a row's own address, which would swallow them."""
        own: list[URLPattern] = [
            path(address, self.admin_site.admin_view(view), name=f"incidents_incident_{name}")
            for address, view, name in (
                ("board/", self.board_view, "board"),
                ("board/live/", self.board_live_view, "board_live"),
            )
        ]
        return own + super().get_urls()

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """All open incidents the reader may know of, the gravest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        at = timezone.now()
        context = {
            **self.admin_site.each_context(request),
            "title": "Board",
            "opts": self.opts,
            "may_declare": request.user.has_perm("incidents.declare_incident"),
            **board(acting(request), at),
        }
        return TemplateResponse(request, f"{_TEMPLATES}/board.html", context)

    def board_live_view(self, request: HttpRequest) -> HttpResponse:
        """204 to who has seen the latest act, else the panels; 403 as the board itself."""
        at, reader = timezone.now(), acting(request)
        if request.GET.get("seen") == _seen(AuditHead.objects.filter(may_view(reader)), at):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        if not self.has_view_permission(request):
            raise PermissionDenied
        return TemplateResponse(request, f"{_TEMPLATES}/board_live.html", board(reader, at))


def board(reader: Person, at: datetime) -> dict[str, Any]:
    """What the board shows this reader; four queries, however much burns."""
    seen = _seen(AuditHead.objects.all(), at)
    rows = list(_rows(reader, at))
    commanders = _commanders([row.incident for row in rows], at)
    return {
        "seen": seen,
        "at": at,
        "rows": rows,
        "commanders": [
            (kind, [one for one in commanders if one.where is kind]) for kind in Where
        ],
        "qualified": len(commanders),
        "left": sum(one.where is Where.LEFT for one in commanders),
    }


def _seen(heads: QuerySet[AuditHead], at: datetime) -> str:
    """What changes with every act; and now and then without one."""
    sequence = heads.values_list("sequence", flat=True).first()
    return f"{sequence or 0}-{int(at.timestamp()) // _ANEW_SECONDS}"


def _rows(reader: Person, at: datetime) -> list[Row]:
    first_due = {
        name: Subquery(found.order_by("due_at").values("due_at")[:1])
        for name, (_, found) in _FIRST_DUE.items()
    }
    calls = EscalationCall.objects.filter(incident=OuterRef("pk"), next_call_at__isnull=False)
    first_due["call_due_at"] = Subquery(
        calls.order_by("next_call_at").values("next_call_at")[:1]
    )
    held = Assignment.objects.open().filter(role__in=(COMMANDER, COMMUNICATIONS))
    found = (
        Incident.objects.open()
        .visible_to(reader)
        .select_related("level__scheme", "computed_level")
        .annotate(**first_due)
        .prefetch_related(
            Prefetch("assignments", queryset=held.select_related("person"), to_attr="lead")
        )
        .order_by(F("level__rank").asc(nulls_last=True), "declared_at", "id")
    )
    return [_row(incident, at) for incident in found]


def _row(incident: Any, at: datetime) -> Row:
    clocks = {name: what for name, (what, _) in _FIRST_DUE.items()} | {"call_due_at": "call"}
    running = [(getattr(incident, name), what) for name, what in clocks.items()]
    due_at, what = min((one for one in running if one[0]), default=(None, ""))
    roles = {one.role_id: one for one in incident.lead}
    return Row(
        incident,
        roles.get(COMMANDER),
        roles.get(COMMUNICATIONS),
        what,
        due_at,
        incident.is_severity_proposed,
        first_word(incident, at),
    )


def _commanders(shown: Sequence[Incident], at: datetime) -> list[Commander]:
    """Everybody qualified to command today; of command over what is not shown no more than that."""
    qualified = Qualification.objects.valid(today(at)).filter(
        person=OuterRef("pk"), role=COMMANDER
    )
    commands = Assignment.objects.commanding().filter(person=OuterRef("pk"))
    people = Person.objects.filter(Exists(qualified), is_active=True).annotate(
        is_away=Exists(Absence.objects.covering(at).filter(person=OuterRef("pk"))),
        commands_id=Subquery(commands.values("incident")[:1]),
    )
    by_key = {one.pk: one for one in shown}
    return [
        Commander(one, _where(one, at), by_key.get(one.commands_id))
        for one in people.order_by("name", "username")
    ]


def _where(person: Any, at: datetime) -> Where:
    return where(
        commands=person.commands_id is not None,
        is_away=person.is_away,
        hours=Hours(
            person.time_zone, person.works_from, person.works_until, person.works_weekends
        ),
        at=at,
    )
