"""The authorities and others we would tell, how they are reached, and who looked at it last."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from incidents.models.calendar import today
from incidents.models.data_map import Regulator
from incidents.models.people import Person
from incidents.operations import law_words, records, standing, words
from incidents.rules import regulators as rules
from incidents.rules.data_map import place_problem
from incidents.rules.reasons import Reason, Refused

VERIFY = "incidents.verify_regulator"


def recipients(*, at: datetime) -> Mapping[str, str]:
    """The codes a regulator may have, with the words of the law for them."""
    known = law_words.words("recipients", at=at)
    return {code: known[code] for code in rules.offices(known)}


def problems(row: Regulator, *, at: datetime) -> list[Reason]:
    """What is wrong with what this row says, each with its field; empty where it may be kept."""
    found = []
    if row.recipient not in recipients(at=at):
        message = f"There is no recipient {row.recipient}: choose one the law pack names."
        found.append(Reason("unknown_recipient", message, "recipient"))
    if row.jurisdiction and (problem := place_problem(row.jurisdiction)):
        found.append(Reason("unknown_place", problem, "jurisdiction"))
    if not (row.address or row.phone):
        message = "Give an address or a phone number: else nobody can be told."
        found.append(Reason("channel_missing", message, "address"))
    return found


def of(recipients: Collection[str], jurisdictions: Collection[str] = ()) -> list[Regulator]:
    """Active authorities with these codes, for people of these places or of any. One query."""
    rows = Regulator.objects.filter(recipient__in=list(recipients), is_active=True)
    return [row for row in rows if rules.is_for(row.jurisdiction, jurisdictions)]


@transaction.atomic
def verify(regulator: Regulator, *, note: str = "", actor: Person, at: datetime) -> Regulator:
    """Keep that somebody tried the channel today and it is the right one.

    NotPermitted without the permission; refuses `regulator_retired`.
    """
    standing.permit_to(actor, VERIFY)
    regulator.refresh_from_db(from_queryset=Regulator.objects.select_for_update())
    if reason := _retired(regulator):
        raise Refused(reason)
    note = words.optional(note, "note")
    regulator.verified_on, regulator.verified_by = today(at), actor
    regulator.save()
    records.audit("verify_regulator", regulator, actor=actor, at=at, note=note)
    return regulator


def objections(regulator: Regulator, person: Person) -> tuple[Reason, ...]:
    """Every reason why this person may not record that they verified it."""
    found = (standing.missing(person, VERIFY), _retired(regulator))
    return tuple(each for each in found if each)


def _retired(regulator: Regulator) -> Reason | None:
    if regulator.is_active:
        return None
    message = "It is inactive: nobody would be sent there. Set it active first, if it is right."
    return Reason("regulator_retired", message)
