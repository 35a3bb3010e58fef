"""The lists a caller picks from: services, people, roles, matrices."""

from datetime import datetime

from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from typing_extensions import TypedDict

from incidents.api.auth import Bearer
from incidents.api.pages import BY_SLUG, BY_USERNAME, Page, Paging, page
from incidents.models import Matrix, Person, Qualification, Role, Service
from incidents.models.calendar import today
from incidents.operations.law import matrix_in_force

router = Router(tags=["catalogue"])


class ServiceListed(TypedDict):
    """One active service; `depends_on` are the slugs it needs."""

    slug: str
    name: str
    tier: int
    owner: str
    team: str
    is_revenue_generating: bool
    handles_personal_data: bool
    depends_on: list[str]


class PersonListed(TypedDict):
    """One active person; `qualified_for` are the roles that count today."""

    username: str
    name: str
    team: str | None
    qualified_for: list[str]


class RoleListed(TypedDict):
    """One role of the matrix."""

    slug: str
    name: str
    description: str


class MatrixListed(TypedDict):
    """One matrix; `version` is its number if it is the law now, else null."""

    slug: str
    name: str
    description: str
    version: int | None
    effective_from: datetime | None


@router.get(
    "/services",
    auth=Bearer("incidents.view_service"),
    response=Page[ServiceListed],
    operation_id="list_services",
)
def list_services(request: HttpRequest, query: Query[Paging]) -> Page[ServiceListed]:
    """Active services by slug."""
    rows = Service.objects.filter(is_active=True).select_related("owner", "team")
    found, following = page(
        request, rows.prefetch_related("dependencies__upstream"), BY_SLUG, query
    )
    return {"items": [_service(row) for row in found], "next": following}


@router.get(
    "/people",
    auth=Bearer("incidents.view_person"),
    response=Page[PersonListed],
    operation_id="list_people",
)
def list_people(request: HttpRequest, query: Query[Paging]) -> Page[PersonListed]:
    """Active people by username: neither addresses nor numbers."""
    valid = Qualification.objects.valid(today(timezone.now())).order_by("role")
    rows = Person.objects.filter(is_active=True).select_related("team")
    qualified = Prefetch("qualifications", queryset=valid)
    found, following = page(request, rows.prefetch_related(qualified), BY_USERNAME, query)
    return {"items": [_person(row) for row in found], "next": following}


@router.get(
    "/roles",
    auth=Bearer("incidents.view_role"),
    response=Page[RoleListed],
    operation_id="list_roles",
)
def list_roles(request: HttpRequest, query: Query[Paging]) -> Page[RoleListed]:
    """The roles of the matrix by slug."""
    found, following = page(request, Role.objects.all(), BY_SLUG, query)
    items: list[RoleListed] = [
        {"slug": row.slug, "name": row.name, "description": row.description} for row in found
    ]
    return {"items": items, "next": following}


@router.get(
    "/matrices",
    auth=Bearer("incidents.view_matrix"),
    response=Page[MatrixListed],
    operation_id="list_matrices",
)
def list_matrices(request: HttpRequest, query: Query[Paging]) -> Page[MatrixListed]:
    """The matrices by slug; one of them is the law."""
    law = matrix_in_force(timezone.now())
    found, following = page(request, Matrix.objects.all(), BY_SLUG, query)
    items: list[MatrixListed] = [
        {
            "slug": row.slug,
            "name": row.name,
            "description": row.description,
            "version": law.number if law and law.matrix_id == row.pk else None,
            "effective_from": law.effective_from if law and law.matrix_id == row.pk else None,
        }
        for row in found
    ]
    return {"items": items, "next": following}


def _service(row: Service) -> ServiceListed:
    return {
        "slug": row.slug,
        "name": row.name,
        "tier": row.tier,
        "owner": row.owner.username,
        "team": row.team.slug,
        "is_revenue_generating": row.is_revenue_generating,
        "handles_personal_data": row.handles_personal_data,
        "depends_on": sorted(each.upstream.slug for each in row.dependencies.all()),
    }


def _person(row: Person) -> PersonListed:
    return {
        "username": row.username,
        "name": row.name,
        "team": row.team.slug if row.team else None,
        "qualified_for": [each.role_id for each in row.qualifications.all()],
    }
