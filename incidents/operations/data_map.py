"""The data map: which services hold whose data, who looked at it last, and what an incident assumes."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.data_map import DataHolding
from incidents.models.people import Person
from incidents.operations import law_words, records, standing, words
from incidents.rules import data_map as rules
from incidents.rules import legal_words
from incidents.rules.data_map import Holding
from incidents.rules.reasons import Reason, Refused

VERIFY = "incidents.verify_dataholding"


def categories(*, at: datetime) -> Mapping[str, str]:
    """The categories a holding may have, with plain words; one that is none is left out."""
    known = law_words.words("data_categories", at=at)
    said = {"data_categories": known}
    return {
        code: legal_words.label("data_categories", code, said)
        for code in known
        if code != "none"
    }


def problems(row: DataHolding, *, at: datetime) -> list[Reason]:
    """What is wrong with what this row says, each with its field; empty where it may be kept."""
    return list(rules.problems(holding_of(row), categories(at=at)))


def assumed(services: Iterable[Service]) -> dict[str, Any]:
    """The facts of an incident that affects these services, as the map has them; {} without any.

    Data categories and jurisdictions, closed; counts by jurisdiction and in all; our roles; the
    worst protection. One query, none without services.
    """
    keys = [service.pk for service in services]
    if not keys:
        return {}
    rows = DataHolding.objects.filter(service__in=keys, is_active=True).order_by()
    return rules.assumed(holding_of(row) for row in rows.defer("note"))


def holding_of(row: DataHolding) -> Holding:
    """The row as the rules know it."""
    return Holding(
        data_categories=tuple(row.data_categories),
        jurisdictions=tuple(row.jurisdictions),
        persons=row.persons,
        data_role=row.data_role,
        protection=row.protection,
    )


@transaction.atomic
def verify(holding: DataHolding, *, note: str = "", actor: Person, at: datetime) -> DataHolding:
    """Keep that somebody looked today and the service holds what the row says.

    NotPermitted without the permission; refuses `holding_retired`.
    """
    standing.permit_to(actor, VERIFY)
    holding.refresh_from_db(from_queryset=DataHolding.objects.select_for_update())
    if reason := _retired(holding):
        raise Refused(reason)
    note = words.optional(note, "note")
    holding.verified_on, holding.verified_by = today(at), actor
    holding.save()
    records.audit("verify_holding", holding, actor=actor, at=at, note=note)
    return holding


def objections(holding: DataHolding, person: Person) -> tuple[Reason, ...]:
    """Every reason why this person may not record that they verified it."""
    found = (standing.missing(person, VERIFY), _retired(holding))
    return tuple(each for each in found if each)


def _retired(holding: DataHolding) -> Reason | None:
    if holding.is_active:
        return None
    message = "It is inactive: nothing is assumed from it. Set it active first, if it is there."
    return Reason("holding_retired", message)
