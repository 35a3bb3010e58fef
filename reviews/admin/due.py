"""What is due, as a list shows and narrows it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from incidents.models import Nudged
from reviews.operations.due import how_late


def due_state(row: Nudged, *, is_owed: bool) -> str:
    """How late what is still owed is, in words; nothing for what is not."""
    at = timezone.now()
    if row.due_at is None or not is_owed:
        return ""
    words = how_late(row.due_at, at)
    return format_html('<span class="is-late">{}</span>', words) if row.due_at <= at else words


class DueFilter(SimpleListFilter):
    """Narrows to what is still owed and late, or due within a week."""

    title = "due"
    parameter_name = "due"
    owed: dict[str, str] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """The two questions a leader asks."""
        return [("late", "Late"), ("week", "Within 7 days")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Only what is owed; everything where nothing was chosen."""
        at = timezone.now()
        if self.value() == "late":
            return rows.filter(due_at__lte=at, **self.owed)
        if self.value() == "week":
            soon = at + timedelta(days=7)
            return rows.filter(due_at__gt=at, due_at__lte=soon, **self.owed)
        return rows


class ItemDueFilter(DueFilter):
    """Of action items the open ones."""

    owed = {"status": "open"}


class ReviewDueFilter(DueFilter):
    """Of reviews the drafts."""

    owed = {"status": "draft"}
