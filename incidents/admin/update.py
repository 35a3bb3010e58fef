"""Updates: read here, approved and published by verbs."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from incidents.admin import update_shown
from incidents.admin.base import GovernedAdmin, Verb, acting
from incidents.admin.forms import NoQuestions, VerbForm
from incidents.admin.seen import SeenWithIncident
from incidents.admin.update_forms import ApproveForm, RedraftForm, SendBackForm, of_update
from incidents.admin.verbs import Offer
from incidents.models import Person, Update
from incidents.operations import standing, update
from incidents.rules.reasons import Reason
from incidents.rules.verbs import VERBS


class _OfIncident(SeenWithIncident, GovernedAdmin):
    """A part of an incident: its verbs are the incident's, and lead back to its page."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Made by verbs of the incident."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Moved by verbs, not edited."""
        return False

    def may_ever(self, request: HttpRequest, verb: Verb) -> bool:
        """The standing permission is the incident's."""
        return request.user.has_perm(f"incidents.{VERBS[verb.name].permission}")

    def after_verb(self, verb: Verb, subject: Any, result: Any) -> str:
        """Back to the incident."""
        return reverse("admin:incidents_incident_change", args=[subject.incident_id])


def _update_objections(verb: str, subject: Update, person: Person) -> tuple[Reason, ...]:
    return update.objections(verb, subject, person, at=timezone.now())


def _verb(
    name: str,
    label: str,
    call: Callable[..., Any],
    form: type[VerbForm],
    icon: str,
    **more: Any,
) -> Verb:
    return Verb(
        name, label, call, form, explain=VERBS[name].promise, icon=icon,
        objections=partial(_update_objections, name), shows="admin/shown/update.html", **more,
    )  # fmt: skip


@admin.register(Update)
class UpdateAdmin(_OfIncident):
    """What was said, to whom, resting on what, approved by whom."""

    list_display = [
        "incident",
        "audience",
        "status",
        "drafted_by",
        "approved_by",
        "published_at",
    ]
    list_filter = ["status", "audience"]
    list_select_related = ["incident", "drafted_by", "approved_by"]
    search_fields = ["incident__reference", "incident__title", "text"]
    first_step = "Nothing was said yet. Open an incident and draft an update there."
    change_form_before_template = "admin/shown/update_before.html"
    fields = [
        "incident", "status", "approval_note", "statement", "language",
        "promised_next_at", "drafted_by", "drafted_at", "approved_by", "approved_at",
        "published_by", "published_at",
    ]  # fmt: skip
    verbs = (
        _verb("approve_update", "Approve", update.approve, ApproveForm, "done_all"),
        _verb("publish_update", "Publish", update.publish, NoQuestions, "campaign"),
        _verb("redraft_update", "Rewrite", update.redraft, RedraftForm, "edit_note"),
        _verb("return_update", "Send back", update.send_back, SendBackForm, "undo"),
    )

    def offers(self, request: HttpRequest, obj: Model | None) -> list[Offer]:
        """What was published is corrected by another, drafted on the page of its incident."""
        found = super().offers(request, obj)
        if not isinstance(obj, Update) or obj.status != Update.Status.PUBLISHED:
            return found
        draft = reverse("admin:incidents_incident_draft_update", args=[obj.incident_id])
        reasons = standing.objections("draft_update", obj.incident, acting(request), update=obj)
        correct = Verb("draft_update", "Correct", update.draft, icon="edit_note")
        return [Offer(correct, f"{draft}?audience={obj.audience}&corrects={obj.pk}", reasons)]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The update as everybody reads it, above who had a hand in it."""
        obj = self.get_object(request, unquote(object_id))
        shown = update_shown.context(obj, at=timezone.now()) if obj else {}
        return super().change_view(
            request, object_id, form_url, {**shown, **(extra_context or {})}
        )

    def shown(self, verb: Verb, subject: Model | None) -> dict[str, Any]:
        """The words with what the checks say of them; of what is to be published, who hears it."""
        row = of_update(subject)
        is_last = verb.name == "publish_update"
        return update_shown.context(row, is_last=is_last, at=timezone.now())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Update]:
        """With all that its page names."""
        rows: QuerySet[Update] = super().get_queryset(request)
        return rows.select_related(
            "incident", "drafted_by", "approved_by", "published_by", "corrects", "customer"
        )
