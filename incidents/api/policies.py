"""Nudge policies: how people are reminded of what they owe, read and set."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field
from typing_extensions import TypedDict

from incidents.api.acts import by, spelt
from incidents.api.auth import Bearer
from incidents.api.fields import Said, Slug
from incidents.models import NudgePolicy, OutboxMessage
from incidents.operations import policies
from incidents.rules.nudges import Step
from incidents.rules.policy import Policy
from incidents.rules.policy_check import MOST_STEPS

router = Router(tags=["nudge policies"])

VIEW = "incidents.view_nudgepolicy"
Urgency = Literal["page", "notice", "digest"]
_MINUTE = timedelta(minutes=1)
_SPELT = {
    f"steps.{number}.{ours}": f"steps.{number}.{theirs}"
    for number in range(MOST_STEPS)
    for ours, theirs in (("offset", "offset_minutes"), ("repeat_every", "repeat_minutes"))
}
# A century of minutes: what is longer is no number of minutes anybody means.
Minutes = Annotated[int, Field(ge=-52_560_000, le=52_560_000)]


class StepShown(TypedDict):
    """One step; `offset_minutes` negative: before the due instant. `channel` "": the person's own way."""

    name: str
    offset_minutes: int
    repeat_minutes: int | None
    to: list[str]
    priority: str
    channel: str


class PolicyShown(TypedDict):
    """How people are reminded of one thing; `gives_up_after_days` null: until it is done."""

    what: str
    is_active: bool
    as_digest: bool
    is_optional: bool
    gives_up_after_days: int | None
    steps: list[StepShown]
    changed_at: datetime
    changed_by: str | None


class Policies(TypedDict):
    """Every policy by what it is about."""

    items: list[PolicyShown]


class StepSaid(Said):
    """One step, in order of time; only the last may repeat."""

    name: Slug = Field(
        "", description="Part of each nudge's key; without it made of the offset."
    )
    offset_minutes: Minutes = Field(description="Negative: before the due instant; 0: at.")
    repeat_minutes: Minutes | None = None
    to: list[Slug] = Field(description="owner, manager, leadership, or roles of the incident.")
    priority: Urgency = "notice"
    channel: Slug = Field("", description="Empty: as each person wants to be reached.")


class PolicySaid(Said):
    """The whole policy as it is to be."""

    steps: list[StepSaid]
    is_active: bool = True
    as_digest: bool = False
    is_optional: bool = False
    gives_up_after_days: int | None = None


@router.get("", auth=Bearer(VIEW), response=Policies, operation_id="list_nudge_policies")
def list_nudge_policies(request: HttpRequest) -> Policies:
    """All of them."""
    laws = policies.everything()
    return {"items": [_shown(row, laws[row.what]) for row in _rows()]}


@router.get("/{what}", auth=Bearer(VIEW), response=PolicyShown, operation_id="get_nudge_policy")
def get_nudge_policy(request: HttpRequest, what: Slug) -> PolicyShown:
    """One by what it is about, such as `action_item`."""
    return _shown(_row(what), policies.of(what))


@router.post(
    "/{what}/set",
    auth=Bearer(VIEW, policies.SET),
    response=PolicyShown,
    operation_id="set_nudge_policy",
)
def set_nudge_policy(request: HttpRequest, what: Slug, body: PolicySaid) -> PolicyShown:
    """Replaces it whole; steps reached by now are let go, what repeats goes on."""
    row = _row(what)
    with spelt(**_SPELT):
        policies.set_policy(
            row,
            steps=[_step(each) for each in body.steps],
            is_active=body.is_active,
            as_digest=body.as_digest,
            is_optional=body.is_optional,
            gives_up_after_days=body.gives_up_after_days,
            **by(request),
        )
    return _shown(row, policies.of(what))


def _rows() -> QuerySet[NudgePolicy]:
    return NudgePolicy.objects.select_related("changed_by")


def _row(what: str) -> NudgePolicy:
    found = _rows().filter(pk=what).first()
    if found is None:
        known = ", ".join(NudgePolicy.What.values)
        raise Http404(f"There is no policy “{what}”: known are {known}.")
    return found


def _step(said: StepSaid) -> Step:
    again = said.repeat_minutes
    return Step(
        name=said.name,
        offset=said.offset_minutes * _MINUTE,
        repeat_every=None if again is None else again * _MINUTE,
        to=tuple(said.to),
        priority=OutboxMessage.Priority[said.priority.upper()],
        channel=said.channel,
    )


def _shown(row: NudgePolicy, policy: Policy) -> PolicyShown:
    return {
        "what": row.what,
        "is_active": row.is_active,
        "as_digest": row.as_digest,
        "is_optional": row.is_optional,
        "gives_up_after_days": row.gives_up_after_days,
        "steps": [_step_shown(step) for step in policy.ladder.steps],
        "changed_at": row.changed_at,
        "changed_by": row.changed_by.username if row.changed_by else None,
    }


def _step_shown(step: Step) -> StepShown:
    again = step.repeat_every
    return {
        "name": step.name,
        "offset_minutes": step.offset // _MINUTE,
        "repeat_minutes": None if again is None else again // _MINUTE,
        "to": list(step.to),
        "priority": OutboxMessage.Priority(step.priority).name.lower(),
        "channel": step.channel,
    }
