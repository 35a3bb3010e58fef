"""Subscribers: who may see them sees masked addresses, and can forget one that asks for it."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from incidents.admin.read_only import ReadOnlyAdmin
from incidents.admin.verbs import Verb
from incidents.models import Subscriber
from incidents.operations import subscribers


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnlyAdmin):
    """Addresses that asked for public updates; they subscribe and leave by themselves."""

    list_display = ["masked", "state", "asked_at", "confirmed_at", "unsubscribed_at"]
    list_filter = [
        ("confirmed_at", admin.EmptyFieldListFilter),
        ("unsubscribed_at", admin.EmptyFieldListFilter),
    ]
    # The whole address finds it, for whoever writes to us to be forgotten; a part of it finds none.
    search_fields = ["=email"]
    search_help_text = "The whole address."
    fields = ["masked", "state", "chosen", "asked_at", "confirmed_at", "unsubscribed_at"]
    readonly_fields = fields
    first_step = "Nobody subscribed yet. The status page leads everybody to /subscribe/."
    verbs = (
        Verb(
            "remove", "Forget it", subscribers.remove, icon="person_remove", danger=True,
            explain="The address is deleted, here and in every message that was sent to it. "
            "That cannot be undone; they may subscribe again.",
            done="The address is forgotten.",
        ),
    )  # fmt: skip

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Not for everybody who sees everything: these are strangers' addresses."""
        return bool(request.user.has_perm("incidents.list_subscriber"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The same."""
        return self.has_view_permission(request)

    def after_verb(self, verb: Verb, subject: Model | None, result: object) -> str:
        """The row is gone: back to the list."""
        return self._address(None)

    @admin.display(description="address", ordering="email")
    def masked(self, row: Subscriber) -> str:
        """Enough to tell two apart, not enough to write to."""
        return subscribers.masked(row.email)

    @admin.display(description="state")
    def state(self, row: Subscriber) -> str:
        """In a word."""
        if row.unsubscribed_at:
            return "Left"
        return "Listening" if row.confirmed_at else "Not confirmed"

    @admin.display(description="of")
    def chosen(self, row: Subscriber) -> str:
        """Which services."""
        names = row.services.order_by("public_name").values_list("public_name", flat=True)
        return ", ".join(names) or "all services"
