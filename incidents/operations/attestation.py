"""Attestation campaigns: everybody who answers or does in the law says that they know and accept it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from incidents.models.attestation import Attestation, AttestationCampaign
from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.incident import Assignment
from incidents.models.matrix import MatrixVersion
from incidents.models.obligation import Obligation
from incidents.models.people import Person
from incidents.models.roles import Qualification, Role
from incidents.operations import campaigns, composing, obligations, records, standing, words
from incidents.operations.campaigns import ANSWER
from incidents.operations.composing import Message, page_of
from incidents.operations.law import grid, matrix_in_force
from incidents.rules import attestation as rules
from incidents.rules import owed
from incidents.rules.nudges import end_of_day
from incidents.rules.phases import OPEN_STATES
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused
from incidents.rules.roles import DOMAIN_OWNER

OPEN, CLOSE = "incidents.open_attestationcampaign", "incidents.close_attestationcampaign"
CONFIRMED, OBJECTED = Attestation.Answer.CONFIRMED, Attestation.Answer.OBJECTED


@transaction.atomic
def open_campaign(
    version: MatrixVersion | None = None, *, due_on: date, actor: Person, at: datetime
) -> AttestationCampaign:
    """Ask everybody who answers or does in this version, the one in force unless given.

    What each is asked is kept as it reads now, and each is told. `due_on` is the last day to
    answer. Refuses `no_law`, `not_in_force`, `campaign_is_open`, `nobody_to_ask`; Invalid
    `due_in_the_past`.
    """
    standing.permit_to(actor, OPEN)
    law = _law(version, at)
    if due_on < today(at):
        message = "Choose today or a later day: people need time to read."
        raise Invalid.because("due_in_the_past", message, "due_on")
    end_of_day(due_on, settings.ORGANISATION_ZONE)  # Invalid where there is no day after it
    asked = _asked(law, at)
    campaign = AttestationCampaign.objects.create(
        version=law, opened_at=at, opened_by=actor, due_on=due_on
    )
    rows = Attestation.objects.bulk_create(
        Attestation(campaign=campaign, person=person, asked=what) for person, what in asked
    )
    obligations.compare(owed.ATTESTATION, at)
    composing.compose(map(_invitation, rows), at=at)
    records.audit("open_campaign", campaign, actor=actor, at=at, due_on=due_on, asked=len(rows))
    return campaign


@transaction.atomic
def attest(
    attestation: Attestation, *, answer: str, note: str = "", actor: Person, at: datetime
) -> Attestation:
    """Answer for oneself, once: `confirmed`, or `objected` with a note that leadership reads.

    NotPermitted `not_yours`; refuses `answered_already` and `campaign_is_closed`; Invalid
    `unknown_answer` and `note_missing`.
    """
    standing.permit_to(actor, ANSWER)
    attestation.refresh_from_db(from_queryset=_known().select_for_update(of=("self",)))
    if reason := _not_yours(attestation, actor):
        raise NotPermitted(reason)
    if reasons := tuple(_against(attestation)):
        raise Refused(*reasons)
    attestation.answer, attestation.note = _answer(answer), _note(answer, note)
    attestation.answered_at = at
    attestation.save()
    Obligation.objects.about(attestation).settle(at=at)
    if answer == OBJECTED:
        composing.compose(_objection(attestation), at=at)
    records.audit("attest", attestation, actor=actor, at=at, answer=answer, note=note)
    return attestation


@transaction.atomic
def close_campaign(
    campaign: AttestationCampaign, *, note: str = "", actor: Person, at: datetime
) -> AttestationCampaign:
    """End it: who has not answered by now has not attested. Refuses `campaign_is_closed`."""
    standing.permit_to(actor, CLOSE)
    rows = AttestationCampaign.objects.select_for_update()
    campaign.refresh_from_db(from_queryset=rows)
    if reasons := tuple(_against_closing(campaign)):
        raise Refused(*reasons)
    note = words.optional(note, "note")
    campaign.closed_at, campaign.closed_by = at, actor
    campaign.save()
    obligations.compare(owed.ATTESTATION, at)
    stands = campaigns.report(campaign, at=at).progress
    records.audit(
        "close_campaign", campaign, actor=actor, at=at, note=note,
        confirmed=stands.confirmed, objected=stands.objected, expired=stands.expired,
    )  # fmt: skip
    return campaign


def objections(attestation: Attestation, person: Person) -> tuple[Reason, ...]:
    """Every reason why this person may not answer it now."""
    first = (standing.missing(person, ANSWER), _not_yours(attestation, person))
    return (*(each for each in first if each), *_against(attestation))


def objections_to_closing(campaign: AttestationCampaign, person: Person) -> tuple[Reason, ...]:
    """Every reason why this person may not close it now."""
    lacking = standing.missing(person, CLOSE)
    return (*((lacking,) if lacking else ()), *_against_closing(campaign))


def _known() -> QuerySet[Attestation]:
    return Attestation.objects.select_related("person", "campaign__version__matrix")


def _law(version: MatrixVersion | None, at: datetime) -> MatrixVersion:
    """The version to be attested, locked: two campaigns at once open one."""
    law = matrix_in_force(at)
    if law is None:
        raise Refused.because("no_law", "No matrix is in force: have one approved first.")
    if version is not None and version.pk != law.pk:
        message = f"It is not in force: people attest what is law, which is {law}."
        raise Refused.because("not_in_force", message)
    law.refresh_from_db(from_queryset=MatrixVersion.objects.select_for_update())
    if law.campaigns.filter(closed_at=None).exists():
        message = f"A campaign about {law} is open: close it before you open another."
        raise Refused.because("campaign_is_open", message)
    return law


def _asked(law: MatrixVersion, at: datetime) -> Iterator[tuple[Person, list[rules.Asked]]]:
    """Everybody who could be, or is, what has an A or an R; the same four queries for any number."""
    duties = rules.duties(grid(law))
    roles = _roles_by_person(set(duties), at)
    if not roles:
        message = (
            "Nobody is qualified for a role that answers or acts: grant qualifications first."
        )
        raise Refused.because("nobody_to_ask", message)
    names = dict(Role.objects.values_list("slug", "name"))
    people = Person.objects.filter(pk__in=roles, is_active=True).order_by("name", "pk")
    return ((each, rules.asked(duties, names, roles[each.pk])) for each in people)


def _roles_by_person(wanted: set[str], at: datetime) -> dict[int, set[str]]:
    """Who is qualified for each role today, owns a service, or holds it in an open incident."""
    qualified = Qualification.objects.valid(today(at)).filter(
        role__in=wanted, person__is_active=True
    )
    held = Assignment.objects.open().filter(
        role__in=wanted, person__is_active=True, incident__state__in=OPEN_STATES
    )
    found: dict[int, set[str]] = defaultdict(set)
    for rows in (qualified, held):
        for person, role in rows.order_by().values_list("person", "role"):
            found[person].add(role)
    if DOMAIN_OWNER in wanted:
        services = Service.objects.filter(is_active=True, owner__is_active=True)
        for person in services.order_by().values_list("owner", flat=True):
            found[person].add(DOMAIN_OWNER)
    return found


def _not_yours(attestation: Attestation, person: Person) -> Reason | None:
    if attestation.person_id == person.pk:
        return None
    message = f"{attestation.person} is asked: nobody attests for somebody else."
    return Reason("not_yours", message)


def _against(attestation: Attestation) -> Iterator[Reason]:
    if attestation.answer:
        message = f"It was {attestation.answer} already, and answers stay as they were given."
        yield Reason("answered_already", message)
    if attestation.campaign.closed_at is not None:
        yield _is_closed()


def _against_closing(campaign: AttestationCampaign) -> Iterator[Reason]:
    if campaign.closed_at is not None:
        yield _is_closed()


def _is_closed() -> Reason:
    return Reason("campaign_is_closed", "The campaign is closed: the next one asks anew.")


def _answer(answer: str) -> str:
    if answer not in (CONFIRMED, OBJECTED):
        message = f"Answer {CONFIRMED} or {OBJECTED}."
        raise Invalid.because("unknown_answer", message, "answer")
    return answer


def _note(answer: str, note: str) -> str:
    if answer == OBJECTED:
        return words.required(note, "note", "Say what you object to: leadership reads it.")
    return words.optional(note, "note")


def _invitation(row: Attestation) -> Message:
    campaign = row.campaign
    roles = ", ".join(each["name"] for each in row.asked)
    count = sum(len(each["activities"]) for each in row.asked)
    return Message(
        key=f"attestation:{row.pk}:asked",
        kind="attestation-asked",
        to=row.person,
        subject=f"Confirm by {campaign.due_on:%-d %B %Y} what {campaign.version} asks of you",
        body=f"You answer or act as {roles}: {count} "
        f"{'activity' if count == 1 else 'activities'} of the matrix in force.\n\nRead them. "
        "Confirm that you know and accept them, or object and say why: leadership reads every "
        "objection.",
        link=page_of(row),
        may_wait=True,
    )


def _objection(row: Attestation) -> Iterable[Message]:
    for leader in standing.leaders():
        yield Message(
            key=f"attestation:{row.pk}:objected:{leader.pk}",
            kind="attestation-objected",
            to=leader,
            subject=f"{row.person} objects to {row.campaign.version}",
            body=f"{row.note}\n\n{row.person} was asked to attest what the matrix asks of them. "
            "Talk to them; where they are right, draft the next version.",
            link=page_of(row),
            may_wait=True,
        )
