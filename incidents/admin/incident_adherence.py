"""How an incident follows its matrix: the page of it, and what the incident page shows of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from incidents.admin.adherence_forms import (
    AdviseForm,
    ConsultForm,
    ExplainForm,
    PerformForm,
    is_by_hand,
)
from incidents.admin.base import GovernedAdmin
from incidents.admin.verbs import Offer, Verb, acting
from incidents.models import Advice, Consultation, Incident, Person, Role
from incidents.operations import adherence, consultation, performance, pinned, standing
from incidents.rules.adherence import Adherence, Line, Performed, Standing
from incidents.rules.verbs import VERBS

_WORDS = {
    Standing.DONE: ("done", "tag-green"),
    Standing.NOT_DONE: ("not done", "tag-red"),
    Standing.NOT_DUE: ("not due yet", ""),
    Standing.NO_OCCASION: ("no occasion", ""),
}
_BACK_HERE = ("perform", "explain")


def _advise(_incident: Incident, *, consultation: Consultation, **said: Any) -> Advice:
    return _give(consultation, **said)


_give = consultation.advise
# Icon and template of each verb; label, promise and permission are the law's.
DESIGN: dict[str, tuple[Any, Any, str, str]] = {
    "consult": (consultation.consult, ConsultForm, "forum", "admin/shown/consulting.html"),
    "advise": (_advise, AdviseForm, "reply", "admin/shown/asked.html"),
    "perform": (performance.perform, PerformForm, "done", ""),
    "explain": (performance.explain, ExplainForm, "rate_review", ""),
}


@dataclass(frozen=True)
class Shown:
    """One line as the page shows it; `key` where an act is open to the reader."""

    line: Line
    key: int
    word: str
    tag: str
    performed: tuple[tuple[Performed, str], ...]  # each with the name of the role
    in_time: str
    may_tick: bool
    may_explain: bool

    @property
    def has_words(self) -> bool:
        """Anything to read in the last column."""
        said = (one.departures or one.reason or one.note for one, _ in self.performed)
        return self.line.omitted is not None or any(said)


@dataclass(frozen=True)
class Asking:
    """One running consultation: who was asked, and whether the reader still owes an answer."""

    row: Consultation
    advice: tuple[Advice, ...]
    is_over: bool
    is_mine: bool


def with_consultations(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """Each says whether it has any: without, its page asks nothing more."""
    asked = Consultation.objects.filter(incident=OuterRef("pk"))
    return rows.annotate(has_consultations=Exists(asked))


def consulting(incident: Incident, reader: Person, at: datetime) -> dict[str, Any]:
    """For the incident page: what is asked and not answered; one query, none without any."""
    if not getattr(incident, "has_consultations", True) or not incident.is_open:
        return {"consulting": []}
    rows = Advice.objects.filter(consultation__incident=incident).select_related(
        "role", "person", "consultation__activity", "consultation__asked_by"
    )
    found: dict[int, list[Advice]] = {}
    for one in rows.order_by("consultation__asked_at", "consultation", "id"):
        found.setdefault(one.consultation_id, []).append(one)
    asking = (_asking(advice, reader, at) for advice in found.values())
    return {"consulting": [one for one in asking if one.is_mine or not one.is_over]}


def open_here(offers: Iterable[Offer], incident: Incident) -> list[Offer]:
    """The verbs worth a button among the acts: the others stand where there is need of them."""
    hidden = {"advise", *_BACK_HERE}
    if not any(each.consulted for each in pinned.activities(incident)):
        hidden.add("consult")
    return [one for one in offers if one.verb.name not in hidden]


def _asking(advice: Sequence[Advice], reader: Person, at: datetime) -> Asking:
    row = advice[0].consultation
    missing = [one for one in advice if one.answered_at is None]
    is_over = not missing or at >= row.proceeds_at
    is_mine = any(one.person_id == reader.pk for one in missing)
    return Asking(row, tuple(advice), is_over, is_mine)


class AdherencePage(GovernedAdmin):
    """Adds to the admin of incidents the page of how one followed its matrix."""

    def get_urls(self) -> list[URLPattern]:
        """Before the row's own address, which would swallow it."""
        view = self.admin_site.admin_view(self.adherence_view)
        name = "incidents_incident_adherence"
        own: list[URLPattern] = [path("<path:object_id>/adherence/", view, name=name)]
        return own + super().get_urls()

    def adherence_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who may see the incident may see how it followed the matrix; nothing is changed here."""
        incident = self.get_object(request, unquote(object_id))
        if incident is None:
            raise Http404
        if not self.has_view_permission(request, incident):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **_page(cast(Incident, incident), acting(request), timezone.now()),
            "title": f"Adherence of {incident}",
            "opts": self.opts,
            "original": incident,
        }
        return TemplateResponse(request, "admin/incidents/incident/adherence.html", context)

    def after_verb(self, verb: Verb, subject: Any, result: Any) -> str:
        """Who ticked off or explained goes on with the next line."""
        if verb.name in _BACK_HERE:
            return reverse("admin:incidents_incident_adherence", args=[subject.pk])
        return super().after_verb(verb, subject, result)


def _page(incident: Incident, reader: Person, at: datetime) -> dict[str, Any]:
    measured = adherence.of(incident, at)
    names = {role.slug: role.name for role in Role.objects.all()}
    may = {
        verb: reader.has_perm(f"incidents.{VERBS[verb].permission}")
        and not standing.objections(verb, incident, reader, at=at)
        for verb in _BACK_HERE
    }
    shown = [_shown(incident, line, names, may) for line in measured.lines]
    return {
        "incident": incident,
        "measured": measured,
        "share": None if measured.share is None else round(measured.share * 100),
        "unexplained": [one for one in shown if one.line.is_unexplained],
        "phases": _by_phase(shown),
        "totals": _totals(measured),
        "at": at,
    }


def _shown(
    incident: Incident, line: Line, names: dict[str, str], may: dict[str, bool]
) -> Shown:
    word, tag = _WORDS[line.standing]
    is_open = line.standing is not Standing.DONE
    return Shown(
        line,
        pinned.key_of(incident, line.activity),
        word,
        tag,
        tuple((one, names.get(one.role, one.role)) for one in line.performed),
        _in_time(line),
        may_tick=may["perform"] and is_open and is_by_hand(line.activity),
        may_explain=may["explain"] and line.is_unexplained,
    )


def _in_time(line: Line) -> str:
    """How many minutes before or after its target it was done, in words."""
    if line.minutes is None:
        return ""
    if line.minutes < 0:
        return f"{-line.minutes} min late"
    return f"{line.minutes} min early" if line.minutes else "on time"


def _by_phase(shown: Iterable[Shown]) -> list[tuple[str, list[Shown]]]:
    phases: dict[str, list[Shown]] = {}
    for one in shown:
        phases.setdefault(one.line.activity.phase, []).append(one)
    return list(phases.items())


def _totals(measured: Adherence) -> list[tuple[str, str]]:
    """Each sum beside what it is a part of."""
    owed = len(measured.owed)
    return [
        ("Done", f"{measured.done} of {owed}"),
        ("In time", f"{measured.in_time} of {measured.timed}"),
        ("Departed", str(measured.departed)),
        ("Explained", f"{measured.explained} of {measured.departed}"),
    ]
