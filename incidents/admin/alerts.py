"""Alerts in the admin: what waits for somebody first, and every dismissal with its reason."""

import json
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from incidents.admin.base import CappedPaginator, Verb
from incidents.admin.forms import VerbForm
from incidents.admin.incident_forms import DeclareForm, ReasonForm
from incidents.admin.seen import SeenWithIncident
from incidents.admin.verbs import VerbAdmin
from incidents.models import Alert, Incident, Person
from incidents.operations import alerts, standing
from incidents.rules.facts import DERIVED_FACTS, SEVERITY_FACTS
from incidents.rules.reasons import Reason

_TAGS = {"proposed": "tag-amber", "accepted": "tag-green", "dismissed": ""}


class AcceptForm(DeclareForm):
    """What the alert says, to be said better; it was detected when the alert says."""

    detected_at = None  # type: ignore[assignment]  # so Django takes a field out

    def prepare(self) -> None:
        """Begin with what could be used of the alert."""
        super().prepare()
        if not isinstance(self.subject, Alert):
            return
        self.initial["title"] = self.subject.title
        self.initial["services"] = list(self.subject.services.all())
        for name in SEVERITY_FACTS.keys() - DERIVED_FACTS:
            self.initial[name] = self.subject.facts.get(name)


class AttachForm(VerbForm):
    """The incident it belongs to."""

    into = forms.ModelChoiceField(
        Incident.objects.none(), label="Incident", help_text="One that is open."
    )

    def prepare(self) -> None:
        """Real ones that are open and that this person may see."""
        choice = cast(forms.ModelChoiceField[Incident], self.fields["into"])
        seen = Incident.objects.open().visible_to(self.actor)
        choice.queryset = seen.filter(kind=Incident.Kind.INCIDENT)


def _decided(alert: Alert, _actor: Person) -> tuple[Reason, ...]:
    return alerts.objections(alert)


def _no_declaration(alert: Alert, actor: Person) -> tuple[Reason, ...]:
    """Whoever accepts declares."""
    missing = standing.missing(actor, "incidents.declare_incident")
    return (*alerts.objections(alert), *((missing,) if missing else ()))


@admin.register(Alert)
class AlertAdmin(SeenWithIncident, VerbAdmin):
    """Handed in by programs and people; nothing is typed here, each is decided once by a verb."""

    list_display = [
        "title", "standing", "source", "received_at", "became", "decided_by", "reason_said",
    ]  # fmt: skip
    list_filter = ["status", "source"]
    list_select_related = ["incident", "decided_by"]
    list_per_page = 25
    show_full_result_count = False
    paginator = CappedPaginator
    search_fields = ["title", "external_id"]
    ordering = ["-status", "-received_at", "-id"]
    sortable_by: tuple[str, ...] = ()
    fields = [
        "title", "standing", "named", "facts_said", "problems_said", "link", "source",
        "external_id", "detected_at", "received_at", "received_by", "became", "decided_by",
        "decided_at", "reason", "as_it_came",
    ]  # fmt: skip
    readonly_fields = fields
    first_step = (
        "No alert yet. Let what watches your services hand them in: POST /api/v1/alerts with the "
        "token of a person who may. Each waits here until somebody accepts or dismisses it."
    )
    list_before_template = "admin/incidents/alert/before_list.html"
    verbs = (
        Verb("accept", "Accept: declare an incident", alerts.accept, AcceptForm,
             icon="add_alert", objections=_no_declaration,
             explain="Declares an incident, detected when the alert says, and fills its roles."),
        Verb("attach", "Attach to an incident", alerts.accept, AttachForm, icon="attach_file",
             permission="accept", objections=_decided,
             explain="Puts it on the timeline of an incident that is open; who runs it is told."),
        Verb("dismiss", "Dismiss", alerts.dismiss, ReasonForm, icon="notifications_off",
             danger=True, objections=_decided,
             explain="It is no incident. The reason is kept for whoever asks."),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Handed in through the API."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Decided by verbs, not edited."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        """What a list does not show is not read."""
        rows: QuerySet[Alert] = super().get_queryset(request)
        return rows.defer("payload")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With how many wait for somebody."""
        waiting = Alert.objects.filter(status=Alert.Status.PROPOSED).count()
        return super().changelist_view(request, {"waiting": waiting, **(extra_context or {})})

    def after_verb(self, verb: Verb, subject: Model | None, result: Any) -> str:
        """On to the incident, where there is one."""
        if isinstance(result, Incident):
            return reverse("admin:incidents_incident_change", args=[result.pk])
        return super().after_verb(verb, subject, result)

    @display(description="Status")
    def standing(self, alert: Alert) -> str:
        """The status as a word."""
        return format_html(
            '<span class="tag {}">{}</span>', _TAGS[alert.status], alert.get_status_display()
        )

    @display(description="Incident", empty_value="-")
    def became(self, alert: Alert) -> str | None:
        """The reference alone: the incident may be private."""
        if alert.incident is None:
            return None
        address = reverse("admin:incidents_incident_change", args=[alert.incident.pk])
        return format_html('<a href="{}">{}</a>', address, alert.incident.reference)

    @display(description="Why dismissed", empty_value="-")
    def reason_said(self, alert: Alert) -> str | None:
        """The beginning of the reason."""
        return alert.reason[:80] or None

    @display(description="Services", empty_value="-")
    def named(self, alert: Alert) -> str | None:
        """Those of the catalogue it names."""
        return ", ".join(each.name for each in alert.services.all()) or None

    @display(description="Facts", empty_value="-")
    def facts_said(self, alert: Alert) -> str | None:
        """Those that can be so."""
        said = (f"{name.replace('_', ' ')}: {value}" for name, value in alert.facts.items())
        return "; ".join(said) or None

    @display(description="Could not be used", empty_value="-")
    def problems_said(self, alert: Alert) -> str | None:
        """What is wrong with the rest."""
        items = format_html_join(
            "", "<li>{}</li>", ((one["message"],) for one in alert.problems)
        )
        return format_html("<ul>{}</ul>", items) if items else None

    @display(description="Shown by its source", empty_value="-")
    def link(self, alert: Alert) -> str | None:
        """The sender's own page; a web address, or nothing was kept."""
        if not alert.url:
            return None
        return format_html(
            '<a href="{}" rel="noopener noreferrer" class="underline">{}</a>',
            alert.url,
            alert.url,
        )

    @display(description="Payload")
    def as_it_came(self, alert: Alert) -> str:
        """Every character of it escaped."""
        text = json.dumps(alert.payload, indent=2, ensure_ascii=False)
        return format_html('<pre class="payload" tabindex="0">{}</pre>', text)
