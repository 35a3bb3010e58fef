"""The stories that ship: grave enough to be worth it, sayable under the law, and true to what happened."""

import pytest

from incidents.rules.default_scheme import DEFAULT_SCHEME
from incidents.rules.facts import severity_facts, severity_part
from incidents.rules.predicates import holds
from incidents.rules.roles import NAMES
from tests.factories import NOW
from tests.incidents import packs
from training import library
from training.operations.story_documents import judge
from training.rules.exercise_checks import Known, of_story
from training.rules.stories import Story

STORIES = {story.slug: story for story in library.shipped()}
GRAVE = [level for level in DEFAULT_SCHEME["levels"] if level["code"] in ("sev1", "sev2")]
by_story = pytest.mark.parametrize("told", STORIES.values(), ids=STORIES)


def is_grave(facts: dict[str, object]) -> bool:
    """Whether the scheme an installation begins with calls it one of the two highest levels."""
    total = severity_facts(severity_part(facts), {})
    criteria = [one["predicate"] for level in GRAVE for one in level["criteria"]]
    return any(holds(predicate, total) for predicate in criteria)


@by_story
def test_it_is_grave_from_its_first_minute_whichever_service_is_chosen(told: Story):
    assert is_grave(told.facts)


def test_a_story_of_five_customers_would_not_be_grave():
    assert not is_grave({"functionality_lost": "degraded", "customers_affected": 5})


@by_story
def test_its_twist_makes_a_duty_to_notify_run(told: Story):
    twists = [
        each for each in told.injects if each.is_contingency and "data_categories" in each.facts
    ]
    assert twists
    for each in twists:
        assert "notify_authority" in each.activities
        lawful = {name: each.facts[name] for name in each.facts.keys() & packs.shipped().facts}
        duties = {*packs.outcome(lawful).duty}
        assert duties & {"eu-gdpr-art33", "eu-gdpr-art33-2-processor"}, each.number


@by_story
@pytest.mark.django_db
def test_its_facts_can_be_said_together_under_the_shipped_law(told: Story):
    found = of_story(told, Known(judge=judge(NOW)))
    assert [each for each in found if each.rule == "E07"] == []


# What the players are to find out; they read the summary beforehand, in their invitation.
FOUND_OUT = {
    "blank-fields": ("empty", "row", "cause"),
    "customers-deleted": ("delet", "script", "valid requests"),
    "cut-off-from-ourselves": ("chat", "badge", "network"),
    "file-that-doubled": ("status page", "twice", "rights"),
    "first-monday": ("provider", "automation", "chat"),
    "long-night": ("register", "third day", "finds out why"),
    "one-rule-everywhere": ("change", "cpu", "protection"),
    "too-much-removed": ("command", "from nothing", "status page"),
    "update-from-outside": ("supplier", "update", "crook", "key"),
    "wrong-host": ("slip", "undone", "primary"),
}


@by_story
def test_what_players_read_beforehand_tells_nothing_they_are_to_find_out(told: Story):
    summary = told.summary.lower()
    assert [each for each in FOUND_OUT[told.slug] if each in summary] == []


@by_story
def test_it_is_whole(told: Story):
    assert 3 <= len(told.objectives) <= 5
    assert len(told.modules) == 3
    assert 8 <= len(told.by_the_clock) <= 12
    assert 1 <= sum(each.is_contingency for each in told.injects) <= 3
    assert any(each.is_gate for each in told.injects)
    assert all(each.target and each.activities for each in told.objectives)
    assert all(each.title and each.sender and each.observer_focus for each in told.injects)
    assert {each.to for each in told.injects} <= {*NAMES, ""}


@by_story
def test_what_its_players_hear_names_no_organisation_that_is_real(told: Story):
    company = told.organisation.split(" (")[0]
    said = " ".join((told.title, told.summary, *(each.text for each in told.injects)))
    assert company not in said
    assert told.sources
    assert told.chronicle
