"""Attestation over the API: campaigns and how they stand, and one's own answer."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from incidents.api.acts import by
from incidents.api.auth import Bearer, caller
from incidents.api.fields import Instant, Number, Said, Text, refuse_unknown
from incidents.api.pages import Order, Page, Paging, page
from incidents.models import Attestation, AttestationCampaign
from incidents.operations import attestation, campaigns
from incidents.operations.campaigns import ANSWER, Answered, RoleProgress
from incidents.rules.attestation import Progress

router = Router(tags=["attestation"])
VIEW = Bearer("incidents.view_attestationcampaign")
_NEWEST = Order(("opened_at", "id"), TypeAdapter(tuple[Instant, int]), descending=True)


class Opening(Said):
    """Until when everybody answers."""

    due_on: date = Field(description="The last day to answer.")


class Closing(Said):
    """Why it is closed, for the record."""

    note: Text = ""


class Answering(Said):
    """What one says for oneself."""

    answer: Text = Field(description="`confirmed`, or `objected` with a note.")
    note: Text = ""


class CampaignListed(TypedDict):
    """One campaign and how many of those asked have answered."""

    id: int
    version: str
    opened_at: datetime
    opened_by: str
    due_on: date
    closed_at: datetime | None
    asked: int
    answered: int


class Standings(TypedDict):
    """How many stand how; their sum is everybody asked."""

    asked: int
    confirmed: int
    objected: int
    not_answered: int
    expired: int


class PersonAsked(TypedDict):
    """One person asked and how they stand: confirmed, objected, not answered or expired."""

    id: int
    person: str
    roles: list[str]
    standing: str
    answered_at: datetime | None
    note: str


class RoleAsked(TypedDict):
    """One role of the matrix; `asked` 0 is a gap: nobody is there to be asked."""

    role: str
    asked: int
    answered: int


class CampaignShown(TypedDict):
    """The report: the whole population, in all, by role and one by one."""

    id: int
    version: str
    opened_at: datetime
    due_on: date
    closed_at: datetime | None
    progress: Standings
    roles: list[RoleAsked]
    people: list[PersonAsked]


class LineAsked(TypedDict):
    """One activity; `letters` such as “A, R for severity sev1”."""

    phase: str
    name: str
    letters: str


class DutyAsked(TypedDict):
    """One role one answers for, as it was called and as it read when it was asked."""

    role: str
    name: str
    activities: list[LineAsked]


class Own(TypedDict):
    """What the caller is asked in one campaign, and what they answered; "" is nothing yet."""

    id: int
    version: str
    due_on: date
    asked: list[DutyAsked]
    answer: str
    answered_at: datetime | None
    note: str


_NO_NOTE = Closing()


@router.get(
    "/attestation-campaigns",
    auth=VIEW,
    response=Page[CampaignListed],
    operation_id="list_campaigns",
)
def list_campaigns(request: HttpRequest, query: Query[Paging]) -> Page[CampaignListed]:
    """The campaigns, the newest first."""
    said = Count("attestations", filter=~Q(attestations__answer=Attestation.Answer.OPEN))
    rows = AttestationCampaign.objects.select_related("version__matrix", "opened_by")
    counted = rows.annotate(asked=Count("attestations"), said=said)
    found, following = page(request, counted, _NEWEST, query)
    return {"items": [_listed(row) for row in found], "next": following}


@router.post(
    "/attestation-campaigns",
    auth=Bearer(attestation.OPEN),
    response={201: CampaignShown},
    operation_id="open_campaign",
)
def open_campaign(request: HttpRequest, body: Opening) -> Status[CampaignShown]:
    """Ask everybody who answers or acts in the matrix in force."""
    campaign = attestation.open_campaign(due_on=body.due_on, **by(request))
    return Status(201, _shown(campaign.pk))


@router.get(
    "/attestation-campaigns/{campaign_id}",
    auth=VIEW,
    response=CampaignShown,
    operation_id="read_campaign",
)
def read_campaign(request: HttpRequest, campaign_id: Number) -> CampaignShown:
    """How far it is, by role, and everybody asked."""
    refuse_unknown(request, Said)
    return _shown(campaign_id)


@router.post(
    "/attestation-campaigns/{campaign_id}/close-campaign",
    auth=Bearer(attestation.CLOSE),
    response=CampaignShown,
    operation_id="close_campaign",
)
def close_campaign(
    request: HttpRequest, campaign_id: Number, body: Closing = _NO_NOTE
) -> CampaignShown:
    """End it: who has not answered by now has not attested."""
    attestation.close_campaign(_campaign(campaign_id), note=body.note, **by(request))
    return _shown(campaign_id)


@router.get(
    "/attestations",
    auth=Bearer("incidents.view_attestation"),
    response=list[Own],
    operation_id="list_own_attestations",
)
def list_own(request: HttpRequest) -> list[Own]:
    """What is asked of the caller in open campaigns."""
    refuse_unknown(request, Said)
    rows = Attestation.objects.filter(person=caller(request), campaign__closed_at=None)
    return [_own(row) for row in rows.select_related("campaign__version__matrix")]


@router.post(
    "/attestations/{attestation_id}/attest",
    auth=Bearer(ANSWER),
    response=Own,
    operation_id="attest",
)
def attest(request: HttpRequest, attestation_id: Number, body: Answering) -> Own:
    """Answer for oneself, once; nobody answers for another."""
    row = Attestation.objects.filter(pk=attestation_id).first()
    if row is None:
        raise Http404(f"There is no attestation {attestation_id}: look it up first.")
    return _own(attestation.attest(row, answer=body.answer, note=body.note, **by(request)))


def _campaign(campaign_id: int) -> AttestationCampaign:
    rows = AttestationCampaign.objects.select_related("version__matrix")
    found = rows.filter(pk=campaign_id).first()
    if found is None:
        raise Http404(f"There is no campaign {campaign_id}: look it up first.")
    return found


def _listed(row: Any) -> CampaignListed:
    return {
        "id": row.pk,
        "version": str(row.version),
        "opened_at": row.opened_at,
        "opened_by": row.opened_by.username,
        "due_on": row.due_on,
        "closed_at": row.closed_at,
        "asked": row.asked,
        "answered": row.said,
    }


def _shown(campaign_id: int) -> CampaignShown:
    campaign = _campaign(campaign_id)
    found = campaigns.report(campaign, at=timezone.now())
    return {
        "id": campaign.pk,
        "version": str(campaign.version),
        "opened_at": campaign.opened_at,
        "due_on": campaign.due_on,
        "closed_at": campaign.closed_at,
        "progress": _standings(found.progress),
        "roles": [_role(each) for each in found.roles],
        "people": [_person(each) for each in found.people],
    }


def _standings(progress: Progress) -> Standings:
    return {
        "asked": progress.asked,
        "confirmed": progress.confirmed,
        "objected": progress.objected,
        "not_answered": progress.not_answered,
        "expired": progress.expired,
    }


def _role(each: RoleProgress) -> RoleAsked:
    return {
        "role": each.name,
        "asked": each.progress.asked,
        "answered": each.progress.answered,
    }


def _person(each: Answered) -> PersonAsked:
    row = each.row
    return {
        "id": row.pk,
        "person": row.person.username,
        "roles": [one["role"] for one in row.asked],
        "standing": str(each.standing),
        "answered_at": row.answered_at,
        "note": row.note,
    }


def _own(row: Attestation) -> Own:
    return {
        "id": row.pk,
        "version": str(row.campaign.version),
        "due_on": row.campaign.due_on,
        "asked": row.asked,
        "answer": row.answer,
        "answered_at": row.answered_at,
        "note": row.note,
    }
