"""What the scheduler repeats for reviews."""

from celery import shared_task
from django.utils import timezone

from reviews.operations import sweeps


@shared_task(name="reviews.sweep")
def sweep() -> None:
    """Open owed reviews and remind of what is due, as of now."""
    sweeps.sweep(timezone.now())
