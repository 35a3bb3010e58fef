"""The scheduled tasks of training: read the clock, make one call."""

from celery import shared_task
from django.utils import timezone

from training import solving
from training.operations import running, sweeps


@shared_task(name="training.sweep")
def sweep() -> None:
    """Whatever is due now."""
    sweeps.sweep(timezone.now())


@shared_task(name="training.release")
def release() -> None:
    """Whatever the clocks of running exercises have come to."""
    running.release_due(timezone.now())


@shared_task(name="training.plan_years")
def plan_years() -> None:
    """Whatever plan of a year was asked for; takes as long as the planner may think."""
    solving.solve_waiting(timezone.now)
