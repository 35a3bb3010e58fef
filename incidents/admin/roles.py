"""Roles, who is qualified for them, and who is away."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Case, Exists, Model, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html

from incidents.admin.base import GovernedAdmin, Verb, acting
from incidents.admin.forms import VerbForm, date_field, person_field
from incidents.admin.verbs import Offer
from incidents.calendar_entries import MAX_BYTES, Entry, read_leave
from incidents.models import Absence, Person, Qualification, Role
from incidents.operations import leave, people, roles
from incidents.operations.standing import LEAD
from incidents.rules import hours
from incidents.rules.reasons import Reason, Refused

_DAYS_NAMED = 5


def _against(act: str) -> Callable[[Role, Person], tuple[Reason, ...]]:
    return lambda role, person: roles.objections(act, role, person, at=timezone.now())


@admin.register(Role)
class RoleAdmin(GovernedAdmin):
    """The columns of every matrix; one no longer used is retired."""

    list_display = ["name", "slug", "kind", "reports_to", "position", "stands"]
    list_filter = ["kind"]
    list_select_related = ["reports_to"]
    search_fields = ["name", "slug"]
    fields = ["name", "slug", "description", "kind", "reports_to", "position"]
    first_step = "No role yet. Importing a matrix names them; add the missing ones here."
    verbs = (
        Verb("retire", "Retire", roles.retire, icon="archive", danger=True,
             objections=_against("retire"), done="The role is retired.",
             explain="It gets no new letters from now on. Versions and audit lines that name it "
             "stay as they are, and it can be brought back."),
        Verb("restore", "Bring back", roles.restore, icon="unarchive", permission="retire",
             objections=_against("restore"), done="The role may get letters again.",
             explain="It may get letters again."),
    )  # fmt: skip

    def offers(self, request: HttpRequest, obj: Model | None) -> list[Offer]:
        """Retire what is in use, bring back what is retired."""
        found = super().offers(request, obj)
        if not isinstance(obj, Role):
            return found
        idle = "restore" if obj.retired_at is None else "retire"
        return [offer for offer in found if offer.verb.name != idle]

    @admin.display(description="Standing", ordering="retired_at")
    def stands(self, role: Role) -> str:
        """In use, or retired."""
        if role.retired_at is None:
            return "in use"
        return format_html(
            '<span class="tag">{}</span>', f"retired {role.retired_at:%-d %b %Y}"
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """The slug is a key that constraints and letters name."""
        return ["slug", "stands"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Of a role that is there, also how it stands."""
        return [*self.fields, "stands"] if obj else [*self.fields]


class LevelForm(VerbForm):
    """How far, and until when."""

    level = forms.ChoiceField(choices=Qualification.Level.choices)
    expires_on = date_field(
        required=False, help_text="First day on which it no longer counts. Empty: no end."
    )
    reason = forms.CharField(
        max_length=300,
        required=False,
        help_text="Needed where nobody else holds it, what it asks for is not all there, or it is taken.",
    )


class ChangeForm(LevelForm):
    """The same, beginning with what holds now."""

    def prepare(self) -> None:
        """The level as it is; the day is chosen anew."""
        if isinstance(self.subject, Qualification):
            self.initial["level"] = self.subject.level


class GrantForm(LevelForm):
    """Who, and for which role."""

    person = person_field()
    role = forms.ModelChoiceField(Role.objects.active())
    field_order = ["person", "role", "level", "expires_on", "reason"]


def renew(
    held: Qualification,
    *,
    level: str,
    expires_on: date | None,
    reason: str = "",
    actor: Person,
    at: datetime,
) -> Qualification:
    """Grant the same person the same role anew."""
    return people.grant_qualification(
        held.person,
        held.role,
        level=level,
        expires_on=expires_on,
        reason=reason,
        actor=actor,
        at=at,
    )


