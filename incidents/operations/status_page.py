"""The status page: what asks for it to be written anew, and whether what stands there is up to date."""

from datetime import UTC, datetime

from django.db.models import F

from incidents.models.broadcast import StatusPage
from incidents.models.catalogue import Service
from incidents.models.incident import Incident
from incidents.models.links import IncidentLink

_ERROR_LENGTH = 300


def ask(*, at: datetime) -> None:
    """Keep, in the transaction of the act, that what stands on the status page is out of date."""
    asked = StatusPage.objects.filter(id=1)
    if not asked.update(asked=F("asked") + 1):
        StatusPage.objects.get_or_create(id=1)
        asked.update(asked=F("asked") + 1)


def ask_about(incident: Incident, *, at: datetime) -> None:
    """The same where the public was told of this incident: it ended, or is seen no more.

    So it was where it was told of a duplicate, which is over when this one is. Of an exercise it
    hears nothing, whatever its players publish.
    """
    if incident.kind == Incident.Kind.EXERCISE:
        return
    if incident.first_public_update_at is not None or _speaks_for(incident):
        ask(at=at)


def _speaks_for(incident: Incident) -> bool:
    merged = incident.linked_from.filter(kind=IncidentLink.Kind.DUPLICATE)
    return merged.exclude(incident__first_public_update_at=None).exists()


def state() -> StatusPage:
    """The row as it stands; before anything was ever asked or written, a new one, not stored."""
    return StatusPage.objects.filter(id=1).first() or StatusPage()


def is_due(at: datetime) -> bool:
    """Whether what stands there is out of date; at most two queries.

    Something was published, the last writing failed, a day ended (the page lists days, in UTC),
    or a service was changed, whose public name stands there.
    """
    now = state()
    if now.asked > now.written or now.written_at is None or now.last_error:
        return True
    if now.written_at.astimezone(UTC).date() < at.astimezone(UTC).date():
        return True
    return bool(Service.history.filter(history_date__gt=now.written_at).exists())


def settle(asked: int, *, at: datetime) -> None:
    """Keep that it was written as of this wish; what was asked for meanwhile stays asked for."""
    StatusPage.objects.get_or_create(id=1)
    StatusPage.objects.filter(id=1, written__lte=asked).update(
        written=asked, written_at=at, last_error=""
    )


def fail(error: str) -> None:
    """Keep why it could not be written: it is tried again, and the health page says so."""
    StatusPage.objects.get_or_create(id=1)
    StatusPage.objects.filter(id=1).update(last_error=error[:_ERROR_LENGTH])
