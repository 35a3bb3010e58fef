"""What each role asks for: as shipped until leadership says otherwise."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from incidents.models import Person, Role
from incidents.operations import records, standing, words
from incidents.rules.reasons import Invalid
from training.models import Proof, Requirement, RoleStandard
from training.rules.competence import SHIPPED, Asked, Standard

SET = "training.change_rolestandard"
MOST_DAYS = 3650


def everything() -> Mapping[str, Standard]:
    """The standard of every role that has one, by the role's slug; two queries."""
    rows = RoleStandard.objects.prefetch_related("requirements")
    return {**SHIPPED, **{row.role_id: _read(row) for row in rows}}


def wanted() -> Mapping[str, int]:
    """How many people every role with a standard should have, by its slug; one query."""
    said = RoleStandard.objects.values_list("role", "holders_wanted")
    return {**{role: each.holders_wanted for role, each in SHIPPED.items()}, **dict(said)}


def of(role: Role) -> Standard | None:
    """What this role asks for; None where nobody has said and nothing is shipped."""
    row = RoleStandard.objects.prefetch_related("requirements").filter(role=role).first()
    return _read(row) if row else SHIPPED.get(role.slug)


@transaction.atomic
def set_standard(
    role: Role,
    *,
    asked: Sequence[Asked],
    valid_days: int | None,
    holders_wanted: int,
    note: str = "",
    actor: Person,
    at: datetime,
) -> RoleStandard:
    """From now on the role asks for this; what was granted stays granted.

    Refuses `unknown_proof`, `asked_twice`, `count_out_of_range`, `days_out_of_range` and
    `holders_out_of_range`.
    """
    standing.permit_to(actor, SET)
    _check(asked, valid_days, holders_wanted)
    row = RoleStandard.objects.filter(role=role).first() or RoleStandard(role=role)
    row.valid_days, row.holders_wanted = valid_days, holders_wanted
    row.note = words.optional(note, "note")
    row.save()
    kept = {(one.kind, one.title): one for one in row.requirements.all()}
    for one in asked:
        requirement = kept.pop((one.kind, one.title), None) or Requirement(
            standard=row, kind=one.kind, title=one.title
        )
        requirement.count, requirement.within_days = one.count, one.within_days
        requirement.save()
    for gone in kept.values():
        gone.delete()
    records.audit(
        "set_role_standard", row, actor=actor, at=at, role=role.slug,
        asked=[f"{one.count} {one.kind} {one.title}".strip() for one in asked],
        valid_days=valid_days, holders_wanted=holders_wanted,
    )  # fmt: skip
    return row


def _read(row: RoleStandard) -> Standard:
    asked = tuple(
        Asked(one.kind, one.count, one.within_days, one.title) for one in row.requirements.all()
    )
    return Standard(asked, row.valid_days, row.holders_wanted)


def _check(asked: Sequence[Asked], valid_days: int | None, holders_wanted: int) -> None:
    if unknown := [one.kind for one in asked if one.kind not in Proof.values]:
        raise Invalid.because(
            "unknown_proof", f"There is no proof called {unknown[0]}.", "asked"
        )
    if len({(one.kind, one.title) for one in asked}) < len(asked):
        message = "The same is asked for twice: say once how often."
        raise Invalid.because("asked_twice", message, "asked")
    if any(not 1 <= one.count <= 100 for one in asked):
        message = "Ask for each between 1 and 100 times."
        raise Invalid.because("count_out_of_range", message, "asked")
    days = [valid_days, *(one.within_days for one in asked)]
    if any(each is not None and not 1 <= each <= MOST_DAYS for each in days):
        message = f"Give between 1 and {MOST_DAYS} days, or none."
        raise Invalid.because("days_out_of_range", message, "valid_days")
    if not 0 <= holders_wanted <= 1000:
        message = "Between 0 and 1000 people may be wanted."
        raise Invalid.because("holders_out_of_range", message, "holders_wanted")
