"""Incidents in the admin: the list of what burns, and the page an incident is run from."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import display

from incidents.admin import (
    exercise_rooms,
    incident_adherence,
    incident_law,
    incident_page,
    incident_waiting,
    legal_forms,
    legal_panel,
    linking_forms,
)
from incidents.admin import incident_forms as forms
from incidents.admin.affected_forms import ServicesForm
from incidents.admin.base import Verb
from incidents.admin.board import BoardPage
from incidents.admin.decision_forms import DecideForm, DeclineProposalForm, ProposeForm
from incidents.admin.delegation_forms import DelegateForm, TakeBackForm
from incidents.admin.forms import NoQuestions
from incidents.admin.handover_forms import (
    ON_OFFER,
    DeclineForm,
    HandOverForm,
    OnOffer,
    WithdrawForm,
)
from incidents.admin.incident_adherence import AdherencePage
from incidents.admin.incident_words import WordsPage
from incidents.admin.legal_page import LawPage
from incidents.admin.notice_forms import GiveNoticeForm
from incidents.admin.privacy_forms import PrivacyForm
from incidents.admin.suggestion_forms import AcceptForm, DismissForm
from incidents.admin.update_forms import VerifyForm
from incidents.admin.verbs import acting
from incidents.admin.words_forms import DraftForm, SayForm
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
    handover,
    lifecycle,
    notices,
    paging,
    privacy,
    proposal,
    saying,
    severity,
    standby,
    suggestions,
    timeline,
    update,
    verifying,
    waiting,
)
from incidents.operations.delegation import end_delegation
from incidents.rules.reasons import Reason
from incidents.rules.verbs import VERBS

_DESIGN: dict[str, tuple[Any, Any, str]] = {
    "declare": (declaration.declare, forms.DeclareForm, "add_alert"),
    "acknowledge": (command.acknowledge, NoQuestions, "front_hand"),
    "assign": (command.assign, forms.AssignForm, "person_add"),
    "hand_over": (handover.hand_over, HandOverForm, "sync_alt"),
    "accept_command": (handover.accept_command, OnOffer, "military_tech"),
    "decline_command": (handover.decline_command, DeclineForm, "do_not_disturb_on"),
    "withdraw_hand_over": (handover.withdraw_hand_over, WithdrawForm, "undo"),
    "call_commander": (standby.call_commander, NoQuestions, "ring_volume"),
    "classify": (severity.classify, forms.ClassifyForm, "thermostat"),
    "advance": (lifecycle.advance, forms.AdvanceForm, "arrow_forward"),
    "decide": (decision.decide, DecideForm, "gavel"),
    "propose": (proposal.propose, ProposeForm, "lightbulb"),
    "decline_proposal": (proposal.decline_proposal, DeclineProposalForm, "thumb_down"),
    "answer_call": (paging.answer_call, NoQuestions, "waving_hand"),
    "escalate": (callout.escalate, forms.ReasonForm, "arrow_upward"),
    "contain": (lifecycle.contain, forms.InstantForm, "fence"),
    "mitigate": (lifecycle.mitigate, forms.InstantForm, "healing"),
    "resolve": (lifecycle.resolve, forms.InstantForm, "check_circle"),
    "close": (lifecycle.close, forms.CloseForm, "task_alt"),
    "reopen": (lifecycle.reopen, forms.ReasonForm, "restart_alt"),
    "cancel": (lifecycle.cancel, forms.ReasonForm, "cancel"),
    "record_facts": (facts.record_facts, forms.FactsForm, "fact_check"),
    "verify_facts": (verifying.verify_facts, VerifyForm, "verified"),
    "set_services": (affected.set_services, ServicesForm, "lan"),
    "publish_statement": (saying.publish_statement, SayForm, "record_voice_over"),
    "draft_update": (update.draft, DraftForm, "edit_note"),
    "give_notice": (notices.give_notice, GiveNoticeForm, "contact_phone"),
    "delegate": (delegation.delegate, DelegateForm, "group_add"),
    "set_privacy": (privacy.set_privacy, PrivacyForm, "lock"),
    "note": (timeline.note, forms.NoteForm, "sticky_note_2"),
    "accept_suggestion": (suggestions.accept_suggestion, AcceptForm, "how_to_reg"),
    "dismiss_suggestion": (suggestions.dismiss_suggestion, DismissForm, "person_off"),
    **linking_forms.DESIGN,
    **{name: design[:3] for name, design in incident_adherence.DESIGN.items()},
    **{name: design[:3] for name, design in legal_forms.DESIGN.items()},
}
_SHOWS = {
    "publish_statement": "admin/shown/saying.html",
    "draft_update": "admin/shown/drafting.html",
    "give_notice": "admin/shown/notices.html",
    **dict.fromkeys(("decide", "decline_proposal"), "admin/shown/deciding.html"),
    **dict.fromkeys(
        ("accept_suggestion", "dismiss_suggestion"), "admin/shown/suggestions.html"
    ),
    **dict.fromkeys(ON_OFFER, "admin/shown/hand_over.html"),
    **{name: design[3] for name, design in incident_adherence.DESIGN.items()},
    **{name: design[3] for name, design in legal_forms.DESIGN.items()},
}


_DONE = {
    "hand_over": "Command is offered: you command until it is accepted.",
    "accept_command": "You command now.",
    "call_commander": "The commander is called, and must answer in time.",
    "propose": "It is before the commander now.",
    "publish_statement": "It is said.",
}
_SHOWN_BESIDE = (
    "level__scheme", "computed_level", "matrix_version__matrix", "severity_scheme", "scenario",
    "declared_by",
)  # fmt: skip


def _objections(verb: str, incident: Incident, person: Person) -> tuple[Reason, ...]:
    return waiting.objections(verb, incident, person, at=timezone.now())


def _nothing_to_take_back(incident: Incident, person: Person) -> list[Reason]:
    return delegation.objections(incident, person, at=timezone.now())


def _end_delegation(_incident: Incident, *, delegation: Delegation, **by: Any) -> Delegation:
    return end_delegation(delegation, **by)


_TAKE_BACK = Verb(
    incident_law.TAKE_BACK,
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
        danger=name in ("cancel", "merge"),
        objections=partial(_objections, name),
        shows=_SHOWS.get(name, ""),
        done=_DONE.get(name, ""),
    )


@admin.register(Incident)
class IncidentAdmin(BoardPage, LawPage, AdherencePage, WordsPage):
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
        """What the reader may know of, with level and commander: a constant number of queries."""
        rows: IncidentQuerySet = super().get_queryset(request)
        return rows.visible_to(acting(request)).select_related("level").with_command()

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
        incident = self.shown_to(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            **self.panels(request, incident),
            "title": str(incident),
            "opts": self.opts,
            "original": incident,
            "exercise_rooms": exercise_rooms.of(incident, acting(request)),
        }
        return TemplateResponse(request, "admin/incidents/incident/page.html", context)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Incident | None:
        """By number, or by a reference such as INC-12 as mails and people write it.

        A private one is found only by whom it shows itself to; for all others it is not there.
        """
        by = {"pk": object_id} if object_id.isdecimal() else {"reference": object_id}
        rows = Incident.objects.visible_to(acting(request)).filter(**by)
        rows = rows.select_related(*_SHOWN_BESIDE).prefetch_related(*incident_page.READ_ONCE)
        told = legal_panel.with_notes(incident_waiting.with_what_there_is(rows))
        return incident_law.read(incident_adherence.with_consultations(told))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A reference in the address finds the rows of its incident, as everywhere."""
        incident = self.get_object(request, unquote(object_id))
        if incident is None:
            raise Http404
        return super().history_view(request, str(incident.pk), extra_context)
