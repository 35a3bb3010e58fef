"""Services, what they depend on, and the scenarios we prepare for."""

from django import forms
from django.contrib import admin
from django.db import models

from incidents.admin.base import GovernedAdmin, ReadOnlyInline, SheetAdmin, Verb
from incidents.admin.data_map import HoldingsInline
from incidents.admin.forms import VerbForm
from incidents.admin.resources import DependencyResource, ServiceResource
from incidents.models import Dependency, Scenario, Service
from incidents.operations import runbooks


class UpstreamInline(ReadOnlyInline):
    """What this service needs."""

    model = Dependency
    fk_name = "downstream"
    verbose_name_plural = "needs (upstream)"
    fields = ["upstream", "strength"]
    readonly_fields = fields


class DownstreamInline(ReadOnlyInline):
    """What needs this service."""

    model = Dependency
    fk_name = "upstream"
    verbose_name_plural = "is needed by (downstream)"
    fields = ["downstream", "strength"]
    readonly_fields = fields


class CheckRunbookForm(VerbForm):
    """What was found on the way."""

    note = forms.CharField(
        required=False,
        label="What you found",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What no longer fitted and was mended, how long it took.",
    )


@admin.register(Service)
class ServiceAdmin(SheetAdmin):
    """The catalogue: each service with the one person accountable for it."""

    resource_classes = [ServiceResource]
    list_display = ["name", "tier", "owner", "team", "is_revenue_generating", "is_active"]
    list_filter = [
        "tier",
        "is_revenue_generating",
        "handles_personal_data",
        "is_active",
        "team",
    ]
    list_select_related = ["owner", "team"]
    search_fields = ["name", "slug", "description", "owner__name"]
    first_step = (
        "No service yet. Import teams and people first, then services: each names the one person "
        "accountable for it. An export shows the columns."
    )
    autocomplete_fields = ["owner", "team"]
    fields = [
        "slug", "name", "tier", "is_revenue_generating", "handles_personal_data", "owner", "team",
        "description", "public_name", "runbook_url", "runbook_checked_on", "is_active",
    ]  # fmt: skip
    readonly_fields = ["runbook_checked_on"]
    prepopulated_fields = {"slug": ["name"]}
    verbs = (
        Verb(
            "check_runbook", "The runbook works", runbooks.check_runbook, CheckRunbookForm,
            icon="menu_book", objections=runbooks.objections,
            explain="Keeps that you followed it today, from end to end, and that it works. It is "
            "owed again in half a year.",
            done="It is kept that the runbook works.", shows="admin/shown/runbook.html",
        ),
    )  # fmt: skip
    inlines = [HoldingsInline, UpstreamInline, DownstreamInline]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Dependency)
class DependencyAdmin(SheetAdmin):
    """Which service needs which."""

    resource_classes = [DependencyResource]
    list_display = ["downstream", "upstream", "strength"]
    list_filter = ["strength"]
    list_select_related = ["downstream", "upstream"]
    search_fields = ["downstream__name", "upstream__name"]
    first_step = "No dependency yet. Import services first, then who needs whom."
    autocomplete_fields = ["upstream", "downstream"]


@admin.register(Scenario)
class ScenarioAdmin(GovernedAdmin):
    """The kinds of trouble we prepare words and exercises for."""

    list_display = ["name", "description"]
    search_fields = ["name", "slug"]
    first_step = "No scenario yet. Add the kinds of trouble you fear most, one row each."
    prepopulated_fields = {"slug": ["name"]}
