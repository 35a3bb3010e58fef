"""How rows that are looked at from time to time say when they were, and are found by it."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from incidents.admin.base import SheetAdmin
from incidents.models import DataHolding, Regulator
from incidents.models.calendar import today
from incidents.rules.data_map import STALE_AFTER, is_stale


class VerifiedFilter(SimpleListFilter):
    """Which were looked at in the last half year."""

    title = "verified"
    parameter_name = "verified"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Either they are to be relied on or they are not."""
        return [("fresh", "in the last half year"), ("stale", "longer ago or never")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those rows."""
        stale = Q(verified_on=None) | Q(verified_on__lt=today(timezone.now()) - STALE_AFTER)
        if self.value() == "stale":
            return queryset.filter(stale)
        return queryset.exclude(stale) if self.value() == "fresh" else queryset


class VerifiedAdmin(SheetAdmin):
    """A row that was changed is another than the one somebody verified."""

    def save_model(
        self, request: HttpRequest, obj: DataHolding | Regulator, form: Any, change: bool
    ) -> None:
        """Keep what was typed; who verified it verified something else."""
        if set(form.changed_data) - {"note"}:
            forget_verified(obj)
        super().save_model(request, obj, form, change)


def forget_verified(row: DataHolding | Regulator) -> None:
    """Let nobody have verified it, without saving."""
    row.verified_on = row.verified_by = None


def verified_tag(row: DataHolding | Regulator) -> str:
    """When it was verified and by whom; in amber where that is too long ago, or never was."""
    if row.verified_on is None:
        return format_html('<span class="tag tag-amber">{}</span>', "never verified")
    said = f"{row.verified_on:%-d %b %Y}, {row.verified_by}"
    if is_stale(row.verified_on, today(timezone.now())):
        return format_html('{} <span class="tag tag-amber">{}</span>', said, "stale")
    return said
