"""People and teams: found by name, deactivated, never deleted. Accounts are a superuser's."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from incidents.admin import ways
from incidents.admin.base import ReadOnlyInline, SheetAdmin, Verb, acting
from incidents.admin.contacts import VERBS, ContactProofInline, EmailVerifiedFilter
from incidents.admin.muted import MutedInline
from incidents.admin.resources import PersonResource, TeamResource
from incidents.admin.ways import ContactWayInline
from incidents.models import ContactWay, Person, Qualification, Team

_WHO = ["name", "username", "email", "phone", "time_zone"]
_HOURS: Any = (
    "Hours",
    {
        "fields": ["works_from", "works_until", "works_weekends"],
        "description": "In their own time zone. Outside of these hours a person is asked only "
        "when nobody within hours is free. Empty: at any hour.",
    },
)
_QUIET: Any = (
    "Quiet",
    {
        "fields": ["quiet_from", "quiet_until", "holidays", "digest_at"],
        "description": "In their own time zone. What can wait, waits for the end of these hours, "
        "and of days off. Pages come through at any hour.",
    },
)
_PLACE: Any = ("Place in the company", {"fields": ["team", "manager", "is_active"]})
_RIGHTS: Any = (
    "Rights",
    {"fields": ["is_staff", "is_superuser", "groups", "user_permissions"]},
)


class QualificationInline(ReadOnlyInline):
    """What this person is qualified for."""

    model = Qualification
    fk_name = "person"
    fields = ["role", "level", "granted_on", "expires_on"]
    readonly_fields = fields


class AddPersonForm(forms.ModelForm[Person]):
    """A person without a password: whoever sets one could act, and check, as somebody else."""

    def save(self, commit: bool = True) -> Person:
        """They cannot sign in until a superuser gives them a password."""
        self.instance.set_unusable_password()
        return super().save(commit)


def grantable(actor: Person) -> QuerySet[Group]:
    """The groups this person may hand out: those that open nothing they may not do themselves."""
    if actor.is_superuser:
        return Group.objects.all()
    held = actor.get_all_permissions()
    beyond = [
        group.pk
        for group in Group.objects.prefetch_related("permissions__content_type")
        if any(
            f"{one.content_type.app_label}.{one.codename}" not in held
            for one in group.permissions.all()
        )
    ]
    return Group.objects.exclude(pk__in=beyond)


@admin.register(Person)
class PersonAdmin(UserAdmin[Person], SheetAdmin):  # type: ignore[misc]  # its paginator is ours
    """People. Superusers and passwords are touched by superusers only."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    resource_classes = [PersonResource]
    list_display = ["name", "username", "team", "time_zone", "reached", "is_active"]
    list_filter = ["is_active", EmailVerifiedFilter, "team", "groups"]
    verbs = VERBS
    list_select_related = ["team"]
    search_fields = ["name", "username", "email", "team__name"]
    ordering = ["name", "username"]
    autocomplete_fields = ["team", "manager"]
    filter_horizontal = ["groups", "user_permissions"]
    inlines = [QualificationInline, ContactWayInline, ContactProofInline, MutedInline]
    fieldsets = [(None, {"fields": [*_WHO, "password"]}), _HOURS, _QUIET, _PLACE, _RIGHTS]
    add_fieldsets = [
        (None, {"fields": [*_WHO, "usable_password", "password1", "password2"]}),
    ]
    first_step = "Nobody yet. Import teams first, then people: an export shows the columns."

    def has_change_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        """Whoever could change a superuser could become one."""
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

    def may_ever(self, request: HttpRequest, verb: Verb) -> bool:
        """One says how oneself is reached by another permission than how others are."""
        return (
            ways.may_ever(request)
            if verb.name in ("set_ways", "set_quiet")
            else super().may_ever(request, verb)
        )

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """With the ways and proofs of everybody on the page: two queries."""
        shown = super().get_changelist_instance(request)
        shown.result_list = list(shown.result_list)
        pages = ContactWay.objects.filter(purpose=ContactWay.Purpose.PAGE).order_by("position")
        prefetch_related_objects(
            shown.result_list, Prefetch("ways", pages, to_attr="page_ways"), "contact_proofs"
        )
        return shown

    @admin.display(description="pages reach them by")
    def reached(self, person: Person) -> str:
        """The first channel a page takes, and whether its address was ever verified."""
        return ways.reached(person, getattr(person, "page_ways", ()))

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Only for superusers; one's own password has a page that asks for the old one."""
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def get_fieldsets(self, request: HttpRequest, obj: Person | None = None) -> Any:
        """Without passwords, but for superusers."""
        if request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return [
            (None, {"fields": _WHO}),
            _HOURS,
            *([_QUIET] if obj else []),
            _PLACE,
            *([_RIGHTS] if obj else []),
        ]

    def get_form(
        self,
        request: HttpRequest,
        obj: Person | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Whoever is not a superuser adds a person who cannot sign in yet."""
        if obj is None and not request.user.is_superuser:
            kwargs["form"] = AddPersonForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> list[str]:
        """A group that opens more than its giver has is left as it is."""
        if request.user.is_superuser:
            return []
        mine = grantable(acting(request))
        beyond = obj is not None and obj.groups.exclude(pk__in=mine).exists()
        return ["is_superuser", "user_permissions", *(["groups"] if beyond else [])]

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer the groups this person may hand out."""
        if db_field.name == "groups":
            kwargs["queryset"] = grantable(acting(request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(Team)
class TeamAdmin(SheetAdmin):
    """Teams and who leads them."""

    resource_classes = [TeamResource]
    list_display = ["name", "slug", "lead"]
    list_select_related = ["lead"]
    search_fields = ["name", "slug", "lead__name"]
    autocomplete_fields = ["lead"]
    prepopulated_fields = {"slug": ["name"]}
    first_step = "No team yet. Import teams, then people, then services."
