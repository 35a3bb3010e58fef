"""Players are reminded before a game day, once a step, on their own clock."""

from datetime import timedelta

import pytest

from incidents.models import NudgePolicy, OutboxMessage
from incidents.operations import policies
from incidents.rules.nudges import Step
from tests.deliveries import acts
from tests.factories import NOW, allow, person
from tests.training.factories import cast, planned
from training.operations import game_day
from training.operations.sweeps import sweep
from training.tasks import sweep as task

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
START = NOW + timedelta(days=20)


def reminded() -> list[str]:
    rows = OutboxMessage.objects.filter(kind="game_day_reminder")
    return sorted(rows.values_list("recipient__username", flat=True))


def test_every_player_is_reminded_at_each_step_and_never_twice():
    day = planned(cast(person("ana"), person("bo")), starts_at=START)
    assert acts(sweep, START - 15 * DAY) == []
    assert acts(sweep, START - 14 * DAY) == [f"game day {day}: due-14d to ana, bo"]
    assert acts(sweep, START - 14 * DAY) == []
    sweep(START - 3 * DAY)
    sweep(START - DAY)
    assert reminded() == ["ana"] * 3 + ["bo"] * 3


def test_a_reminder_bears_the_readers_time_and_a_link():
    day = planned(cast(person("ana", time_zone="America/New_York")), starts_at=START)
    sweep(START - DAY)
    message = OutboxMessage.objects.get(kind="game_day_reminder", recipient__username="ana")
    assert "Sunday 13 December 2026, 04:00 (America/New_York)" in message.subject
    assert message.link == f"/admin/training/gameday/{day.pk}/change/"


def test_a_cancelled_game_day_is_not_reminded_of():
    day = planned(starts_at=START)
    game_day.cancel(day, reason="Release week", actor=day.organiser, at=NOW)
    assert acts(sweep, START - DAY) == []


def test_a_game_day_planned_late_skips_the_steps_that_have_passed():
    planned(starts_at=NOW + 2 * DAY)
    assert acts(sweep, NOW) == []
    assert ["due-1d" in line for line in acts(sweep, NOW + DAY)] == [True]


def test_the_scheduled_task_reminds_by_the_clock(time_machine):
    planned(cast(person("ana")), starts_at=START)
    time_machine.move_to(START - DAY)
    task()
    assert "ana" in reminded()


def test_leadership_is_reminded_of_a_game_day_where_the_policy_says_so():
    lea = allow(person("lea"), "incidents.set_nudgepolicy", "incidents.lead_incident")
    policies.set_policy(
        NudgePolicy.objects.get(pk="game_day"),
        steps=[Step("", -DAY, to=("owner", "leadership"))],
        is_active=True,
        as_digest=False,
        is_optional=False,
        gives_up_after_days=None,
        actor=lea,
        at=NOW,
    )
    planned(cast(person("ana"), person("bo")), starts_at=START)
    sweep(START - DAY)
    assert reminded() == ["ana", "bo", "lea"]
    said = OutboxMessage.objects.get(kind="game_day_reminder", recipient=lea).body
    assert "Ana plays" in said
    assert "Bo plays" in said
