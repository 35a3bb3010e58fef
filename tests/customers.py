"""Plain functions for tests of customers: one, a clause of its contract, and its running clock."""

from typing import Any

from incidents.models import Customer, Incident, NoticeClause, NoticeClock, Service
from incidents.operations import notices
from tests import factories
from tests.factories import NOW


def customer(slug: str = "acme", *uses: Service, **fields: Any) -> Customer:
    """One who uses these services and is written to at the desk."""
    fields.setdefault("contact_email", f"desk@{slug}.example")
    made = Customer.objects.create(
        slug=slug, name=slug.title(), contact_name="The desk", **fields
    )
    made.services.set(uses)
    return made


def clause(of: Customer, *names: Service, **fields: Any) -> NoticeClause:
    """Four hours from detection, whatever the level, unless said otherwise."""
    given = {"title": "Incidents", "hours": 4, "content": "What is affected."} | fields
    made = NoticeClause.objects.create(customer=of, **given)
    made.services.set(names)
    return made


def owed(incident: Incident, slug: str = "acme", **fields: Any) -> NoticeClock:
    """The running clock of a customer of its own, who uses a service that is affected."""
    used = incident.services.first()
    if used is None:
        used = factories.service(f"used-by-{slug}")
        incident.services.add(used)
    made = clause(customer(slug, used), **fields)
    notices.start_clocks(incident, at=NOW)
    return NoticeClock.objects.get(incident=incident, clause=made)
