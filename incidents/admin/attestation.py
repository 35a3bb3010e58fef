"""Attestation campaigns: opened and closed by leadership, answered by everybody for themselves."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.admin.attestation_sheet import download
from incidents.admin.forms import VerbForm, date_field
from incidents.admin.read_only import ReadOnlyAdmin
from incidents.admin.verbs import Offer, Verb, acting
from incidents.models import Attestation, AttestationCampaign, Person
from incidents.operations import attestation, campaigns
from incidents.operations.law import matrix_in_force
from incidents.rules.attestation import Standing
from incidents.rules.reasons import Reason

_TAGS = {
    Standing.CONFIRMED: "tag-green",
    Standing.OBJECTED: "tag-red",
    Standing.NOT_ANSWERED: "tag-amber",
    Standing.EXPIRED: "tag-red",
}


class OpenForm(VerbForm):
    """Until when everybody answers."""

    due_on = date_field(label="Last day to answer")

    def prepare(self) -> None:
        """Say which version is asked about: the one in force."""
        law = matrix_in_force(timezone.now())
        about = f"Asked about {law}, the matrix in force." if law else "No matrix is in force."
        self.fields["due_on"].help_text = about


class NoteForm(VerbForm):
    """Words for the record, if there are any."""

    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ObjectForm(VerbForm):
    """What is wrong with it."""

    note = forms.CharField(
        label="What you object to",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Leadership reads it now, and it stays in the report of the campaign.",
    )


def _to_close(campaign: AttestationCampaign, person: Person) -> tuple[Reason, ...]:
    return attestation.objections_to_closing(campaign, person)


@admin.register(AttestationCampaign)
class AttestationCampaignAdmin(ReadOnlyAdmin):
    """One row is one round; its page shows how far it is and who has not answered."""

    list_display = ["version", "opened_at", "opened_by", "due_on", "answered", "closed_at"]
    list_select_related = ["version__matrix", "opened_by"]
    search_fields = ["version__matrix__name", "opened_by__name"]
    first_step = (
        "No campaign yet. Open one: everybody who answers or acts in the matrix in force is asked "
        "whether they know and accept it."
    )
    list_before_template = "admin/attestation/list.html"
    verbs = (
        Verb(
            "open", "Open a campaign", attestation.open_campaign, OpenForm,
            icon="how_to_reg", on_list=True,
            explain="Everybody who is qualified for a role with an A or an R, who owns a service, "
            "or holds such a role now is told today, and reminded until they answer.",
            done="It is open, and everybody asked is told.",
        ),
        Verb(
            "close", "Close it", attestation.close_campaign, NoteForm, icon="event_available",
            danger=True, objections=_to_close,
            explain="Nobody can answer any more: who has not by now has not attested.",
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[AttestationCampaign]:
        """With how many were asked, and how many answered, so that a list asks it once."""
        rows: QuerySet[AttestationCampaign] = super().get_queryset(request)
        said = ~Q(attestations__answer=Attestation.Answer.OPEN)
        return rows.select_related("version__matrix", "opened_by", "closed_by").annotate(
            asked=Count("attestations"), said=Count("attestations", filter=said)
        )

    @admin.display(description="Answered")
    def answered(self, campaign: Any) -> SafeString:
        """How many of those asked."""
        return format_html(
            '<progress class="bar" max="{}" value="{}" aria-label="Answered"></progress> {} of {}',
            campaign.asked or 1, campaign.said, campaign.said, campaign.asked,
        )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """The report as a file, before the rows."""
        wrap = self.admin_site.admin_view
        report = path(
            "<int:pk>/report.csv",
            wrap(self.report_view),
            name="incidents_attestationcampaign_report",
        )
        return [report, *super().get_urls()]

    def report_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everybody asked and how they stand, as CSV."""
        return download(_seen(self, request, str(pk)), at=timezone.now())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """How far it is, by role and by person. It is never posted to."""
        campaign = _seen(self, request, unquote(object_id))
        at = timezone.now()
        found = campaigns.report(campaign, at=at)
        law = matrix_in_force(at)
        open_ones = (Standing.NOT_ANSWERED, Standing.EXPIRED)
        context = {
            **self.admin_site.each_context(request),
            "title": str(campaign),
            "opts": self.opts,
            "original": campaign,
            "campaign": campaign,
            "offers": self.offers(request, campaign),
            "report": found,
            "is_past": campaigns.is_past(campaign, at=at),
            "is_in_force": law is not None and law.pk == campaign.version_id,
            "people": [(each, _TAGS[each.standing]) for each in found.people],
            "missing": [each for each in found.people if each.standing in open_ones],
            "objecting": [e for e in found.people if e.standing is Standing.OBJECTED],
            "mine": _mine(found, acting(request)),
        }
        return TemplateResponse(request, "admin/attestation/campaign.html", context)


