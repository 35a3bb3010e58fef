"""The header `Idempotency-Key`: the same POST, sent again, acts once and is answered alike."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from incidents.api.auth import Bearer
from incidents.api.problems import problem
from incidents.models import Person
from incidents.operations import once
from incidents.operations.once import Answer
from incidents.rules.reasons import Invalid, Refused

HEADER = "Idempotency-Key"
REPLAY = "Idempotent-Replay"
_DESCRIBED = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": once.LONGEST},
    "description": (
        "Makes it safe to send the request again: for a day the same key with the same request "
        f"acts once and gives the first answer, with `{REPLAY}: true`. The same key with another "
        "request is a 422, while the first is still being done a 409. A refusal is not kept: mend "
        "the request and send it under the same key."
    ),
}

View = Callable[..., HttpResponse]


def kept(view: View) -> View:
    """The view; a POST under a key acts at most once for this person."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get(HEADER)
        # Whoever has no token hears so from the view itself.
        person = _caller(request) if key is not None and request.method == "POST" else None
        if key is None or person is None:
            return view(request, *args, **kwargs)
        try:
            with _asking(request, person, key) as asking:
                if asking.before:
                    return _again(asking.before)
                response = view(request, *args, **kwargs)
                if response.status_code < HTTPStatus.BAD_REQUEST:
                    asking.keep(_answer(response))
                return response
        except Refused as refused:
            is_bad = isinstance(refused, Invalid)
            status = HTTPStatus.UNPROCESSABLE_ENTITY if is_bad else HTTPStatus.CONFLICT
            return problem(request, status, *refused.reasons)

    return guarded


def describe(schema: dict[str, Any]) -> None:
    """Say in an OpenAPI document that every POST takes the header."""
    for operations in schema["paths"].values():
        if "post" in operations:
            operations["post"].setdefault("parameters", []).append(_DESCRIBED)


def _asking(request: HttpRequest, person: Person, key: str) -> Any:
    digest = once.digest_of(request.get_full_path().encode(), request.body)
    return once.asking(person, key, digest=digest, at=timezone.now())


def _caller(request: HttpRequest) -> Person | None:
    """Whose key it is; of an incident hidden from them the view itself says that it is not there."""
    try:
        found = Bearer()(request)
    except Http404:
        return None
    return found if isinstance(found, Person) else None


def _answer(response: HttpResponse) -> Answer:
    body, location = response.content.decode(), response.headers.get("Location", "")
    return Answer(response.status_code, body, location)


def _again(answer: Answer) -> HttpResponse:
    response = HttpResponse(
        answer.body, content_type="application/json; charset=utf-8", status=answer.status
    )
    response[REPLAY] = "true"
    if answer.location:
        response["Location"] = answer.location
    return response
