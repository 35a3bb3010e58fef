"""The report of an attestation campaign as a file an auditor keeps."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.http import HttpResponse

from incidents.admin.matrix_export import WRITERS, attachment
from incidents.models import AttestationCampaign
from incidents.operations import campaigns
from incidents.operations.campaigns import Answered
from incidents.sheets import quoted

HEADER = (
    "campaign", "version", "due_on", "person", "username", "team", "is_active", "roles",
    "activities", "answer", "answered_at", "note",
)  # fmt: skip


def download(campaign: AttestationCampaign, *, at: datetime) -> HttpResponse:
    """One line for each person asked, however they stand; safe to open in a spreadsheet."""
    write, kind = WRITERS["csv"]
    rows = [list(HEADER), *_rows(campaign, at)]
    content = write([[quoted(cell) for cell in row] for row in rows])
    return attachment(content, kind, f"attestation-{campaign.pk}.csv")


def _rows(campaign: AttestationCampaign, at: datetime) -> Iterator[list[str]]:
    for each in campaigns.report(campaign, at=at).people:
        yield [str(campaign.pk), str(campaign.version), f"{campaign.due_on}", *_said(each)]


def _said(each: Answered) -> list[str]:
    row, person = each.row, each.row.person
    return [
        person.name,
        person.username,
        person.team.name if person.team else "",
        "yes" if person.is_active else "no",
        each.roles,
        str(sum(len(asked["activities"]) for asked in row.asked)),
        str(each.standing),
        row.answered_at.astimezone(UTC).isoformat() if row.answered_at else "",
        row.note,
    ]
