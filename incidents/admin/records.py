"""The evidence: the audit trail, read-only."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

from incidents.admin.read_only import ReadOnlyAdmin
from incidents.admin.verbs import acting
from incidents.models import AuditEvent
from incidents.operations import privacy


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
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
            covered = (privacy.WITHHELD, privacy.SURPRISE)
            lines = [line for line in lines if line.subject not in covered]
        shown.result_list = lines
        return shown

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> AuditEvent | None:
        """One line; what it says of what the reader may not see is withheld."""
        line = super().get_object(request, object_id, from_field)
        return privacy.withhold([line], acting(request))[0] if line else None
