"""Every no as an RFC 9457 problem document: `type, title, status, detail, instance, reasons`."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

View = Callable[..., HttpResponse]


class ReasonGiven(TypedDict):
    """One reason: a stable code, a sentence that says what to do next, a field or ""."""

    code: str
    message: str
    field: str


class Problem(TypedDict):
    """RFC 9457; `reasons` is our extension."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    reasons: list[ReasonGiven]


def problem(request: HttpRequest, status: HTTPStatus, *reasons: Reason) -> HttpResponse:
    """The document for this refusal; `about:blank` says that the status is the whole type."""
    said = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": " ".join(reason.message for reason in reasons),
        "instance": request.path,
        "reasons": [asdict(reason) for reason in reasons],
    }
    response = HttpResponse(json.dumps(said), content_type=MEDIA_TYPE, status=status)
    if status is HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


@csrf_exempt  # whoever comes with a token brings no cookie, and must not be asked for one
def not_found(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """404 for an address that is not there, by whatever method."""
    message = f"There is nothing at {request.path}: the addresses stand in openapi.json."
    return problem(request, HTTPStatus.NOT_FOUND, Reason("not_found", message))


def without_pages(view: View) -> View:
    """The view, whose bare 404 is a problem, and whose 405 is one that says what to use."""

    @csrf_exempt
    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return not_found(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        message = f"{request.method} does nothing here: use {response['Allow']}."
        reason = Reason("method_not_allowed", message)
        refused = problem(request, HTTPStatus.METHOD_NOT_ALLOWED, reason)
        refused["Allow"] = response["Allow"]
        return refused

    return told


def describe(schema: dict[str, Any]) -> None:
    """Say in an OpenAPI document that every operation may answer with a problem."""
    shape = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    parts = shape.pop("$defs")
    schema["components"]["schemas"] |= {**parts, "Problem": shape}
    refused = {
        "description": "Refused, with reasons (RFC 9457).",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = refused


def install(api: NinjaAPI) -> None:
    """Make every exception that leaves an operation a problem document."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Refused: _says(HTTPStatus.CONFLICT),
        NotPermitted: _says(HTTPStatus.FORBIDDEN),
        Invalid: _says(HTTPStatus.UNPROCESSABLE_ENTITY),
        Http404: _not_there,
        AuthenticationError: _no_token,
        HttpError: _unreadable,
        ValidationError: _bad_fields,
        IntegrityError: _conflict,
        Exception: _broken,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _says(status: HTTPStatus) -> Callable[[HttpRequest, Refused], HttpResponse]:
    return lambda request, refused: problem(request, status, *refused.reasons)


def _not_there(request: HttpRequest, missing: Http404) -> HttpResponse:
    """The address is one, but no row stands behind it: the look-up says which."""
    return problem(request, HTTPStatus.NOT_FOUND, Reason("not_found", str(missing)))


def _no_token(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    message = "Send `Authorization: Bearer TOKEN` with a token that is valid."
    return problem(request, HTTPStatus.UNAUTHORIZED, Reason("no_token", message))


def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """The framework raises 400 only for a body that is no JSON."""
    if error.status_code != HTTPStatus.BAD_REQUEST:
        status = HTTPStatus(error.status_code)
        return problem(request, status, Reason("refused", str(error)))
    reason = Reason("not_json", "Send the body as JSON in UTF-8.")
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, reason)


def _bad_fields(request: HttpRequest, error: ValidationError) -> HttpResponse:
    reasons = [Reason(each["type"], each["msg"], _field(each["loc"])) for each in error.errors]
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, *reasons)


def _field(place: Sequence[str | int]) -> str:
    """The field as the caller spelt it, such as `services.0`.

    Bodies are parameters named `body`, queries `query`: what the caller never wrote is left out.
    """
    source, *path = place
    return ".".join(str(step) for step in (path[1:] if path[:1] == [source] else path))


def _conflict(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    """The database judged last: somebody else was faster, or a rule was asked too late."""
    constraint = _constraint(error)
    # PostgreSQL's text quotes the values of the key: only names are logged.
    logger.warning(
        "refused by the database at %s: %s %s", request.path, type(error).__name__, constraint
    )
    message = "Somebody else changed this meanwhile: read it again, then decide anew."
    return problem(request, HTTPStatus.CONFLICT, Reason("conflict", message))


def _constraint(error: IntegrityError) -> str:
    """The constraint, or where the driver does not say, as on SQLite, the first line: only names."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:
        return diagnosis.constraint_name or ""
    return str(error).partition("\n")[0]


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("failed at %s", request.path, exc_info=error)
    message = "Something broke on our side; it is in the log. Try again, or use the admin."
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, Reason("broken", message))
