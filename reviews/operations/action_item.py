"""The verbs of the one register of action items: added, moved, handed on, finished."""

from datetime import date, datetime

from django.db import transaction

from incidents.models import NudgePolicy, Person
from incidents.operations import nudges, policies
from incidents.operations.composing import Message, compose
from incidents.operations.records import audit, next_number
from incidents.operations.words import optional, required
from incidents.rules import hours
from incidents.rules.nudges import end_of_day
from incidents.rules.reasons import Invalid, Reason, Refused
from reviews.models import ActionItem, Review
from reviews.operations import standing
from reviews.operations.due import page

ADD = "reviews.add_actionitem"
FINISH = "reviews.finish_actionitem"
RESCHEDULE = "reviews.reschedule_actionitem"
REASSIGN = "reviews.reassign_actionitem"

SERIES = "action-item"
ENDS = tuple(status for status in ActionItem.Status if status != ActionItem.Status.OPEN)


@transaction.atomic
def add(
    review: Review,
    *,
    title: str,
    kind: str,
    owner: Person,
    due_on: date,
    detail: str = "",
    element: str = "",
    capability: str = "",
    actor: Person,
    at: datetime,
) -> ActionItem:
    """One thing to do, with one accountable owner who is told; due when `due_on` ends for them.

    Of an improvement that an exercise showed, `capability` is what it is to strengthen, and
    `element` which part of it. Refuses `title_missing`, `title_too_long`, `unknown_kind`,
    `unknown_element`, `owner_inactive`, `due_in_past`, and of a private incident
    `owner_may_not_see_it`.
    """
    standing.require(ADD, actor)
    if not standing.sees(actor, review.incident):
        message = f"There is no {review}: look it up first."
        raise Invalid.because("unknown_review", message, "review")
    item = ActionItem(
        review=review,
        title=required(title, "title", "Say what is to be done.", longest=200),
        kind=_kind(kind),
        element=_element(element),
        capability=optional(capability, "capability", longest=80),
        owner=owner,
        detail=optional(detail, "detail"),
        original_due_on=due_on,
    )
    _fall_due(item, due_on, at=at)
    item.reference = f"AI-{next_number(SERIES)}"
    item.save()
    compose([_yours(item, actor, at)], at=at)
    audit(
        "add_actionitem", item, actor=actor, at=at,
        review=str(review), kind=kind, owner=owner.username, due_on=due_on,
        **({"element": element} if element else {}),
    )  # fmt: skip
    return item


@transaction.atomic
def finish(
    item: ActionItem, *, status: str, outcome: str, actor: Person, at: datetime
) -> ActionItem:
    """End it as done, cancelled or accepted risk, with what was done or why it is not.

    Refuses `item_finished`, `unknown_status` and `outcome_missing`.
    """
    row = _open_item(item, FINISH, actor)
    if status not in ENDS:
        raise Invalid.because("unknown_status", f"Choose one of {', '.join(ENDS)}.", "status")
    row.outcome = required(outcome, "outcome", "Say what was done, or why it is not.")
    row.status = ActionItem.Status(status)
    row.finished_at, row.next_nudge_at = at, None
    row.save()
    audit("finish_actionitem", row, actor=actor, at=at, status=status, outcome=row.outcome)
    return row


@transaction.atomic
def reschedule(
    item: ActionItem, *, due_on: date, reason: str, actor: Person, at: datetime
) -> ActionItem:
    """Move the due date; completion on time stays measured against the original one.

    Refuses `item_finished`, `reason_missing`, `same_date` and `due_in_past`.
    """
    row = _open_item(item, RESCHEDULE, actor)
    before = row.due_on
    if due_on == before:
        raise Invalid.because("same_date", "Choose another date: it is due then.", "due_on")
    said = required(reason, "reason", "Say why.")
    _fall_due(row, due_on, at=at)
    row.save()
    audit(
        "reschedule_actionitem",
        row,
        actor=actor,
        at=at,
        before=before,
        due_on=due_on,
        reason=said,
    )
    return row


