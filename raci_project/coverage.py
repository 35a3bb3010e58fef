"""What is uncovered: the holes of today that tomorrow's incident would fall into."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.timesince import timesince

from incidents.models import (
    Absence,
    EmergencyChange,
    HoldingStatement,
    Incident,
    Obligation,
    Person,
    Qualification,
    Role,
    Scenario,
    Service,
)
from incidents.models.calendar import today
from incidents.operations.law import (
    law_pack_in_force,
    legal_profile_in_force,
    matrix_in_force,
    scheme_in_force,
)
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, DEPUTY
from training.operations import competence_board

# Roles an incident cannot wait for: fewer than two people who could take one is a hole.
CRITICAL_ROLES = (COMMANDER, DEPUTY, COMMUNICATIONS, COUNSEL)
ENOUGH = 2
SHOWN = 12


@dataclass(frozen=True)
class Hole:
    """One thing nobody covers, and where to mend it."""

    text: str
    url: str
    is_grave: bool = False


def holes(reader: Person, at: datetime) -> list[Hole]:
    """Of what this reader may see, the gravest first, at most SHOWN; a constant number of queries."""
    found = [
        *_law(at),
        *_emergencies(at),
        *_unfilled(reader),
        *_roles(at),
        *_thin(reader, at),
        *_services(at),
        *_scenarios(at),
        *_owed(reader, at),
    ]
    return sorted(found, key=lambda hole: not hole.is_grave)[:SHOWN]


def _law(at: datetime) -> Iterator[Hole]:
    if matrix_in_force(at) is None:
        url = reverse("admin:incidents_matrixversion_changelist")
        yield Hole(
            "No RACI matrix is in force: import one and have it approved.", url, is_grave=True
        )
    if scheme_in_force(at) is None:
        url = reverse("admin:incidents_severityscheme_changelist")
        yield Hole(
            "No severity scheme is in force: incidents cannot be declared.", url, is_grave=True
        )
    if law_pack_in_force(at) is None:
        url = reverse("admin:incidents_lawpack_changelist")
        yield Hole("No law pack is in force: no duty to notify is known.", url)
    if legal_profile_in_force(at) is None:
        url = reverse("admin:incidents_legalprofile_changelist")
        yield Hole("No legal profile is in force: only the clock of counsel ever starts.", url)


def _emergencies(at: datetime) -> Iterator[Hole]:
    """Law that nobody but its makers has looked at, though its approval was owed before now."""
    late = EmergencyChange.objects.filter(decided_at=None, due_at__lt=at).order_by("due_at")
    for change in late.select_related("version__matrix")[:SHOWN]:
        url = reverse("admin:incidents_matrixversion_change", args=[change.version_id])
        yield Hole(
            f"The emergency change {change.version} is overdue: nobody has approved or declined "
            f"it for {timesince(change.enacted_at, at)}.",
            url,
            is_grave=True,
        )


def _unfilled(reader: Person) -> Iterator[Hole]:
    names = dict(Role.objects.values_list("slug", "name"))
    seen = Incident.objects.open().visible_to(reader)
    for incident in seen.exclude(unfilled=[])[:SHOWN]:
        url = reverse("admin:incidents_incident_change", args=[incident.pk])
        roles = {names.get(one["role"], one["role"]) for one in incident.unfilled}
        yield Hole(
            f"{incident.reference}: nobody holds {', '.join(sorted(roles))}.",
            url,
            is_grave=True,
        )


def _roles(at: datetime) -> Iterator[Hole]:
    away = Absence.objects.covering(at).filter(person=OuterRef("person"))
    ready = (
        Qualification.objects.valid(today(at))
        .filter(role__in=CRITICAL_ROLES, person__is_active=True)
        .exclude(Exists(away))
        .values("role")
        .annotate(people=Count("person"))
        .values_list("role", "people")
    )
    people = dict(ready)
    url = reverse("admin:incidents_qualification_changelist")
    for role in Role.objects.filter(slug__in=CRITICAL_ROLES):
        count = people.get(role.slug, 0)
        if count < ENOUGH:
            who = "Only one person" if count else "Nobody"
            yield Hole(
                f"{who} could be {role.name.lower()} now.",
                f"{url}?role__slug={role.slug}",
                count == 0,
            )


def _services(at: datetime) -> Iterator[Hole]:
    away = Absence.objects.covering(at).filter(person=OuterRef("owner"))
    orphaned = (
        Service.objects.filter(Q(owner__is_active=False) | Exists(away), is_active=True)
        .select_related("owner")
        .order_by("tier", "name")[:SHOWN]
    )
    for service in orphaned:
        why = "is away" if service.owner.is_active else "was deactivated"
        url = reverse("admin:incidents_service_change", args=[service.pk])
        yield Hole(f"{service.name}: its owner {service.owner} {why}.", url, service.tier == 1)


def _thin(reader: Person, at: datetime) -> Iterator[Hole]:
    """Roles that fewer people hold than their standard wants, now or in 90 days; in one line."""
    if not reader.has_perm("training.view_evidence"):
        return
    short = competence_board.short(at)
    if short:
        named = ", ".join(
            f"{role} ({min(one.holders, one.in_ninety_days)} of {one.wanted})"
            for role, one in short
        )
        yield Hole(
            f"Too few people hold, now or in 90 days: {named}.",
            reverse("admin:training_evidence_board"),
        )


def _scenarios(at: datetime) -> Iterator[Hole]:
    usable = HoldingStatement.objects.usable(today(at)).filter(
        scenario=OuterRef("pk"), audience="public"
    )
    url = reverse("admin:incidents_holdingstatement_changelist")
    for scenario in Scenario.objects.exclude(Exists(usable))[:SHOWN]:
        yield Hole(f"No public holding statement is usable for “{scenario}”.", url)


def is_empty() -> bool:
    """Whether nobody but the first user is here yet: the first page then says how to begin."""
    return not Service.objects.exists() and Person.objects.count() <= 1


def _owed(reader: Person, at: datetime) -> Iterator[Hole]:
    """How much is owed outside of incidents that was due before now; said in one line."""
    if not reader.has_perm("incidents.view_obligation"):
        return
    late = Obligation.objects.open().filter(due_at__lte=at).count()
    if late:
        is_one = late == 1
        yield Hole(
            f"{'One thing' if is_one else f'{late} things'} that {'is' if is_one else 'are'} owed "
            f"{'is' if is_one else 'are'} late: runbooks, statements, qualifications, attestations.",
            reverse("admin:incidents_obligation_changelist") + "?stands=late",
        )
