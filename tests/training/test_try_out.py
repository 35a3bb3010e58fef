"""Who would have been reminded of a game day: the same as really were."""

from collections import Counter
from datetime import timedelta

import pytest

from incidents.models import OutboxMessage
from incidents.operations import policies, try_out
from tests.factories import NOW, person
from tests.training.factories import cast, planned
from training.operations.game_day import cancel
from training.operations.sweeps import sweep
from training.operations.try_out import GameDays

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = 24 * HOUR


def ran():
    law = policies.of("game_day")
    return try_out.run(GameDays(), law, law, reader=person(), since=NOW, until=NOW + 30 * DAY)


def test_players_would_be_reminded_exactly_as_punctual_sweeps_reminded_them():
    planned(cast(person("ada"), person("ben")))
    would = Counter((one.person.username, one.at) for one in ran().nudges)
    assert {who for who, _ in would} == {"ada", "ben"}
    for hours in range(30 * 24):
        sweep(NOW + hours * HOUR)
    rows = OutboxMessage.objects.filter(kind="game_day_reminder")
    assert would == Counter((row.recipient.username, row.created_at) for row in rows)


def test_of_a_cancelled_game_day_nobody_is_reminded():
    day = planned()
    cancel(day, reason="Nobody has time.", actor=day.organiser, at=NOW)
    assert ran().owed == 0
