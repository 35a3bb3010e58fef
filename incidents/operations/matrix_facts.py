"""Gathers what the rules ask about the roles of a matrix and the people behind them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypedDict

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Lower

from incidents.models.attestation import Attestation, AttestationCampaign
from incidents.models.calendar import today
from incidents.models.catalogue import Scenario, Service
from incidents.models.drafting import CheckLimits
from incidents.models.governed import VersionStatus
from incidents.models.matrix import MatrixVersion
from incidents.models.people import Person, Team
from incidents.models.roles import Absence, Qualification, Role
from incidents.operations.law import levels, matrix_in_force, scheme_in_force
from incidents.rules.findings import Thresholds
from incidents.rules.matrix_facts import Facts, Holder, InForce, RoleFact
from incidents.rules.matrix_names import fold
from incidents.rules.roles import DOMAIN_OWNER, RoleKind

_MOST_NAMED = 5  # of the changes since a matrix was looked at


def limits() -> CheckLimits:
    """The organisation's row of limits; until somebody changes one, an unsaved row of defaults."""
    return CheckLimits.objects.first() or CheckLimits()


def thresholds() -> Thresholds:
    """The limits as the checks ask for them; one query, kept nowhere."""
    row = limits()
    return Thresholds(
        responsible=row.responsible,
        consulted=row.consulted,
        informed=row.informed,
        accountable_share=row.accountable_percent / 100,
        responsible_share=row.responsible_percent / 100,
        column_activities=row.column_activities,
        holders=row.holders,
        span_least=row.span_least,
        span_most=row.span_most,
        review_days=row.review_days,
        load_factor=row.load_factor_percent / 100,
    )


def gather(
    roles: Iterable[str], *, at: datetime, version: MatrixVersion | None = None
) -> Facts:
    """The facts about these roles at this instant; a constant number of queries.

    Who owns an active service counts as able to be its domain owner. `version` is whose matrix it
    is: how it stands is among the facts if it is in force.
    """
    wanted, rows = set(roles), list(Role.objects.all())
    superiors = {row.reports_to_id for row in rows if row.slug in wanted and row.reports_to_id}
    holders = _holders(wanted | superiors, at)
    scheme = scheme_in_force(at)
    return Facts(
        roles={row.slug: _role(row, holders.get(row.slug, ())) for row in rows},
        is_register_used=Qualification.objects.exists(),
        severities=frozenset(levels(scheme)) if scheme else None,
        scenarios=frozenset(Scenario.objects.values_list("slug", flat=True)),
        people_names=_people_called(row.name for row in rows if row.slug in wanted),
        force=_force(version, wanted, at) if version is not None else None,
    )


def _people_called(names: Iterable[str]) -> frozenset[str]:
    """Those of these names that people have, folded."""
    people = Person.objects.annotate(lower=Lower("name")).order_by()
    found = people.filter(lower__in=[name.lower() for name in names])
    return frozenset(fold(name) for name in found.values_list("name", flat=True))


def _force(version: MatrixVersion, roles: set[str], at: datetime) -> InForce | None:
    """How the version stands as law; None while it is not."""
    law = matrix_in_force(at)
    if law is None or law.pk != version.pk:
        return None
    looked = looked_at(law, at)
    is_unapproved = law.status == VersionStatus.EMERGENCY
    emergency = getattr(law, "emergency", None) if is_unapproved else None
    owed = emergency.due_at if emergency else None
    return InForce(
        days_since_looked_at=(at - looked).days,
        changed_since=_changed(roles, looked),
        is_unapproved=is_unapproved,
        owed_until=owed,
        is_overdue=owed is not None and owed < at,
        **_attested(law, at),
    )


class _Attested(TypedDict):
    objecting: tuple[str, ...]
    unattested: tuple[str, ...]


def _attested(law: MatrixVersion, at: datetime) -> _Attested:
    """Who objected to it in its last campaign, and who did not answer there in time; one query."""
    last = AttestationCampaign.objects.filter(version=law, opened_at__lte=at)
    rows = Attestation.objects.filter(
        campaign=last.order_by("-opened_at").values("pk")[:1], person__is_active=True
    ).exclude(answer=Attestation.Answer.CONFIRMED)
    over = Q(campaign__closed_at__lte=at) | Q(campaign__due_on__lt=today(at))
    late = rows.filter(over | ~Q(answer=Attestation.Answer.OPEN)).order_by("person__name")
    said = list(late.values_list("answer", "person__name"))
    return _Attested(
        objecting=tuple(name for answer, name in said if answer),
        unattested=tuple(name for answer, name in said if not answer),
    )


def looked_at(law: MatrixVersion, at: datetime) -> datetime:
    """When this version was last approved or confirmed, as of `at`; one query."""
    kept = law.confirmations.filter(confirmed_at__lte=at)
    confirmed = kept.aggregate(last=Max("confirmed_at"))["last"]
    times = [one for one in (confirmed, law.approved_at) if one and one <= at]
    return max(times, default=law.effective_from or at)


def _changed(roles: set[str], since: datetime) -> tuple[str, ...]:
    """The teams, and those of these roles, whose rows changed since then; the first few."""
    teams = Team.history.filter(history_date__gt=since)
    changed = Role.history.filter(history_date__gt=since, history_type="~", slug__in=roles)
    return (*_names("team", teams), *_names("role", changed))


def _names(noun: str, rows: QuerySet[Any]) -> Iterable[str]:
    names = rows.order_by("name").values_list("name", flat=True).distinct()
    return (f"{noun} {name}" for name in names[:_MOST_NAMED])


def _role(row: Role, holders: Iterable[Holder]) -> RoleFact:
    return RoleFact(
        slug=row.slug,
        name=row.name,
        kind=RoleKind(row.kind),
        reports_to=row.reports_to_id or "",
        is_retired=row.retired_at is not None,
        holders=tuple(holders),
    )


def _holders(roles: set[str], at: datetime) -> dict[str, list[Holder]]:
    """Everybody ever qualified for these roles, by role, in order of their names."""
    day = today(at)
    given = Qualification.objects.filter(
        role__in=roles, level=Qualification.Level.QUALIFIED, granted_on__lte=day
    ).order_by()
    lapsed: dict[str, dict[int, date | None]] = defaultdict(dict)
    for role, pk, ends in given.values_list("role", "person", "expires_on"):
        lapsed[role][pk] = ends if ends is not None and ends <= day else None
    which = Q(pk__in=given.values("person"))
    if DOMAIN_OWNER in roles:  # owning a service is enough, whatever lapsed
        owners = (
            Service.objects.filter(is_active=True).order_by().values_list("owner", flat=True)
        )
        lapsed[DOMAIN_OWNER].update(dict.fromkeys(owners))
        which |= Q(pk__in=owners)
    people = _people(which, at)
    return {
        role: [
            replace(person, lapsed_on=ends) if (ends := when[pk]) else person
            for pk, person in people.items()
            if pk in when
        ]
        for role, when in lapsed.items()
    }


def _people(which: Q, at: datetime) -> dict[int, Holder]:
    """These people by key, in order of their names."""
    absences = Absence.objects.covering(at).order_by().values_list("person")
    away = dict(absences.annotate(until=Max("ends_at")))
    rows = Person.objects.filter(which).order_by("name", "username")
    return {
        pk: Holder(username, name, active, None, away.get(pk), bool(email), bool(phone))
        for pk, username, name, active, email, phone in rows.values_list(
            "pk", "username", "name", "is_active", "email", "phone"
        )
    }
