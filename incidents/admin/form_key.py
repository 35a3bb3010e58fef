"""The key a form carries: pressed twice, or sent again after going back, it acts once.

A page says `{% include "admin/form_key.html" %}` in each form that posts to a verb.
"""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from incidents.models import Person
from incidents.operations import once
from incidents.operations.once import Answer, Asking

FIELD = "form_key"
_NOT_SAID = (FIELD, "csrfmiddlewaretoken")  # the same words, however the page was made


def in_pages(_request: HttpRequest) -> dict[str, Callable[[], str]]:
    """For every template: `form_key`, a new one each time it is written."""
    return {FIELD: _new}


def sent(request: HttpRequest) -> str:
    """The key this form was sent with; "" where it bears none."""
    key = request.POST.get(FIELD, "")
    return f"form:{key}" if key and len(key) <= once.LONGEST - len("form:") else ""


def before(request: HttpRequest, person: Person) -> Answer | None:
    """Where this very form led, if it was sent before."""
    key = sent(request)
    return once.before(person, key, digest=_digest(request)) if key else None


def asking(
    request: HttpRequest, person: Person, at: datetime
) -> AbstractContextManager[Asking]:
    """One transaction around what this form does; for a form with a key."""
    return once.asking(person, sent(request), digest=_digest(request), at=at)


def led_to(response: HttpResponse) -> Answer:
    """What is kept of an answer: the address, never the page, which may show a secret."""
    return Answer(response.status_code, location=response.headers.get("Location", ""))


def _new() -> str:
    return secrets.token_urlsafe(16)


def _digest(request: HttpRequest) -> str:
    words = [
        f"{name}={value}"
        for name, values in sorted(request.POST.lists())
        if name not in _NOT_SAID
        for value in values
    ]
    files = [
        f"{name}={file.name}:{file.size}"
        for name, sent_files in sorted(request.FILES.lists())
        for file in sent_files
    ]
    return once.digest_of(*(part.encode() for part in (request.path, *words, *files)))
