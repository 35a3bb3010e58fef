"""Places in the admin: where each audience is spoken to, and a test that reaches one."""

from typing import Any
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from incidents.admin.base import GovernedAdmin, Verb
from incidents.models import Channel, Destination
from incidents.operations import places, ways
from incidents.rules import places as rules

_ADDRESS = (
    "An e-mail address, a room such as #status, an https:// URL on a host of WEBHOOK_HOSTS, or the "
    "page ID of Statuspage: whatever the channel takes."
)


class DestinationForm(forms.ModelForm[Destination]):
    """One place; what cannot be one is said beside its field."""

    class Meta:
        model = Destination
        fields = ["name", "audience", "channel", "address", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "address" in self.fields:
            self.fields["address"].help_text = _ADDRESS
        channel = self.fields.get("channel")
        if isinstance(channel, forms.ChoiceField):
            channel.choices = [(one.value, _offered(one)) for one in Channel]

    def clean_address(self) -> str:
        """Without what one copies along with it."""
        return str(self.cleaned_data["address"]).strip()

    def clean(self) -> dict[str, Any]:
        """As the rules have it; who may only look has nothing to clean."""
        said = super().clean() or self.cleaned_data
        if {"audience", "channel", "address"} <= said.keys():
            for reason in rules.objections(
                said["audience"], said["channel"], said["address"], hosts=settings.WEBHOOK_HOSTS
            ):
                self.add_error(reason.field, forms.ValidationError(reason.message, reason.code))
        return said


def _offered(channel: Channel) -> str:
    return str(channel.label) + ("" if ways.is_set_up(channel) else " (not set up here)")


@admin.register(Destination)
class DestinationAdmin(GovernedAdmin):
    """Where each audience reads what is published, beside the status page and its subscribers."""

    form = DestinationForm
    list_display = ["name", "audience", "channel", "address", "goes"]
    list_filter = ["audience", "channel", "is_active"]
    search_fields = ["name", "address"]
    first_step = (
        "No place yet: published updates reach the status page, its subscribers and customers "
        "alone. Add a mailing list, a chat room, a webhook or a page of Statuspage."
    )
    verbs = (
        Verb(
            "test", "Send a test", places.send_test, icon="send",
            explain="Sends one message there that says it is a test. Of a page of Statuspage it is "
            "only asked whether it is there and lets us in: nothing is shown on it.",
            done="The test is on its way. Messages says what becomes of it.",
            permission="change",
        ),
    )  # fmt: skip

    @admin.display(description="Told of updates")
    def goes(self, place: Destination) -> str:
        """Whether it hears of the next update, and if not, why."""
        if not place.is_active:
            return "No: not active"
        if not ways.is_set_up(place.channel):
            return "No: the channel is not set up here"
        return "Yes"

    def get_readonly_fields(
        self, request: HttpRequest, obj: Destination | None = None
    ) -> list[str]:
        """With where its messages are listed, once there may be some."""
        return ["messages"] if obj else []

    @admin.display(description="Messages")
    def messages(self, place: Destination) -> str:
        """What was sent there."""
        return format_html(
            '<a class="underline" href="{}?q={}">Messages to this place</a>',
            reverse("admin:incidents_outboxmessage_changelist"),
            quote(place.address),
        )
