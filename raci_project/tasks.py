"""The proof that the timetable is kept: the scheduler asked and a worker answered."""

from celery import shared_task
from django.utils import timezone

from incidents.models import Heartbeat

SCHEDULER = "scheduler"


@shared_task(name="raci_project.heartbeat")
def heartbeat() -> None:
    """Notes that scheduler, broker, worker and database worked together just now."""
    Heartbeat.objects.update_or_create(name=SCHEDULER, defaults={"at": timezone.now()})
