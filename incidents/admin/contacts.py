"""Contacts in the admin: the acts on a person's page, what was shown, and whom nobody verified."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from incidents.admin.base import ReadOnlyInline, Verb
from incidents.admin.forms import VerbForm
from incidents.admin.ways import QuietForm, WaysForm, objections
from incidents.models import Channel, ContactProof, Person
from incidents.operations import contacts, ways
from incidents.rules.calling import PROOF_COUNTS_FOR
from incidents.rules.reasons import Reason


class AskForm(VerbForm):
    """To which of one's addresses a code is sent."""

    where = forms.ChoiceField(
        required=False,
        label="To",
        help_text="Those of your addresses that can be reached here.",
    )

    def prepare(self) -> None:
        """The person's own addresses and those of their ways, by channels that are set up."""
        if not isinstance(self.subject, Person):
            return
        theirs = ways.addresses(self.subject)
        self.fields["where"].choices = [  # type: ignore[attr-defined]  # a field of ours
            (f"{channel} {address}", f"{Channel(channel).label}: {address}")
            for channel, address in theirs
            if ways.is_set_up(channel)
        ]

    def clean(self) -> dict[str, Any]:
        """As the operation takes it; without a choice the e-mail address."""
        where = self.cleaned_data.get("where")
        channel, _, address = (where or Channel.EMAIL.value).partition(" ")
        return {"channel": channel, "address": address}


class CodeForm(VerbForm):
    """The code out of the message."""

    code = forms.CharField(
        max_length=20, help_text="Eight digits, from the message sent to you."
    )


def _own(person: Person, actor: Person) -> list[Reason]:
    reason = contacts.not_oneself(person, actor)
    return [reason] if reason else []


def _spoken(person: Person, actor: Person) -> list[Reason]:
    reason = contacts.not_spoken(person, actor)
    return [reason] if reason else []


VERBS = (
    Verb(
        "set_ways", "Say how to be reached", ways.set_ways, WaysForm,
        explain="By which channel a message goes, and which is tried next. An empty address is "
        "the one on the person's page.",
        icon="alt_route", objections=objections,
        done="Messages go this way from now on.",
    ),
    Verb(
        "set_quiet", "Say when to be left alone", ways.set_quiet, QuietForm,
        explain="In quiet hours and on public holidays only pages come through; what can wait "
        "comes at the first instant after.",
        icon="bedtime", objections=objections,
        done="What can wait waits in these hours from now on.",
    ),
    Verb(
        "send_code", "Send me a code", contacts.send_code, AskForm,
        explain="A code goes to an address of yours. Given back, it shows that it reaches you.",
        icon="mark_email_unread", permission="verify", objections=_own,
        done="The code is on its way: give it back on this page.",
    ),
    Verb(
        "give_code", "Give the code", contacts.give_code, CodeForm,
        explain="Shows that what is sent to the address the code went to reaches you.",
        icon="mark_email_read", permission="verify", objections=_own,
        done="Your address is verified.",
    ),
    Verb(
        "confirm_spoken", "Confirm the phone number", contacts.confirm_spoken,
        explain="You called the number on this page just now and spoke to this person.",
        icon="call", permission="prove", objections=_spoken,
        done="The phone number is verified.",
    ),
)  # fmt: skip


class ContactProofInline(ReadOnlyInline):
    """How and when an address was shown to reach this person."""

    model = ContactProof
    fk_name = "person"
    verbose_name_plural = "verified addresses"
    fields = ["channel", "address", "means", "proved_at", "proved_by"]
    readonly_fields = fields


class EmailVerifiedFilter(admin.SimpleListFilter):
    """Whose present e-mail address was shown to reach them, not too long ago."""

    title = "e-mail verified"
    parameter_name = "email_verified"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Yes and no."""
        return [("yes", "Verified"), ("no", "Never, or too long ago")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Person]
    ) -> QuerySet[Person] | None:
        """With or without a proof of the address as it is now."""
        if self.value() is None:
            return None
        proof = ContactProof.objects.filter(
            person=OuterRef("pk"),
            channel=Channel.EMAIL,
            address=OuterRef("email"),
            proved_at__gte=timezone.now() - PROOF_COUNTS_FOR,
        )
        verified = Exists(proof)
        return queryset.filter(verified if self.value() == "yes" else ~verified)