@admin.register(Attestation)
class AttestationAdmin(ReadOnlyAdmin):
    """One row is what one person was asked, and what they said; they alone answer it."""

    list_display = ["person", "campaign", "stands", "answered_at"]
    list_filter = ["answer", "campaign"]
    list_select_related = ["person", "campaign__version__matrix"]
    search_fields = ["person__name", "note"]
    first_step = "Nobody was asked yet: open a campaign."
    verbs = (
        Verb(
            "confirm", "I know and accept it", partial(attestation.attest, answer="confirmed"),
            NoteForm, icon="task_alt", permission="answer", objections=attestation.objections,
            explain="Keeps that you know what the matrix asks of you and accept it. An answer "
            "never changes; the next campaign asks anew.",
            done="It is kept that you confirmed it.", shows="admin/shown/attestation.html",
        ),
        Verb(
            "object", "I object", partial(attestation.attest, answer="objected"), ObjectForm,
            icon="report", danger=True, permission="answer", objections=attestation.objections,
            explain="Leadership is told now, and talks to you. An answer never changes.",
            done="Your objection is kept, and leadership is told.",
            shows="admin/shown/attestation.html",
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attestation]:
        """With what its name says, and what its page shows."""
        rows: QuerySet[Attestation] = super().get_queryset(request)
        return rows.select_related("person", "campaign__version__matrix")

    @admin.display(description="Answer", ordering="answer")
    def stands(self, row: Attestation) -> SafeString:
        """Confirmed, objected, not answered, or not answered in time."""
        stands = campaigns.stands(row, at=timezone.now())
        return format_html('<span class="tag {}">{}</span>', _TAGS[stands], stands)

    def offers(self, request: HttpRequest, obj: Model | None) -> list[Offer]:
        """To whoever is asked, until they answered; nobody else could mean it."""
        is_theirs = isinstance(obj, Attestation) and obj.person_id == acting(request).pk
        is_open = isinstance(obj, Attestation) and not obj.answer
        return super().offers(request, obj) if is_theirs and is_open else []

    def get_urls(self) -> list[URLPattern]:
        """One's own, before the rows."""
        wrap = self.admin_site.admin_view
        mine = path("mine/", wrap(self.mine_view), name="incidents_attestation_mine")
        return [mine, *super().get_urls()]

    def mine_view(self, request: HttpRequest) -> HttpResponse:
        """Lead the reader to what is asked of them, the most urgent first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Attestation.objects.filter(person=acting(request), campaign__closed_at=None)
        row = rows.order_by("answer", "campaign__due_on").first()
        if row is None:
            self.message_user(request, "Nothing is asked of you now.", messages.INFO)
            return redirect("admin:incidents_attestationcampaign_changelist")
        return redirect("admin:incidents_attestation_change", row.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What exactly is asked, and the two answers. It is never posted to."""
        row = _seen(self, request, unquote(object_id))
        stands = campaigns.stands(row, at=timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "title": f"Attestation of {row.person}",
            "opts": self.opts,
            "original": row,
            "attestation": row,
            "offers": self.offers(request, row),
            "is_mine": row.person_id == acting(request).pk,
            "stands": stands,
            "tag": _TAGS[stands],
        }
        return TemplateResponse(request, "admin/attestation/attestation.html", context)


def _mine(found: campaigns.Report, reader: Person) -> str:
    """The address of the reader's own that is still to be answered; "" without one."""
    for each in found.people:
        if each.row.person_id == reader.pk and not each.row.answer:
            return reverse("admin:incidents_attestation_change", args=[each.row.pk])
    return ""


def _seen(page: ReadOnlyAdmin, request: HttpRequest, pk: str) -> Any:
    """The row, to whoever may see it and only looks."""
    if request.method not in ("GET", "HEAD") or not page.has_view_permission(request):
        raise PermissionDenied
    row = page.get_object(request, pk)
    if row is None:
        raise Http404
    return row
