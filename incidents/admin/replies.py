"""What people replied, as it came in: read by people, written by nobody."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from incidents.admin.base import CappedPaginator
from incidents.admin.verbs import VerbAdmin, acting
from incidents.models import Incident, Reply


@admin.register(Reply)
class ReplyAdmin(VerbAdmin):
    """Replies by text, phone or chat, what each acknowledged, and those nobody could read."""

    list_display = ["received_at", "channel", "sender", "text", "outcome", "message", "problem"]
    list_filter = ["outcome", "channel"]
    list_select_related = ["message"]
    search_fields = ["sender", "text", "external_id"]
    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
    first_step = (
        "Nobody replied yet. Providers hand replies in at /replies/ and the channel, once a "
        "secret for them is set."
    )
    fields = [
        "received_at", "channel", "external_id", "sender", "text", "outcome", "message",
        "problem", "payload",
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come in from outside."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Evidence is never changed."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reply]:
        """Without those about an incident the reader may not see."""
        hidden = Incident.objects.hidden_from(acting(request)).values("reference")
        rows: QuerySet[Reply] = super().get_queryset(request)
        return rows.exclude(message__topic__in=hidden)
