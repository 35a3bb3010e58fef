"""The evidence: the audit trail and every message, both read-only."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from incidents.admin.base import CappedPaginator, Verb
from incidents.admin.verbs import VerbAdmin, acting
from incidents.models import AuditEvent, Incident, OutboxMessage
from incidents.operations import outbox, privacy


class _Evidence(VerbAdmin):
    """Rows a program writes and people read."""

    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Written by acts only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never changed."""
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(_Evidence):
    """Who did what to what, when; each line sealed with the one before it."""

    list_display = ["sequence", "at", "actor_name", "verb", "subject"]
    list_filter = ["verb"]
    search_fields = ["actor_name", "subject", "verb"]
    fields = [
        "sequence", "at", "actor_name", "verb", "subject", "detail", "previous_hash", "hash",
    ]  # fmt: skip

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Every line, those about what the reader may not see with their words withheld."""
        shown = super().get_changelist_instance(request)
        lines = privacy.withhold(shown.result_list, acting(request))
        if shown.query:  # what was found by its words would tell them
            lines = [line for line in lines if line.subject != privacy.WITHHELD]
        shown.result_list = lines
        return shown

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> AuditEvent | None:
        """One line; what it says of what the reader may not see is withheld."""
        line = super().get_object(request, object_id, from_field)
        return privacy.withhold([line], acting(request))[0] if line else None


@admin.register(OutboxMessage)
class OutboxMessageAdmin(_Evidence):
    """Every promised message: waiting, sent, or dead and waiting for a person."""

    list_display = [
        "subject",
        "kind",
        "recipient",
        "status",
        "attempts",
        "created_at",
        "sent_at",
    ]
    list_filter = ["status", "kind", "priority"]
    list_select_related = ["recipient"]
    search_fields = ["subject", "topic", "address", "recipient__name"]
    verbs = (
        Verb(
            "resend",
            "Send again",
            outbox.resend,
            explain="Puts the dead message back into the queue; it is tried again at once.",
            icon="send",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        """Without those about an incident the reader may not see."""
        hidden = Incident.objects.hidden_from(acting(request)).values("reference")
        rows: QuerySet[OutboxMessage] = super().get_queryset(request)
        return rows.exclude(topic__in=hidden)
