"""What the scheduler asks for: each task reads the clock and makes one call."""

from threading import Lock

from celery import shared_task
from django.utils import timezone

from incidents import channels
from incidents.operations import sweeps

_delivering = Lock()


@shared_task(name="incidents.sweep")
def sweep() -> None:
    """Nudges whoever owes an update or a legal answer now."""
    sweeps.sweep(timezone.now())


@shared_task(name="incidents.deliver")
def deliver() -> None:
    """Hands over what the outbox holds; one call a process.

    A mail server that hangs would otherwise take one thread of the worker after the other, and
    the sweeps with them.
    """
    if not _delivering.acquire(blocking=False):
        return
    try:
        channels.deliver(timezone.now())
    finally:
        _delivering.release()
