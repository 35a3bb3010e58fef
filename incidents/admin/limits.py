"""The thresholds of the checks: one row, read by everybody, changed by leadership."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from incidents.admin.base import GovernedAdmin
from incidents.models import CheckLimits
from incidents.operations.matrix_facts import limits

ONLY = "1"  # the key of the one row


class LimitsForm(forms.ModelForm[CheckLimits]):
    """Refuses limits that nothing could keep."""

    class Meta:
        labels = {
            "responsible": "Most responsible",
            "consulted": "Most consulted",
            "informed": "Most informed",
            "accountable_percent": "Most accountable (%)",
            "responsible_percent": "Most responsible (%)",
            "column_activities": "Fewest activities",
            "holders": "People a role",
            "span_least": "Fewest to direct",
            "span_most": "Most to direct",
            "load_factor_percent": "Most load (%)",
            "review_days": "Days until a review",
            "emergency_hours": "Hours of an emergency",
            "consult_minutes": "Minutes to wait",
        }

    def clean(self) -> dict[str, Any] | None:
        """The least is no more than the most; shares are shares; one holder is the least."""
        said = super().clean() or {}
        for name, least, most in (
            ("accountable_percent", 1, 100),
            ("responsible_percent", 1, 100),
            ("load_factor_percent", 100, 1000),
            ("holders", 1, 20),
            ("review_days", 1, 1000),
            ("emergency_hours", 1, 720),
        ):
            if not least <= said.get(name, least) <= most:
                self.add_error(name, f"Choose a number from {least} to {most}.")
        if said.get("span_least", 0) > said.get("span_most", 0):
            self.add_error("span_most", "Choose a number that is no less than the fewest.")
        return said


@admin.register(CheckLimits)
class CheckLimitsAdmin(GovernedAdmin):
    """How many is too many, how old is too old; its list is the one row."""

    form = LimitsForm
    fieldsets = [
        ("In one activity", {"fields": ["responsible", "consulted", "informed"]}),
        (
            "In one column",
            {"fields": ["accountable_percent", "responsible_percent", "column_activities"]},
        ),
        (
            "Behind the roles",
            {"fields": ["holders", "span_least", "span_most", "load_factor_percent"]},
        ),
        ("In time", {"fields": ["review_days", "emergency_hours", "consult_minutes"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one row, and it is there from the first day."""
        return False

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> CheckLimits | None:
        """The row; until somebody changes it, the defaults, which are not stored."""
        return limits() if object_id == ONLY else None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A list of one row would be a detour."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return self.change_view(request, ONLY, extra_context=extra_context)
