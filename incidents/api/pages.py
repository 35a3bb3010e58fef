"""Pages by cursor: the next one begins after the last row seen, however many were added since."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from incidents.api.fields import Instant, Line, Said, Slug, refuse_unknown
from incidents.rules.reasons import Invalid

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class Page(TypedDict, Generic[T]):
    """Some items, and the address of the next page; null on the last."""

    items: list[T]
    next: str | None


class Paging(Said):
    """How many items, and where to go on."""

    limit: int = Field(50, ge=1, le=100)
    cursor: Line | None = Field(None, description="Taken from `next`; opaque.")


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: the last of the fields is unique. `key` reads a cursor's values back."""

    fields: tuple[str, ...]
    key: TypeAdapter[Any]
    descending: bool = False

    @property
    def by(self) -> list[str]:
        """As `order_by` wants it."""
        return [f"-{field}" if self.descending else field for field in self.fields]

    def cursor(self, row: Model) -> str:
        """Where this row stands, as an opaque text."""
        values = tuple(getattr(row, field) for field in self.fields)
        return urlsafe_b64encode(self.key.dump_json(values)).decode()

    def beyond(self, cursor: str) -> Q:
        """The rows after the one this cursor was made of; Invalid `bad_cursor`."""
        try:
            values = self.key.validate_json(urlsafe_b64decode(cursor))
        except ValueError as error:  # no base64, no JSON or no such values
            message = "Take the cursor from `next` as it stands, or leave it out."
            raise Invalid.because("bad_cursor", message, "cursor") from error
        return _after(self.fields, values, "lt" if self.descending else "gt")


NEWEST = Order(("declared_at", "id"), TypeAdapter(tuple[Instant, int]), descending=True)
BY_SLUG = Order(("slug",), TypeAdapter(tuple[Slug]))
BY_USERNAME = Order(("username",), TypeAdapter(tuple[Slug]))
BY_KEY = Order(("id",), TypeAdapter(tuple[int]))


def page(
    request: HttpRequest, rows: QuerySet[M], order: Order, paging: Paging
) -> tuple[list[M], str | None]:
    """The rows of this page in one query (and its prefetches), and the address of the next.

    Invalid names a filter nobody knows.
    """
    refuse_unknown(request, type(paging))
    if paging.cursor:
        rows = rows.filter(order.beyond(paging.cursor))
    found = list(rows.order_by(*order.by)[: paging.limit + 1])
    if len(found) <= paging.limit:
        return found, None
    shown = found[: paging.limit]
    return shown, _address(request, order.cursor(shown[-1]))


def _address(request: HttpRequest, cursor: str) -> str:
    query = request.GET.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _after(fields: tuple[str, ...], values: tuple[Any, ...], side: str) -> Q:
    (field, *others), (value, *rest) = fields, values
    strictly = Q(**{f"{field}__{side}": value})
    if not others:
        return strictly
    # The outer bound lets the database start in its index; the inner one breaks the ties.
    return Q(**{f"{field}__{side}e": value}) & (
        strictly | _after(tuple(others), tuple(rest), side)
    )
