"""One matrix version over the API: what it says, and who exactly it would be."""

import re
from datetime import datetime

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from incidents.api import lookup
from incidents.api.auth import Bearer
from incidents.api.fields import Instant, Said, Slug, refuse_unknown
from incidents.api.matrix_answers import (
    ActivityShown,
    Column,
    Found,
    LineFound,
    MatrixShown,
    PartFound,
    PeopleFound,
    RoleFound,
    VariationShown,
)
from incidents.models import MatrixVersion
from incidents.operations import law
from incidents.operations.matrix_people import ResolvedPeople, resolve_to_people
from incidents.rules.layers import Case
from incidents.rules.matrix_people import Answer, Line, Part, RolePeople
from incidents.rules.phases import Phase
from incidents.rules.raci import Activity, Grid, Variation

router = Router(tags=["matrices"])
VIEW = Bearer("incidents.view_matrixversion")
_NAMED = re.compile(r"^(?P<slug>.+)-v(?P<number>\d{1,9})$")


class CaseAsked(Said):
    """For which case, phase and moment; what is left out is left open."""

    severity: Slug = Field("", description="Code of a level, such as sev1.")
    phase: Phase | None = Field(None, description="One phase; all without it.")
    scenario: Slug = Field("", description="Slug of a scenario.")
    services: list[Slug] = Field([], description="Slugs of the affected services; repeatable.")
    at: Instant | None = Field(None, description="The moment; now without it.")


@router.get("/{name}", auth=VIEW, response=MatrixShown, operation_id="read_matrix")
def read_matrix(request: HttpRequest, name: Slug) -> MatrixShown:
    """One version by its name, such as `standing-v3`; the slug alone is the one in force."""
    refuse_unknown(request, Said)
    now = timezone.now()
    version, in_force = _version(name, now)
    grid = law.grid(version)
    return {
        "name": _name(version),
        "matrix": version.matrix.slug,
        "version": version.number,
        "standing": version.standing(now, in_force),
        "note": version.note,
        "maker": version.maker.username,
        "checker": version.checker.username if version.checker else None,
        "created_at": version.created_at,
        "submitted_at": version.submitted_at,
        "approved_at": version.approved_at,
        "effective_from": version.effective_from,
        "roles": _columns(grid),
        "activities": [_activity(each) for each in grid.activities],
        "variations": [_variation(each) for each in grid.variations],
    }


@router.get(
    "/{name}/people", auth=VIEW, response=PeopleFound, operation_id="resolve_matrix_to_people"
)
def resolve_matrix(request: HttpRequest, name: Slug, query: Query[CaseAsked]) -> PeopleFound:
    """Who exactly would be responsible, accountable, consulted and informed, and the gaps."""
    refuse_unknown(request, CaseAsked)
    now = timezone.now()
    version, _ = _version(name, now)
    resolved = resolve_to_people(
        version,
        case=Case(severity=query.severity, scenario=query.scenario),
        phase=query.phase or "",
        services=lookup.services(query.services),
        at=query.at or now,
    )
    return _found(resolved)


def _version(name: str, at: datetime) -> tuple[MatrixVersion, MatrixVersion | None]:
    """The version of this name, and the one in force; 404 without it."""
    in_force = law.matrix_in_force(at)
    rows = MatrixVersion.objects.select_related("matrix", "maker", "checker")
    if in_force and name == in_force.matrix.slug:
        return rows.get(pk=in_force.pk), in_force
    if named := _NAMED.match(name):
        version = rows.filter(matrix__slug=named["slug"], number=int(named["number"])).first()
        if version:
            return version, in_force
    raise Http404(
        f"There is no matrix version “{name}”: name it as slug-vN, such as standing-v3, or "
        "give the slug of the matrix in force."
    )


def _name(version: MatrixVersion) -> str:
    return f"{version.matrix.slug}-v{version.number}"


def _columns(grid: Grid) -> list[Column]:
    return [
        {"role": role, "description": grid.descriptions.get(role, "")} for role in grid.roles
    ]


def _activity(activity: Activity) -> ActivityShown:
    return {
        "phase": activity.phase,
        "name": activity.name,
        "description": activity.description,
        "act": activity.act,
        "proceed_after_minutes": activity.proceed_after,
        "within_minutes": activity.within,
        "letters": {role: str(letter) for role, letter in activity.letters.items()},
    }


def _variation(variation: Variation) -> VariationShown:
    return {
        "depends_on": str(variation.kind),
        "value": variation.value,
        "note": variation.note,
        "differences": [
            {
                "phase": phase,
                "activity": name,
                "letters": {role: letter and str(letter) for role, letter in letters.items()},
            }
            for (phase, name), letters in variation.letters.items()
        ],
    }


def _found(resolved: ResolvedPeople) -> PeopleFound:
    case = resolved.case
    return {
        "matrix": _name(resolved.version),
        "at": resolved.at,
        "case": {
            "severity": case.severity or None,
            "tier": case.tier,
            "scenario": case.scenario or None,
        },
        "phase": resolved.phase or None,
        "services": [each.slug for each in resolved.services],
        "roles": [_role(each) for each in resolved.people.roles],
        "activities": [_line(each) for each in resolved.people.lines],
        "gaps": [
            {
                "code": gap.code,
                "level": str(gap.level),
                "message": gap.message,
                "role": gap.role or None,
                "activity": gap.activity or None,
            }
            for gap in resolved.gaps
        ],
    }


def _role(role: RolePeople) -> RoleFound:
    return {
        "role": role.role,
        "name": role.name,
        "why": role.why,
        "is_declared": role.is_declared,
        "people": [_answer(each) for each in role.answers],
    }


def _answer(answer: Answer) -> Found:
    return {
        "person": answer.username or None,
        "reasons": list(answer.reasons),
        "service": answer.service.slug if answer.service else None,
        "others": answer.others,
    }


def _line(line: Line) -> LineFound:
    return {
        "phase": line.activity.phase,
        "activity": line.activity.name,
        "responsible": [_part(each) for each in line.responsible],
        "accountable": [_part(each) for each in line.accountable],
        "consulted": [_part(each) for each in line.consulted],
        "informed": [_part(each) for each in line.informed],
    }


def _part(part: Part) -> PartFound:
    people = [answer.username for answer in part.role.answers if answer.username]
    return {"role": part.role.role, "people": people, "source": part.source}
