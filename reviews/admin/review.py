"""Reviews and classes of cause: read here, written through verbs."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from incidents.admin.base import GovernedAdmin, ReadOnlyInline, Verb
from incidents.admin.seen import SeenWithIncident
from reviews import timeline
from reviews.admin.due import ReviewDueFilter, due_state
from reviews.admin.forms import AddItemForm, FactorForm, PublishForm, WriteForm
from reviews.models import ActionItem, CauseClass, ContributingFactor, Review
from reviews.operations import action_item, review
from reviews.operations.due import page


class FactorInline(ReadOnlyInline):
    """What contributed."""

    model = ContributingFactor
    hide_title = True
    verbose_name_plural = "contributing factors"
    fields = ["category", "text"]
    readonly_fields = fields


class ActionItemInline(ReadOnlyInline):
    """What is to be done, and by whom."""

    model = ActionItem
    hide_title = True
    fields = ["item", "title", "kind", "owner", "due_on", "status"]
    readonly_fields = fields

    @admin.display(description="reference")
    def item(self, row: ActionItem) -> str:
        """The reference, leading to the page where it is finished."""
        return format_html('<a href="{}" class="underline">{}</a>', page(row), row.reference)


@admin.register(Review)
class ReviewAdmin(SeenWithIncident, GovernedAdmin):
    """What happened, what contributed, what follows; published once and then fixed."""

    list_display = ["incident", "status", "owner", "due", "cause_class"]
    list_filter = [ReviewDueFilter, "status", "cause_class"]
    list_select_related = ["incident", "owner", "cause_class"]
    search_fields = ["incident__reference", "incident__title", "owner__name", "summary"]
    inlines = [FactorInline, ActionItemInline]
    change_form_after_template = "admin/reviews/timeline.html"
    fieldsets = [
        (None, {"fields": ["incident", "status", "owner", "due_at", "published_at", "published_by"]}),
        ("What happened", {"fields": ["summary", "impact", "went_well"]}),
        ("Why", {"fields": ["cause_class", "repeat_of"]}),
    ]  # fmt: skip
    verbs = (
        Verb(
            "write",
            "Write",
            review.write,
            WriteForm,
            explain="Blameless: describe what people saw and could do, not what they should have.",
            icon="edit_note",
            objections=partial(review.why_not, review.WRITE),
        ),
        Verb(
            "add_factor",
            "Add a factor",
            review.add_factor,
            FactorForm,
            icon="add_circle",
            objections=partial(review.why_not, review.ADD_FACTOR),
        ),
        Verb(
            "add_action_item",
            "Add an action item",
            action_item.add,
            AddItemForm,
            explain="One accountable owner and one date; reminders go out until it is finished.",
            icon="add_task",
        ),
        Verb(
            "publish",
            "Publish",
            review.publish,
            PublishForm,
            explain="A published review does not change. Action items may still be added.",
            icon="publish",
            objections=partial(review.why_not, review.PUBLISH),
        ),
    )
    # Writing a review is one right, whatever part of it a verb writes.
    permissions = {
        "write": review.WRITE,
        "add_factor": review.ADD_FACTOR,
        "add_action_item": action_item.ADD,
        "publish": review.PUBLISH,
    }

    def may_ever(self, request: HttpRequest, verb: Verb) -> bool:
        """The stock permissions of what the verb writes."""
        return request.user.has_perm(self.permissions[verb.name])

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Closing an incident opens it."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Verbs write it."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The review with the timeline of its incident."""
        rows = self.get_queryset(request).select_related("incident")
        row = rows.filter(pk=object_id).first()
        moments = timeline.read(row.incident) if row else []
        context = {"moments": moments, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description="due", ordering="due_at")
    def due(self, row: Review) -> str:
        """How late a draft is."""
        return due_state(row, is_owed=row.status == Review.Status.DRAFT)


@admin.register(CauseClass)
class CauseClassAdmin(GovernedAdmin):
    """The classes by which repeats are counted."""

    list_display = ["name", "slug", "description"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
