"""What the scheduler asks of the whole program: the proof that it is heard, the ping, the tidying."""

from celery import shared_task
from django.utils import timezone

from incidents.operations import subscribers
from raci_project import alive, deadman

SCHEDULER = "scheduler"


@shared_task(name="raci_project.heartbeat")
def heartbeat() -> None:
    """Notes that scheduler, broker, worker and database worked together just now."""
    alive.note(SCHEDULER, timezone.now())


@shared_task(name="raci_project.ping")
def ping() -> None:
    """Tells the outside monitor that all is well, while it is."""
    deadman.ping(timezone.now())


@shared_task(name="raci_project.tidy")
def tidy() -> None:
    """Forgets the processes of yesterday, and subscribers who left a month ago."""
    alive.forget(timezone.now())
    subscribers.forget_left(timezone.now())
