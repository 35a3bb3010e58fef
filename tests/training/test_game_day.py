"""A game day is planned with its players, run as an exercise, and ends in the register of lessons."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.models import Assignment, AuditEvent, Incident, OutboxMessage
from incidents.operations.records import first_broken_line
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.factories import NOW, law, person, role, service
from tests.training.factories import cast, planned, planner, running, story
from training.models import GameDay
from training.operations import completing, game_day

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def close_exercise(day: GameDay) -> None:
    """As its verbs would, in one step: these tests are about the game day."""
    exercise = Incident.objects.get(game_day=day)
    exercise.state, exercise.closed_at = "closed", day.starts_at + timedelta(hours=1)
    exercise.save()


def told(kind: str) -> list[str]:
    messages = OutboxMessage.objects.filter(kind=kind).order_by("recipient__username")
    return list(messages.values_list("recipient__username", flat=True))


# --- planning


def test_a_plan_keeps_its_players_and_tells_each_once():
    ana, bo = person("ana"), person("bo")
    day = planned({**cast(ana, bo), role(SCRIBE).slug: bo}, services=[service()])
    assert {part.role_id: part.person for part in day.roles.all()} == {
        COMMANDER: ana,
        COMMUNICATIONS: bo,
        SCRIBE: bo,
    }
    assert [each.slug for each in day.services.all()] == ["payments"]
    assert told("game_day_invited") == ["ana", "bo"]
    assert "Communications lead and Scribe" in OutboxMessage.objects.get(recipient=bo).body


def test_an_invitation_names_the_start_on_the_readers_clock_and_leads_to_the_answer():
    day = planned(cast(person("hiro", time_zone="Asia/Tokyo")), starts_at=NOW + 20 * DAY)
    message = OutboxMessage.objects.get(recipient__username="hiro")
    assert "Sunday 13 December 2026, 18:00 (Asia/Tokyo)" in message.body
    assert message.link == f"/admin/training/gameday/{day.pk}/answer/"


def test_a_plan_is_reminded_of_first_fourteen_days_before():
    day = planned(starts_at=NOW + 20 * DAY)
    assert day.due_at == NOW + 20 * DAY
    assert day.next_nudge_at == NOW + 6 * DAY


def test_without_the_permission_nobody_plans():
    with pytest.raises(NotPermitted) as refused:
        planned(actor=person("dan"))
    assert refused.value.has("no_permission")
    assert not GameDay.objects.exists()


def test_a_game_day_lies_in_the_future():
    with pytest.raises(Invalid) as refused:
        planned(starts_at=NOW)
    assert refused.value.has("starts_in_past")


@pytest.mark.parametrize(
    ("absent", "code"),
    [(COMMANDER, "no_commander"), (COMMUNICATIONS, "no_communications_lead")],
)
def test_a_cast_needs_a_commander_and_a_voice(absent, code):
    roles = {slug: who for slug, who in cast().items() if slug != absent}
    with pytest.raises(Invalid) as refused:
        planned({**roles, role(SCRIBE).slug: person()})
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert refused.value.reasons[0].field == absent


def test_the_commander_plays_no_other_role():
    ana = person("ana")
    with pytest.raises(Invalid) as refused:
        planned({**cast(ana), role(SCRIBE).slug: ana})
    assert refused.value.has("commander_has_other_role")
    assert refused.value.reasons[0].field == SCRIBE


def test_a_role_nobody_knows_and_a_person_who_left_are_named():
    with pytest.raises(Invalid) as refused:
        planned({**cast(speaker=person(is_active=False)), "juggler": person()})
    assert [(one.code, one.field) for one in refused.value.reasons] == [
        ("role_unknown", "juggler"),
        ("player_inactive", COMMUNICATIONS),
    ]


@pytest.mark.parametrize("days", [10, 30])
def test_nobody_commands_two_game_days_in_a_row_in_whatever_order_they_are_planned(days):
    ana, elif_ = person("ana"), planner()
    planned(cast(ana), starts_at=NOW + 20 * DAY, actor=elif_)
    with pytest.raises(Invalid) as refused:
        planned(cast(ana), starts_at=NOW + days * DAY, actor=elif_)
    assert refused.value.has("commanded_neighbouring_game_day")


def test_after_another_commander_the_first_may_command_again():
    ana, elif_ = person("ana"), planner()
    planned(cast(ana), starts_at=NOW + 20 * DAY, actor=elif_)
    planned(cast(), starts_at=NOW + 30 * DAY, actor=elif_)
    assert planned(cast(ana), starts_at=NOW + 40 * DAY, actor=elif_).pk


def test_a_cancelled_game_day_does_not_count_as_ones_turn():
    ana, elif_ = person("ana"), planner()
    first = planned(cast(ana), starts_at=NOW + 20 * DAY, actor=elif_)
    game_day.cancel(first, reason="Release week", actor=elif_, at=NOW)
    assert planned(cast(ana), starts_at=NOW + 30 * DAY, actor=elif_).pk


# --- recasting


def test_a_recast_role_tells_both_people():
    bo, cy = person("bo"), person("cy")
    day = planned(cast(speaker=bo))
    game_day.reassign_role(
        day, role=role(COMMUNICATIONS), person=cy, actor=day.organiser, at=NOW + DAY
    )
    assert day.roles.get(role=COMMUNICATIONS).person == cy
    assert told("game_day_released") == ["bo"]
    assert "cy" in told("game_day_invited")


def test_a_role_left_open_can_be_cast_later():
    day = planned()
    part = game_day.reassign_role(
        day, role=role(SCRIBE), person=person("cy"), actor=day.organiser, at=NOW
    )
    assert part.role_id == SCRIBE
    assert told("game_day_released") == []


def test_a_recast_keeps_the_rules_of_the_plan():
    ana = person("ana")
    day = planned(cast(ana))
    recast = {"person": ana, "actor": day.organiser, "at": NOW}
    with pytest.raises(Invalid) as refused:
        game_day.reassign_role(day, role=role(SCRIBE), **recast)
    assert refused.value.has("commander_has_other_role")
    with pytest.raises(Refused) as refused:
        game_day.reassign_role(day, role=role(COMMANDER), **recast)
    assert refused.value.has("plays_it_already")


# --- running


def test_running_declares_an_exercise_with_the_players_in_their_roles():
    law()
    ana = person("ana")
    payments = service()
    day = running(roles=cast(ana), services=[payments])
    exercise = day.incident
    assert (day.status, exercise.kind) == ("running", "exercise")
    assert exercise.title == "Exercise: Acquirer rehearsal"
    assert exercise.level.code == "sev1"
    assert list(exercise.services.all()) == [payments]
    assert Assignment.objects.commanding().get(incident=exercise).person == ana
    assert not Incident.objects.real().exists()


def test_a_running_game_day_is_reminded_of_no_more_and_is_not_run_twice():
    law()
    day = running()
    assert (day.due_at, day.next_nudge_at) == (None, None)
    with pytest.raises(Refused) as refused:
        game_day.run(day, actor=day.organiser, at=day.starts_at)
    assert refused.value.has("wrong_state")
    assert Incident.objects.count() == 1


def test_running_needs_its_own_permission():
    law()
    day = planned()
    with pytest.raises(NotPermitted) as refused:
        game_day.run(day, actor=person("dan"), at=day.starts_at)
    assert refused.value.has("no_permission")


def test_an_exercise_that_cannot_be_declared_leaves_the_game_day_planned():
    day = planned()  # no severity scheme is in force
    with pytest.raises(Refused) as refused:
        game_day.run(day, actor=day.organiser, at=day.starts_at)
    assert refused.value.has("no_severity_scheme")
    day.refresh_from_db()
    assert (day.status, day.incident) == ("planned", None)


# --- its end


def test_a_game_day_is_cancelled_with_a_reason():
    day = planned(starts_at=NOW + 40 * DAY)
    with pytest.raises(Invalid) as refused:
        game_day.cancel(day, reason="", actor=day.organiser, at=NOW)
    assert refused.value.has("reason_missing")


def test_cancelling_tells_the_players_why_and_ends_the_reminders():
    day = planned(cast(person("ana"), person("bo")))
    done = game_day.cancel(day, reason="Release week", actor=day.organiser, at=NOW)
    assert (done.status, done.next_nudge_at) == ("cancelled", None)
    assert told("game_day_cancelled") == ["ana", "bo"]
    assert "Release week" in OutboxMessage.objects.filter(kind="game_day_cancelled")[0].body


def test_a_running_game_day_is_cancelled_only_after_its_exercise():
    law()
    day = running()
    stop = {"reason": "A real incident", "actor": day.organiser, "at": day.starts_at + DAY}
    with pytest.raises(Refused) as refused:
        game_day.cancel(day, **stop)
    assert refused.value.has("exercise_not_cancelled")
    Incident.objects.filter(game_day=day).update(state="cancelled")
    assert game_day.cancel(day, **stop).status == "cancelled"


def test_every_act_leaves_one_audit_line():
    law()
    day = running()
    close_exercise(day)
    completing.complete(
        day, lessons="None.", report_owner=day.organiser, actor=day.organiser,
        at=day.starts_at + DAY,
    )  # fmt: skip
    lines = AuditEvent.objects.order_by("sequence")
    assert [line.verb for line in lines] == ["plan_gameday", "declare", "complete_gameday"]
    assert lines[1].detail["occasion"] == f"game day {day.pk}: Acquirer rehearsal"
    assert first_broken_line() is None


def test_a_game_day_counts_for_the_quarter_it_starts_in():
    assert planned(starts_at=NOW + 50 * DAY).quarter == "2027Q1"


def test_a_quarter_begins_at_midnight_in_the_organisations_zone(settings):
    late = NOW.replace(month=12, day=31, hour=23)
    day = planned(starts_at=late)
    assert day.quarter == "2026Q4"
    settings.ORGANISATION_ZONE = ZoneInfo("Europe/Berlin")
    assert day.quarter == "2027Q1"


def test_a_story_is_told_by_its_title():
    assert str(story()) == "Acquirer silent"
