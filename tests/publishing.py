"""Published updates, places and subscribers for tests, without the acts that lead to them."""

from datetime import datetime
from itertools import count
from typing import Any

from incidents.models import Destination, Incident, Person, Subscriber, Update
from tests.deliveries import incident
from tests.factories import NOW, person

_numbers = count(1)


def published(
    of: Incident | None = None,
    *,
    at: datetime = NOW,
    services: tuple[str, ...] = (),
    named: dict[str, str] | None = None,
    **fields: Any,
) -> Update:
    """A public update as it stands in the table once it is published."""
    named = named or {slug: slug.title() for slug in services}
    number = next(_numbers)
    given = {
        "audience": "public",
        "text": "Some card payments **fail**. We are working on it.",
        "status": "published",
        "services": [{"slug": slug, "name": name} for slug, name in named.items()],
        "drafted_by": known("ben"),
        "drafted_at": at,
        "approved_by": known("ada"),
        "approved_at": at,
        "published_by": known("ben"),
        "published_at": at,
    }
    return Update.objects.create(
        incident=of or incident(reference=f"INC-9-{number}"), **(given | fields)
    )


def known(username: str) -> Person:
    return Person.objects.filter(username=username).first() or person(username)


def place(name: str = "Merchants", **fields: Any) -> Destination:
    """Somewhere that the public is told."""
    fields.setdefault("audience", "public")
    fields.setdefault("address", f"{name.lower()}@lists.example")
    return Destination.objects.create(name=name, **fields)


def subscriber(email: str = "", **fields: Any) -> Subscriber:
    """Somebody who confirmed."""
    fields.setdefault("asked_at", NOW)
    fields.setdefault("confirmed_at", NOW)
    email = email or f"reader{next(_numbers)}@example.org"
    return Subscriber.objects.create(email=email, **fields)
