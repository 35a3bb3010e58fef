"""Rows that reviews begin with: a closed incident, its review, one action item."""

from datetime import date, datetime, timedelta
from itertools import count

from incidents.models import Assignment, Incident, Person
from incidents.rules.roles import COMMANDER
from reviews.models import ActionItem, CauseClass, Review
from reviews.operations import action_item
from reviews.operations import review as reviews
from tests.factories import NOW, allow, person, role

WRITER = (
    "reviews.view_review",
    "reviews.change_review",
    "reviews.add_contributingfactor",
    "reviews.publish_review",
    "reviews.view_actionitem",
    "reviews.add_actionitem",
    "reviews.finish_actionitem",
    "reviews.reschedule_actionitem",
    "reviews.reassign_actionitem",
)
FRIDAY = date(2026, 11, 27)
_numbers = count(1)


def writer(username: str, **fields) -> Person:
    """A person who may do everything to what is theirs."""
    return allow(person(username, **fields), *WRITER)


def leader(username: str = "ada") -> Person:
    """A person who may do everything to anything."""
    return allow(writer(username), "incidents.lead_incident")


def incident(*, services=(), **fields) -> Incident:
    """A real incident, detected an hour before NOW and closed at NOW unless told otherwise."""
    number = next(_numbers)
    fields.setdefault("reference", f"INC-{number}")
    fields.setdefault("title", f"Trouble {number}")
    fields.setdefault("state", "closed")
    fields.setdefault("detected_at", NOW - timedelta(hours=1))
    fields.setdefault("declared_at", fields["detected_at"] or NOW - timedelta(hours=1))
    if fields["state"] == "closed":
        fields.setdefault("closed_at", NOW)
    row = Incident.objects.create(**fields)
    row.services.set(services)
    return row


def commanded_by(row: Incident, who: Person, at: datetime = NOW - timedelta(hours=1)) -> None:
    """An ended command."""
    Assignment.objects.create(
        incident=row,
        role=role(COMMANDER),
        person=who,
        reason="named",
        assigned_at=at,
        ended_at=NOW,
    )


def owed(owner: Person | None = None, **fields) -> Incident:
    """A closed incident whose review is due in three days."""
    row = incident(review_due_at=NOW + timedelta(days=3), is_review_owed=True, **fields)
    if owner is not None:
        commanded_by(row, owner)
    return row


def review(owner: Person, **fields) -> Review:
    """An opened draft."""
    owed(owner, **fields)
    return reviews.open_owed(NOW)[0]


def cause(slug: str = "config") -> CauseClass:
    return CauseClass.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0]


def written(draft: Review, actor: Person, **said) -> Review:
    """A draft with all it needs but factors and action items."""
    words = {
        "summary": "A bad value was rolled out.", "impact": "Nobody could pay.", "went_well": "",
        "cause_class": cause(), "repeat_of": None,
    }  # fmt: skip
    return reviews.write(draft, **(words | said), actor=actor, at=NOW)


def item(draft: Review, owner: Person, actor: Person, **fields) -> ActionItem:
    """Due on Friday unless told otherwise."""
    fields = {"title": "Check values", "kind": "prevent", "due_on": FRIDAY, "at": NOW} | fields
    return action_item.add(draft, owner=owner, actor=actor, **fields)
