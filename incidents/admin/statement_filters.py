"""How far a holding statement is, as its list is narrowed by it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from incidents.models.calendar import today
from incidents.models.statement import StatementQuerySet
from incidents.operations.agreeing import SIGNED_OFF

_SOON = timedelta(days=30)


def _now() -> date:
    return today(timezone.now())


_STANDS: dict[str, tuple[str, Callable[[StatementQuerySet], StatementQuerySet]]] = {
    "usable": ("May be used today", lambda rows: rows.usable(_now())),
    "soon": (
        "Expires within 30 days",
        lambda rows: rows.filter(
            status="approved", expires_on__gt=_now(), expires_on__lte=_now() + _SOON
        ),
    ),
    "expired": ("Expired", lambda rows: rows.filter(status="approved", expires_on__lte=_now())),
    "review": (
        "To be looked at again",
        lambda rows: rows.filter(status="approved", review_on__lte=_now()),
    ),
    "left": (
        "Its approver has left",
        lambda rows: rows.filter(status="approved", approver__is_active=False),
    ),
    "unsigned": (
        "Waits for legal sign-off",
        lambda rows: rows.filter(status="draft", audience__in=SIGNED_OFF, cleared_by=None),
    ),
    "waiting": (
        "Waits for approval",
        lambda rows: rows.filter(status="draft").exclude(
            audience__in=SIGNED_OFF, cleared_by=None
        ),
    ),
}


class StandsFilter(admin.SimpleListFilter):
    """What may be used, what must be looked at, what waits for whom."""

    title = "how it stands"
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [(value, label) for value, (label, _) in _STANDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those that stand so today."""
        chosen = _STANDS.get(self.value() or "")
        return chosen[1](cast(StatementQuerySet, queryset)) if chosen else queryset
