"""What the passing of time asks of reviews: owed ones opened, late ones nudged."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db.models import Prefetch

from incidents.models import NudgePolicy
from incidents.operations import nudges, policies
from incidents.operations.composing import Message
from incidents.operations.recipients import Recipients, holding
from incidents.rules.nudges import LEADERSHIP, MANAGER, OWNER, DueStep
from incidents.rules.phases import State
from incidents.rules.policy import Policy
from reviews.models import ActionItem, Review
from reviews.operations.due import how_late, page
from reviews.operations.review import open_owed


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Open owed reviews, then remind of reviews and action items; `say` hears one line an act."""
    for review in open_owed(at):
        if say:
            say(f"{_called(review)} opened for {review.owner.username}")
    # While its incident is open again a review waits for that to be over.
    reviews = Review.objects.filter(status=Review.Status.DRAFT, incident__state=State.CLOSED)
    items = ActionItem.objects.filter(status=ActionItem.Status.OPEN)
    desk = Recipients(of_lessons=True)
    law = policies.of(NudgePolicy.What.REVIEW)
    nudges.sweep(
        reviews.select_related("owner__manager", "incident").prefetch_related(
            *_roles(law, "incident")
        ),
        law, partial(review_messages, policy=law, desk=desk, at=at), at=at,
        say=say, called=_called,
    )  # fmt: skip
    law = policies.of(NudgePolicy.What.ACTION_ITEM)
    nudges.sweep(
        items.select_related("owner__manager", "review__incident").prefetch_related(
            *_roles(law, "review__incident")
        ),
        law, partial(action_item_messages, policy=law, desk=desk, at=at), at=at,
        say=say, called=lambda item: f"action item {item.reference}",
    )  # fmt: skip


def review_messages(
    review: Review, step: DueStep, *, policy: Policy, desk: Recipients, at: datetime
) -> Iterable[Message]:
    """Tell whom the step means how late the review is and what it waits for."""
    incident = review.incident
    late = how_late(review.due_at, at) if review.due_at else ""
    for to, _ in desk.told(step.step, owner=review.owner, incident=incident):
        yield Message(
            key=nudges.key(review, step, to),
            kind="review-nudge",
            to=to,
            subject=f"Review of {incident.reference} is {late}",
            body=(
                f"The review of {incident} is {late}. Its owner is {review.owner}.\n\n"
                "Please complete summary, class of cause, factors and action items, "
                "then publish it."
            ),
            link=page(review),
            topic=incident.reference,
            is_lesson=True,
            **policies.manner(policy, step.step),
        )


def action_item_messages(
    item: ActionItem, step: DueStep, *, policy: Policy, desk: Recipients, at: datetime
) -> Iterable[Message]:
    """Tell whom the step means how late the item is and what ends it."""
    incident = item.review.incident
    late = how_late(item.due_at, at) if item.due_at else ""
    for to, _ in desk.told(step.step, owner=item.owner, incident=incident):
        yield Message(
            key=nudges.key(item, step, to),
            kind="action-item-nudge",
            to=to,
            subject=f"{item.reference} is {late}: {item.title}",
            body=(
                f"The action item {item} from the review of {incident} is {late}: it was due at "
                f"the end of {item.due_on:%-d %B %Y}. Its owner is {item.owner}.\n\n"
                "Please finish it and say what was done, or reschedule it and say why."
            ),
            link=page(item),
            topic=incident.reference,
            is_lesson=True,
            **policies.manner(policy, step.step),
        )


def _roles(policy: Policy, incident: str) -> Iterable[Prefetch[str]]:
    """Who holds roles is read only where a step means them."""
    named = {name for step in policy.ladder.steps for name in step.to}
    return [holding(incident)] if named - {OWNER, MANAGER, LEADERSHIP} else []


def _called(review: Review) -> str:
    return f"review of {review.incident.reference}"
