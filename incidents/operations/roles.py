"""Roles: the law's own come when they are asked for; those no longer used are retired.

A role is never deleted: versions of the law, audit lines and history name it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q

from incidents.models.governed import LAW, VersionStatus
from incidents.models.matrix import Cell, MatrixVersion
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations.law import matrix_in_force
from incidents.operations.records import audit
from incidents.operations.standing import missing, permit_to
from incidents.rules.reasons import Reason, Refused
from incidents.rules.roles import KINDS, NAMES, REPORTS_TO

RETIRE = "incidents.retire_role"  # and bring back


def make(slugs: Iterable[str]) -> None:
    """Make those of these roles that the law names and that are not there yet.

    Each comes with the role it reports to.
    """
    known = set(Role.objects.values_list("slug", flat=True))
    for slug in slugs:
        _make(slug, known)


@transaction.atomic
def retire(role: Role, *, actor: Person, at: datetime) -> Role:
    """From now on it gets no new letters; who is qualified for it stays so.

    Refuses `already_retired`, `role_of_the_law`, `role_is_reported_to` and `role_holds_letters`,
    which names the versions.
    """
    _begin(role, actor)
    if reasons := tuple(_against_retiring(role, at)):
        raise Refused(*reasons)
    role.retired_at = at
    role.save()
    audit("retire_role", role, actor=actor, at=at)
    return role


@transaction.atomic
def restore(role: Role, *, actor: Person, at: datetime) -> Role:
    """It may get letters again. Refuses `not_retired`."""
    _begin(role, actor)
    if reasons := tuple(_against_restoring(role)):
        raise Refused(*reasons)
    since, role.retired_at = role.retired_at, None
    role.save()
    audit("restore_role", role, actor=actor, at=at, retired_at=since)
    return role


def objections(act: str, role: Role, person: Person, *, at: datetime) -> tuple[Reason, ...]:
    """Every reason why this person may not retire or restore this role now."""
    lacking = missing(person, RETIRE)
    against = _against_retiring(role, at) if act == "retire" else _against_restoring(role)
    return (lacking, *against) if lacking else tuple(against)


def _begin(role: Role, actor: Person) -> None:
    role.refresh_from_db(from_queryset=Role.objects.select_for_update())
    permit_to(actor, RETIRE)


def _against_restoring(role: Role) -> Iterator[Reason]:
    if role.retired_at is None:
        yield Reason("not_retired", "It is not retired: nothing is to be done.")


def _against_retiring(role: Role, at: datetime) -> Iterator[Reason]:
    if role.retired_at is not None:
        yield Reason("already_retired", "It is retired already: nothing is left to do.")
        return
    if role.slug in NAMES:
        yield Reason(
            "role_of_the_law",
            "The product itself names this role, so that it cannot be retired: leave its "
            "column out of your matrix instead.",
        )
    if reports := Role.objects.active().filter(reports_to=role).values_list("name", flat=True):
        yield Reason(
            "role_is_reported_to",
            f"{', '.join(reports)} report to it: let them report to another role first.",
        )
    if held := _letters(role, at):
        said = ", ".join(f"{version} ({count})" for version, count in held)
        yield Reason(
            "role_holds_letters",
            f"It still holds letters in {said}: give them to another role in the next version "
            "and have that in force, or withdraw the draft.",
        )


def _letters(role: Role, at: datetime) -> list[tuple[str, int]]:
    """How many letters it holds in each version that is law, will be, or may become it."""
    law = matrix_in_force(at)
    open_ones = Q(status__in=(VersionStatus.DRAFT, VersionStatus.SUBMITTED))
    to_come = Q(status__in=LAW, effective_from__gt=at)
    versions = MatrixVersion.objects.filter(
        open_ones | to_come | Q(pk=law.pk if law else None)
    ).select_related("matrix")
    counts = dict(
        Cell.objects.filter(role=role, activity__version__in=versions)
        .exclude(letters=Cell.NONE)
        .order_by()
        .values_list("activity__version")
        .annotate(count=Count("pk"))
    )
    return [(str(each), counts[each.pk]) for each in versions if each.pk in counts]


def _make(slug: str, known: set[str]) -> None:
    if slug in known or slug not in NAMES:
        return
    known.add(slug)
    superior = REPORTS_TO.get(slug)
    if superior:
        _make(superior, known)
    Role.objects.create(
        slug=slug,
        name=NAMES[slug],
        position=list(NAMES).index(slug),
        kind=KINDS[slug],
        reports_to_id=superior,
    )
