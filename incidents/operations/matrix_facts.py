"""Gathers what the rules ask about the roles of a matrix and the people behind them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max

from incidents.models.calendar import today
from incidents.models.catalogue import Scenario, Service
from incidents.models.people import Person
from incidents.models.roles import Absence, Qualification, Role
from incidents.operations.law import levels, scheme_in_force
from incidents.rules.matrix_facts import Facts, Holder, RoleFact
from incidents.rules.matrix_names import fold
from incidents.rules.roles import DOMAIN_OWNER, RoleKind


def gather(roles: Iterable[str], *, at: datetime) -> Facts:
    """The facts about these roles at this instant; a constant number of queries.

    Who owns an active service counts as able to be its domain owner.
    """
    wanted = set(roles)
    holders = _holders(wanted, at)
    rows = Role.objects.all()
    scheme = scheme_in_force(at)
    names = [row.name for row in rows if row.slug in wanted]
    return Facts(
        roles={row.slug: _role(row, holders.get(row.slug, ())) for row in rows},
        is_register_used=any(holders.values()) or Qualification.objects.exists(),
        severities=frozenset(levels(scheme)) if scheme else None,
        scenarios=frozenset(Scenario.objects.values_list("slug", flat=True)),
        people_names=frozenset(
            fold(name)
            for name in Person.objects.filter(name__in=names).values_list("name", flat=True)
        ),
    )


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
    away = dict(
        Absence.objects.covering(at)
        .order_by()
        .values_list("person")
        .annotate(until=Max("ends_at"))
    )
    day = today(at)
    found: dict[str, dict[str, Holder]] = defaultdict(dict)
    rows = Qualification.objects.filter(
        role__in=roles, level=Qualification.Level.QUALIFIED, granted_on__lte=day
    ).order_by("person__name", "person__username")
    said = ("person", "person__username", "person__name", "person__is_active", "person__email", "person__phone")  # fmt: skip
    for role, ends, pk, username, name, active, email, phone in rows.values_list(
        "role", "expires_on", *said
    ):
        lapsed = ends if ends is not None and ends <= day else None
        found[role][username] = Holder(
            username, name, active, lapsed, away.get(pk), bool(email), bool(phone)
        )
    if DOMAIN_OWNER in roles:
        for pk, username, name, active, email, phone in _owners():
            known = found[DOMAIN_OWNER].get(username)
            if known is None or known.lapsed_on:  # owning it is enough, whatever lapsed
                found[DOMAIN_OWNER][username] = Holder(
                    username, name, active, None, away.get(pk), bool(email), bool(phone)
                )
    return {role: list(holders.values()) for role, holders in found.items()}


def _owners() -> Iterable[tuple[int, str, str, bool, str, str]]:
    rows = Service.objects.filter(is_active=True).order_by("owner__name", "owner__username")
    return rows.values_list(
        "owner", "owner__username", "owner__name", "owner__is_active", "owner__email", "owner__phone",
    ).distinct()  # fmt: skip
