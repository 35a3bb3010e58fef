"""The after-action report of a completed game day: written, published once, owed until then."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from incidents.models import AuditEvent, NudgePolicy, Person
from incidents.operations import nudges, obligations, records, words
from incidents.operations.standing import missing
from incidents.rules.owed import Owed
from incidents.rules.reasons import NotPermitted, Reason, Refused
from training.models import GameDay, Objective, ObjectiveRating
from training.rules import after_action as rules

REPORT = "training.report_gameday"
_SUBJECT = GameDay._meta.label_lower


@transaction.atomic
def write(game_day: GameDay, *, summary: str, actor: Person, at: datetime) -> GameDay:
    """Write its executive summary, in Markdown; its owner may, and who may write any report.

    Refuses `not_the_owner`, `not_completed`, `report_published` and `summary_missing`.
    """
    row = _draft(game_day, actor)
    row.report_summary = words.required(
        summary, "summary", "Write what was shown, what was not, and what follows."
    )
    row.save(update_fields=["report_summary"])
    records.audit("write_report", row, actor=actor, at=at)
    return row


@transaction.atomic
def publish(
    game_day: GameDay,
    *,
    improvements: int,
    reason: str = "",
    unrated_because: str = "",
    actor: Person,
    at: datetime,
) -> GameDay:
    """Publish it for good. `improvements` is how many action items came of it.

    Refuses what `write` refuses, and all at once `summary_missing`, `rating_missing` unless
    `unrated_because` says why, and `improvement_missing` unless `reason` does.
    """
    row = _draft(game_day, actor)
    because = words.optional(reason, "reason")
    why_unrated = words.optional(unrated_because, "unrated_because")
    lacking = rules.missing(
        summary=row.report_summary,
        unrated=unrated(row),
        improvements=improvements,
        reason=because,
        unrated_because=why_unrated,
    )
    if lacking:
        raise Refused(*lacking)
    row.reported_at = at
    row.save(update_fields=["reported_at"])
    records.audit(
        "publish_report", row, actor=actor, at=at,
        improvements=improvements, no_improvement_because=because, unrated_because=why_unrated,
    )  # fmt: skip
    return row


def unrated(game_day: GameDay) -> list[int]:
    """The numbers of the objectives it was completed with that nobody rated."""
    rated = ObjectiveRating.objects.filter(game_day=game_day).values("objective")
    found = asked(game_day).exclude(pk__in=rated).order_by("number")
    return list(found.values_list("number", flat=True))


def asked(game_day: GameDay) -> QuerySet[Objective]:
    """The objectives it was completed with, whatever became of the story since; two queries.

    Of one that is not completed, those the story has now.
    """
    lines = AuditEvent.objects.filter(
        verb="complete_gameday", subject_type=_SUBJECT, subject_id=str(game_day.pk)
    )
    said = lines.values_list("detail", flat=True).first() or {}
    rows = Objective.objects.filter(exercise_scenario=game_day.exercise_scenario_id)
    if "objectives" in said:
        return rows.filter(number__in=said["objectives"])
    return rows.filter(retired_at=None)


def objections(game_day: GameDay, person: Person) -> tuple[Reason, ...]:
    """Why this person may not write to its report now; empty where they may."""
    if game_day.report_owner_id != person.pk and (reason := missing(person, REPORT)):
        if game_day.report_owner is None:
            return (reason,)
        message = f"Ask {game_day.report_owner}, who owns the report, or a planner to do this."
        return (Reason("not_the_owner", message),)
    if game_day.status != GameDay.Status.COMPLETED:
        message = (
            f"This game day is {game_day.status}: complete it first, then write its report."
        )
        return (Reason("not_completed", message),)
    if game_day.reported_at is not None:
        message = (
            "Its report is published and does not change: add an action item to its review "
            "for what was learnt later."
        )
        return (Reason("report_published", message),)
    return ()


def owed(at: datetime, ahead: timedelta) -> Iterable[Owed]:
    """Every report not published whose day has come, or comes within so long; one query."""
    rows = GameDay.objects.filter(
        status=GameDay.Status.COMPLETED, reported_at=None, report_due_at__lte=at + ahead
    )
    for row in rows.order_by("report_due_at", "pk"):
        link = reverse("admin:training_gameday_report", args=[row.pk])
        title = f"After-action report of “{row}”"
        yield Owed(str(row.pk), title, link, row.report_due_at, row.report_owner_id)


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Remind of reports that are owed; `say` hears one line an act."""
    obligations.tend(NudgePolicy.What.AFTER_ACTION, owed, at=at, say=say, about=_SUBJECT)


def _draft(game_day: GameDay, actor: Person) -> GameDay:
    """The row as it is now, held, where this person may write to its report."""
    rows = GameDay.objects.select_related("report_owner").select_for_update(of=("self",))
    row = rows.get(pk=game_day.pk)
    reasons = objections(row, actor)
    if any(reason.code in ("not_the_owner", "no_permission") for reason in reasons):
        raise NotPermitted(*reasons)
    if reasons:
        raise Refused(*reasons)
    return row
