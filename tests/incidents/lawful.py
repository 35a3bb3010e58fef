"""A law pack and a legal profile in force, without the ceremony of making them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from incidents.models import LawPack, LegalProfile, Person
from tests import factories
from tests.factories import NOW
from tests.incidents.packs import shipped_document

Law = TypeVar("Law", LawPack, LegalProfile)

OURS: Mapping[str, Any] = {
    "facts": {
        "operates_in": ["DE"],
        "data_roles": ["controller"],
        "clock_timezone": "Europe/Berlin",
    }
}


def pack(document: Mapping[str, Any] | None = None, **fields: Any) -> LawPack:
    """The shipped pack, or this document, approved and in force since ten days before NOW."""
    document = document or shipped_document()
    meta = document["meta"]
    row = LawPack(
        title=meta["title"],
        as_of=meta["as_of"],
        document=document,
        digest="0" * 64,
        source="test",
    )
    return _approved(row, **fields)


def profile(document: Mapping[str, Any] = OURS, **fields: Any) -> LegalProfile:
    """A controller in Germany, or this document, approved and in force as the pack."""
    return _approved(LegalProfile(document=dict(document)), **fields)


def _approved(row: Law, *, effective_from: datetime = NOW - timedelta(days=10)) -> Law:
    row.number = type(row).objects.count() + 1
    row.status = "approved"
    row.maker, row.checker = _person("maker"), _person("checker")
    row.created_at, row.approved_at = NOW - timedelta(days=12), NOW - timedelta(days=11)
    row.effective_from = effective_from
    row.save()
    return row


def _person(username: str) -> Person:
    return Person.objects.filter(username=username).first() or factories.person(username)


def latest() -> tuple[LawPack, LegalProfile]:
    """The newest of both."""
    return LawPack.objects.order_by("-number")[0], LegalProfile.objects.order_by("-number")[0]
