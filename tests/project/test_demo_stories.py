"""The stories of the demo company: whole, and its next game day has nothing grave against it."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from training.models import ExerciseScenario, GameDay
from training.operations import exercise_readiness, story_documents
from training.rules.exercise_checks import ERROR, of_story

pytestmark = pytest.mark.django_db


def test_nothing_grave_stands_against_any_story_or_the_next_game_day():
    call_command("seed_demo", verbosity=0)
    at = timezone.now()
    known = story_documents.known(at)
    rows = story_documents.with_parts(ExerciseScenario.objects.all())
    told = {row.slug: of_story(story_documents.value(row), known) for row in rows}
    assert len(told) == 13
    assert {
        slug for slug, found in told.items() if any(one.level == ERROR for one in found)
    } == set()
    (ahead,) = GameDay.objects.filter(status="planned")
    found = exercise_readiness.findings(ahead, at=at)
    assert [one for one in found if one.level == ERROR] == []
