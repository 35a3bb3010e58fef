"""The admin of the outbox: every promised message, and what carries each channel."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from incidents.admin.forms import VerbForm
from incidents.admin.read_only import ReadOnlyAdmin
from incidents.admin.verbs import Verb, acting
from incidents.models import Channel, OutboxMessage, Outlet, Person
from incidents.operations import outbox, outlets, subscribers
from incidents.rules.reasons import Reason

CHOSEN_AT_MOST = 500  # rows: more would not fit into an address


class ResendManyForm(VerbForm):
    """Which of the dead: all, those of a channel or a kind, or the rows chosen in the list."""

    channel = forms.ChoiceField(required=False, label="Channel")
    kind = forms.ChoiceField(required=False, label="Kind")
    keys = forms.CharField(
        required=False,
        label="Only these",
        help_text="Numbers of messages by commas, as the list put them here; empty: all.",
    )

    def prepare(self) -> None:
        """Offer what there is, with how many; one query."""
        dead = outbox.dead(self.actor).order_by()
        found = list(dead.values_list("channel", "kind").annotate(Count("pk")))
        for name, place, label in (("channel", 0, dict(Channel.choices)), ("kind", 1, {})):
            counts: dict[str, int] = {}
            for row in found:
                counts[row[place]] = counts.get(row[place], 0) + row[2]
            offered = [
                (key, f"{label.get(key, key)} ({count})")
                for key, count in sorted(counts.items())
            ]
            all_of_them = ("", f"All ({sum(counts.values())})")
            self.fields[name].choices = [all_of_them, *offered]  # type: ignore[attr-defined]

    def clean_keys(self) -> list[int]:
        """As numbers."""
        parts = [part.strip() for part in self.cleaned_data["keys"].split(",")]
        try:
            return [int(part) for part in parts if part]
        except ValueError as error:
            raise forms.ValidationError("Write numbers, with commas between them.") from error


def _resend_objections(message: OutboxMessage, _: Person) -> list[Reason]:
    return outbox.not_dead(message)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    """Every promised message: waiting, sent, or dead and waiting for a person."""

    list_display = [
        "subject", "kind", "channel", "recipient", "status", "attempts", "created_at",
        "sent_at", "last_error",
    ]  # fmt: skip
    list_filter = ["status", "channel", "priority", "kind"]
    list_select_related = ["recipient"]
    search_fields = ["subject", "topic", "address", "recipient__name"]
    first_step = "Nothing was promised to anybody yet. Declaring an incident writes the first."
    actions = ["resend_chosen"]
    fieldsets = [
        (None, {"fields": ["subject", "body", "path", "topic", "kind", "priority"]}),
        ("To", {"fields": ["recipient", "role", "channel", "where", "way", "follows"]}),
        (
            "What became of it",
            {"fields": [
                "status", "attempts", "last_error", "created_at", "due_at", "next_attempt_at",
                "sent_at", "digest",
            ]},
        ),
        (
            "Acknowledged",
            {"fields": ["code", "fall_back_at", "acknowledged_at", "acknowledged_by"]},
        ),
    ]  # fmt: skip
    readonly_fields = ["path", "where"]
    verbs = (
        Verb(
            "resend",
            "Send again",
            outbox.resend,
            explain="Puts the dead message back into the queue; it is tried again at once.",
            icon="send",
            objections=_resend_objections,
        ),
        Verb(
            "resend_many",
            "Send dead messages again",
            outbox.resend_many,
            form=ResendManyForm,
            explain="Puts dead messages back into the queue with all their attempts, once "
            "whatever refused them is mended. At most 10,000 at a time, the oldest first.",
            icon="send",
            on_list=True,
            permission="resend",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        """Without those about an incident the reader may not see."""
        return outbox.seen_by(super().get_queryset(request), acting(request))

    @admin.display(description="address")
    def where(self, message: OutboxMessage) -> str:
        """In full, but not a subscriber's."""
        return subscribers.shown(message)

    @admin.display(description="link")
    def path(self, message: OutboxMessage) -> str:
        """Where it leads, but not what acts in a subscriber's place."""
        return "" if message.kind == subscribers.KIND else message.link

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Who may, is offered it in the list too."""
        return bool(request.user.has_perm(outbox.RESEND))

    @admin.action(description="Send again", permissions=["resend"])
    def resend_chosen(
        self, request: HttpRequest, chosen: QuerySet[OutboxMessage]
    ) -> HttpResponse | None:
        """Leads to the page that asks; changes nothing itself."""
        dead = chosen.filter(status=OutboxMessage.Status.DEAD).order_by("pk")
        keys = list(dead.values_list("pk", flat=True)[:CHOSEN_AT_MOST])
        if not keys:
            said = "None of these is dead: only a dead message is sent again by hand."
            self.message_user(request, said, messages.ERROR)
            return None
        page = reverse("admin:incidents_outboxmessage_resend_many")
        return redirect(f"{page}?{urlencode({'keys': ','.join(map(str, keys))})}")

    def after_act(
        self, request: HttpRequest, verb: Verb, subject: Any, result: Any
    ) -> HttpResponse:
        """Say how many, and lead to what waits now."""
        if verb.name != "resend_many":
            return super().after_act(request, verb, subject, result)
        words = "One message is" if result == 1 else f"{result:,} messages are"
        self.message_user(request, f"{words} in the queue again.")
        return redirect(f"{self._address(None)}?status__exact=pending")


class RateForm(VerbForm):
    """How fast a channel may send."""

    rate_per_minute = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=outlets.FASTEST,
        label="Messages a minute",
        help_text="At most, in any minute: what the provider allows. Empty: no limit.",
    )

    def prepare(self) -> None:
        """As it is now."""
        self.fields["rate_per_minute"].initial = getattr(self.subject, "rate_per_minute", None)


def _resume_objections(outlet: Outlet, _: Person) -> list[Reason]:
    return outlets.unpaused(outlet, timezone.now())


@admin.register(Outlet)
class OutletAdmin(ReadOnlyAdmin):
    """What carries each channel: whether its provider is away, and how fast it may go."""

    list_display = ["channel", "state", "rate", "failures", "last_error"]
    fields = ["channel", "rate", "state", "paused_until", "failures", "last_error"]
    readonly_fields = ["state", "rate"]
    search_fields = ["channel", "last_error"]
    verbs = (
        Verb(
            "set_rate",
            "Limit its speed",
            outlets.set_rate,
            form=RateForm,
            explain="What is above it waits, pages first; nothing is lost.",
            icon="speed",
            permission="set",
        ),
        Verb(
            "resume",
            "Try again now",
            outlets.resume,
            explain="Ends the pause at once. If the provider is still away, the next pause begins.",
            icon="play_arrow",
            permission="set",
            objections=_resume_objections,
        ),
    )

    @admin.display(description="State")
    def state(self, outlet: Outlet) -> str:
        """In words."""
        if outlets.is_paused(outlet, timezone.now()):
            return "Paused: its provider is away"
        return "Open"

    @admin.display(description="Speed")
    def rate(self, outlet: Outlet) -> str:
        """In words."""
        if outlet.rate_per_minute is None:
            return "No limit"
        return f"At most {outlet.rate_per_minute:,} a minute"
