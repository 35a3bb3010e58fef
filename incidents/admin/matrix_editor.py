"""The grid editor of a draft: its page, and the two calls by which it saves and undoes."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, acting
from incidents.admin.matrix_editor_state import draft_data, page_data, refusal_data
from incidents.models import MatrixVersion
from incidents.operations import matrix_edit
from incidents.operations.matrix_edit import Edited
from incidents.rules.matrix_merge import read_changes
from incidents.rules.reasons import Invalid, NotPermitted, Refused

PERMISSION = "incidents.draft_matrixversion"
MOST = 2**31 - 1
Act = Callable[[MatrixVersion, dict[str, Any], dict[str, Any]], Edited]


def editor_page(admin: GovernedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The grid of a draft, to be edited; whatever is no draft is read on its own page."""
    version = _readable(admin, request, pk)
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if not version.is_draft:
        messages.info(
            request, f"{version} is {version.status}: make a new draft from it to change it."
        )
        return redirect("admin:incidents_matrixversion_change", version.pk)
    context = {
        **admin.admin_site.each_context(request),
        "title": f"Edit {version}",
        "opts": admin.opts,
        "original": version,
        "version": version,
        "state": page_data(version, timezone.now()),
    }
    return TemplateResponse(request, "admin/matrix/editor.html", context)


def save(admin: GovernedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """POST {revision, changes}: all of them or none; the draft as it is now, or why not."""
    return _answer(admin, request, pk, _edited)


def undo(admin: GovernedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """POST {revision, to}: as it stood at that revision; without `to`, before the last edit."""
    return _answer(admin, request, pk, _undone)


# Address below …/<pk>/edit/, name, view.
EDITOR = (("", "editor", editor_page), ("save/", "save", save), ("undo/", "undo", undo))


def _answer(admin: GovernedAdmin, request: HttpRequest, pk: int, act: Act) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    version, at = _readable(admin, request, pk), timezone.now()
    try:
        said = _said(request)
        done = act(version, said, {"actor": acting(request), "at": at})
    except Refused as refused:
        return JsonResponse(refusal_data(refused, at), status=_status(refused))
    return JsonResponse(draft_data(done, at))


def _edited(version: MatrixVersion, said: dict[str, Any], by: dict[str, Any]) -> Edited:
    changes = read_changes(said.get("changes"))
    return matrix_edit.edit(version, changes, revision=_number(said, "revision"), **by)


def _undone(version: MatrixVersion, said: dict[str, Any], by: dict[str, Any]) -> Edited:
    to = None if said.get("to") is None else _number(said, "to")
    return matrix_edit.undo(version, to=to, revision=_number(said, "revision"), **by)


def _readable(admin: GovernedAdmin, request: HttpRequest, pk: int) -> MatrixVersion:
    version = admin.get_object(request, str(pk))
    if version is None:
        raise Http404
    if not admin.has_view_permission(request, version):
        raise PermissionDenied
    return version


def _said(request: HttpRequest) -> dict[str, Any]:
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Invalid.because("bad_json", "Send a JSON object.")
    return said


def _number(said: dict[str, Any], name: str) -> int:
    number = said.get(name)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= MOST:
        raise Invalid.because("bad_number", f"Say which {name}, as a whole number.", name)
    return number


def _status(refused: Refused) -> int:
    if isinstance(refused, NotPermitted):
        return 403
    return 422 if isinstance(refused, Invalid) else 409
