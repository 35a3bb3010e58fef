"""“My calendar”: the address from which one's own calendar reads exercises, shifts and due items."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from incidents.admin.verbs import Offer, Verb, VerbAdmin, acting
from incidents.models import Person
from training.models import CalendarFeed
from training.operations import calendar_feed


def make(*, actor: Person, at: datetime) -> str:
    """A new address of one's own."""
    return calendar_feed.make(actor=actor, at=at)


def end(*, actor: Person, at: datetime) -> None:
    """One's own, for good."""
    calendar_feed.end(actor=actor, at=at)


@admin.register(CalendarFeed)
class CalendarFeedAdmin(VerbAdmin):
    """One's own only: the address itself is shown once and not stored."""

    list_display = ["person", "made_at", "read_at", "opens"]
    list_display_links = None
    search_fields = ["person__name"]
    fields = ["person", "made_at", "read_at"]
    first_step = (
        "No address yet. Make one, and subscribe to it in your calendar: your exercises, your "
        "shifts and your due action items appear there, and stay as they are here."
    )
    verbs = (
        Verb("make", "Make my calendar address", make, icon="calendar_add_on", on_list=True,
             explain="Whoever knows the address can read your exercises, shifts and due action "
             "items, so give it to your calendar alone. It is shown once. Making it anew ends the "
             "one before."),
        Verb("end", "End this address", end, icon="link_off", on_list=True, permission="make",
             danger=True, done="Ended: it opens nothing any more.",
             explain="Every calendar that subscribes to it finds nothing there from now on. You "
             "can make another whenever you like."),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Made, not added."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Made anew, not edited."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarFeed]:
        """One's own."""
        rows: QuerySet[CalendarFeed] = super().get_queryset(request)
        return calendar_feed.with_ends(rows.filter(person=acting(request)))

    def offers(self, request: HttpRequest, obj: Model | None) -> list[Offer]:
        """An end only of what there is."""
        found = super().offers(request, obj)
        if obj is None and not self.get_queryset(request).exists():
            return [one for one in found if one.verb.name != "end"]
        return found

    @admin.display(description="opens your calendar")
    def opens(self, feed: CalendarFeed) -> str:
        """Whether it still does; who came back makes another."""
        if getattr(feed, "is_ended", True):
            return "no: your account was deactivated since, make another"
        return "yes"

    def after_act(
        self, request: HttpRequest, verb: Verb, subject: Model | None, result: Any
    ) -> HttpResponse:
        """A new address stands on the answer itself: no redirect could carry it unseen."""
        if verb.name != "make":
            return super().after_act(request, verb, subject, result)
        address = f"{settings.SITE_URL}/calendar/{result}.ics"
        context = {
            **self.admin_site.each_context(request),
            "title": "Your calendar address",
            "opts": self.opts,
            "address": address,
            "subscribe": f"webcal://{address.partition('://')[2]}",
        }
        return TemplateResponse(request, "admin/training/calendarfeed/made.html", context)
