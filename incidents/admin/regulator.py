"""Authorities and others the law makes us tell: which channel, which hours, who tried it last."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from incidents.admin.base import Verb
from incidents.admin.data_map_forms import RegulatorForm, VerifyForm
from incidents.admin.data_map_sheets import RegulatorResource
from incidents.admin.verified import VerifiedAdmin, VerifiedFilter, verified_tag
from incidents.models import Regulator
from incidents.operations import regulators
from incidents.rules import legal_places


@admin.register(Regulator)
class RegulatorAdmin(VerifiedAdmin):
    """Typed and imported by leadership, verified by whoever tried the channel, read by all."""

    form = RegulatorForm
    resource_classes = [RegulatorResource]
    list_display = ["name", "place", "channel", "address", "phone", "hours", "verified"]
    list_filter = [VerifiedFilter, "channel", "is_active"]
    list_select_related = ["verified_by"]
    list_before_template = "admin/law/list.html"
    search_fields = ["name", "recipient", "jurisdiction", "address"]
    first_step = (
        "No authority is on file yet. Legal readiness lists those that the law could make us tell: "
        "add each with its channel, and try it once in calm."
    )
    fields = [
        "recipient", "jurisdiction", "name", "channel", "address", "phone", "timezone", "hours",
        "our_reference", "note", "is_active",
    ]  # fmt: skip
    verbs = (
        Verb(
            "verify", "The channel works", regulators.verify, VerifyForm,
            icon="fact_check", objections=regulators.objections,
            explain="Keeps that you tried the channel today and it is the right one: the portal "
            "opens and knows us, the number answers. It is asked again in half a year.",
            done="It is kept that the channel works.",
        ),
    )  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Regulator | None = None) -> list[str]:
        """Who may only look reads words, not codes."""
        if obj is None or self.has_change_permission(request, obj):
            return [*self.fields, *(["verified"] if obj else [])]
        return ["told_as", *self.fields[1:], "verified"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Regulator | None = None
    ) -> list[str]:
        """Who verified it is never typed."""
        return ["told_as", "verified"]

    @display(description="Place", ordering="jurisdiction")
    def place(self, regulator: Regulator) -> str:
        """By name."""
        return legal_places.name(regulator.jurisdiction) or "-"

    @display(description="Is told as")
    def told_as(self, regulator: Regulator) -> str:
        """In the words of the law."""
        known = regulators.recipients(at=timezone.now())
        return known.get(regulator.recipient, regulator.recipient)

    @display(description="Verified", ordering="verified_on")
    def verified(self, regulator: Regulator) -> str:
        """When and by whom, or that it is not to be relied on."""
        return verified_tag(regulator)
