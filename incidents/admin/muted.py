"""What a person unsubscribed from, on their page; it changes by the link in a mail alone."""

from django.contrib import admin

from incidents.admin.base import ReadOnlyInline
from incidents.models import Muted
from incidents.rules.digest import name


class MutedInline(ReadOnlyInline):
    """The kinds of optional message this person wants no more of."""

    model = Muted
    verbose_name_plural = "unsubscribed from"
    fields = ["what", "muted_at"]
    readonly_fields = fields

    @admin.display(description="kind")
    def what(self, row: Muted) -> str:
        """The kind as its reader calls it."""
        return name(row.kind)
