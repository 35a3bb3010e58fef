"""The verbs of a severity scheme: drafted from a document, submitted, approved by another, law."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from simple_history.utils import bulk_create_with_history

from incidents.models.people import Channel, Person
from incidents.models.roles import Role
from incidents.models.severity import (
    Audience,
    EscalationStep,
    SeverityCriterion,
    SeverityLevel,
    SeverityScheme,
    UpdateCadence,
)
from incidents.operations import roles, versions, words
from incidents.operations.law import scheme_in_force
from incidents.operations.records import audit
from incidents.rules.default_scheme import DEFAULT_SCHEME
from incidents.rules.reasons import Invalid, Reason
from incidents.rules.roles import NAMES
from incidents.rules.scheme_document import Known, problems

_PACE = ("first_minutes", "every_minutes", "until_minutes", "then_every_minutes")


def as_document(scheme: SeverityScheme) -> dict[str, Any]:
    """The whole scheme as `write` takes it: levels the highest first; a constant number of queries."""
    levels = scheme.levels.order_by("rank")
    rows = levels.prefetch_related("criteria", "escalation", "cadences")
    return {"levels": [_level_document(level) for level in rows]}


def next_document(at: datetime) -> Mapping[str, Any]:
    """What the next version begins with: the scheme in force, else our default."""
    law = scheme_in_force(at)
    return as_document(law) if law else DEFAULT_SCHEME


def draft_default(*, note: str, actor: Person, at: datetime) -> SeverityScheme:
    """A draft of the scheme an installation begins with."""
    return draft(document=DEFAULT_SCHEME, note=note, actor=actor, at=at)


@transaction.atomic
def draft(
    *, document: Mapping[str, Any], note: str, actor: Person, at: datetime
) -> SeverityScheme:
    """The next version, saying what the document says. Invalid with every problem of it."""
    versions.permit("draft", SeverityScheme, actor)
    _require_sound(document)
    highest = SeverityScheme.objects.aggregate(highest=Max("number"))["highest"] or 0
    scheme = SeverityScheme.objects.create(
        number=highest + 1, note=words.optional(note, "note"), maker=actor, created_at=at
    )
    _fill(scheme, document, actor, at)
    audit("draft_scheme", scheme, actor=actor, at=at, levels=_codes(document))
    return scheme


@transaction.atomic
def write(
    scheme: SeverityScheme, *, document: Mapping[str, Any], actor: Person, at: datetime
) -> SeverityScheme:
    """Let a draft say what the document says; whoever writes last is the maker, and cannot approve.

    Refuses `not_a_draft`; Invalid with every problem of the document, and then nothing changed.
    """
    versions.begin("write", scheme, _against_its_content, actor=actor, at=at)
    _require_sound(document)
    scheme.maker = actor
    scheme.save()
    _empty(scheme)
    _fill(scheme, document, actor, at)
    audit("write_scheme", scheme, actor=actor, at=at, levels=_codes(document))
    return scheme


@transaction.atomic
def submit(scheme: SeverityScheme, *, actor: Person, at: datetime) -> SeverityScheme:
    """Hand a draft to the checker. Refuses `not_a_draft`, and what is wrong with its content."""
    versions.begin("submit", scheme, _against_its_content, actor=actor, at=at)
    versions.submit(scheme, at=at)
    audit("submit_scheme", scheme, actor=actor, at=at)
    return scheme


@transaction.atomic
def approve(
    scheme: SeverityScheme,
    *,
    effective_from: datetime | None = None,
    actor: Person,
    at: datetime,
) -> SeverityScheme:
    """Make it law from an instant, `at` unless given; the one before is law until then.

    Refuses `not_submitted`, `maker_is_checker`, `effective_in_the_past`.
    """
    versions.begin("approve", scheme, _against_its_content, actor=actor, at=at)
    versions.approve(scheme, effective_from=effective_from, actor=actor, at=at)
    audit("approve_scheme", scheme, actor=actor, at=at, effective_from=scheme.effective_from)
    return scheme


@transaction.atomic
def withdraw(
    scheme: SeverityScheme, *, reason: str, actor: Person, at: datetime
) -> SeverityScheme:
    """Take back what has not taken effect. Refuses `already_withdrawn` and `has_taken_effect`."""
    versions.begin("withdraw", scheme, _against_its_content, actor=actor, at=at)
    told = versions.withdraw(scheme, reason=reason)
    audit("withdraw_scheme", scheme, actor=actor, at=at, **told)
    return scheme


def objections(
    act: str, scheme: SeverityScheme, person: Person, *, at: datetime
) -> tuple[Reason, ...]:
    """Why this person may not write, submit, approve or withdraw this scheme now; all reasons."""
    return versions.objections(act, scheme, person, _against_its_content, at=at)


def known() -> Known:
    """The roles and audiences a document may name."""
    slugs = dict.fromkeys([*NAMES, *Role.objects.values_list("slug", flat=True)])
    return Known(tuple(slugs), tuple(Audience.values))


def _against_its_content(scheme: SeverityScheme) -> list[Reason]:
    return problems(as_document(scheme), known())


def _require_sound(document: object) -> None:
    if found := problems(document, known()):
        raise Invalid(*found)


def _codes(document: Mapping[str, Any]) -> list[str]:
    return [level["code"] for level in document["levels"]]


def _empty(scheme: SeverityScheme) -> None:
    for rows in (SeverityCriterion, EscalationStep, UpdateCadence):
        rows._default_manager.filter(level__scheme=scheme).delete()
    scheme.levels.all().delete()


def _fill(
    scheme: SeverityScheme, document: Mapping[str, Any], actor: Person, at: datetime
) -> None:
    """Write the rows of a sound document, with their history."""
    said = document["levels"]
    roles.make(role for level in said for role in _roles(level))
    signed = {"default_user": actor, "default_date": at}
    levels = bulk_create_with_history(list(_levels(scheme, said)), SeverityLevel, **signed)
    pairs = list(zip(levels, said, strict=True))
    criteria = [row for level, law in pairs for row in _criteria(level, law)]
    steps = [row for level, law in pairs for row in _steps(level, law)]
    cadences = [row for level, law in pairs for row in _cadences(level, law)]
    bulk_create_with_history(criteria, SeverityCriterion, **signed)
    bulk_create_with_history(steps, EscalationStep, **signed)
    bulk_create_with_history(cadences, UpdateCadence, **signed)


def _levels(scheme: SeverityScheme, said: list[dict[str, Any]]) -> Iterator[SeverityLevel]:
    for rank, law in enumerate(said, start=1):
        yield SeverityLevel(
            scheme=scheme,
            rank=rank,
            code=law["code"],
            name=law["name"],
            description=law.get("description") or "",
            review_due_days=law.get("review_due_days"),
            public_update_required=law.get("public_update_required", False),
            command_answer_minutes=law.get("command_answer_minutes"),
        )


def _criteria(level: SeverityLevel, law: dict[str, Any]) -> Iterator[SeverityCriterion]:
    for position, criterion in enumerate(law.get("criteria") or ()):
        yield SeverityCriterion(level=level, position=position, **criterion)


def _steps(level: SeverityLevel, law: dict[str, Any]) -> Iterator[EscalationStep]:
    for role, said in (law.get("escalation") or {}).items():
        step = said if isinstance(said, Mapping) else {"within": said}
        yield EscalationStep(
            level=level,
            role_id=role,
            within_minutes=step["within"],
            channel=step.get("channel", Channel.EMAIL),
            repeat_minutes=step.get("repeat_minutes"),
            repeats=step.get("repeats", 0),
            next_role_id=step.get("next"),
        )


def _roles(law: dict[str, Any]) -> Iterator[str]:
    """Every role its escalation names, as called and as next in line."""
    for role, said in (law.get("escalation") or {}).items():
        yield role
        if isinstance(said, Mapping) and said.get("next"):
            yield said["next"]


def _cadences(level: SeverityLevel, law: dict[str, Any]) -> Iterator[UpdateCadence]:
    for audience, pace in (law.get("cadences") or {}).items():
        yield UpdateCadence(level=level, audience=audience, **pace)


def _level_document(level: SeverityLevel) -> dict[str, Any]:
    return {
        "code": level.code,
        "name": level.name,
        "description": level.description,
        "review_due_days": level.review_due_days,
        "public_update_required": level.public_update_required,
        "command_answer_minutes": level.command_answer_minutes,
        "criteria": [
            {"name": each.name, "predicate": each.predicate} for each in level.criteria.all()
        ],
        "escalation": {each.role_id: _step_document(each) for each in level.escalation.all()},
        "cadences": {each.audience: _pace_document(each) for each in level.cadences.all()},
    }


def _step_document(step: EscalationStep) -> int | dict[str, Any]:
    """The minutes alone, where nothing else is said."""
    said: dict[str, Any] = {"within": step.within_minutes}
    if step.channel != Channel.EMAIL:
        said["channel"] = step.channel
    if step.repeat_minutes is not None:
        said |= {"repeat_minutes": step.repeat_minutes, "repeats": step.repeats}
    if step.next_role_id:
        said["next"] = step.next_role_id
    return said if len(said) > 1 else step.within_minutes


def _pace_document(cadence: UpdateCadence) -> dict[str, int]:
    pace = ((name, getattr(cadence, name)) for name in _PACE)
    return {name: minutes for name, minutes in pace if minutes is not None}
