"""Incidents in the admin: the list of what burns, and the page an incident is run from."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import display

from incidents.admin import incident_adherence, incident_law, incident_page
from incidents.admin import incident_forms as forms
from incidents.admin.affected_forms import ServicesForm
from incidents.admin.base import Verb
from incidents.admin.delegation_forms import DelegateForm, TakeBackForm
from incidents.admin.forms import NoQuestions
from incidents.admin.incident_adherence import AdherencePage
from incidents.admin.verbs import Offer, acting
from incidents.models import Delegation, Incident, Person
from incidents.models.incident import IncidentQuerySet
from incidents.operations import (
    affected,
    callout,
    command,
    decision,
    declaration,
    delegation,
    facts,
    lifecycle,
    severity,
    timeline,
    update,
    waiting,
)
from incidents.operations.delegation import end_delegation
from incidents.rules.reasons import Reason
from incidents.rules.verbs import VERBS

_DESIGN: dict[str, tuple[Any, Any, str]] = {
    "declare": (declaration.declare, forms.DeclareForm, "add_alert"),
    "acknowledge": (command.acknowledge, NoQuestions, "front_hand"),
    "assign": (command.assign, forms.AssignForm, "person_add"),
    "hand_over": (command.hand_over, forms.HandOverForm, "sync_alt"),
    "classify": (severity.classify, forms.ClassifyForm, "thermostat"),
    "advance": (lifecycle.advance, forms.AdvanceForm, "arrow_forward"),
    "decide": (decision.decide, forms.DecideForm, "gavel"),
    "escalate": (callout.escalate, forms.ReasonForm, "arrow_upward"),
    "contain": (lifecycle.contain, forms.InstantForm, "fence"),
    "mitigate": (lifecycle.mitigate, forms.InstantForm, "healing"),
    "resolve": (lifecycle.resolve, forms.InstantForm, "check_circle"),
    "close": (lifecycle.close, forms.CloseForm, "task_alt"),
    "reopen": (lifecycle.reopen, forms.ReasonForm, "restart_alt"),
    "cancel": (lifecycle.cancel, forms.ReasonForm, "cancel"),
    "record_facts": (facts.record_facts, forms.FactsForm, "fact_check"),
    "set_services": (affected.set_services, ServicesForm, "lan"),
    "draft_update": (update.draft, forms.DraftForm, "edit_note"),
    "delegate": (delegation.delegate, DelegateForm, "group_add"),
    "note": (timeline.note, forms.NoteForm, "sticky_note_2"),
    **{name: design[:3] for name, design in incident_adherence.DESIGN.items()},
}
_SHOWS = {
    "draft_update": "admin/shown/statements.html",
    **{name: design[3] for name, design in incident_adherence.DESIGN.items()},
}


_SHOWN_BESIDE = (
    "level", "computed_level", "matrix_version__matrix", "severity_scheme", "scenario",
    "declared_by",
)  # fmt: skip


def _objections(verb: str, incident: Incident, person: Person) -> tuple[Reason, ...]:
    return waiting.objections(verb, incident, person, at=timezone.now())


def _nothing_to_take_back(incident: Incident, person: Person) -> list[Reason]:
    return delegation.objections(incident, person, at=timezone.now())


def _end_delegation(_incident: Incident, *, delegation: Delegation, **by: Any) -> Delegation:
    return end_delegation(delegation, **by)


_TAKE_BACK = Verb(
    "end_delegation",
    "Take a delegation back",
    _end_delegation,
    TakeBackForm,
    explain="From now on the delegate decides nothing more; what was decided until now stands.",
    icon="undo",
    permission="delegate",
    objections=_nothing_to_take_back,
)


def _verb(name: str) -> Verb:
    call, form, icon = _DESIGN[name]
    return Verb(
        name,
        VERBS[name].label,
        call,
        form,
        explain=VERBS[name].promise,
        icon=icon,
        on_list=name == "declare",
        danger=name == "cancel",
        objections=partial(_objections, name),
        shows=_SHOWS.get(name, ""),
    )


@admin.register(Incident)
class IncidentAdmin(AdherencePage):
    """No field is typed here: an incident is declared, and moved by verbs."""

    verbs = (*(_verb(name) for name in _DESIGN), _TAKE_BACK)
    first_step = (
        "No incident yet. Declare one as soon as customers may notice: a title and the affected "
        "services are enough. To practise first, plan a game day."
    )
    list_display = ["headline", "severity", "phase", "commander", "declared_at"]
    list_filter = ["state", "kind", "level__code"]
    search_fields = ["reference", "title"]
    ordering = ["-declared_at", "-id"]
    sortable_by: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Declared, not added."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Moved by verbs, not edited."""
        return False

    def get_queryset(self, request: HttpRequest) -> IncidentQuerySet:
        """With level and commander: a constant number of queries a page."""
        rows: IncidentQuerySet = super().get_queryset(request)
        return rows.select_related("level").with_command()

    def get_search_results(
        self, request: HttpRequest, queryset: IncidentQuerySet, search_term: str
    ) -> tuple[IncidentQuerySet, bool]:
        """A whole reference is looked up in its index; anything else is sought in the text."""
        named = queryset.filter(reference=search_term.strip().upper())
        if search_term and named.exists():
            return named, False
        return super().get_search_results(request, queryset, search_term)

    @display(description="Incident", header=True)
    def headline(self, incident: Incident) -> list[str]:
        """Title above, reference beneath."""
        return [incident.title, incident.reference]

    @display(description="Severity")
    def severity(self, incident: Incident) -> str:
        """The level as a coloured word."""
        if incident.level is None:
            return "-"
        return format_html(
            '<span class="tag tag-{}">{}</span>', incident.level.code, incident.level.name
        )

    @display(description="Phase", ordering="state")
    def phase(self, incident: Incident) -> str:
        """The phase as a word; an exercise says so."""
        tag = "tag-green" if not incident.is_open else "tag-amber"
        exercise = " · exercise" if incident.kind == Incident.Kind.EXERCISE else ""
        return format_html(
            '<span class="tag {}">{}{}</span>', tag, incident.get_state_display(), exercise
        )

    @display(description="Commander")
    def commander(self, incident: Incident) -> str:
        """Who has the final word now."""
        if incident.command:
            return str(incident.command[0].person)
        if incident.is_open:
            return format_html('<span class="tag tag-red">{}</span>', "nobody")
        return "-"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page an incident is run from: one screen, one big button, the rest one step away."""
        incident = self.get_object(request, unquote(object_id))
        if incident is None:
            raise Http404
        if not self.has_view_permission(request, incident):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **incident_page.page(incident, timezone.now()),
            **incident_law.context(incident, acting(request), timezone.now()),
            **incident_adherence.consulting(incident, acting(request), timezone.now()),
            "title": str(incident),
            "opts": self.opts,
            "original": incident,
        }
        offers = incident_adherence.open_here(self.offers(request, incident), incident)
        context |= self._sorted_offers(
            incident, offers, has_commander=context["commander"] is not None
        )
        return TemplateResponse(request, "admin/incidents/incident/page.html", context)

    def _sorted_offers(
        self, incident: Incident, offers: list[Offer], *, has_commander: bool
    ) -> dict[str, Any]:
        """The one next sensible act, the others that may be done now, and those refused with why."""
        # Each delegation has its own button, where it is listed.
        offers = [one for one in offers if one.verb is not _TAKE_BACK]
        sensible = incident_page.big_button(incident, has_commander=has_commander)
        big = next(
            (one for one in offers if one.verb.name == sensible and not one.reasons), None
        )
        return {
            "big": big,
            "offers": [one for one in offers if one is not big and not one.reasons],
            "refused": [one for one in offers if one.reasons],
        }

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Incident | None:
        """By number, or by a reference such as INC-12 as mails and people write it."""
        by = {"pk": object_id} if object_id.isdecimal() else {"reference": object_id}
        rows = Incident.objects.select_related(*_SHOWN_BESIDE).filter(**by)
        rows = rows.prefetch_related(*incident_page.READ_ONCE)
        return incident_law.read(incident_adherence.with_consultations(rows))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A reference in the address finds the rows of its incident, as everywhere."""
        incident = self.get_object(request, unquote(object_id))
        if incident is None:
            raise Http404
        return super().history_view(request, str(incident.pk), extra_context)
