"""The Celery app and its whole timetable, on one page.

Every task is a sweep: it asks the database what is due and does it. So a message may be lost,
doubled or late without harm, and one that waited longer than `expires` is worth nothing: a
stopped worker finds a handful of messages when it comes back, not thousands.
"""

import os
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.app.utils import Settings
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raci_project.settings")

HEARTBEAT_EVERY = timedelta(seconds=10)
# Room for the clocks of two machines to differ: a message must not arrive expired.
SHORTEST_EXPIRY = timedelta(minutes=1)

app = Celery("raci_project")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def timetable() -> dict[str, timedelta]:
    """Each scheduled task by name, and how often it runs."""
    return {
        "incidents.sweep": settings.SWEEP_EVERY,
        "incidents.deliver": settings.DELIVER_EVERY,
        "reviews.sweep": settings.SWEEP_EVERY,
        "training.sweep": settings.SWEEP_EVERY,
        "raci_project.heartbeat": HEARTBEAT_EVERY,
    }


@app.on_after_configure.connect
def write_timetable(sender: Celery, source: Settings, **_: Any) -> None:
    """When the settings are read, and not before: they import this package."""
    source.beat_schedule = {
        name: {
            "task": name,
            "schedule": every,
            "options": {"expires": max(every, SHORTEST_EXPIRY).total_seconds()},
        }
        for name, every in timetable().items()
    }
