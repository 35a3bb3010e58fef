"""Nudge policies as rows: read by every act and sweep, set by leadership, begun as shipped."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from django.db import connections, transaction

from incidents.models.drafting import CheckLimits
from incidents.models.nudging import NudgePolicy, NudgeStep
from incidents.models.outbox import OutboxMessage
from incidents.rules import policy as rules
from incidents.rules.nudges import Ladder, Step
from incidents.rules.policy import Policy

_SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


class Manner(TypedDict):
    """How a message of a step travels: keyword arguments of `composing.Message`."""

    priority: int
    channel: str
    may_wait: bool
    as_digest: bool
    is_optional: bool


def of(what: str) -> Policy:
    """How people are reminded of this now, kept nowhere; one query, for an emergency change two."""
    steps = NudgeStep.objects.filter(policy=what).select_related("policy")
    rows = list(steps.order_by("offset_minutes"))
    if not rows:  # of a kind that came with this version, before the first migrate is over
        return rules.shipped()[what]
    return _fitted(_read(rows[0].policy, rows))


def everything() -> dict[str, Policy]:
    """Every policy by what it is about; three queries."""
    rows = NudgePolicy.objects.prefetch_related("steps")
    return {row.what: _fitted(_read(row, row.steps.all())) for row in rows}


def manner(policy: Policy, step: Step) -> Manner:
    """How a message of this step travels: a page never waits, for nothing, and always comes."""
    is_page = step.priority == OutboxMessage.Priority.PAGE
    return Manner(
        priority=step.priority,
        channel=step.channel,
        may_wait=not is_page,
        as_digest=policy.as_digest and not is_page,
        is_optional=policy.is_optional and not is_page,
    )


def begin(*, using: str = "default", **_kwargs: Any) -> None:
    """What an installation begins with, each kind made once: what was changed stays so."""
    if NudgePolicy._meta.db_table not in connections[using].introspection.table_names():
        return  # the tables were made as they were before there were policies
    known = set(NudgePolicy.objects.using(using).values_list("what", flat=True))
    for what, policy in rules.shipped().items():
        if what not in known:
            _begin(policy, using)


def _begin(policy: Policy, using: str) -> None:
    with transaction.atomic(using=using):
        row = NudgePolicy.objects.using(using).create(
            what=policy.what, changed_at=_SHIPPED, applied_at=_SHIPPED
        )
        for step in policy.ladder.steps:
            _row(row, step).save(using=using)


def _fitted(policy: Policy) -> Policy:
    """The half-time of an emergency change is that of the limits as they are now."""
    if policy.what != NudgePolicy.What.EMERGENCY_CHANGE:
        return policy
    limits = CheckLimits.objects.first() or CheckLimits()
    return rules.at_half_time(policy, limits.emergency_hours)


def _read(row: NudgePolicy, steps: Iterable[NudgeStep]) -> Policy:
    days = row.gives_up_after_days
    return Policy(
        what=row.what,
        is_active=row.is_active,
        ladder=Ladder(tuple(_step(each) for each in steps)),
        as_digest=row.as_digest,
        is_optional=row.is_optional,
        gives_up_after=None if days is None else timedelta(days=days),
        changed_at=row.changed_at,
        is_changed=row.applied_at < row.changed_at,
    )


def _step(row: NudgeStep) -> Step:
    repeat = row.repeat_minutes
    return Step(
        name=row.name,
        offset=row.offset_minutes * _MINUTE,
        repeat_every=None if repeat is None else repeat * _MINUTE,
        to=tuple(row.to),
        priority=row.priority,
        channel=row.channel,
    )


def _row(policy: NudgePolicy, step: Step) -> NudgeStep:
    repeat = step.repeat_every
    return NudgeStep(
        policy=policy,
        name=step.name,
        offset_minutes=step.offset // _MINUTE,
        repeat_minutes=None if repeat is None else repeat // _MINUTE,
        to=list(step.to),
        priority=step.priority,
        channel=step.channel,
    )
