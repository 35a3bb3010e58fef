"""The scheduled task of training: read the clock, make one call."""

from celery import shared_task
from django.utils import timezone

from training.operations import sweeps


@shared_task(name="training.sweep")
def sweep() -> None:
    """Whatever is due now."""
    sweeps.sweep(timezone.now())
