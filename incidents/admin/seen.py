"""What is shown of rows that belong to an incident: none of an incident the reader may not see."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from incidents.admin.verbs import acting
from incidents.models.private import seen_by


class SeenWithIncident:
    """Put before the admin of such rows: lists, pages, search, choices and exports leave them out."""

    incident_path = "incident"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Only rows whose incident the reader may see; rows without one remain."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return seen_by(rows, acting(request), self.incident_path)
