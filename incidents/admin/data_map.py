"""The data map: which services hold whose data, kept in calm so that nobody guesses at night."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern
from unfold.decorators import display

from incidents.admin import readiness
from incidents.admin.base import ReadOnlyInline, Verb
from incidents.admin.data_map_forms import HoldingForm, VerifyForm
from incidents.admin.data_map_sheets import HoldingResource
from incidents.admin.verified import VerifiedAdmin, VerifiedFilter, verified_tag
from incidents.models import DataHolding
from incidents.operations import data_map
from incidents.rules import legal_places, legal_words
from incidents.rules.data_map import total

_PLACES_NAMED = 4


class HoldingsInline(ReadOnlyInline):
    """What a service holds, beneath its row."""

    model = DataHolding
    verbose_name_plural = "data it holds"
    fields = ["title", "kinds", "places", "protection", "verified_on", "is_active"]
    readonly_fields = fields
    show_change_link = True

    @display(description="Kinds of data")
    def kinds(self, holding: DataHolding) -> str:
        """In plain words."""
        return kinds_of(holding)

    @display(description="People in")
    def places(self, holding: DataHolding) -> str:
        """The first places."""
        return places_of(holding)


@admin.register(DataHolding)
class DataHoldingAdmin(VerifiedAdmin):
    """Typed and imported by leadership, verified by who knows the service, read by all."""

    form = HoldingForm
    resource_classes = [HoldingResource]
    list_display = ["title", "service", "kinds", "places", "people", "protection", "verified"]
    list_filter = [VerifiedFilter, "data_role", "protection", "is_active"]
    list_select_related = ["service", "verified_by"]
    list_before_template = "admin/law/list.html"
    search_fields = ["title", "service__name", "service__slug"]
    first_step = (
        "No data is mapped yet. Add what each service holds about people: which kinds, where they "
        "live, how many. An incident of that service then asks less. An export shows the columns."
    )
    first_links = (("Services", "service"),)
    autocomplete_fields = ["service"]
    fields = [
        "service", "title", "data_categories", "jurisdictions", "persons", "data_role",
        "protection", "note", "is_active",
    ]  # fmt: skip
    verbs = (
        Verb(
            "verify", "It is as it says", data_map.verify, VerifyForm,
            icon="fact_check", objections=data_map.objections,
            explain="Keeps that you looked today: the service holds this data, of these people. "
            "It is asked again in half a year.",
            done="It is kept that you verified it.",
        ),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """The readiness page lies beside the rows it is made of."""
        return readiness.pages(self) + super().get_urls()

    def get_fields(self, request: HttpRequest, obj: DataHolding | None = None) -> list[str]:
        """Who may only look reads words, not codes."""
        if obj is None or self.has_change_permission(request, obj):
            return [*self.fields, *(["verified"] if obj else [])]
        return [
            "service", "title", "kinds", "places", "people", "data_role", "protection", "note",
            "is_active", "verified",
        ]  # fmt: skip

    def get_readonly_fields(
        self, request: HttpRequest, obj: DataHolding | None = None
    ) -> list[str]:
        """Who verified it is never typed."""
        return ["kinds", "places", "people", "verified"]

    @display(description="Kinds of data")
    def kinds(self, holding: DataHolding) -> str:
        """In plain words."""
        return kinds_of(holding)

    @display(description="People in")
    def places(self, holding: DataHolding) -> str:
        """The first places."""
        return places_of(holding)

    @display(description="People")
    def people(self, holding: DataHolding) -> str:
        """How many in all; a country covers its parts."""
        return f"{total(holding.persons):,}" if holding.persons else "not counted"

    @display(description="Verified", ordering="verified_on")
    def verified(self, holding: DataHolding) -> str:
        """When and by whom, or that it is not to be relied on."""
        return verified_tag(holding)


def kinds_of(holding: DataHolding) -> str:
    """The categories in plain words."""
    return legal_words.label("data_categories", holding.data_categories)


def places_of(holding: DataHolding) -> str:
    """The first places by name, and how many more."""
    names = [legal_places.name(code) for code in holding.jurisdictions]
    more = len(names) - _PLACES_NAMED
    return ", ".join(names[:_PLACES_NAMED]) + (f" and {more} more" if more > 0 else "") or "-"
