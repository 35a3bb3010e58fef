"""The reader's time zone: instants are stored in UTC and shown where the reader lives."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from incidents.rules import hours


class ReaderZoneMiddleware:
    """Activates the signed-in person's zone for the length of one request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(hours.zone(request.user.time_zone)):
            return self.get_response(request)
