"""Which carrier serves which channel here."""

from typing import Any, Never, Self

from django.conf import settings

from incidents.channels.apprise_carrier import AppriseCarrier
from incidents.channels.carrying import Carrier, RefusedError
from incidents.channels.mail import MailCarrier
from incidents.channels.statuspage import StatuspageCarrier
from incidents.channels.webhook import WebhookCarrier
from incidents.models import Channel, OutboxMessage

_SETTINGS = {
    Channel.WEBHOOK.value: "WEBHOOK_HOSTS and WEBHOOK_SECRET",
    Channel.ATLASSIAN.value: "STATUSPAGE_API_KEY",
}


def carrier(channel: str) -> Carrier:
    """A new carrier of this channel; one that refuses where the channel is not set up."""
    if channel == Channel.EMAIL:
        return MailCarrier()
    if template := settings.CHANNEL_URLS.get(channel):
        return AppriseCarrier(channel, template)
    if channel == Channel.WEBHOOK and settings.WEBHOOK_HOSTS and settings.WEBHOOK_SECRET:
        return WebhookCarrier()
    if channel == Channel.ATLASSIAN and settings.STATUSPAGE_API_KEY:
        return StatuspageCarrier()
    return NoCarrier(channel)


class NoCarrier:
    """Of a channel that was set up once and is no more: every message is dead, and says why."""

    answers = True

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def prepare(self, message: OutboxMessage) -> Never:
        """RefusedError, always."""
        setting = _SETTINGS.get(self.channel, f"CHANNEL_{self.channel.upper()}")
        raise RefusedError(f"no {self.channel} channel is set up here: set {setting}")

    def hand_over(self, prepared: Any) -> None:
        """Never reached."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...
