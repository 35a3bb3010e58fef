"""The page of the law of one incident: one question at a time, and beside it what runs by law."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from incidents.admin import (
    form_key,
    legal_answer,
    legal_known,
    legal_question,
    legal_running,
    legal_why,
)
from incidents.admin.base import acting
from incidents.admin.incident_live import LivePage
from incidents.admin.legal_answer import AnswerForm
from incidents.admin.legal_question import Room
from incidents.admin.verbs import Verb
from incidents.calendars import is_holiday
from incidents.models import Incident, LegalClock, LegalDecision, Person
from incidents.operations import law, legal_case, legal_notes, standing
from incidents.operations.legal_case import Reading
from incidents.rules import legal_engine
from incidents.rules.verbs import VERBS

_TEMPLATE = "admin/incidents/incident/legal.html"
# What is done here leads back here.
_BACK_HERE = frozenset(
    {
        legal_answer.ANSWER, "file_notice", "stand_down_clock", "keep_clock",
        "decide_not_to_notify", "write_legal_note",
    }
)  # fmt: skip
_ACTS = (
    "engage_counsel", "file_notice", "stand_down_clock", "keep_clock", "decide_not_to_notify",
    "write_legal_note",
)  # fmt: skip


class LawPage(LivePage):
    """Adds to the admin of incidents the interview, and the explanation for the file."""

    def get_urls(self) -> list[URLPattern]:
        """Before the row's own address, which would swallow them."""
        own: list[URLPattern] = [
            path(
                f"<path:object_id>/{route}/",
                self.admin_site.admin_view(view),
                name=f"incidents_incident_{name}",
            )
            for route, name, view in (
                ("law/why", "law_why", self.law_why_view),
                ("law", "law", self.law_view),
            )
        ]
        return own + super().get_urls()

    def law_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET asks and shows; POST is one answer. Who may not record facts reads, and is told who may."""
        incident = self.shown_to(request, object_id)
        if request.method != "POST":
            return self._law_page(request, incident, None)
        if not self.may_ever(request, legal_answer.VERB):
            raise PermissionDenied
        if before := form_key.before(request, acting(request)):
            return self._done_already(request, incident, before.location)
        form = AnswerForm(request.POST, subject=incident, actor=acting(request))
        if form.is_valid():
            done = self._act_once(request, legal_answer.VERB, incident, form)
            if done is not None:
                return done
            incident = self.shown_to(request, object_id)  # a refused act may have filled it in
        return self._law_page(request, incident, form)

    def law_why_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Why each regime applies, does not, or is open; for the file, and to be printed."""
        incident = self.shown_to(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            **legal_why.context(incident, acting(request), timezone.now()),
            "title": f"Law of {incident}",
            "opts": self.opts,
            "original": incident,
        }
        return TemplateResponse(request, "admin/incidents/incident/legal_why.html", context)

    def _law_page(
        self, request: HttpRequest, incident: Incident, form: AnswerForm | None
    ) -> HttpResponse:
        at = timezone.now()
        wanted = form.data.get("name", "") if form else request.GET.get("ask", "")
        context = {
            **self.admin_site.each_context(request),
            **page(incident, acting(request), wanted, at),
            "form": form or AnswerForm(subject=incident, actor=acting(request)),
            # What was typed and ticked stays where an answer is refused.
            "typed": form.data if form else {},
            "ticked": request.POST.getlist("value") if form else [],
            "title": f"Legal and privacy of {incident}",
            "opts": self.opts,
            "original": incident,
        }
        context["media"] = self.media + context["form"].media
        return TemplateResponse(request, _TEMPLATE, context, status=409 if form else 200)

    def after_act(
        self, request: HttpRequest, verb: Verb, subject: Any, result: Any
    ) -> HttpResponse:
        """After an answer: what it started or put in doubt, in the message above the next question."""
        if verb.name != legal_answer.ANSWER:
            return super().after_act(request, verb, subject, result)
        return super().after_act(request, replace(verb, done=str(result)), subject, result)

    def after_verb(self, verb: Verb, subject: Any, result: Any) -> str:
        """What is done of the law leads back to its page."""
        if verb.name in _BACK_HERE:
            return legal_running.url(subject)
        return super().after_verb(verb, subject, result)


def page(incident: Incident, reader: Person, wanted: str, at: datetime) -> dict[str, Any]:
    """The context of the page; without a law pinned to the incident, what is to be done first."""
    reading = legal_case.read(incident, at=at)
    rows = tuple(incident.legal_clocks.select_related("settled_by"))
    urls = _urls(incident, reader, at)
    pack = reading.pack if reading else None
    shown = legal_running.clocks(
        legal_running.ordered(rows), pack=pack, places=_places(reading), urls=urls, at=at
    )
    decisions = list(incident.legal_decisions.select_related("decided_by"))
    found = {
        "incident": incident,
        "reader": reader,
        "at": at,
        "clocks": shown,
        "urls": urls,
        "decisions": decisions,
        "notes": legal_notes.notes(incident, reader),
        "notes_count": legal_notes.count(incident),
        "may_not": standing.objections("record_facts", incident, reader, at=at),
    }
    if reading is None:
        return {**found, **_lacking(incident, at)}
    return {**found, **_asked(reading, rows, wanted, decisions)}


def _asked(
    reading: Reading, rows: tuple[LegalClock, ...], wanted: str, decisions: list[LegalDecision]
) -> dict[str, Any]:
    room = Room(reading, rows)
    outcome = legal_engine.evaluate(reading.pack, reading.case, is_holiday)
    known = legal_known.rows(reading)
    return {
        "pack": reading.pack,
        "asked": legal_question.next_asked(room, wanted),
        "still_open": legal_question.still_open(room),
        "is_wanted": bool(wanted),
        "answered": len(known.said),
        "left": legal_question.open_count(room),
        "known": known,
        "others": legal_running.others(reading.pack, outcome, decisions),
        "rules": [
            one.reason for one in reading.pack.counsel if one.id in outcome.counsel_rules
        ],
    }


def _places(reading: Reading | None) -> list[str]:
    """Where the people live and where we are: whose authorities would be told."""
    if reading is None:
        return []
    facts: Mapping[str, Any] = reading.case.facts
    return [*facts["affected_jurisdictions"], *facts["operates_in"]]


def _urls(incident: Incident, reader: Person, at: datetime) -> dict[str, str]:
    """The verbs of the law open to the reader here and now."""
    return {
        name: reverse(f"admin:incidents_incident_{name}", args=[incident.pk])
        for name in _ACTS
        if reader.has_perm(f"incidents.{VERBS[name].permission}")
        and not standing.objections(name, incident, reader, at=at)
    }


def _lacking(incident: Incident, at: datetime) -> dict[str, Any]:
    """Which of the two is missing: at the declaration, and now."""
    return {
        "lacks_pack": incident.law_pack_id is None,
        "lacks_profile": incident.legal_profile_id is None,
        "has_pack_now": law.law_pack_in_force(at) is not None,
        "has_profile_now": law.legal_profile_in_force(at) is not None,
    }
