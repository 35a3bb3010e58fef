"""“Who would it be?”: a version resolved to people, for a case, a phase and a moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin
from incidents.admin.forms import services_field
from incidents.admin.matrix_case import LABELS, spoken_names
from incidents.admin.matrix_page import LEVEL_TAGS, STANDING_TAGS
from incidents.models import MatrixVersion, Scenario, Service
from incidents.operations import law
from incidents.operations.matrix_people import ResolvedPeople, resolve_to_people, severities
from incidents.rules.layers import Case
from incidents.rules.matrix_gaps import Gap
from incidents.rules.matrix_people import Line, Part
from incidents.rules.matrix_wording import Names
from incidents.rules.phases import Phase
from incidents.rules.raci import VariationKind
from incidents.rules.reasons import Refused

_TYPED = "%Y-%m-%dT%H:%M"  # as a browser's own field for a date and a time writes it
_COLUMNS = ("Responsible", "Accountable", "Consulted", "Informed")


class CaseForm(forms.Form):
    """The case, the phase and the moment; everything may be left open."""

    severity = forms.ChoiceField(required=False)
    scenario = forms.ChoiceField(required=False)
    phase = forms.ChoiceField(
        required=False, choices=[("", "all"), *((one, one.capitalize()) for one in Phase)]
    )
    at = forms.DateTimeField(
        required=False,
        label="Moment",
        input_formats=[_TYPED, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_TYPED),
        error_messages={"invalid": "Write a date and a time such as 2026-10-01T12:00."},
    )
    services = services_field(required=False, label="Affected services")

    def __init__(self, *args: Any, version: MatrixVersion, names: Names, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = severities(version, timezone.now())
        scenarios = Scenario.objects.values_list("slug", flat=True)
        for field, kind, values in (
            ("severity", VariationKind.SEVERITY, levels),
            ("scenario", VariationKind.SCENARIO, scenarios),
        ):
            said = [(value, names.case(str(kind), value)) for value in values]
            self.fields[field] = forms.ChoiceField(required=False, choices=[("", "any"), *said])
        # An incident of old may lead here with a service that is retired by now.
        affected = self.fields["services"]
        if isinstance(affected, forms.ModelMultipleChoiceField):
            affected.queryset = Service.objects.all()
        for field in ("severity", "scenario", "phase", "at"):
            self.fields[field].widget.attrs["class"] = "case-select"

    def case(self) -> Case:
        """What the matrix may depend on; the tier follows from the services."""
        said = self.cleaned_data
        return Case(severity=said["severity"], scenario=said["scenario"])


@dataclass(frozen=True)
class Cell:
    """One letter's column in one activity."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Row:
    """One activity and its people by letter."""

    name: str
    description: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Remark:
    """One gap, with the look of its level."""

    gap: Gap
    tag: str


def people_page(admin: GovernedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Who would be R, A, C and I; a GET, to be linked to and printed."""
    version = admin.get_object(request, str(pk))
    if not isinstance(version, MatrixVersion):
        raise Http404
    if not admin.has_view_permission(request, version):
        raise PermissionDenied
    now = timezone.now()
    form = CaseForm(request.GET, version=version, names=spoken_names(now))
    resolved = _resolved(form, version, now)
    context = {
        **admin.admin_site.each_context(request),
        "title": f"Who would it be? {version}",
        "opts": admin.opts,
        "version": version,
        "form": form,
        "zone": timezone.get_current_timezone_name(),
        "media": admin.media + form.media,
        **_standing(version, now),
        **(_shown(resolved, form) if resolved else {}),
    }
    status = 200 if resolved else 422
    return TemplateResponse(request, "admin/matrix/people.html", context, status=status)


def _resolved(form: CaseForm, version: MatrixVersion, now: datetime) -> ResolvedPeople | None:
    if not form.is_valid():
        return None
    said = form.cleaned_data
    try:
        return resolve_to_people(
            version,
            case=form.case(),
            phase=said["phase"],
            services=list(said["services"]),
            at=said["at"] or now,
        )
    except Refused as refused:
        for reason in refused.reasons:
            form.add_error(None, reason.message)
        return None


def _standing(version: MatrixVersion, now: datetime) -> dict[str, str]:
    standing = version.standing(now, law.matrix_in_force(now))
    return {"standing": standing, "standing_tag": STANDING_TAGS.get(standing, "")}


def _shown(resolved: ResolvedPeople, form: CaseForm) -> dict[str, Any]:
    people = resolved.people
    return {
        "resolved": resolved,
        "is_now": form.cleaned_data["at"] is None,
        "case_said": list(_case_said(resolved, form)),
        "gaps": [Remark(gap, LEVEL_TAGS[gap.level]) for gap in resolved.gaps],
        "is_register_empty": people.is_register_empty,
        "roles": people.roles,
        "columns": _COLUMNS,
        "phases": [
            (phase, [_row(line) for line in people.lines if line.activity.phase == phase])
            for phase in Phase
            if any(line.activity.phase == phase for line in people.lines)
        ],
    }


def _case_said(resolved: ResolvedPeople, form: CaseForm) -> Iterator[tuple[str, str]]:
    """What the case is, in words, for the top of a printed page."""
    for name, kind in (
        ("severity", VariationKind.SEVERITY),
        ("scenario", VariationKind.SCENARIO),
    ):
        if value := form.cleaned_data[name]:
            field = form.fields[name]
            spoken = dict(getattr(field, "choices", ())).get(value, value)
            yield LABELS[kind], str(spoken)
    if resolved.services:
        yield "Affected", ", ".join(each.name for each in resolved.services)
        yield LABELS[VariationKind.TIER], str(resolved.case.tier)


def _row(line: Line) -> Row:
    letters = (line.responsible, line.accountable, line.consulted, line.informed)
    return Row(
        line.activity.name,
        line.activity.description,
        tuple(Cell(label, parts) for label, parts in zip(_COLUMNS, letters, strict=True)),
    )
