"""What an update says by default, and how a correction says that it is one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from incidents.rules.updates import as_published, impact_of, stage_of

AT = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)


@pytest.mark.parametrize(("reached", "stage"), [
    ((), "investigating"),
    (("contained_at",), "identified"),
    (("contained_at", "mitigated_at"), "monitoring"),
    (("mitigated_at",), "monitoring"),
    (("contained_at", "mitigated_at", "resolved_at"), "resolved"),
])  # fmt: skip
def test_the_stage_is_the_furthest_an_incident_has_come(reached, stage) -> None:
    instants = dict.fromkeys(("contained_at", "mitigated_at", "resolved_at"))
    assert stage_of(**(instants | dict.fromkeys(reached, AT))) == stage


@pytest.mark.parametrize(("lost", "impact"), [
    ("none", "none"),
    ("degraded", "degraded"),
    ("major", "partial"),
    ("total", "major"),
])  # fmt: skip
def test_the_impact_follows_what_is_lost_and_ends_with_it(lost, impact) -> None:
    facts = {"functionality_lost": lost}
    assert impact_of(facts, "identified") == impact
    assert impact_of(facts, "resolved") == "none"


def test_of_what_nobody_knows_yet_the_impact_is_degraded() -> None:
    assert impact_of({}, "investigating") == "degraded"
    assert impact_of({"functionality_lost": None}, "investigating") == "degraded"


def test_words_that_correct_nothing_are_published_as_they_are() -> None:
    assert as_published("We are on it.", None) == "We are on it."


def test_a_correction_says_what_it_corrects_in_utc() -> None:
    berlin = AT.astimezone(timezone(timedelta(hours=1)))
    said = "Correction of our update of 2026-11-23 09:10 UTC\n\nTransfers work."
    assert (
        as_published("Transfers work.", AT) == as_published("Transfers work.", berlin) == said
    )


@pytest.mark.parametrize(
    "text", ["Correction: transfers work.", "**CORRECTION**\n\nThey work."]
)
def test_a_correction_that_says_so_itself_does_not_say_it_twice(text) -> None:
    assert as_published(text, AT) == text
