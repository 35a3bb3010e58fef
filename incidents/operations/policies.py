"""Nudge policies as rows: read by every act and sweep, set by leadership, begun as shipped."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from django.db import connections, transaction

from incidents.models.drafting import CheckLimits
from incidents.models.nudging import NudgePolicy, NudgeStep
from incidents.models.outbox import OutboxMessage
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations import records, standing, ways
from incidents.rules import policy as rules
from incidents.rules.ladders import HALF_TIME
from incidents.rules.nudges import Ladder, Step
from incidents.rules.policy import Policy
from incidents.rules.policy_check import Proposed, check
from incidents.rules.policy_words import in_words, name_of
from incidents.rules.reasons import Invalid, Refused
from incidents.rules.roles import NAMES

SET = "incidents.set_nudgepolicy"
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
    return _fitted(read(rows[0].policy, rows))


def everything() -> dict[str, Policy]:
    """Every policy by what it is about; three queries."""
    rows = NudgePolicy.objects.prefetch_related("steps")
    return {row.what: _fitted(read(row, row.steps.all())) for row in rows}


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


@transaction.atomic
def set_policy(
    policy: NudgePolicy,
    *,
    steps: Sequence[Step],
    is_active: bool,
    as_digest: bool,
    is_optional: bool,
    gives_up_after_days: int | None,
    actor: Person,
    at: datetime,
) -> NudgePolicy:
    """From now on people are reminded like this; the next sweep books all open rows anew.

    Steps reached by now are let go, so that the change itself reminds nobody; what repeats goes
    on. A step without a name is named by when it comes. Invalid with every reason of
    `policy_check.check` by its field; Refused `floor_stands` where only that is wrong.
    """
    policy.refresh_from_db(from_queryset=NudgePolicy.objects.select_for_update())
    standing.permit_to(actor, SET)
    was = of(policy.what)
    named = _named(steps, was)
    roles = NAMES | dict(Role.objects.order_by().values_list("slug", "name"))
    _require(
        Proposed(
            policy.what, named, roles, ways.CHANNELS, is_active, as_digest, is_optional,
            gives_up_after_days,
        )
    )  # fmt: skip
    policy.is_active, policy.as_digest, policy.is_optional = is_active, as_digest, is_optional
    policy.gives_up_after_days = gives_up_after_days
    policy.changed_at, policy.changed_by = at, actor
    policy.save()
    _keep(policy, named)
    records.audit(
        "set_nudge_policy", policy, actor=actor, at=at,
        before=in_words(was.ladder.steps, roles), after=in_words(named, roles),
        is_active=is_active, as_digest=as_digest, is_optional=is_optional,
        gives_up_after_days=gives_up_after_days,
    )  # fmt: skip
    return policy


def _named(steps: Sequence[Step], was: Policy) -> list[Step]:
    """Each with a name; only the half-time that stayed there is still called so."""
    half_time = {step.offset for step in was.ladder.steps if step.name == HALF_TIME}
    return [
        replace(step, name=name_of(step.offset))
        if not step.name or (step.name == HALF_TIME and step.offset not in half_time)
        else step
        for step in steps
    ]


def _require(proposed: Proposed) -> None:
    reasons = check(proposed)
    if not reasons:
        return
    only_the_floor = all(reason.code == "floor_stands" for reason in reasons)
    raise Refused(*reasons) if only_the_floor else Invalid(*reasons)


def _keep(policy: NudgePolicy, steps: Iterable[Step]) -> None:
    """What stays keeps its row and its history."""
    kept = {_step(row): row for row in policy.steps.all()}
    wanted = set(steps)
    for step, row in kept.items():
        if step not in wanted:
            row.delete()
    for step in steps:
        if step not in kept:
            _row(policy, step).save()


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


def read(row: NudgePolicy, steps: Iterable[NudgeStep]) -> Policy:
    """A row with its steps, in order of time, as the rules take it; asks nothing."""
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
