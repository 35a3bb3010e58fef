"""How an attestation campaign stands: everybody asked, in all and by role."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from incidents.models.attestation import Attestation, AttestationCampaign
from incidents.models.roles import Role
from incidents.operations.law import grid
from incidents.operations.standing import having
from incidents.rules import attestation as rules
from incidents.rules.attestation import Progress, Standing
from incidents.rules.nudges import end_of_day

ANSWER = "incidents.answer_attestation"


@dataclass(frozen=True, slots=True)
class Answered:
    """One person of a campaign, and how they stand; who left, or has no right to, cannot answer."""

    row: Attestation
    standing: Standing
    may_answer: bool = True

    @property
    def roles(self) -> str:
        """What they were asked as."""
        return ", ".join(each["name"] for each in self.row.asked)


@dataclass(frozen=True, slots=True)
class RoleProgress:
    """One role of the matrix: how many of its people have answered; nobody asked is a gap."""

    name: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Report:
    """A campaign as an auditor reads it: the whole population, however each stands."""

    people: tuple[Answered, ...]
    progress: Progress
    roles: tuple[RoleProgress, ...]


def report(campaign: AttestationCampaign, *, at: datetime) -> Report:
    """How everybody stands, in all and by role; three queries, and the version's grid."""
    is_over = is_past(campaign, at=at)
    able = set(having(ANSWER).values_list("pk", flat=True))
    rows = campaign.attestations.select_related("person__team").order_by("person__name", "pk")
    people = tuple(
        Answered(row, rules.standing(row.answer, is_over=is_over), row.person_id in able)
        for row in rows
    )
    by_role: dict[str, list[Standing]] = defaultdict(list)
    for each in people:
        for asked in each.row.asked:
            by_role[asked["role"]].append(each.standing)
    names = dict(Role.objects.values_list("slug", "name"))
    return Report(
        people,
        rules.progress(each.standing for each in people),
        tuple(
            RoleProgress(names.get(role, role), rules.progress(by_role[role]))
            for role in rules.duties(grid(campaign.version))
        ),
    )


def stands(row: Attestation, *, at: datetime) -> Standing:
    """How one of them stands at `at`."""
    return rules.standing(row.answer, is_over=is_past(row.campaign, at=at))


def is_past(campaign: AttestationCampaign, *, at: datetime) -> bool:
    """Whether it was to be answered before `at`."""
    ends = end_of_day(campaign.due_on, settings.ORGANISATION_ZONE)
    return campaign.closed_at is not None or at >= ends
