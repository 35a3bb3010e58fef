"""The verbs of a review: opened because it is owed, written, published, then fixed for good."""

import logging
from datetime import datetime

from django.db import transaction

from incidents.models import Incident, NudgePolicy, Person
from incidents.operations import nudges, policies
from incidents.operations.composing import Message, compose
from incidents.operations.records import audit
from incidents.operations.standing import leaders
from incidents.operations.words import optional, required
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.roles import COMMANDER
from reviews.models import CauseClass, ContributingFactor, Review
from reviews.operations.due import on_the_clock, page
from reviews.operations.standing import objections, require, sees

logger = logging.getLogger(__name__)

WRITE = "reviews.change_review"
ADD_FACTOR = "reviews.add_contributingfactor"
PUBLISH = "reviews.publish_review"


def open_owed(at: datetime, *, limit: int = 500) -> list[Review]:
    """Open the review each closed incident or exercise owes, the longest owed first.

    It belongs to the last commander, else to who declared, else to a leader. Where none of them
    is active the incident stays owed and is looked at again. Closed a second time, the draft it
    has is due anew. One that fails is logged and stays owed; the others go on.
    """
    owed = Incident.objects.owing_a_review().values_list("pk", flat=True)[:limit]
    found = (_try_to_open(pk, at=at) for pk in owed)
    return [review for review in found if review is not None]


@transaction.atomic
def opened(incident: Incident, *, at: datetime) -> Review:
    """Its review, opened now if it is owed and no sweep came by yet. Refuses `no_review_owed`."""
    known = Review.objects.filter(incident=incident).first() or _open(incident.pk, at=at)
    if known is None:
        message = (
            f"{incident.reference} owes no review yet: close it first, and see that whoever "
            "commanded it, or a leader, is active to own the review."
        )
        raise Refused.because("no_review_owed", message)
    return known


@transaction.atomic
def write(
    review: Review,
    *,
    summary: str,
    impact: str,
    went_well: str,
    cause_class: CauseClass | None,
    repeat_of: Incident | None,
    actor: Person,
    at: datetime,
) -> Review:
    """Write the draft. Refuses `review_published`, `repeats_itself` and `repeat_is_later`."""
    row = _draft(review, WRITE, actor)
    _require_earlier(row.incident, repeat_of)
    texts = {"summary": summary, "impact": impact, "went_well": went_well}
    said = {name: optional(text, name) for name, text in texts.items()}
    changed = [name for name, text in said.items() if getattr(row, name) != text]
    for name, text in said.items():
        setattr(row, name, text)
    row.cause_class, row.repeat_of = cause_class, repeat_of
    row.save()
    audit(
        "write_review",
        row,
        actor=actor,
        at=at,
        changed=changed,
        cause_class=cause_class.slug if cause_class else "",
        repeat_of=repeat_of.reference if repeat_of else "",
    )
    return row


@transaction.atomic
def add_factor(
    review: Review, *, category: str, text: str, actor: Person, at: datetime
) -> ContributingFactor:
    """Name one circumstance that contributed. Refuses `text_missing` and `unknown_category`."""
    row = _draft(review, ADD_FACTOR, actor)
    said = required(text, "text", "Say what contributed.")
    if category not in ContributingFactor.Category.values:
        known = ", ".join(ContributingFactor.Category.values)
        raise Invalid.because("unknown_category", f"Choose one of {known}.", "category")
    factor = ContributingFactor.objects.create(review=row, category=category, text=said)
    audit("add_factor", row, actor=actor, at=at, factor=factor.pk, category=category)
    return factor


@transaction.atomic
def publish(review: Review, *, reason: str = "", actor: Person, at: datetime) -> Review:
    """Publish it for good: from here on it does not change, though action items may be added.

    Refuses `summary_missing`, `cause_class_missing`, `factor_missing`, and `action_item_missing`
    unless a reason says why there is nothing to do.
    """
    row = _draft(review, PUBLISH, actor)
    why_none = optional(reason, "reason")
    if missing := _missing(row, why_none):
        raise Refused(*missing)
    row.status = Review.Status.PUBLISHED
    row.published_at, row.published_by = at, actor
    row.next_nudge_at = None
    row.save()
    audit("publish_review", row, actor=actor, at=at, no_action_items_because=why_none)
    return row


def why_not(permission: str, review: Review, person: Person) -> tuple[Reason, ...]:
    """Why this person may not write to this review now; empty where they may."""
    return objections(permission, person, owner=review.owner) or _published(review)


