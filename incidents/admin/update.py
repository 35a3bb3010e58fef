"""Updates and legal clocks: read here, approved, published and answered by verbs."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, Verb
from incidents.admin.forms import VerbForm
from incidents.admin.seen import SeenWithIncident
from incidents.models import LegalClock, Person, Update
from incidents.operations import (
    legal,
    update,
    waiting,
)
from incidents.rules.reasons import Reason
from incidents.rules.verbs import VERBS


class _OfIncident(SeenWithIncident, GovernedAdmin):
    """A part of an incident: its verbs are the incident's, and lead back to its page."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Made by verbs of the incident."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Moved by verbs, not edited."""
        return False

    def may_ever(self, request: HttpRequest, verb: Verb) -> bool:
        """The standing permission is the incident's."""
        return request.user.has_perm(f"incidents.{VERBS[verb.name].permission}")

    def after_verb(self, verb: Verb, subject: Any, result: Any) -> str:
        """Back to the incident."""
        return reverse("admin:incidents_incident_change", args=[subject.incident_id])


def _update_objections(verb: str, subject: Update, person: Person) -> tuple[Reason, ...]:
    return update.objections(verb, subject, person, at=timezone.now())


@admin.register(Update)
class UpdateAdmin(_OfIncident):
    """What was said, to whom, approved by whom."""

    list_display = [
        "incident",
        "audience",
        "status",
        "drafted_by",
        "approved_by",
        "published_at",
    ]
    list_filter = ["status", "audience"]
    list_select_related = ["incident", "drafted_by", "approved_by"]
    search_fields = ["incident__reference", "incident__title", "text"]
    first_step = "Nothing was said yet. Open an incident and draft an update there."
    verbs = (
        Verb(
            "approve_update",
            "Approve",
            update.approve,
            explain=VERBS["approve_update"].promise,
            icon="done_all",
            objections=partial(_update_objections, "approve_update"),
            shows="admin/shown/update.html",
        ),
        Verb(
            "publish_update",
            "Publish",
            update.publish,
            explain=VERBS["publish_update"].promise,
            icon="campaign",
            objections=partial(_update_objections, "publish_update"),
            shows="admin/shown/update.html",
        ),
    )


class AnswerForm(VerbForm):
    """What counsel decided."""

    answer = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Whether notice is owed, to whom, on what basis; or why not.",
    )


def _clock_objections(clock: LegalClock, person: Person) -> tuple[Reason, ...]:
    return waiting.objections("answer_clock", clock.incident, person, at=timezone.now())


@admin.register(LegalClock)
class LegalClockAdmin(_OfIncident):
    """Questions with a deadline: counsel within the first hour, later the regimes."""

    list_display = ["incident", "kind", "due_at", "answered_at", "answered_by"]
    list_filter = ["kind", ("answered_at", admin.EmptyFieldListFilter)]
    list_select_related = ["incident", "answered_by"]
    search_fields = ["incident__reference", "incident__title", "basis"]
    first_step = "No clock ever ran. One starts when the facts of an incident ask for counsel."
    verbs = (
        Verb(
            "answer_clock",
            "Answer",
            legal.answer_clock,
            AnswerForm,
            explain=VERBS["answer_clock"].promise,
            icon="gavel",
            objections=_clock_objections,
        ),
    )
