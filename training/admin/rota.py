"""Rotations: who serves which hours, on one page a week; changed and published by their verbs."""

from datetime import date
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.admin.base import GovernedAdmin, ReadOnlyInline, Verb, acting
from incidents.models import Person
from incidents.rules.reasons import Reason
from training.admin.rota_forms import (
    NUMBERS,
    BandForm,
    CreateForm,
    JoinForm,
    LeaveForm,
    RemoveBandForm,
    SettingsForm,
)
from training.models import Rota, RotaBand, RotaMember
from training.operations import rota, rota_board, rota_publish
from training.operations.rota_board import SHOWN

_WEEK_DAYS = 7


def _not_published(row: Rota, _actor: Person) -> tuple[Reason, ...]:
    return rota_publish.objections(row, timezone.now())


class BandInline(ReadOnlyInline):
    """The stretches of the day."""

    model = RotaBand
    fields = ["label", "begins", "ends", "time_zone"]
    readonly_fields = fields
    hide_title = True
    verbose_name_plural = "bands of the day"


class MemberInline(ReadOnlyInline):
    """Who takes turns."""

    model = RotaMember
    fields = ["person", "joined_on", "left_on"]
    readonly_fields = fields
    hide_title = True
    verbose_name_plural = "who takes turns"


@admin.register(Rota)
class RotaAdmin(GovernedAdmin):
    """Rotations and their boards."""

    list_display = ["name", "role", "starts_on", "ends_on", "board"]
    list_select_related = ["role"]
    search_fields = ["name"]
    first_step = (
        "No rotation yet. Make one for incident command first: its hours of the day, then who "
        "takes turns, then publish. Whoever is on shift is asked first when an incident is declared."
    )
    fields = [
        "board", "name", "role", "starts_on", "ends_on", "run_days", "ahead_days", "gap_days",
        "rest_hours", "most_percent", "night_percent", "with_shadows",
    ]  # fmt: skip
    readonly_fields = fields
    inlines = [BandInline, MemberInline]
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("create", "Make a rotation", rota.create, CreateForm, icon="add", on_list=True,
             permission="add", explain="Nobody serves before it is published."),
        Verb("publish", "Publish shifts", rota_publish.publish, icon="campaign",
             objections=_not_published, shows="admin/training/rota/preview.html",
             explain="Everybody hears of their shifts. From then on it goes on by itself; what is "
             "published changes by swaps and by leadership alone."),
        Verb("join", "Let somebody join", rota.join, JoinForm, icon="person_add",
             permission="change", explain="They owe nothing of what was before."),
        Verb("leave", "Let somebody go", rota.leave, LeaveForm, icon="person_remove",
             permission="change",
             explain="Shifts published for them by then are named to leadership until others have them."),
        Verb("set_band", "Set a band", rota.set_band, BandForm, icon="schedule",
             permission="change", explain="For shifts still to be published."),
        Verb("remove_band", "Remove a band", rota.remove_band, RemoveBandForm,
             icon="timer_off", permission="change",
             explain="No further shifts of it; those published stay."),
        Verb("revise", "Change its settings", rota.change, SettingsForm, icon="tune",
             permission="change", explain="For shifts still to be published."),
    )  # fmt: skip

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> Any:  # fmt: skip
        """Its settings are called here as in the form that changes them."""
        labels = {name: field.label for name, field in SettingsForm.base_fields.items()}
        labels |= {name: label for name, (label, _) in NUMBERS.items()}
        return super().get_form(request, obj, change, labels=labels, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Before the row's own address, which would swallow it."""
        view = self.admin_site.admin_view(self.board_view)
        return [
            path("<path:object_id>/board/", view, name="training_rota_board"),
            *super().get_urls(),
        ]

    def board_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """One week of it; changes nothing."""
        row = self.get_object(request, unquote(object_id))
        if not isinstance(row, Rota):
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        at, reader = timezone.now(), acting(request)
        board = rota_board.look(row, reader=reader, at=at, week=_week(request))
        offers = [one for one in self.offers(request, row) if not one.reasons]
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.opts,
            "original": row,
            "board": board,
            "mend": board.mend[:SHOWN],
            "earlier": _shifted(board.week, -_WEEK_DAYS),
            "later": _shifted(board.week, _WEEK_DAYS),
            "offers": offers,
            "reader": reader,
            "at": at,
            "may_override": request.user.has_perm("training.override_rota"),
            "may_see_shifts": request.user.has_perm("incidents.view_shift"),
        }
        return TemplateResponse(request, "admin/training/rota/board.html", context)

    def shown(self, verb: Verb, subject: Model | None) -> dict[str, Any]:
        """Before publishing: what would be published."""
        if verb.name != "publish" or not isinstance(subject, Rota):
            return {}
        turns, gaps = rota_board.preview(subject, at=timezone.now())
        return {"turns": turns, "gaps": gaps}

    def after_verb(self, verb: Verb, subject: Model | None, result: Any) -> str:
        """To its page, where what was done is seen."""
        row = subject or result
        return (
            _board(row) if isinstance(row, Rota) else super().after_verb(verb, subject, result)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """It is made by its verb."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """It changes through its verbs."""
        return False

    @admin.display(description="its weeks")
    def board(self, row: Rota) -> SafeString:
        """Where its shifts are seen."""
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">Shifts by week</a>',
            _board(row),
        )


def _board(row: Rota) -> str:
    return reverse("admin:training_rota_board", args=[row.pk])


def _week(request: HttpRequest) -> date | None:
    """What the address names; the running week where that is no day."""
    try:
        asked = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        return None
    # What lies beyond has no week before or after it.
    return asked if date(1971, 1, 1) < asked < date(9990, 1, 1) else None


def _shifted(day: date, days: int) -> str:
    return date.fromordinal(day.toordinal() + days).isoformat()
