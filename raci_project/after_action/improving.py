"""Where an exercise meets the register: its improvements, and the report that names them.

Training and reviews know nothing of each other; both know the incident.
"""

from datetime import date, datetime

from django.db import transaction

from incidents.models import Incident, Person
from incidents.operations import words
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused
from reviews.models import ActionItem
from reviews.operations import action_item
from reviews.operations.review import opened
from training.models import GameDay
from training.operations import report

# What was cancelled, or whose risk was accepted, improves nothing.
STANDING = (ActionItem.Status.OPEN, ActionItem.Status.DONE)


@transaction.atomic
def improve(
    game_day: GameDay,
    *,
    issue: str,
    title: str,
    element: str,
    capability: str = "",
    kind: str,
    owner: Person,
    due_on: date,
    actor: Person,
    at: datetime,
) -> ActionItem:
    """Add an improvement to the one register: an action item of the exercise's review.

    The review is opened if no sweep has come by yet. Refuses `not_completed`, `issue_missing`,
    `element_missing`, `unknown_capability` for one that none of its objectives is about, and
    whatever the register refuses.
    """
    if reasons := objections(game_day, actor):
        first = reasons[0].code == "no_permission"
        raise NotPermitted(*reasons) if first else Refused(*reasons)
    said = words.required(issue, "issue", "Say what was seen that must get better.")
    if not element:
        message = "Choose the capability element it is about."
        raise Invalid.because("element_missing", message, "element")
    if capability and capability not in (known := capabilities(game_day)):
        message = f"Choose one of {', '.join(known) or 'none: it has no objectives'}."
        raise Invalid.because("unknown_capability", message, "capability")
    incident = Incident.objects.get(game_day=game_day)
    return action_item.add(
        opened(incident, at=at), title=title, kind=kind, owner=owner, due_on=due_on,
        detail=said, element=element, capability=capability, actor=actor, at=at,
    )  # fmt: skip


def capabilities(game_day: GameDay) -> list[str]:
    """What its objectives were about, in their order; two queries."""
    rows = report.asked(game_day).order_by("number").values_list("capability", flat=True)
    return list(dict.fromkeys(rows))


def publish(
    game_day: GameDay,
    *,
    reason: str = "",
    unrated_because: str = "",
    actor: Person,
    at: datetime,
) -> GameDay:
    """Publish the report, with as many improvements of it as stand in the register."""
    items = ActionItem.objects.filter(review__incident__game_day=game_day)
    count = items.filter(status__in=STANDING).count()
    return report.publish(
        game_day, improvements=count, reason=reason, unrated_because=unrated_because,
        actor=actor, at=at,
    )  # fmt: skip


def objections(game_day: GameDay, actor: Person) -> tuple[Reason, ...]:
    """Why this person may add no improvement now; a published report still gets them."""
    if not actor.has_perm(action_item.ADD):
        message = "You may not add action items: ask the owner of the report, or leadership."
        return (Reason("no_permission", message),)
    if game_day.status != GameDay.Status.COMPLETED:
        message = (
            f"This game day is {game_day.status}: improvements follow once it is completed."
        )
        return (Reason("not_completed", message),)
    return ()
