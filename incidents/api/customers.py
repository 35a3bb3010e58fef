"""The customers, what they use, and what their contracts promise to tell them by when."""

from django.db.models import Prefetch
from django.http import HttpRequest
from ninja import Query, Router
from typing_extensions import TypedDict

from incidents.api.auth import Bearer
from incidents.api.pages import BY_SLUG, Page, Paging, page
from incidents.models import Customer, NoticeClause

router = Router(tags=["customers"])


class ClauseListed(TypedDict):
    """One promise: so many hours from `starts`; no level is any, no service is any they use.

    `concerns` personal_data: owed once that may be exposed, whatever the level.
    """

    id: int
    title: str
    concerns: str
    hours: int
    starts: str
    levels: list[str]
    services: list[str]
    content: str
    source: str


class CustomerListed(TypedDict):
    """One active customer and their clauses in force: neither names nor addresses of people there."""

    slug: str
    name: str
    language: str
    services: list[str]
    account_manager: str | None
    clauses: list[ClauseListed]


@router.get(
    "/customers",
    auth=Bearer("incidents.view_customer"),
    response=Page[CustomerListed],
    operation_id="list_customers",
)
def list_customers(request: HttpRequest, query: Query[Paging]) -> Page[CustomerListed]:
    """Active customers by slug."""
    clauses = NoticeClause.objects.filter(is_active=True).prefetch_related("services")
    rows = Customer.objects.filter(is_active=True).select_related("account_manager")
    rows = rows.prefetch_related("services", Prefetch("clauses", clauses))
    found, following = page(request, rows, BY_SLUG, query)
    return {"items": [_customer(row) for row in found], "next": following}


def _customer(row: Customer) -> CustomerListed:
    return {
        "slug": row.slug,
        "name": row.name,
        "language": row.language,
        "services": sorted(each.slug for each in row.services.all()),
        "account_manager": row.account_manager.username if row.account_manager else None,
        "clauses": [_clause(each) for each in row.clauses.all()],
    }


def _clause(row: NoticeClause) -> ClauseListed:
    return {
        "id": row.pk,
        "title": row.title,
        "concerns": row.concerns,
        "hours": row.hours,
        "starts": row.starts,
        "levels": list(row.levels),
        "services": sorted(each.slug for each in row.services.all()),
        "content": row.content,
        "source": row.source,
    }
