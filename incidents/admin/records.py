"""The evidence: the audit trail and every message, both read-only."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from incidents.admin.base import CappedPaginator, Verb
from incidents.admin.verbs import VerbAdmin
from incidents.models import AuditEvent, OutboxMessage
from incidents.operations import outbox


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
