"""The dead-man's ping: while all is well an outside monitor hears so every minute.

It raises the alarm when it hears nothing: whatever broke, this machine or all of it, nothing
here has to work for that.
"""

import logging
from datetime import datetime, timedelta

import requests
from django.conf import settings

from incidents.models import Heartbeat
from raci_project import alive, figures

NAME = "ping"  # when the monitor was last told
ASKED = "ping asked"  # when somebody last set out to tell it
SWEEP = alive.SWEPT["incidents.sweep"]
# A little less than the minute of the timetable: a tick that comes a little early is still one.
ONE_A_MINUTE = timedelta(seconds=50)
PAGE_LEAVES_WITHIN = timedelta(minutes=2)
ANSWERS_WITHIN = 5  # seconds

logger = logging.getLogger(__name__)


def swept_within() -> timedelta:
    """The longest a sweep may be over: three missed, and never less than 90 seconds."""
    return max(timedelta(seconds=90), 3 * settings.SWEEP_EVERY)


def trouble(at: datetime) -> str:
    """Why nobody may be told that all is well; empty when it is."""
    swept = Heartbeat.objects.filter(name=SWEEP, at__gt=at - swept_within())
    if not swept.exists():
        return "no sweep came to its end"
    late = figures.late_pages(at, by=PAGE_LEAVES_WITHIN)
    return f"{late} pages did not leave" if late else ""


def ping(at: datetime) -> bool:
    """Tell the monitor that all is well: once a minute, however many ask; whether it was told."""
    if not settings.DEADMAN_URL:
        return False
    if why := trouble(at):
        logger.warning("the monitor is not told that all is well: %s", why)
        return False
    if not (_claim(at) and _tell(settings.DEADMAN_URL)):
        return False
    alive.note(NAME, at)
    return True


def _claim(at: datetime) -> bool:
    """Whoever moves the row pings; of two at once the database lets one."""
    long_ago = at - ONE_A_MINUTE
    _, is_first = Heartbeat.objects.get_or_create(name=ASKED, defaults={"at": at})
    return is_first or bool(
        Heartbeat.objects.filter(name=ASKED, at__lte=long_ago).update(at=at)
    )


def _tell(url: str) -> bool:
    """The address is a secret: whoever knows it can keep the monitor quiet. It is never logged."""
    try:
        answer = requests.get(url, timeout=ANSWERS_WITHIN, allow_redirects=False)
    except requests.RequestException as error:
        logger.warning("the monitor could not be told: %s", type(error).__name__)
        return False
    if answer.status_code >= 300:
        logger.warning("the monitor answered %s", answer.status_code)
    return answer.status_code < 300
