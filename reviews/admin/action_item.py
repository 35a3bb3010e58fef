"""The register of action items: who owes what by when, in and out as a sheet."""

from functools import partial

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from incidents.admin.base import SheetAdmin, Verb
from incidents.admin.seen import SeenWithIncident
from reviews.admin.due import ItemDueFilter, due_state
from reviews.admin.forms import FinishForm, ReassignForm, RescheduleForm
from reviews.admin.resources import ActionItemResource
from reviews.models import ActionItem
from reviews.operations import action_item


@admin.register(ActionItem)
class ActionItemAdmin(SeenWithIncident, SheetAdmin):
    """Every action item of reviews and exercises, the first due on top."""

    incident_path = "review__incident"

    resource_classes = [ActionItemResource]
    list_display = ["reference", "title", "kind", "owner", "due", "status"]
    list_filter = [
        ItemDueFilter,
        "status",
        "kind",
        "element",
        ("owner", AutocompleteSelectFilter),
    ]
    list_filter_submit = True
    list_select_related = ["owner", "review__incident"]
    search_fields = ["reference", "title", "owner__name", "review__incident__reference"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "reference",
                    "title",
                    "detail",
                    "kind",
                    "capability",
                    "element",
                    "review",
                ]
            },
        ),
        ("Who and when", {"fields": ["owner", "due_on", "original_due_on", "due_at"]}),
        ("How it ended", {"fields": ["status", "finished_at", "outcome"]}),
    ]
    verbs = (
        Verb(
            "finish",
            "Finish",
            action_item.finish,
            FinishForm,
            icon="task_alt",
            objections=partial(action_item.why_not, action_item.FINISH),
        ),
        Verb(
            "reschedule",
            "Reschedule",
            action_item.reschedule,
            RescheduleForm,
            explain="The original date is kept: being on time is measured against it.",
            icon="event",
            objections=partial(action_item.why_not, action_item.RESCHEDULE),
        ),
        Verb(
            "reassign",
            "Reassign",
            action_item.reassign,
            ReassignForm,
            explain="The new owner is told at once.",
            icon="person_add",
            objections=partial(action_item.why_not, action_item.REASSIGN),
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Added from its review, or imported."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Verbs change it."""
        return False

    @admin.display(description="due", ordering="due_at")
    def due(self, row: ActionItem) -> str:
        """How late an open item is."""
        return due_state(row, is_owed=row.status == ActionItem.Status.OPEN)
