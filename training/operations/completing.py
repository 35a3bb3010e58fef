"""The end of a game day: its lessons, its evidence, what it exercised, and who writes its report."""

from datetime import date, datetime, timedelta

from django.db import transaction

from incidents.models import Incident, Person
from incidents.models.calendar import today
from incidents.models.incident import REVIEW_OWED
from incidents.operations import nudges, records, standing, timeline, words
from incidents.rules import hours
from incidents.rules.nudges import end_of_day
from incidents.rules.reasons import Invalid, Refused
from training.models import GameDay
from training.operations import evidence, exercised, running
from training.operations import game_day as game_days
from training.rules.after_action import REPORT_DUE

# Where the level owes no review the lessons still do. FedRAMP IR-3 wants them in the plan within
# 30 days; the review has to be written well before that.
LESSONS_DUE = timedelta(days=10)
COMPLETE = "training.complete_gameday"


def complete(
    game_day: GameDay,
    *,
    lessons: str,
    report_owner: Person | None,
    report_due_on: date | None = None,
    actor: Person,
    at: datetime,
) -> GameDay:
    """End it: lessons on the timeline, evidence and coverage written, a report owed by somebody.

    The report is due when `report_due_on` ends for its owner, 30 days from now unless said. From
    here on what was observed and rated is fixed. A review is owed even where the level owes none.
    Refuses `exercise_not_closed`, `lessons_missing`, `report_owner_missing`,
    `report_owner_inactive` and `report_due_in_past`.
    """
    standing.permit_to(actor, COMPLETE)
    with transaction.atomic():
        row = _locked(game_day)
        said = words.required(
            lessons, "lessons", "Say what was learnt, even if it is that all went well."
        )
        _owe_report(row, report_owner, report_due_on, at)
        incident = Incident.objects.select_for_update().get(game_day=row)
        timeline.record(incident, f"Lessons of the exercise: {said}", at=at, author=actor)
        if incident.review_due_at is None:
            incident.owe_review(at + LESSONS_DUE)
            incident.save(update_fields=REVIEW_OWED)
        row.status = GameDay.Status.COMPLETED
        nudges.end(row)
        row.save()
        running.end(row, at=at)
        shown = evidence.from_game_day(row, at=at)
        asked = row.exercise_scenario.objectives.filter(retired_at=None).order_by("number")
        row.incident = incident
        records.audit(
            "complete_gameday", row, actor=actor, at=at, lessons=said,
            report_owner=row.report_owner.username if row.report_owner else None,
            report_due_at=row.report_due_at, objectives=[each.number for each in asked],
            exercised=exercised.write(row), evidence=shown,
        )  # fmt: skip
    return row


def _locked(game_day: GameDay) -> GameDay:
    rows = GameDay.objects.select_related("incident").select_for_update(of=("self",))
    row = rows.get(pk=game_day.pk)
    if reasons := game_days.objections("complete", row):
        raise Refused(*reasons)
    return row


def _owe_report(
    game_day: GameDay, owner: Person | None, due_on: date | None, at: datetime
) -> None:
    if owner is None:
        message = "Name who writes the after-action report."
        raise Invalid.because("report_owner_missing", message, "report_owner")
    if not owner.is_active:
        message = f"{owner} is deactivated: name somebody else."
        raise Invalid.because("report_owner_inactive", message, "report_owner")
    due_on = due_on or today(at + REPORT_DUE)
    due_at = end_of_day(due_on, hours.zone(owner.time_zone))
    if due_at <= at:
        message = "Choose a day that is not over yet."
        raise Invalid.because("report_due_in_past", message, "report_due_on")
    game_day.report_owner, game_day.report_due_at = owner, due_at
