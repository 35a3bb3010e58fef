"""Calls in the admin: who was called, how often, and the dry run of an escalation."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from incidents.admin.base import CappedPaginator
from incidents.admin.forms import dress, services_field
from incidents.admin.verbs import VerbAdmin, acting
from incidents.models import EscalationCall, Incident, Person, SeverityLevel
from incidents.models.private import seen_by
from incidents.operations import contacts, dry_run
from incidents.operations.dry_run import DryRun
from incidents.rules.calling import in_words

SCHEMES_OFFERED = 10
DRY_RUN = "incidents_escalationcall_dry_run"


class LevelField(forms.ModelChoiceField[SeverityLevel]):
    """A level of one version of the severity scheme."""

    def label_from_instance(self, level: SeverityLevel) -> str:
        """The level, and of which version."""
        return f"{level.name} ({level.scheme})"


class DryRunForm(forms.Form):
    """What would have to burn; read by GET, for nothing is stored."""

    level = LevelField(SeverityLevel.objects.none(), label="Severity")
    services = services_field(required=False, label="Affected services")
    exercise = forms.BooleanField(required=False, label="As an exercise")
    incident = forms.CharField(
        required=False,
        max_length=20,
        label="Running incident",
        help_text="Its reference, such as INC-12: its services, and whoever holds its roles now.",
    )

    def __init__(self, *args: Any, reader: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = reader
        levels = SeverityLevel.objects.exclude(scheme__status="withdrawn")
        newest = levels.select_related("scheme").order_by("-scheme__number", "rank")
        last = newest.values_list("scheme__number", flat=True).first() or 0
        level = self.fields["level"]
        level.queryset = newest.filter(  # type: ignore[attr-defined]  # a field of ours
            scheme__number__gt=last - SCHEMES_OFFERED
        )
        for field in self.fields.values():
            dress(field)

    def clean_incident(self) -> Incident | None:
        """One that is open and that the reader may see."""
        reference = self.cleaned_data["incident"].strip().upper()
        if not reference:
            return None
        rows = Incident.objects.open().visible_to(self.reader)
        found = rows.filter(reference=reference).first()
        if found is None:
            raise forms.ValidationError(
                f"No open incident {reference}: leave it out, or correct it."
            )
        return found

    def run(self) -> DryRun:
        """What would come of it now."""
        said, at = self.cleaned_data, timezone.now()
        if said["incident"]:
            return dry_run.of_incident(said["incident"], said["level"], at=at)
        services = said["services"].select_related("owner__team", "team")
        return dry_run.of_level(
            said["level"], list(services), is_exercise=said["exercise"], at=at
        )


@admin.register(EscalationCall)
class EscalationCallAdmin(VerbAdmin):
    """Every call under an escalation step; written by the sweep, read by people."""

    list_display = [
        "incident", "level", "step", "line", "person", "calls", "last_called_at", "next_call_at",
        "answered_at", "ended",
    ]  # fmt: skip
    list_filter = ["ended", "step"]
    list_select_related = ["incident", "level", "step", "person", "role"]
    search_fields = ["incident__reference", "person__name", "person__username"]
    ordering = ["-due_at", "-id"]
    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
    list_before_template = "admin/incidents/escalationcall/before_list.html"
    first_step = "Nobody was called yet. A dry run says who would be."
    fields = [
        "incident", "level", "step", "line", "role", "person", "channel", "delivered", "due_at",
        "calls", "first_called_at", "last_called_at", "next_call_at", "answered_at", "ended",
    ]  # fmt: skip
    readonly_fields = ["delivered"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Written by acts and by the sweep."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Answered by a verb of the incident, never typed."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[EscalationCall]:
        """Without those of private incidents the reader may not see."""
        return seen_by(super().get_queryset(request), acting(request))

    @admin.display(description="Delivered")
    def delivered(self, row: EscalationCall) -> str:
        """By which channel it goes out, where that is not the one its step names."""
        return contacts.shortfall(row.channel) or f"by {row.get_channel_display()}"

    def get_urls(self) -> list[URLPattern]:
        """The dry run comes first: a row's own address would swallow it."""
        view = self.admin_site.admin_view(self.dry_run_view)
        return [path("dry-run/", view, name=DRY_RUN), *super().get_urls()]

    def dry_run_view(self, request: HttpRequest) -> HttpResponse:
        """Who would be called, when, how, and who cannot be reached. Stores nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET if "level" in request.GET else None
        form = DryRunForm(asked, reader=acting(request), initial=request.GET.dict())
        run = form.run() if form.is_bound and form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "title": "Dry run of an escalation",
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "run": run,
            "rows": _rows(run) if run else [],
        }
        template = "admin/incidents/escalationcall/dry_run.html"
        return TemplateResponse(request, template, context)


def _rows(run: DryRun) -> list[dict[str, Any]]:
    """Each step with its role named, in words, and its line place by place."""
    names = {role: name for role, name in run.names.items() if role}
    return [
        {
            "role": run.names.get(course.step.role, course.step.role),
            "words": in_words(course.step, names),
            "places": [(run.names.get(each.role, each.role), each) for each in course.places],
            "given_up_after": course.given_up_after,
        }
        for course in run.courses
    ]
