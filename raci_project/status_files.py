"""The status page as static files, before anything that may fail: database, session, host, https.

WhiteNoise's own machinery answers, as for any other static file: conditional requests, ranges,
HEAD. A file that was replaced is noticed by its stat.
"""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from whitenoise.middleware import WhiteNoiseFileResponse
from whitenoise.responders import Response, StaticFile

from incidents.channels.status import FIRST, OURS

PREFIX = "/status/"
_TRIES = 5  # a file is replaced between a look and the opening once in a blue moon
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".json": "application/json; charset=utf-8",
}
_HEADERS = {
    # Caches answer for quarter of a minute, and for a day while this site cannot (RFC 5861).
    "Cache-Control": "public, max-age=15, stale-if-error=86400",
    # A page names the digest of its style itself, and the stricter of both counts.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
}

# What tells one content of a path from the next.
Stat = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a file while it stays as it is."""

    stat: Stat
    file: StaticFile

    def is_open_in(self, said: Response) -> bool:
        """Whether the answer is of this very file; one replaced meanwhile has another length."""
        opened = getattr(said.file, "fileobj", said.file)  # of a range, what it is a part of
        if opened is None or _stat(os.fstat(opened.fileno())) == self.stat:
            return True
        opened.close()
        return False


class StatusFilesMiddleware:
    """Answers everything below /status/ from the folder of the status page, and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.folder = Path(settings.STATUS_DIR)
        self.known: dict[str, _Known] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(PREFIX):
            return self._answer(request, path.removeprefix(PREFIX) or FIRST)
        if path == PREFIX.rstrip("/"):
            return HttpResponseRedirect(PREFIX)
        return self.get_response(request)

    def _answer(self, request: HttpRequest, name: str) -> HttpResponseBase:
        # The names the writer gives, letter by letter: nothing leads out of the folder.
        if not OURS.fullmatch(name):
            return _missing(name)
        for _ in range(_TRIES):
            with suppress(FileNotFoundError):
                known = self._file(name)
                said = known.file.get_response(request.method, request.META)
                if known.is_open_in(said):
                    return _as_http(said)
        return _missing(name)

    def _file(self, name: str) -> _Known:
        path = os.path.join(self.folder, name)
        stat = _stat(os.stat(path))
        known = self.known.get(name)
        if known is None or known.stat != stat:
            known = self.known[name] = _Known(stat, _static(path))
        return known


def _static(path: str) -> StaticFile:
    """Its ETag is of its content: two versions of one second must not be taken for each other."""
    content = Path(path).read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    kind = _TYPES[os.path.splitext(path)[1]]
    return StaticFile(path, [*_HEADERS.items(), ("Content-Type", kind), ("ETag", etag)])


def _stat(found: os.stat_result) -> Stat:
    return found.st_mtime_ns, found.st_size, found.st_ino


def _as_http(said: Response) -> HttpResponseBase:
    response = WhiteNoiseFileResponse(said.file or (), status=int(said.status))
    del response["Content-Type"]
    for header, value in said.headers:
        response[header] = value
    return response


def _missing(name: str) -> HttpResponse:
    """Not ours, or not written yet: for the first page that means “soon”."""
    is_first = name == FIRST
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_first else HTTPStatus.NOT_FOUND
    said = "The status page is not written yet." if is_first else "There is no such page."
    response = HttpResponse(
        f"{said}\n", status=status, content_type="text/plain; charset=utf-8"
    )
    if is_first:
        response["Retry-After"] = "5"
    response["X-Content-Type-Options"] = "nosniff"
    return response
