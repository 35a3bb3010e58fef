"""A game day ends: its lessons join the register, somebody owes its report, evidence is kept."""

from datetime import date, timedelta

import pytest

from incidents.models import AuditEvent, Incident, Obligation, OutboxMessage
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from tests.factories import NOW, allow, law, person
from tests.training.factories import running
from training.models import GameDay, Objective, ObjectiveRating
from training.operations import completing, report

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def closed(**fields) -> GameDay:
    """A running game day whose exercise is closed: as its verbs would, in one step."""
    law()
    day = running(**fields)
    exercise = Incident.objects.get(game_day=day)
    exercise.state, exercise.closed_at = "closed", day.starts_at + timedelta(hours=1)
    exercise.save()
    return day


def end(day: GameDay, **changed):
    said = {"lessons": "Who may refund?", "report_owner": day.organiser, "actor": day.organiser}
    return completing.complete(day, at=day.starts_at + DAY, **{**said, **changed})


def completed(**fields) -> GameDay:
    return end(closed(**fields))


def rate(day: GameDay, number: int = 1, rating: str = "S") -> ObjectiveRating:
    objective = Objective.objects.create(
        exercise_scenario=day.exercise_scenario, number=number, capability="Command",
        text="Command is taken at once.",
    )  # fmt: skip
    return ObjectiveRating.objects.create(
        game_day=day, objective=objective, rating=rating, reason="Late, but taken.",
        rated_by=day.organiser, rated_at=day.starts_at,
    )  # fmt: skip


# --- completing


def test_completing_waits_for_the_exercise_to_be_closed():
    law()
    day = running()
    with pytest.raises(Refused) as refused:
        end(day)
    assert refused.value.has("exercise_not_closed")
    Incident.objects.filter(game_day=day).update(state="closed", closed_at=day.starts_at)
    assert end(day).status == "completed"


def test_lessons_join_the_timeline_and_a_review_is_owed_even_where_the_level_owes_none():
    day = completed()
    exercise = Incident.objects.get(game_day=day)
    assert exercise.review_due_at == day.starts_at + DAY + completing.LESSONS_DUE
    assert exercise.is_review_owed
    assert "Who may refund?" in exercise.timeline.last().text


def test_a_review_the_level_owes_keeps_its_date():
    day = closed()
    Incident.objects.filter(game_day=day).update(review_due_at=NOW + 90 * DAY)
    end(day)
    assert Incident.objects.get(game_day=day).review_due_at == NOW + 90 * DAY


def test_somebody_owes_its_report_within_thirty_days():
    day = closed()
    for said, code in (
        ({"report_owner": None}, "report_owner_missing"),
        ({"report_owner": person("gone", is_active=False)}, "report_owner_inactive"),
        ({"report_due_on": date(2020, 1, 1)}, "report_due_in_past"),
        ({"lessons": "  "}, "lessons_missing"),
    ):
        with pytest.raises(Refused) as refused:
            end(day, **said)
        assert refused.value.has(code)
    done = end(day)
    assert done.report_owner == day.organiser
    assert timedelta(days=30) < done.report_due_at - (day.starts_at + DAY) < timedelta(days=32)


def test_another_day_may_be_agreed_and_ends_in_its_owners_zone():
    quinn = person("quinn", time_zone="America/New_York")
    done = end(closed(), report_owner=quinn, report_due_on=date(2027, 1, 5))
    assert done.report_due_at.isoformat() == "2027-01-06T05:00:00+00:00"


def test_dan_completes_nothing():
    day = closed()
    with pytest.raises(NotPermitted) as refused:
        end(day, actor=person("dan"))
    assert refused.value.has("no_permission")
    assert GameDay.objects.get().status == "running"


# --- its report


def test_a_report_is_reminded_of_until_it_is_published():
    day = completed()
    rate(day)
    report.sweep(day.starts_at + DAY)
    report.sweep(day.report_due_at - 3 * DAY)
    assert Obligation.objects.open().get().owner == day.organiser
    said = OutboxMessage.objects.get(kind="after_action-nudge")
    assert "After-action report of “Acquirer rehearsal”" in said.subject
    assert said.recipient == day.organiser
    at = day.report_due_at - 2 * DAY
    report.write(day, summary="It went well.", actor=day.organiser, at=at)
    report.publish(day, improvements=1, actor=day.organiser, at=at)
    report.sweep(day.report_due_at + DAY)
    assert not Obligation.objects.open().exists()


def test_a_report_is_published_only_with_summary_ratings_and_improvement():
    day = closed()
    rated = rate(day)
    second = Objective.objects.create(
        exercise_scenario=day.exercise_scenario, number=2, capability="Voice", text="Say so."
    )
    day = end(day)
    at = day.starts_at + 2 * DAY
    with pytest.raises(Refused) as refused:
        report.publish(day, improvements=0, actor=day.organiser, at=at)
    assert {reason.code for reason in refused.value.reasons} == {
        "summary_missing", "rating_missing", "improvement_missing",
    }  # fmt: skip
    assert "objective 2 is not" in str(refused.value)
    ObjectiveRating.objects.create(
        game_day=day, objective=second, rating="P", reason="Said.", rated_by=rated.rated_by,
        rated_at=at,
    )  # fmt: skip
    report.write(day, summary="It went well.", actor=day.organiser, at=at)
    done = report.publish(
        day, improvements=0, reason="All as agreed.", actor=day.organiser, at=at
    )
    assert done.reported_at == at
    line = AuditEvent.objects.get(verb="publish_report")
    assert line.detail["no_improvement_because"] == "All as agreed."
    with pytest.raises(Refused) as refused:
        report.write(day, summary="Better.", actor=day.organiser, at=at)
    assert refused.value.has("report_published")


def test_what_nobody_rated_in_time_is_published_with_the_reason_why():
    day = closed()
    rated = rate(day)
    day = end(day)
    at = day.starts_at + 2 * DAY
    report.write(day, summary="It went well.", actor=day.organiser, at=at)
    ObjectiveRating.objects.filter(pk=rated.pk).delete()
    with pytest.raises(Refused) as refused:
        report.publish(day, improvements=1, actor=day.organiser, at=at)
    assert refused.value.has("rating_missing")
    done = report.publish(
        day, improvements=1, unrated_because="Nobody evaluated it.", actor=day.organiser, at=at
    )
    assert done.reported_at == at
    line = AuditEvent.objects.get(verb="publish_report")
    assert line.detail["unrated_because"] == "Nobody evaluated it."


def test_only_its_owner_and_who_may_write_any_report_writes_it():
    day = end(closed(), report_owner=(quinn := person("quinn")))
    at = day.starts_at + 2 * DAY
    for who, code in ((person("dan"), "not_the_owner"), (day.organiser, "not_the_owner")):
        with pytest.raises(NotPermitted) as refused:
            report.write(day, summary="Mine.", actor=who, at=at)
        assert refused.value.has(code)
    lea = allow(person("lea"), "training.report_gameday")
    for who in (quinn, lea):
        assert report.write(day, summary=f"By {who}.", actor=who, at=at).report_summary


def test_before_it_is_completed_there_is_no_report_to_write():
    day = closed()
    lea = allow(person("lea"), "training.report_gameday")
    with pytest.raises(Refused) as refused:
        report.write(day, summary="Too early.", actor=lea, at=day.starts_at)
    assert refused.value.has("not_completed")
    with pytest.raises(Invalid) as refused:
        report.write(end(day), summary=" ", actor=lea, at=day.starts_at + DAY)
    assert refused.value.has("summary_missing")
