"""A runbook is only as good as the day somebody last followed it: who says so, and when."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.obligation import Obligation
from incidents.models.people import Person
from incidents.operations import records, standing, words
from incidents.rules.reasons import NotPermitted, Reason, Refused

CHECK = "incidents.check_runbook_service"


@transaction.atomic
def check_runbook(service: Service, *, note: str = "", actor: Person, at: datetime) -> Service:
    """Keep that its owner, or a leader, followed the runbook today and it works.

    NotPermitted `not_your_service`; refuses `no_runbook` and `service_retired`.
    """
    standing.permit_to(actor, CHECK)
    service.refresh_from_db(from_queryset=Service.objects.select_for_update())
    if reason := _another_owns(service, actor):
        raise NotPermitted(reason)
    if reasons := tuple(_against(service)):
        raise Refused(*reasons)
    note = words.optional(note, "note")
    service.runbook_checked_on = today(at)
    service.save()
    Obligation.objects.about(service).settle(at=at)
    records.audit(
        "check_runbook", service, actor=actor, at=at, note=note, runbook=service.runbook_url
    )
    return service


def objections(service: Service, person: Person) -> tuple[Reason, ...]:
    """Every reason why this person may not record a check of this runbook now."""
    first = (standing.missing(person, CHECK), _another_owns(service, person))
    return (*(each for each in first if each), *_against(service))


def _another_owns(service: Service, person: Person) -> Reason | None:
    if person.pk == service.owner_id or person.has_perm(standing.LEAD):
        return None
    message = (
        f"{service.owner} owns it: only the owner or leadership says that its runbook works."
    )
    return Reason("not_your_service", message)


def _against(service: Service) -> Iterator[Reason]:
    if not service.is_active:
        yield Reason("service_retired", "It is retired: nobody needs its runbook any more.")
    if not service.runbook_url:
        yield Reason("no_runbook", "It has no runbook: write one and enter its address first.")
