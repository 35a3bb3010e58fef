"""Notices that contracts promise: which are owed, which were given, in time or late."""

from django.contrib import admin
from django.db.models import F, Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import display

from incidents.admin.base import GovernedAdmin
from incidents.admin.seen import SeenWithIncident
from incidents.models import NoticeClock
from incidents.rules import notices as rules
from incidents.rules.notices import Standing

_TAGS = {
    Standing.OPEN: "tag-amber",
    Standing.LATE: "tag-red",
    Standing.IN_TIME: "tag-green",
    Standing.GIVEN_LATE: "tag-red",
    Standing.ENDED: "",
}


@admin.register(NoticeClock)
class NoticeClockAdmin(SeenWithIncident, GovernedAdmin):
    """Written by acts of incidents; a notice is recorded on the page of its incident."""

    list_display = ["notice", "where", "due_at", "standing", "given_at", "given_by"]
    list_filter = [("given_at", admin.EmptyFieldListFilter)]
    list_select_related = ["incident", "clause__customer", "given_by"]
    search_fields = ["incident__reference", "clause__customer__name", "clause__title"]
    ordering = [F("due_at").desc(nulls_last=True), "-id"]
    first_step = (
        "No notice was ever owed. One is once an incident affects a service that a customer with "
        "a clause uses: add customers first, then what their contracts promise."
    )
    fields = [
        "where", "clause", "standing", "started_at", "due_at", "given_at", "given_by", "update",
        "how",
    ]  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Started by what an incident affects."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Recorded by a verb of the incident."""
        return False

    @display(description="Notice to", header=True)
    def notice(self, clock: NoticeClock) -> list[str]:
        """Customer above, clause beneath."""
        return [clock.clause.customer.name, clock.clause.title]

    @display(description="Incident", ordering="incident")
    def where(self, clock: NoticeClock) -> str:
        """Its incident, where it is recorded."""
        url = reverse("admin:incidents_incident_change", args=[clock.incident_id])
        return format_html('<a href="{}">{}</a>', url, clock.incident.reference)

    @display(description="Standing")
    def standing(self, clock: NoticeClock) -> str:
        """Open, late, given in time or late, or not owed."""
        found = rules.standing(clock.due_at, clock.given_at, timezone.now())
        return format_html('<span class="tag {}">{}</span>', _TAGS[found], found)
