"""Which matrix was law at any instant, and what it said in any case."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin
from incidents.admin.matrix_case import case_context, case_said, spoken_names
from incidents.admin.matrix_compare import side
from incidents.operations import law, matrix_review

_TYPED = "%Y-%m-%dT%H:%M"  # as a browser's own field for a date and a time writes it


class InstantForm(forms.Form):
    """One instant, in the reader's own zone."""

    at = forms.DateTimeField(
        label="At",
        input_formats=[_TYPED, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_TYPED),
        error_messages={"invalid": "Write a date and a time such as 2026-10-01T12:00."},
    )


def as_of_page(admin: GovernedAdmin, request: HttpRequest) -> HttpResponse:
    """The version in force at the instant asked for, now unless one is; a GET, to be linked to."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    now = timezone.now()
    shown = timezone.localtime(now).replace(second=0, microsecond=0, tzinfo=None)
    form = InstantForm({"at": request.GET.get("at") or shown.strftime(_TYPED)})
    context = {
        **admin.admin_site.each_context(request),
        "title": "The matrix as of an instant",
        "opts": admin.opts,
        "form": form,
        "zone": timezone.get_current_timezone_name(),
    }
    if form.is_valid():
        at = form.cleaned_data["at"] if request.GET.get("at") else now
        context |= {"at": at, "is_to_come": at > now, **_law_of(request, at, now)}
    status = 200 if form.is_valid() else 422
    return TemplateResponse(request, "admin/matrix/as_of.html", context, status=status)


def _law_of(request: HttpRequest, at: datetime, now: datetime) -> dict[str, Any]:
    version = matrix_review.as_of(at)
    if version is None:
        return {"found": None}
    names = spoken_names(at)
    return {
        "found": side(version, law.matrix_in_force(now), now),
        **case_context(law.grid(version), case_said(request.GET.dict()), names),
    }
