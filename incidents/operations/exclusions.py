"""Which roles exclude each other: pairs that leadership keeps, and the database holds."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast

from incidents.models.incident import Assignment
from incidents.models.people import Person
from incidents.models.roles import Role, RoleExclusion
from incidents.operations import records, standing, words
from incidents.rules import exclusions as rules
from incidents.rules.exclusions import APART_FROM_COMMAND, Conflict, Exclusions
from incidents.rules.phases import OPEN_STATES
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.roles import COMMANDER, EVERY_OTHER, EXCLUSIONS

SET = "incidents.set_roleexclusion"
REASON_LENGTH = 300
LIFTED_ALREADY = Reason("lifted_already", "It is lifted already: nothing is left to do.")
_SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)


def now() -> Exclusions:
    """The pairs that hold now and the floor; one query."""
    kept = RoleExclusion.objects.filter(lifted_at=None).order_by()
    pairs = kept.values_list("role", "other", _text(F("reason")))
    floor = of_the_floor().order_by().values_list(_text(COMMANDER), "slug", _text(rules.FLOOR))
    return rules.of(pairs.union(floor, all=True))


def conflicting(held: Iterable[str], role: str) -> list[Conflict]:
    """Which of the roles somebody holds here exclude this one, each with why; one query."""
    return now().conflicts(held, role)


def of_the_floor() -> QuerySet[Role]:
    """The roles no commander ever holds beside command."""
    return Role.objects.filter(kind__in=APART_FROM_COMMAND).exclude(pk=COMMANDER)


@transaction.atomic
def exclude(
    *, role: str, other: str = EVERY_OTHER, reason: str, actor: Person, at: datetime
) -> RoleExclusion:
    """From now on nobody holds both roles in one incident; without `other`, none beside `role`.

    Invalid `unknown_role`, `same_role`, `reason_missing`. Refuses what holds already
    (`excluded_already`, `floor_stands`), and, naming the incident, while somebody holds both
    (`held_together`).
    """
    standing.permit_to(actor, SET)
    ask = "Say why nobody may hold both: it is shown to whoever is refused."
    reason = words.required(reason, "reason", ask, longest=REASON_LENGTH)
    _check_pair(role, other)
    _check_held(role, other)
    made = RoleExclusion(role=role, other=other, reason=reason, made_at=at, made_by=actor)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        raise _excluded_already() from error
    records.audit(
        "exclude_roles", made, actor=actor, at=at, role=role, other=other, reason=reason
    )
    return made


@transaction.atomic
def lift(
    exclusion: RoleExclusion, *, reason: str, actor: Person, at: datetime
) -> RoleExclusion:
    """From now on one person may hold both, as far as no other pair and not the floor forbids it.

    Invalid `reason_missing`. Refuses `lifted_already`.
    """
    exclusion.refresh_from_db(from_queryset=RoleExclusion.objects.select_for_update())
    standing.permit_to(actor, SET)
    if exclusion.lifted_at is not None:
        raise Refused(LIFTED_ALREADY)
    reason = words.required(reason, "reason", "Say why both may be held by one person now.")
    exclusion.lifted_at, exclusion.lifted_by = at, actor
    exclusion.save(update_fields=["lifted_at", "lifted_by"])
    records.audit(
        "lift_exclusion", exclusion, actor=actor, at=at,
        role=exclusion.role, other=exclusion.other, reason=reason,
    )  # fmt: skip
    return exclusion


def begin(*, using: str = "default", **_kwargs: Any) -> None:
    """What an installation begins with, made once: lifted pairs stay lifted."""
    if RoleExclusion.objects.using(using).exists():
        return
    for role, other, reason in EXCLUSIONS:
        RoleExclusion.objects.using(using).create(
            role=role, other=other, reason=reason, made_at=_SHIPPED
        )


def _text(value: Any) -> Cast:
    """As one type: a union wants the same in each of its parts."""
    return Cast(value if isinstance(value, F) else Value(value), CharField())


def _check_pair(role: str, other: str) -> None:
    """Both roles are known and not one, and nothing says so already; holds their rows."""
    if role == other:
        raise Invalid.because("same_role", "No role excludes itself: choose another.", "other")
    wanted = {"role": role} | ({"other": other} if other != EVERY_OTHER else {})
    # Whoever is given one of these roles meanwhile is waited for, and is seen afterwards.
    rows = Role.objects.select_for_update().order_by("slug")
    known = {each.slug: each for each in rows.filter(pk__in=wanted.values())}
    for field, slug in wanted.items():
        if slug not in known:
            message = f"There is no role “{slug}”: choose one of the catalogue."
            raise Invalid.because("unknown_role", message, field)
    if COMMANDER in known and any(
        each.kind in APART_FROM_COMMAND for each in known.values() if each.pk != COMMANDER
    ):
        message = f"{rules.FLOOR} That always holds: there is nothing to add."
        raise Refused.because("floor_stands", message, "other")
    pair = Q(role=role, other=other) | Q(role=other, other=role)
    if RoleExclusion.objects.filter(pair, lifted_at=None).exists():
        raise _excluded_already()


def _excluded_already() -> Refused:
    message = "These roles exclude each other already: nothing is left to do."
    return Refused.because("excluded_already", message, "other")


def _check_held(role: str, other: str) -> None:
    here = Assignment.objects.open().filter(incident__state__in=OPEN_STATES)
    beside = here.exclude(role=role) if other == EVERY_OTHER else here.filter(role=other)
    for one in here.filter(role=role).select_related("incident", "person"):
        both = beside.filter(incident=one.incident_id, person=one.person_id)
        if second := both.select_related("role").first():
            message = (
                f"{one.person} holds both in {one.incident.reference}, "
                f"{second.role.name} beside: give one of them to somebody else first."
            )
            raise Refused.because("held_together", message, "other")
