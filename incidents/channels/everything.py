"""Delivering by every channel, also by those that were set up once and are no more."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from incidents.channels.delivering import DeliveryReport, deliver
from incidents.models import Channel, OutboxMessage


def deliver_all(at: datetime) -> DeliveryReport:
    """Hand over what is due, channel by channel; the timetable does it each on its own."""
    return _sum(
        [*(deliver(at, channel=one) for one in settings.CHANNELS), deliver_stranded(at)]
    )


def deliver_stranded(at: datetime) -> DeliveryReport:
    """See to what was composed for a channel whose setting is gone since; one query if nothing.

    It would wait for ever, as nobody asks for this channel any more: it is refused with the
    reason, and goes the recipient's next way.
    """
    gone = sorted(set(Channel.values) - set(settings.CHANNELS))
    waiting = OutboxMessage.objects.due(at).filter(channel__in=gone).order_by()
    stranded = sorted(waiting.values_list("channel", flat=True).distinct())
    return _sum([deliver(at, channel=channel) for channel in stranded])


def _sum(reports: Iterable[DeliveryReport]) -> DeliveryReport:
    every = list(reports)
    return DeliveryReport(
        sum(one.sent for one in every),
        sum(one.failed for one in every),
        sum(one.dead for one in every),
    )