def _try_to_open(incident_id: int, *, at: datetime) -> Review | None:
    try:
        return _open(incident_id, at=at)
    except Exception as error:  # whatever one incident does, the rest must be opened
        # The error's own text may quote what the row says of people: only its kind is logged.
        logger.error("opening a review of incident %s: %s", incident_id, type(error).__name__)
        return None


@transaction.atomic
def _open(incident_id: int, *, at: datetime) -> Review | None:
    """None where another sweep was faster, nobody can own it, or there is one."""
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    if not incident.is_review_owed:
        return None
    known = Review.objects.select_for_update().filter(incident=incident).first()
    owner = known.owner if known else _owner(incident)
    if owner is None:
        return None
    # Bookkeeping, which row history leaves out.
    Incident.objects.filter(pk=incident_id).update(is_review_owed=False)
    if known:
        _follow(known, incident.review_due_at, at)
        return None
    review = Review(incident=incident, owner=owner, due_at=incident.review_due_at)
    nudges.schedule(review, policies.of(NudgePolicy.What.REVIEW), at=at)
    review.save()
    compose([_opened(review)], at=at)
    audit("open_review", review, actor=None, at=at, owner=owner.username, due_at=review.due_at)
    return review


def _follow(review: Review, due_at: datetime | None, at: datetime) -> None:
    """A draft is due when the new closing says so; what is published is done."""
    if review.status != Review.Status.DRAFT or review.due_at == due_at:
        return
    was, review.due_at = review.due_at, due_at
    nudges.schedule(review, policies.of(NudgePolicy.What.REVIEW), at=at)
    review.save()
    audit("move_review", review, actor=None, at=at, was=was, due_at=due_at)


def _owner(incident: Incident) -> Person | None:
    command = (
        incident.assignments.filter(role=COMMANDER, person__is_active=True)
        .select_related("person")
        .order_by("-assigned_at", "-id")
        .first()
    )
    if command is not None:
        return command.person
    if incident.declared_by is not None and incident.declared_by.is_active:
        return incident.declared_by
    return next((leader for leader in leaders() if sees(leader, incident)), None)


def _opened(review: Review) -> Message:
    incident, owner = review.incident, review.owner
    due = on_the_clock(review.due_at, owner) if review.due_at else "no date"
    return Message(
        key=f"review:{review.pk}:opened",
        kind="review-opened",
        to=owner,
        subject=f"{incident.reference}: its review is yours, due {due}",
        body=(
            f"{incident} is closed and owes a review. You are its owner.\n\n"
            "Please write what happened, name what contributed (circumstances, never persons), "
            f"agree on action items, and publish it by {due}."
        ),
        link=page(review),
        topic=incident.reference,
        is_lesson=True,
    )


def _draft(review: Review, permission: str, actor: Person) -> Review:
    """The review, locked, where this person may write to it now."""
    rows = Review.objects.select_related("incident", "owner").select_for_update(of=("self",))
    row = rows.get(pk=review.pk)
    require(permission, actor, owner=row.owner)
    if reasons := _published(row):
        raise Refused(*reasons)
    return row


def _published(review: Review) -> tuple[Reason, ...]:
    if review.status != Review.Status.PUBLISHED:
        return ()
    message = (
        "It is published and does not change: add an action item for what was learnt later."
    )
    return (Reason("review_published", message),)


def _require_earlier(incident: Incident, repeat_of: Incident | None) -> None:
    if repeat_of is None:
        return
    if repeat_of.pk == incident.pk:
        raise Invalid.because("repeats_itself", "Choose an earlier incident.", "repeat_of")
    if repeat_of.declared_at > incident.declared_at:
        raise Invalid.because(
            "repeat_is_later", f"{repeat_of.reference} came later: link it there.", "repeat_of"
        )


def _missing(review: Review, reason: str) -> list[Reason]:
    """Everything that is missing at once, so that it takes one more round and not four."""
    needed = (
        (review.summary, "summary_missing", "Write the summary first."),
        (review.cause_class_id, "cause_class_missing", "Choose the class of cause first."),
        (review.factors.exists(), "factor_missing", "Name at least one contributing factor."),
        (
            reason or review.action_items.exists(),
            "action_item_missing",
            "Add an action item, or say here why there is nothing to do.",
        ),
    )
    return [
        Reason(code, message, "reason" if code == "action_item_missing" else "")
        for given, code, message in needed
        if not given
    ]
