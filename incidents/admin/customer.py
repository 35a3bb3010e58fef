"""Customers, what they use, and what their contracts promise to tell them by when."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from incidents.admin.base import GovernedAdmin, ReadOnlyInline, SheetAdmin
from incidents.admin.customer_sheets import CustomerResource
from incidents.admin.verbs import acting
from incidents.models import Customer, Incident, NoticeClause, NoticeClock
from incidents.models.private import seen_by
from incidents.operations import notices
from incidents.operations.law import levels, scheme_in_force

SERVICES_NAMED = 3


class ClausesInline(ReadOnlyInline):
    """What their contracts promise; each has a page of its own."""

    model = NoticeClause
    verbose_name_plural = "clauses"
    fields = ["title", "concerns", "hours", "starts", "source", "is_active"]
    readonly_fields = fields
    show_change_link = True


@admin.register(Customer)
class CustomerAdmin(SheetAdmin):
    """Whom we have promised something, or write to about what they use."""

    resource_classes = [CustomerResource]
    list_display = ["name", "uses", "clause_count", "next_due", "account_manager", "is_active"]
    list_filter = ["is_active", "services", "language"]
    list_select_related = ["account_manager"]
    search_fields = ["name", "slug", "contact_name", "contact_email"]
    first_step = (
        "No customer yet. Import them, or add one with the services they use and whom we write "
        "to there; then add the clauses of their contract that promise a notice."
    )
    autocomplete_fields = ["services", "account_manager"]
    fields = [
        "slug", "name", "services", "contact_name", "contact_email", "language",
        "account_manager", "is_active",
    ]  # fmt: skip
    prepopulated_fields = {"slug": ["name"]}
    inlines = [ClausesInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """With services, clauses in force, and when the first open notice is due that one may see."""
        rows: QuerySet[Customer] = super().get_queryset(request)
        owed = seen_by(notices.still_open(NoticeClock.objects.all()), acting(request))
        mine = owed.filter(clause__customer=OuterRef("pk")).order_by("due_at")
        in_force = Count("clauses", filter=Q(clauses__is_active=True))
        return rows.prefetch_related("services").annotate(
            clauses_in_force=in_force, next_due_at=Subquery(mine.values("due_at")[:1])
        )

    @display(description="Uses")
    def uses(self, customer: Customer) -> str:
        """The first services by name, and how many more."""
        names = [each.name for each in customer.services.all()]
        more = f" and {len(names) - SERVICES_NAMED} more" if len(names) > SERVICES_NAMED else ""
        return f"{', '.join(names[:SERVICES_NAMED])}{more}" or "-"

    @display(description="Clauses", ordering="clauses_in_force")
    def clause_count(self, customer: Any) -> int:
        """How many are in force."""
        return cast(int, customer.clauses_in_force)

    @display(description="Next notice due", ordering="next_due_at")
    def next_due(self, customer: Any) -> datetime | None:
        """Of all incidents the reader may see."""
        return cast("datetime | None", customer.next_due_at)


class ClauseForm(forms.ModelForm[NoticeClause]):
    """Levels are chosen from the scheme in force, beside what was chosen under another."""

    class Meta:
        labels = {"hours": "Within hours", "starts": "Counted from", "content": "Must say"}
        help_texts = {
            "hours": "Plain hours, through nights and weekends.",
            "concerns": "Personal data: owed once it may be exposed, whatever the level.",
            "starts": "Awareness: as it is said on the incident; until then from detection.",
            "services": "None: any the customer uses.",
        }

    levels = forms.MultipleChoiceField(
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None: incidents of any level.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "levels" in self.fields:  # who may only look is shown no form
            self._offer_levels()

    def clean(self) -> dict[str, Any]:
        """What is about personal data asks of no level; awareness is of nothing else."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        is_personal = said.get("concerns") == NoticeClause.Concern.PERSONAL_DATA
        if is_personal and said.get("levels"):
            self.add_error(
                "levels",
                "It is owed of any level once personal data may be exposed: choose none.",
            )
        if not is_personal and said.get("starts") == NoticeClause.Start.AWARENESS:
            self.add_error(
                "starts",
                "Awareness is of a breach of personal data: let the clause be about that.",
            )
        return said

    def _offer_levels(self) -> None:
        scheme = scheme_in_force(timezone.now())
        offered = (
            {code: law.rule.name for code, law in levels(scheme).items()} if scheme else {}
        )
        kept = {code: code for code in self.instance.levels if code not in offered}
        choice = cast(forms.MultipleChoiceField, self.fields["levels"])
        choice.choices = [*(offered | kept).items()]


@admin.register(NoticeClause)
class NoticeClauseAdmin(GovernedAdmin):
    """What a contract promises to tell a customer, and by when."""

    form = ClauseForm
    list_display = [
        "title", "customer", "hours", "starts", "concerns", "kept", "source", "is_active",
    ]  # fmt: skip
    list_filter = ["is_active", "concerns", "starts"]
    list_select_related = ["customer"]
    search_fields = ["title", "customer__name", "source", "content"]
    first_step = (
        "No clause yet. Add a customer first, then each sentence of their contract that promises "
        "to tell them of incidents: within how many hours, of which levels, and what."
    )
    first_links = (("Customers", "customer"),)
    autocomplete_fields = ["customer", "services"]
    fields = [
        "customer", "title", "concerns", "hours", "starts", "levels", "services", "content", "contact_name",
        "contact_email", "source", "is_active",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[NoticeClause]:
        """With how many notices were given or are late, and how many of them were in time."""
        rows: QuerySet[NoticeClause] = super().get_queryset(request)
        hidden = Incident.objects.hidden_from(acting(request)).values("pk")
        # Counted row by row of the page: a join would count every clock there ever was.
        clocks = NoticeClock.objects.filter(
            clause=OuterRef("pk"), incident__kind=Incident.Kind.INCIDENT
        ).exclude(incident__in=hidden)
        given = Q(given_at__isnull=False)
        late = Q(given_at=None, due_at__lte=timezone.now())
        return rows.annotate(
            answerable=_counted(clocks.filter(given | late)),
            in_time=_counted(clocks.filter(given_at__lt=F("due_at"))),
        )

    @display(description="Kept")
    def kept(self, clause: Any) -> str:
        """How many of the notices that were given, or are late, were given in time; no exercise."""
        if not clause.answerable:
            return "-"
        return f"{clause.in_time} of {clause.answerable} in time"


def _counted(clocks: QuerySet[NoticeClock]) -> Coalesce:
    found = clocks.order_by().values("clause").annotate(times=Count("pk")).values("times")
    return Coalesce(Subquery(found), 0)
