"""What the scheduler asks for: each task reads the clock and makes one call."""

import logging
from threading import Lock

from celery import shared_task
from django.utils import timezone

from incidents import channels
from incidents.channels import status
from incidents.models import Channel
from incidents.operations import broadcasts, sweeps

logger = logging.getLogger(__name__)

_delivering: dict[tuple[str, bool | None], Lock] = {}


@shared_task(name="incidents.sweep")
def sweep() -> None:
    """Nudges whoever owes an update, a notice or counsel now; sees to what no tick delivers."""
    sweeps.sweep(timezone.now())
    channels.deliver_stranded(timezone.now())


@shared_task(name="incidents.deliver")
def deliver(channel: str = Channel.EMAIL, *, urgent: bool | None = None) -> None:
    """Hands over what the outbox holds for a channel, pages or the rest; one call of each a process.

    A provider that hangs would otherwise take one thread of the worker after the other, and the
    sweeps with them.
    """
    one = _delivering.setdefault((channel, urgent), Lock())
    if not one.acquire(blocking=False):
        return
    try:
        channels.deliver(timezone.now(), channel=channel, urgent=urgent)
    finally:
        one.release()


@shared_task(name="incidents.broadcast")
def broadcast() -> None:
    """Composes what was published to the many who asked for it; nothing waits for this."""
    broadcasts.sweep(timezone.now())


@shared_task(name="incidents.write_status")
def write_status() -> None:
    """Writes the status page where it is out of date; what went wrong is tried again next time."""
    try:
        status.write_if_due(timezone.now())
    except Exception as error:  # kept for the health page
        logger.warning("status page not written: %s", type(error).__name__)