@admin.register(Qualification)
class QualificationAdmin(GovernedAdmin):
    """Who may hold which role, and until when."""

    list_display = ["person", "role", "level", "granted_on", "expires_on"]
    list_filter = ["role", "level"]
    list_select_related = ["person", "role"]
    search_fields = ["person__name", "person__username", "role__name"]
    fields = ["person", "role", "level", "granted_on", "granted_by", "expires_on", "reason"]
    first_step = "Nobody is qualified yet. Grant at least two commanders first."
    verbs = (
        Verb("grant", "Grant a qualification", people.grant_qualification, GrantForm,
             icon="workspace_premium", on_list=True, done="The qualification is granted.",
             explain="From today this person may be given this role, until it expires. "
             "It replaces what they had for it."),
        Verb("renew", "Change or renew", renew, ChangeForm, icon="event_repeat",
             permission="grant", done="The qualification is changed.",
             explain="To take it away, choose “Learning” and say why: the person is told, and given no role."),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Granted, not added."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Granted anew, not edited."""
        return False


class LeaveForm(VerbForm):
    """The file; whose it is, is asked of leadership only."""

    person = person_field()
    file = forms.FileField(
        label="Calendar file",
        help_text="An .ics file with leave alone, as your calendar exports it, of at most 1 MiB. "
        "Whole days are days of the person's time zone. Titles are not taken over.",
    )
    is_whole = forms.BooleanField(
        required=False, initial=True, label="This is all my leave",
        help_text="Leave taken over before that is no longer in the file is called off.",
    )  # fmt: skip

    def prepare(self) -> None:
        """Without leadership it is always one's own."""
        if not self.actor.has_perm(LEAD):
            del self.fields["person"]
        self.fields["file"].widget.attrs["accept"] = ".ics,text/calendar"

    def clean(self) -> dict[str, Any]:
        """Read the file, in the zone of whose leave it is."""
        said = super().clean() or {}
        person, file = said.get("person", self.actor), said.pop("file", None)
        if file is None or person is None:
            return said
        zone = hours.zone(person.time_zone)
        try:
            entries = read_leave(file.read(MAX_BYTES + 1), zone=zone, at=timezone.now())
        except Refused as refused:
            raise forms.ValidationError(
                {"file": [each.message for each in refused.reasons]}
            ) from refused
        return {**said, "person": person, "entries": entries}


def import_leave(
    *, person: Person, entries: Sequence[Entry], is_whole: bool, actor: Person, at: datetime
) -> leave.Imported:
    """One's own, or for leadership anybody's."""
    return leave.import_leave(person, entries, is_whole=is_whole, actor=actor, at=at)


def _is_told(reader: Person) -> Case | Value:
    """Whether the reader may know why: it is theirs, they entered it, or they lead."""
    if reader.has_perm(LEAD):
        return Value(value=True)
    entered = Absence.history.filter(id=OuterRef("pk"), history_user=reader)
    return Case(
        When(Q(person=reader) | Exists(entered), then=Value(value=True)),
        default=Value(value=False),
    )


@admin.register(Absence)
class AbsenceAdmin(GovernedAdmin):
    """Who is away, and until when: no role is given meanwhile. One's own; leadership anybody's.

    Why is read by them, by who entered it and by leadership.
    """

    list_display = ["person", "starts_at", "ends_at", "why"]
    list_select_related = ["person"]
    search_fields = ["person__name", "person__username"]
    autocomplete_fields = ["person"]
    first_step = (
        "Nobody was away yet. Add when you are away: no role is given to you meanwhile."
    )
    verbs = (
        Verb("import", "Import leave", import_leave, LeaveForm, icon="upload_file", on_list=True,
             permission="add",
             explain="Takes leave over from a calendar. Import the same calendar again whenever it "
             "changed: what was moved or called off there is moved or called off here."),
    )  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """One's own, or anybody's for leadership."""
        own = not isinstance(obj, Absence) or obj.person_id == request.user.pk
        return (own or request.user.has_perm(LEAD)) and super().has_change_permission(
            request, obj
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Absence]:
        """With whether the reader may read why."""
        return super().get_queryset(request).annotate(is_told=_is_told(acting(request)))

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Nobody is to find out by searching what they are not told."""
        why = ["reason"] if request.user.has_perm(LEAD) else []
        return [*self.search_fields, *why]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Nor by an address typed by hand."""
        is_open = lookup.partition("__")[0] != "reason" or request.user.has_perm(LEAD)
        return is_open and super().lookup_allowed(lookup, value, request)

    def set_history_delta_changes(
        self, request: HttpRequest, page_obj: Any, **said: Any
    ) -> None:
        """Its past says why as well: what changed stands only before whoever may know."""
        row = self.get_object(request, str(page_obj[0].id)) if len(page_obj) else None
        if getattr(row, "is_told", False):
            super().set_history_delta_changes(request, page_obj, **said)

    @admin.display(description="reason")
    def why(self, row: Absence) -> str:
        """Nothing for whom it does not concern."""
        return row.reason if getattr(row, "is_told", False) else ""

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Whose it is is asked of leadership only; why is no business of others."""
        when = ["starts_at", "ends_at", "reason"]
        is_told = request.user.has_perm(LEAD) or getattr(obj, "is_told", False)
        if obj is not None and not is_told:
            return ["person", *when[:2]]
        return when if obj is None and not request.user.has_perm(LEAD) else ["person", *when]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """One's own absence stays one's own."""
        return [] if request.user.has_perm(LEAD) else ["person"]

    def save_model(self, request: HttpRequest, obj: Absence, form: Any, change: bool) -> None:
        """Without leadership it is always one's own."""
        if not request.user.has_perm(LEAD):
            obj.person = acting(request)
        super().save_model(request, obj, form, change)

    def after_act(
        self, request: HttpRequest, verb: Verb, subject: Model | None, result: Any
    ) -> HttpResponse:
        """What became of the file, and what in it is said twice."""
        counted = (
            f"{result.added} added, {result.changed} moved, {result.called_off} called off, "
            f"{result.unchanged} as before."
        )
        self.message_user(request, f"Leave of {result.person} taken over: {counted}")
        if result.overlapping:
            days = ", ".join(result.overlapping[:_DAYS_NAMED])
            message = f"Away twice at once, from {days}: both count. Is one of them wrong?"
            self.message_user(request, message, messages.WARNING)
        return redirect(self.after_verb(verb, subject, None))
