"""Which day it is: days begin and end in the organisation's zone, instants are UTC."""

from datetime import date, datetime

from django.conf import settings


def today(at: datetime) -> date:
    """The calendar day of this instant in the organisation's zone."""
    return at.astimezone(settings.ORGANISATION_ZONE).date()
