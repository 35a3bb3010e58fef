"""“Owed”: what is due outside of incidents and reviews, whose it is, and how late."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil

from incidents.admin.read_only import ReadOnlyAdmin
from incidents.admin.verbs import acting
from incidents.models import Obligation
from incidents.models.calendar import today
from incidents.operations import obligations

_SOON_DAYS = 7


class StandsFilter(admin.SimpleListFilter):
    """What is owed still, unless the reader asks for something else."""

    title = "standing"
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Beside what is owed."""
        return [("late", "Late"), ("settled", "Settled"), ("all", "All")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """The first choice is no filter, and shows what is owed."""
        choices = super().choices(changelist)
        yield {**next(choices), "display": "Owed"}
        yield from choices

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Obligation]
    ) -> QuerySet[Obligation]:
        """The rows of this choice."""
        if self.value() == "all":
            return queryset
        if self.value() == "settled":
            return queryset.exclude(settled_at=None)
        owed = queryset.filter(settled_at=None)
        return owed.filter(due_at__lt=timezone.now()) if self.value() == "late" else owed


class MineFilter(admin.SimpleListFilter):
    """What the reader owes themself."""

    title = "whose"
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Mine, and what leadership owes together."""
        return [("mine", "Mine"), ("leadership", "Leadership's")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Obligation]
    ) -> QuerySet[Obligation]:
        """The rows of this choice."""
        if self.value() == "mine":
            return queryset.filter(owner=acting(request))
        return queryset.filter(owner=None) if self.value() == "leadership" else queryset


@admin.register(Obligation)
class ObligationAdmin(ReadOnlyAdmin):
    """Found by comparing the catalogue with the law; each is settled where it stands."""

    list_display = ["about", "what", "whose", "due", "stands"]
    list_display_links = ["due"]  # the words lead to where it is done
    list_filter = [StandsFilter, MineFilter, "what"]
    list_select_related = ["owner"]
    search_fields = ["title", "owner__name"]
    fields = [
        "about", "what", "whose", "due", "stands", "opened_at", "settled_at", "next_nudge_at",
        "nudged_through",
    ]  # fmt: skip
    readonly_fields = fields
    first_step = (
        "Nothing is owed. Holding statements and qualifications that expire, a matrix and runbooks "
        "nobody looked at for long, attestations, shifts that nobody has and invitations that "
        "nobody answered come here by themselves, about two months before they are due, and go "
        "when they are done."
    )

    @admin.display(description="Whose", ordering="owner__name")
    def whose(self, row: Obligation) -> str:
        """The owner, or leadership."""
        return str(row.owner) if row.owner else "leadership"

    @admin.display(description="Due", ordering="due_at")
    def due(self, row: Obligation) -> str:
        """The last day to do it, or the day on which it ends, as reminders name it."""
        return date_format(today(obligations.last_day(row)), "DATE_FORMAT")

    @admin.display(description="What is owed", ordering="title")
    def about(self, row: Obligation) -> SafeString:
        """Where it is done."""
        return format_html('<a class="underline" href="{}">{}</a>', row.link, row.title)

    @admin.display(description="Standing", ordering="due_at")
    def stands(self, row: Obligation) -> SafeString:
        """Settled, late, or how long is left."""
        at = timezone.now()
        if row.settled_at:
            tag, words = "tag-green", "settled"
        elif row.due_at and row.due_at <= at:
            tag, words = "tag-red", f"late by {timesince(row.due_at, at, depth=1)}"
        elif row.due_at and (row.due_at - at).days < _SOON_DAYS:
            tag, words = "tag-amber", f"{timeuntil(row.due_at, at, depth=1)} left"
        else:
            tag, words = "", f"{timeuntil(row.due_at, at, depth=1)} left" if row.due_at else ""
        return format_html('<span class="tag {}">{}</span>', tag, words)