@transaction.atomic
def reassign(
    item: ActionItem, *, owner: Person, reason: str, actor: Person, at: datetime
) -> ActionItem:
    """Give it to another owner, who is told; its day now ends in their time zone.

    Refuses `item_finished`, `reason_missing`, `same_owner`, `owner_inactive` and
    `owner_may_not_see_it`.
    """
    row = _open_item(item, REASSIGN, actor)
    before = row.owner
    if owner.pk == before.pk:
        raise Invalid.because("same_owner", f"{owner} owns it: choose somebody else.", "owner")
    said = required(reason, "reason", "Say why.")
    row.owner = owner
    _end_its_day(row, row.due_on, at=at)
    row.save()
    compose([_yours(row, actor, at)], at=at)
    audit(
        "reassign_actionitem", row, actor=actor, at=at,
        before=before.username, owner=owner.username, reason=said,
    )  # fmt: skip
    return row


def why_not(permission: str, item: ActionItem, person: Person) -> tuple[Reason, ...]:
    """Why this person may not do this to this item now; empty where they may."""
    return standing.objections(permission, person, owner=item.owner) or _finished(item)


def _fall_due(item: ActionItem, due_on: date, *, at: datetime) -> None:
    _end_its_day(item, due_on, at=at)
    if item.due_at is not None and item.due_at <= at:
        raise Invalid.because("due_in_past", "Choose a day that is not over yet.", "due_on")


def _end_its_day(item: ActionItem, due_on: date, *, at: datetime) -> None:
    """Set when it is due and when it is nudged, for an owner who can still act."""
    if not item.owner.is_active:
        raise Refused.because(
            "owner_inactive", f"{item.owner} has left: choose somebody else.", "owner"
        )
    if not standing.sees(item.owner, item.review.incident):
        message = (
            f"The incident is private and {item.owner} may not see it: choose somebody who does, "
            "or have a group of theirs named."
        )
        raise Refused.because("owner_may_not_see_it", message, "owner")
    item.due_on, item.due_at = due_on, end_of_day(due_on, hours.zone(item.owner.time_zone))
    nudges.schedule(item, policies.of(NudgePolicy.What.ACTION_ITEM), at=at)


def _yours(item: ActionItem, actor: Person, at: datetime) -> Message:
    incident = item.review.incident
    return Message(
        key=f"action-item:{item.pk}:yours:{item.owner_id}:{at.isoformat()}",
        kind="action-item-yours",
        to=item.owner,
        subject=f"{item.reference} is yours, due {item.due_on:%-d %B %Y}: {item.title}",
        body=(
            f"{actor} gave you the action item {item} from the review of {incident}.\n\n"
            f"{item.detail or item.title}\n\n"
            f"Please do it by the end of {item.due_on:%-d %B %Y} and say then what was done."
        ),
        link=page(item),
        topic=incident.reference,
        is_lesson=True,
    )


def _open_item(item: ActionItem, permission: str, actor: Person) -> ActionItem:
    """The item, locked, where this person may act on it now."""
    rows = ActionItem.objects.select_related("owner", "review__incident")
    row = rows.select_for_update(of=("self",)).get(pk=item.pk)
    standing.require(permission, actor, owner=row.owner)
    if reasons := _finished(row):
        raise Refused(*reasons)
    return row


def _finished(item: ActionItem) -> tuple[Reason, ...]:
    if item.status == ActionItem.Status.OPEN:
        return ()
    message = (
        f"{item.reference} is finished ({item.get_status_display()}): add a new item instead."
    )
    return (Reason("item_finished", message),)


def _kind(kind: str) -> str:
    if kind not in ActionItem.Kind.values:
        known = ", ".join(ActionItem.Kind.values)
        raise Invalid.because("unknown_kind", f"Choose one of {known}.", "kind")
    return kind


def _element(element: str) -> str:
    if element and element not in ActionItem.Element.values:
        known = ", ".join(ActionItem.Element.values)
        raise Invalid.because("unknown_element", f"Choose one of {known}.", "element")
    return element
