"""A duty that comes or goes says because of what; a new law pack says what changed in law."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given, reject, settings

from incidents.calendars import is_holiday
from incidents.rules import law_pack, legal_engine, legal_facts
from incidents.rules.legal_changes import Change, changes, compare
from incidents.rules.legal_profile import Profile
from incidents.rules.reasons import Invalid
from tests.incidents import legal_strategies
from tests.incidents.packs import NOTHING, shipped, shipped_document

BERLIN = {
    "evaluation_date": "2026-02-10",
    "clock_timezone": "Europe/Berlin",
    "holiday_calendar": "DE",
    "affected_jurisdictions": ["DE"],
    "data_categories": ["personal_data"],
    "personal_data_exposure": "confirmed",
    "risk_to_individuals": "risk",
}
KNOWN = {"awareness": "2026-02-10T09:20:00+01:00"}


def changed(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    clocks: Mapping[str, Any] = KNOWN,
    clocks_after: Mapping[str, Any] | None = None,
    submitted: Mapping[str, Any] = NOTHING,
) -> dict[str, Change]:
    """What changed between two cases, by regime."""
    was = legal_facts.case(shipped(), before, clocks)
    later = clocks if clocks_after is None else clocks_after
    now = legal_facts.case(shipped(), after, later, submitted)
    return {each.regime: each for each in changes(shipped(), was, now, is_holiday)}


def test_nothing_changed_says_nothing() -> None:
    assert changed(BERLIN, BERLIN) == {}
    assert changed(BERLIN, {**BERLIN, "dora_classification": "major"}) == {}


def test_a_new_duty_names_the_one_fact_that_made_it() -> None:
    found = changed({**BERLIN, "personal_data_exposure": "possible"}, BERLIN)
    change = found["eu-gdpr-art33"]
    assert (change.was, change.now) == ("assess", "duty")
    assert change.because == ("Exposure of personal data: was “possible”, is now “confirmed”.",)
    assert change.stages_added == ("notification",)
    assert [(each.stage, each.was) for each in change.moved] == [("notification", None)]


def test_a_duty_that_no_longer_follows_names_what_took_it_away() -> None:
    found = changed(BERLIN, {**BERLIN, "risk_to_individuals": "unlikely"})
    change = found["eu-gdpr-art33"]
    assert (change.was, change.now) == ("duty", "no")
    assert change.because == (
        "The risk to the people: was “some harm is possible”, is now “harm is unlikely”.",
    )


def test_where_only_several_facts_together_explain_it_no_others_are_named() -> None:
    before = {**BERLIN, "data_categories": ["credentials"], "affected_jurisdictions": ["US-CA"]}
    after = {**BERLIN, "personal_data_exposure": "none", "risk_to_individuals": "high"}
    change = changed(before, after)["us-ca-civ-1798-82"]
    assert change.was == "duty" != change.now
    assert [line.partition(":")[0] for line in change.because] == [
        "Where the affected people live",
        "The kinds of data",
        "Exposure of personal data",
    ]


def test_a_clock_that_starts_earlier_moves_the_instant_and_says_so() -> None:
    earlier = {"awareness": "2026-02-10T07:20:00+01:00"}
    change = changed(BERLIN, BERLIN, clocks_after=earlier)["eu-gdpr-art33"]
    assert (change.was, change.now) == ("duty", "duty")
    assert change.because == (
        "Awareness: was 10 Feb 2026 09:20 CET, is now 10 Feb 2026 07:20 CET.",
    )
    [moved] = change.moved
    assert moved.was and moved.now
    assert moved.now.due_at < moved.was.due_at


def test_a_submission_that_starts_the_next_stage_is_named() -> None:
    dora = {
        "evaluation_date": "2026-06-08",
        "operates_in": ["DE"],
        "entity_types": ["dora_financial_entity"],
        "dora_classification": "major",
    }
    clocks = {"awareness": "2026-06-08T08:00:00Z", "classification": "2026-06-08T09:00:00Z"}
    sent = {"eu-dora-art19/initial": "2026-06-08T10:00:00Z"}
    change = changed(dora, dora, clocks, submitted=sent)["eu-dora-art19"]
    assert change.because == (
        "Submission of eu-dora-art19/initial: now known, 8 Jun 2026 10:00 UTC.",
    )
    assert [each.stage for each in change.moved] == ["intermediate"]


@given(
    legal_strategies.well_typed_facts(),
    legal_strategies.well_typed_facts(),
    legal_strategies.clocks(),
    legal_strategies.clocks(),
)
@settings(max_examples=60, deadline=None)
def test_no_duty_comes_goes_or_moves_without_a_because(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    clocks: Mapping[str, Any],
    clocks_after: Mapping[str, Any],
) -> None:
    try:
        was = legal_facts.case(shipped(), before, clocks)
        # Most facts stay as they were, as they do in an incident.
        now = legal_facts.case(
            shipped(), {**before, **dict(list(after.items())[:4])}, clocks_after
        )
    except Invalid:
        reject()
    found = {each.regime: each for each in changes(shipped(), was, now, is_holiday)}
    assert all(each.because and all(each.because) for each in found.values())
    one, other = (legal_engine.evaluate(shipped(), each, is_holiday) for each in (was, now))
    for bucket in ("duty", "assess", "not_in_force", "voluntary"):
        apart = set(getattr(one, bucket)) ^ set(getattr(other, bucket))
        assert apart <= found.keys()
    moved = {(d.regime, d.due_at) for d in one.due} ^ {(d.regime, d.due_at) for d in other.due}
    assert {regime for regime, _ in moved} <= found.keys()
    assert changes(shipped(), now, now, is_holiday) == ()


def amended(**changes_of: Any) -> law_pack.Pack:
    """The shipped pack with GDPR art. 33 changed in these keys."""
    document = shipped_document()
    document["test_cases"] = []
    document["regimes"][0].update(changes_of)
    return law_pack.read(document)


def stages(**changes_of: Any) -> list[dict[str, Any]]:
    """The stages of GDPR art. 33, the one of them changed in these keys."""
    return [{**shipped_document()["regimes"][0]["stages"][0], **changes_of}]


def test_the_same_law_has_no_changes() -> None:
    assert compare(shipped(), amended(), Profile()) == ()


@pytest.mark.parametrize(
    ("changes_of", "line"),
    [
        ({"confidence": "low"}, "Confidence: was high; is now low"),
        ({"status": "superseded"}, "Status: was in force; is now superseded"),
        (
            {"applies_until": "2027-01-01"},
            "Applies: was from 2018-05-25; is now from 2018-05-25 until 2027-01-01",
        ),
        (
            {"trigger": {"field": "risk_to_individuals", "operator": "eq", "value": "high"}},
            "is now the risk to the people: serious harm is possible",
        ),
        ({"watch": None}, "is now never"),
        (
            {
                "stages": stages(
                    deadline={"value": 96, "unit": "hours", "clock_start": "awareness"}
                )
            },
            "is now 96 hours from awareness, without undue delay",
        ),
        ({"stages": stages(id="later")}, "is gone; it was: 72 hours from awareness"),
        (
            {"stages": stages(recipient=["ico_uk"])},
            "is now UK Information Commissioner's Office / Information Commission",
        ),
    ],
)
def test_a_changed_regime_says_what_was_and_what_is(
    changes_of: dict[str, Any], line: str
) -> None:
    [change] = compare(shipped(), amended(**changes_of), Profile())
    assert (change.regime, change.kind) == ("eu-gdpr-art33", "changed")
    assert any(line in each for each in change.lines), change.lines
    assert change.is_doubtful is (changes_of.get("confidence") == "low")


def test_what_came_and_what_went_is_told_in_full() -> None:
    document = shipped_document()
    document["test_cases"] = []
    gone = document["regimes"].pop(3)
    less = law_pack.read(document)
    [removed] = compare(shipped(), less, Profile())
    assert (removed.regime, removed.kind) == (gone["id"], "removed")
    assert "Was: applies from 2024-10-18" in removed.lines
    [added] = compare(less, shipped(), Profile())
    assert (added.kind, added.name) == ("added", gone["name"])
    assert "Early warning (suspected unlawful cause, cross-border effect): " in added.lines[3]


def test_what_could_concern_us_comes_first() -> None:
    document = shipped_document()
    document["test_cases"] = []
    for regime in document["regimes"]:
        regime["notes"] = "Reworded."
    new = law_pack.read(document)
    ours = Profile({"data_roles": ["processor"], "entity_types": ["hipaa_business_associate"]})
    found = compare(shipped(), new, ours)
    concerned = [each.concerns_us for each in found]
    assert concerned == sorted(concerned, reverse=True)
    assert True in concerned and False in concerned
    first = {each.regime for each in found if each.concerns_us}
    assert "us-hipaa-breach" in first
    assert "eu-gdpr-art33" not in first


@given(legal_strategies.well_typed_facts(), legal_strategies.well_typed_facts())
@settings(max_examples=40, deadline=None)
def test_a_cause_is_something_that_changed(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    try:
        was = legal_facts.case(shipped(), before)
        now = legal_facts.case(shipped(), {**before, **dict(list(after.items())[:3])})
    except Invalid:
        reject()
    different = [n for n in was.facts if n != "derived" and was.facts[n] != now.facts[n]]
    assume(different)
    for change in changes(shipped(), was, now, is_holiday):
        assert len(change.because) <= len(different)
