"""Emergency changes of the law: what could not wait, who decided it, and whether in time."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from incidents.admin.base import GovernedAdmin
from incidents.models import EmergencyChange


@admin.register(EmergencyChange)
class EmergencyChangeAdmin(GovernedAdmin):
    """The report on what took effect before it was checked; made and decided by verbs of a version."""

    list_display = [
        "version", "why", "enacted_by", "enacted_at", "due_at", "decision", "decided_by", "punctuality",
    ]  # fmt: skip
    list_filter = ["outcome"]
    list_select_related = ["version__matrix", "enacted_by", "decided_by"]
    search_fields = ["version__matrix__name", "reason", "decision_note", "enacted_by__name"]
    fields = [
        "matrix_version", "reason", "enacted_by", "enacted_at", "due_at", "decision", "decided_by",
        "decided_at", "decision_note", "punctuality",
    ]  # fmt: skip
    readonly_fields = fields
    first_step = (
        "No emergency change yet. One is made on the page of a draft that cannot wait for its "
        "checker; it stays here, with who decided it and whether that was in time."
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Made when a version is enacted."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Decided by approving or declining the version."""
        return False

    @admin.display(description="Version")
    def matrix_version(self, change: EmergencyChange) -> str:
        """The version, where it is read and decided."""
        url = reverse("admin:incidents_matrixversion_change", args=[change.version_id])
        return format_html('<a class="underline" href="{}">{}</a>', url, change.version)

    @admin.display(description="Why it could not wait")
    def why(self, change: EmergencyChange) -> str:
        """The reason, shortened where it is long."""
        return change.reason if len(change.reason) <= 120 else f"{change.reason[:119]}…"

    @admin.display(description="Decision", ordering="outcome")
    def decision(self, change: EmergencyChange) -> str:
        """What was decided, or that it is owed."""
        return change.outcome or "owed"

    @admin.display(description="In time")
    def punctuality(self, change: EmergencyChange) -> Any:
        """Whether it was decided in time, and how late if not."""
        if change.due_at is None:
            return ""
        ended = change.decided_at or timezone.now()
        if ended > change.due_at:
            tag, words = "tag-red", f"late by {timesince(change.due_at, ended)}"
        elif change.decided_at:
            tag, words = "tag-green", "in time"
        else:
            tag, words = "tag-amber", f"{timesince(ended, change.due_at)} left"
        return format_html('<span class="tag {}">{}</span>', tag, words)
