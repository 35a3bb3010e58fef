"""How much a caller may send: anything larger is refused unread."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from incidents.api.problems import problem
from incidents.rules.reasons import Reason

MAX_BODY = 1024 * 1024  # bytes
MAX_FILING = 7 * MAX_BODY  # a file of 5 MiB in base64, and the words around it

View = Callable[..., HttpResponse]


def at_most(most: int) -> Callable[[View], View]:
    """413 for a body over so many bytes; a server reads no further than the length announced."""

    def limited(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if _length(request) <= most:
                return view(request, *args, **kwargs)
            reason = Reason("body_too_large", f"Send at most {most} bytes.")
            return problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)

        return guarded

    return limited


def limited(view: View) -> View:
    """As much as most addresses take; more for a filing, which brings its evidence along."""
    ordinary, roomy = at_most(MAX_BODY)(view), at_most(MAX_FILING)(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_filing = request.path.endswith("/file")
        return (roomy if is_filing else ordinary)(request, *args, **kwargs)

    return guarded


def _length(request: HttpRequest) -> int:
    announced = request.headers.get("Content-Length") or "0"
    return int(announced) if announced.isdecimal() else 0
