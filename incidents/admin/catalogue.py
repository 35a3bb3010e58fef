"""Services, what they depend on, and the scenarios we prepare for."""

from django.contrib import admin
from django.db import models

from incidents.admin.base import GovernedAdmin, ReadOnlyInline, SheetAdmin
from incidents.admin.resources import DependencyResource, ServiceResource
from incidents.models import Dependency, Scenario, Service


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
    prepopulated_fields = {"slug": ["name"]}
    inlines = [UpstreamInline, DownstreamInline]
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
