"""Importing a matrix in two steps: give a spreadsheet, then say what its names mean."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, acting
from incidents.admin.matrix_forms import MappingForm, UploadForm
from incidents.admin.matrix_page import grid_context
from incidents.models import Matrix, MatrixUpload, MatrixVersion, Person
from incidents.operations.matrix import Judged, findings_of
from incidents.operations.matrix_files import SUFFIXES, draft_from_file
from incidents.operations.matrix_import import (
    draft_from_upload,
    import_rows,
)
from incidents.rules.reasons import Refused
from incidents.sheets import read_rows

PERMISSION = "incidents.import_matrixversion"
ERRORS_SHOWN = 100
UPLOADS_SHOWN = 5


def upload_page(admin: GovernedAdmin, request: HttpRequest) -> HttpResponse:
    """Step 1: take a file or pasted cells, refuse what is no table, keep the rest."""
    person = _permitted(request)
    said = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*said, subject=None, actor=person)
    if form.is_bound and form.is_valid():
        answer = _read(form, person, request)
        if answer is not None:
            return answer
    context = {
        **_frame(admin, request),
        "title": "Import a matrix",
        "form": form,
        "kept": MatrixUpload.objects.filter(uploaded_by=person, version=None)[:UPLOADS_SHOWN],
    }
    return _page(request, "admin/matrix/upload.html", context, form)


def mapping_page(admin: GovernedAdmin, request: HttpRequest, upload_id: int) -> HttpResponse:
    """Step 2: every foreign name mapped, with a preview; then the draft, and its page."""
    person = _permitted(request)
    upload = get_object_or_404(
        MatrixUpload.objects.select_related("version__matrix"), pk=upload_id
    )
    if upload.version is not None:
        messages.info(request, f"{upload.file_name} became {upload.version}.")
        return _to(upload.version)
    form = MappingForm(
        *((request.POST,) if request.method == "POST" else ()), subject=upload, actor=person
    )
    if "draft" in form.data and form.is_valid():
        version = _drafted(upload, form, person)
        if version is not None:
            messages.success(request, f"{version} is a draft now. Read it, then submit it.")
            return _to(version)
    context = {
        **_frame(admin, request),
        "title": "Import a matrix",
        "subtitle": upload.file_name,
        "upload": upload,
        "form": form,
        "matrices": Matrix.objects.values_list("name", flat=True)[:100],
        **_preview(upload, form),
    }
    return _page(request, "admin/matrix/map.html", context, form)


def _permitted(request: HttpRequest) -> Person:
    person = acting(request)
    if not person.has_perm(PERMISSION):
        raise PermissionDenied
    return person


def _read(form: UploadForm, person: Person, request: HttpRequest) -> HttpResponse | None:
    """Where it goes on: YAML speaks our names and is a draft at once. None: the form says why not."""
    name, content = form.source()
    at = timezone.now()
    try:
        if name.lower().endswith(SUFFIXES):
            version = draft_from_file(content, file_name=name, actor=person, at=at)
            messages.success(request, f"{version} is a draft now. Read it, then submit it.")
            return _to(version)
        upload = import_rows(read_rows(name, content), file_name=name, actor=person, at=at)
        return redirect("admin:incidents_matrixversion_map", upload.pk)
    except Refused as refused:
        _show(refused, form)
        return None


def _drafted(upload: MatrixUpload, form: MappingForm, person: Person) -> MatrixVersion | None:
    """The draft; None when the form says why not."""
    try:
        return draft_from_upload(
            upload,
            matrix_name=form.cleaned_data["matrix_name"],
            note=form.cleaned_data["note"],
            phases=form.chosen("phase"),
            roles=form.chosen("role"),
            bind_acts=form.cleaned_data.get("bind_acts", False),
            actor=person,
            at=timezone.now(),
        )
    except Refused as refused:
        _show(refused, form)
        return None


def _show(refused: Refused, form: Form) -> None:
    for reason in refused.reasons:
        form.add_error(reason.field if reason.field in form.fields else None, reason.message)


def _preview(upload: MatrixUpload, form: MappingForm) -> dict[str, Any]:
    """The matrix as it would be, or everything that stands in the way."""
    translation, proposals = form.translated()
    context = {
        "rows": len(upload.rows) - 1,
        "row_errors": translation.errors[:ERRORS_SHOWN],
        "more_errors": max(0, len(translation.errors) - ERRORS_SHOWN),
        "unmapped": (*translation.unmapped_phases, *translation.unmapped_roles),
        "proposals": proposals,
    }
    if translation.grid is not None:
        found = findings_of(translation.grid, at=timezone.now())
        context |= grid_context(Judged(translation.grid, found))
    return context


def _frame(admin: GovernedAdmin, request: HttpRequest) -> dict[str, Any]:
    return {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "back": reverse("admin:incidents_matrixversion_changelist"),
    }


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], form: Form
) -> HttpResponse:
    refused = form.is_bound and bool(form.errors)
    return TemplateResponse(request, template, context, status=422 if refused else 200)


def _to(version: MatrixVersion) -> HttpResponse:
    return redirect("admin:incidents_matrixversion_change", version.pk)
