"""People, teams, roles and who is qualified or away."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from incidents.admin.base import GovernedAdmin, ReadOnlyInline, SheetAdmin, acting
from incidents.admin.resources import PersonResource, TeamResource
from incidents.models import Absence, ApiToken, Person, Qualification, Role, Team

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(StockGroupAdmin, ModelAdmin):
    """The four groups and whatever a company adds; the four are kept as the table says."""


class QualificationInline(ReadOnlyInline):
    """What this person is qualified for."""

    model = Qualification
    fk_name = "person"
    fields = ["role", "level", "granted_on", "expires_on"]
    readonly_fields = fields


@admin.register(Person)
class PersonAdmin(UserAdmin[Person], SheetAdmin):  # type: ignore[misc]  # its paginator is ours
    """People: found by name, e-mail or team; deactivated, never deleted."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    resource_classes = [PersonResource]
    list_display = ["name", "username", "team", "time_zone", "is_active"]
    list_filter = ["is_active", "team", "groups"]
    list_select_related = ["team"]
    search_fields = ["name", "username", "email"]
    ordering = ["name", "username"]
    autocomplete_fields = ["team", "manager"]
    filter_horizontal = ["groups", "user_permissions"]
    inlines = [QualificationInline]
    fieldsets = [
        (None, {"fields": ["name", "username", "email", "phone", "time_zone", "password"]}),
        ("Place in the company", {"fields": ["team", "manager", "is_active"]}),
        ("Rights", {"fields": ["is_staff", "is_superuser", "groups", "user_permissions"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "username",
                    "name",
                    "email",
                    "usable_password",
                    "password1",
                    "password2",
                ]
            },
        )
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Only a superuser makes superusers or hands out single permissions."""
        if request.user.is_superuser:
            return []
        return ["is_superuser", "user_permissions"]


@admin.register(Team)
class TeamAdmin(SheetAdmin):
    """Teams and who leads them."""

    resource_classes = [TeamResource]
    list_display = ["name", "slug", "lead"]
    list_select_related = ["lead"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["lead"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Role)
class RoleAdmin(GovernedAdmin):
    """The columns of every matrix."""

    list_display = ["name", "slug", "position"]
    search_fields = ["name", "slug"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """The slug is a key that constraints and letters name."""
        return ["slug"] if obj else []


@admin.register(Qualification)
class QualificationAdmin(GovernedAdmin):
    """Who may hold which role, and until when."""

    list_display = ["person", "role", "level", "granted_on", "expires_on"]
    list_filter = ["role", "level"]
    list_select_related = ["person", "role"]
    search_fields = ["person__name", "person__username"]
    autocomplete_fields = ["person", "role"]
    exclude = ["granted_by"]

    def save_model(
        self, request: HttpRequest, obj: Qualification, form: Any, change: bool
    ) -> None:
        """Keep who granted it."""
        obj.granted_by = acting(request)
        super().save_model(request, obj, form, change)


@admin.register(Absence)
class AbsenceAdmin(GovernedAdmin):
    """Who is away, and until when: no role is given meanwhile."""

    list_display = ["person", "starts_at", "ends_at", "reason"]
    list_select_related = ["person"]
    search_fields = ["person__name", "person__username"]
    autocomplete_fields = ["person"]


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """Tokens by their label; the token itself was shown once and is not stored."""

    list_display = ["person", "label", "created_at", "revoked_at"]
    list_select_related = ["person"]
    search_fields = ["person__name", "label"]
    fields = ["person", "label", "created_at", "revoked_at"]
    readonly_fields = ["person", "label", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The command api_token makes one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Revoked, never deleted."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """A person sees their own; a superuser all."""
        rows: QuerySet[ApiToken] = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(person=acting(request))
