"""/calendar/{token}.ics: one person's exercises, shifts and due action items, without signing in."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from incidents.models import Person
from incidents.models.calendar import today
from incidents.models.private import seen_by
from incidents.operations.composing import page_of
from reviews.models import ActionItem
from training import calendars
from training.calendars import Entry
from training.operations import calendar_feed
from training.operations.calendar_feed import AHEAD, BEFORE
from training.operations.invitations import host


@require_safe
@cache_control(private=True, no_cache=True)
def page(request: HttpRequest, token: str) -> HttpResponseBase:
    """The calendar this secret opens; 404 for every other, and 304 to who knows it as it is."""
    at = timezone.now()
    feed = calendar_feed.of_token(token)
    if feed is None:
        raise Http404
    calendar_feed.note_read(feed, at=at)
    found = [*calendar_feed.entries(feed.person, at=at), *_due(feed.person, at)]
    content = calendars.feed(found, name=f"Incidents: {feed.person}")
    etag = quote_etag(sha256(content).hexdigest())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["ETag"] = etag
    # For the reader to know; asked by it nothing is withheld, since what is gone leaves no date.
    changed_at = max([feed.made_at, *(entry.stamp for entry in found)])
    response.headers["Last-Modified"] = http_date(changed_at.timestamp())
    response.headers["Content-Disposition"] = 'inline; filename="incidents.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag, response=response) or response


def _due(person: Person, at: datetime) -> Iterator[Entry]:
    """Open action items on the day they are due; of private incidents what the person may see."""
    rows = ActionItem.objects.filter(
        owner=person, status=ActionItem.Status.OPEN,
        due_on__gt=today(at - BEFORE), due_on__lt=today(at + AHEAD),
    )  # fmt: skip
    seen = seen_by(rows, person, "review__incident")
    for item in calendar_feed.stamped(seen, "due_at").order_by("due_on", "pk"):
        yield Entry(
            uid=f"action-item-{item.pk}@{host()}",
            summary=f"Due: {item}",
            stamp=item.stamp,
            on=item.due_on,
            url=f"{settings.SITE_URL}{page_of(item)}",
            is_busy=False,
        )
