"""From the slugs and names a caller sends to rows; what is unknown is named in a 422."""

from collections.abc import Sequence
from typing import TypeVar

from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import Http404

from incidents.models import (
    Activity,
    Alert,
    Consultation,
    Customer,
    Delegation,
    HoldingStatement,
    Incident,
    LegalClock,
    NoticeClock,
    OutboxMessage,
    Person,
    Proposal,
    Role,
    Scenario,
    Service,
    Suggestion,
    Update,
)
from incidents.rules.reasons import Invalid, Reason

M = TypeVar("M", bound=Model)


def incident(reference: str) -> Incident:
    """The incident of this reference, or 404."""
    return incident_of(Incident.objects.all(), reference)


def incident_of(rows: QuerySet[Incident], reference: str) -> Incident:
    """The one of these incidents that has this reference, or 404."""
    return _there(rows.filter(reference=reference), f"incident “{reference}”")


def other(reference: str, field: str, reader: Person) -> Incident:
    """The incident named in this field of a body; Invalid without it, or where it is hidden."""
    found = Incident.objects.visible_to(reader).filter(reference=reference).first()
    if found is None:
        raise Invalid(_unknown("incident", reference, field))
    return found


def alert(rows: QuerySet[Alert], alert_id: int) -> Alert:
    """The one of these alerts that has this number, or 404."""
    return _there(rows.filter(pk=alert_id), f"alert {alert_id}")


def message(rows: QuerySet[OutboxMessage], message_id: int) -> OutboxMessage:
    """The one of these messages that has this number, or 404."""
    return _there(rows.filter(pk=message_id), f"message {message_id}")


def update(reference: str, update_id: int) -> Update:
    """This update of this incident, or 404."""
    rows = Update.objects.select_related("incident")
    found = rows.filter(incident__reference=reference, pk=update_id)
    return _there(found, f"update {update_id} of an incident “{reference}”")


def corrected(reference: str, update_id: int | None) -> Update | None:
    """The update of this incident that another corrects, if it corrects any."""
    if update_id is None:
        return None
    rows = Update.objects.select_related("incident", "customer")
    return _named(
        rows.filter(incident__reference=reference, pk=update_id), "update", str(update_id)
    )


def legal_clock(reference: str, kind: str) -> LegalClock:
    """This legal clock of this incident, or 404."""
    rows = LegalClock.objects.select_related("incident")
    found = rows.filter(incident__reference=reference, kind=kind)
    return _there(found, f"legal clock “{kind}” of an incident “{reference}”")


def notice(reference: str, number: int) -> NoticeClock:
    """This notice that a contract promises because of this incident."""
    rows = NoticeClock.objects.filter(incident__reference=reference, pk=number)
    return _named(rows, "notice", str(number))


def activity(number: int) -> Activity:
    """This line of a matrix; whether it is the incident's own, the operation asks."""
    return _named(Activity.objects.filter(pk=number), "activity", str(number))


def consultation(reference: str, number: int) -> Consultation:
    """This consultation of this incident."""
    rows = Consultation.objects.select_related("incident", "activity", "asked_by")
    found = rows.filter(incident__reference=reference, pk=number)
    return _named(found, "consultation", str(number))


def proposal(reference: str, number: int) -> Proposal:
    """This proposal of this incident."""
    rows = Proposal.objects.select_related("incident", "proposed_by")
    found = rows.filter(incident__reference=reference, pk=number)
    return _named(found, "proposal", str(number))


def suggestion(reference: str, number: int) -> Suggestion:
    """This suggestion of this incident."""
    rows = Suggestion.objects.select_related("incident")
    found = rows.filter(incident__reference=reference, pk=number)
    return _named(found, "suggestion", str(number))


def delegation(reference: str, delegation_id: int) -> Delegation:
    """This delegation of this incident, or 404."""
    rows = Delegation.objects.select_related("incident")
    found = rows.filter(incident__reference=reference, pk=delegation_id)
    return _there(found, f"delegation {delegation_id} of an incident “{reference}”")


def services(slugs: Sequence[str]) -> list[Service]:
    """The services with these slugs, each once; Invalid names every unknown one."""
    known = {each.slug: each for each in Service.objects.filter(slug__in=slugs)}
    unknown = [slug for slug in slugs if slug not in known]
    if unknown:
        raise Invalid(*(_unknown("service", slug, "services") for slug in unknown))
    return list(known.values())


def groups(names: Sequence[str]) -> list[Group]:
    """The groups with these names, each once; Invalid names every unknown one."""
    known = {each.name: each for each in Group.objects.filter(name__in=names)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Invalid(*(_unknown("group", name, "seen_by") for name in unknown))
    return list(known.values())


def service(slug: str | None) -> Service | None:
    """The service an act is about, if it is about one."""
    return _named(Service.objects.filter(slug=slug), "service", slug) if slug else None


def customer(slug: str | None) -> Customer | None:
    """The customer an act is about, if it is about one."""
    return _named(Customer.objects.filter(slug=slug), "customer", slug) if slug else None


def scenario(slug: str | None) -> Scenario | None:
    """The scenario the caller recognises, if any."""
    return _named(Scenario.objects.filter(slug=slug), "scenario", slug) if slug else None


def statement(number: int | None) -> HoldingStatement | None:
    """The holding statement whose words are used, if any."""
    return None if number is None else known_statement(number)


def known_statement(number: int) -> HoldingStatement:
    """The holding statement with this number."""
    return _named(HoldingStatement.objects.filter(pk=number), "statement", str(number))


def role(slug: str) -> Role:
    """The role with this slug."""
    return _named(Role.objects.filter(slug=slug), "role", slug)


def person(username: str) -> Person:
    """The person with this username."""
    return _named(Person.objects.filter(username=username), "person", username)


def _named(rows: QuerySet[M], what: str, name: str) -> M:
    found = rows.first()
    if found is None:
        raise Invalid(_unknown(what, name, what))
    return found


def _there(rows: QuerySet[M], what: str) -> M:
    found = rows.first()
    if found is None:
        raise Http404(f"There is no {what}: look it up first.")
    return found


def _unknown(what: str, name: str, field: str) -> Reason:
    return Reason(f"unknown_{what}", f"There is no {what} “{name}”: look it up first.", field)
