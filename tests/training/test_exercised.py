"""What an exercise exercised is read from what people did there, and kept once."""

from datetime import datetime, timedelta

import pytest

from incidents.models import Advice, Assignment, Consultation, Incident, Performance
from incidents.operations import routing
from incidents.rules.raci import Activity, Letter
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.factories import NOW, law, person, role, service, severity_scheme
from tests.training.factories import cast, governed, running
from training.models import Exercised, GameDay
from training.operations import exercised
from training.rules import practice_coverage as rules
from training.rules.practice_coverage import Age, Candidate, Deed

DAY = timedelta(days=1)
LINE = Activity(
    "mitigation", "Publish", {COMMANDER: Letter.A, COMMUNICATIONS: Letter.R, SCRIBE: Letter.I,
                              "legal_counsel": Letter.C}, act="publish_externally", key="k1",
)  # fmt: skip


# --- the pure part


def cells(deeds, asked=(), present=None) -> set[str]:
    return set(rules.exercised([LINE], deeds, asked, present or {}))


def test_who_acted_exercised_their_own_cell_and_nobody_elses():
    assert cells([Deed(LINE.place, COMMUNICATIONS, NOW)]) == {"k1:communications_lead"}
    assert cells([Deed(LINE.place, "", NOW)]) == set()
    assert cells([Deed(("triage", "Something else"), COMMANDER, NOW)]) == set()


def test_who_is_informed_had_to_be_there_and_who_is_consulted_to_be_asked():
    done = [Deed(LINE.place, COMMANDER, NOW)]
    there = {SCRIBE: NOW - DAY, "legal_counsel": NOW + DAY}
    assert cells(done, present=there) == {"k1:incident_commander", "k1:scribe"}
    asked = [(LINE.place, "legal_counsel")]
    assert "k1:legal_counsel" in cells(done, asked)


def test_a_cell_done_twice_counts_from_the_last_time():
    deeds = [Deed(LINE.place, COMMANDER, NOW), Deed(LINE.place, COMMANDER, NOW - DAY)]
    assert rules.exercised([LINE], deeds, (), {}) == {"k1:incident_commander": NOW}


@pytest.mark.parametrize(
    ("last", "age"),
    [
        (None, Age.NEVER),
        (NOW - 182 * DAY, Age.RECENT),
        (NOW - 183 * DAY, Age.AGEING),
        (NOW - 365 * DAY, Age.AGEING),
        (NOW - 366 * DAY, Age.OLD),
    ],
)
def test_practice_ages_at_six_and_at_twelve_months(last: datetime | None, age: Age):
    assert rules.age(last, NOW) is age


def test_the_story_that_covers_most_of_what_nobody_exercised_comes_first():
    known = {"a:x", "b:x", "c:x", "d:x"}
    last = {"a:x": Age.RECENT, "b:x": Age.OLD, "c:x": Age.NEVER, "d:x": Age.NEVER}
    ranked = rules.rank(
        [
            Candidate("nothing new", frozenset({"a:x"})),
            Candidate("one", frozenset({"a:x", "c:x", "gone:y"})),
            Candidate("two", frozenset({"c:x", "d:x"})),
            Candidate("one and again", frozenset({"b:x", "c:x"})),
        ],
        known, last,
    )  # fmt: skip
    assert [one.key for one in ranked] == ["two", "one and again", "one"]


def test_a_high_impact_service_is_due_twice_a_year_and_the_others_once():
    assert rules.due_at(NOW, 1) == NOW + rules.HALF_YEAR
    assert rules.due_at(NOW, 2) == NOW + rules.YEAR
    assert rules.due_at(None, 1) is None


# --- from the records


@pytest.fixture
def day(db) -> GameDay:
    severity_scheme()
    governed(
        {
            ("detection", "Declare"): {COMMANDER: "A/R"},
            ("mitigation", "Publish"): {COMMANDER: "A", COMMUNICATIONS: "R", SCRIBE: "C"},
            ("mitigation", "Contain"): {COMMANDER: "A", COMMUNICATIONS: "I"},
        },
        {"Publish": "publish_externally", "Contain": "contain"},
    )
    return running(roles=cast(person("ana"), person("bo")), services=[service("cards")])


def found(day: GameDay) -> set[tuple[str, str]]:
    return set(exercised.of(GameDay.objects.select_related("incident").get(pk=day.pk)))


def test_what_players_did_is_exercised_and_what_nobody_did_is_not(day):
    incident = Incident.objects.get(game_day=day)
    ana = Assignment.objects.get(incident=incident, role=COMMANDER).person
    before = found(day)
    assert ("cell", "contain:incident_commander") not in before
    assert ("service", "cards") in before
    routing.performed(incident, "contain", actor=ana, at=day.starts_at, phase="mitigation")
    done = found(day)
    assert done - before == {
        ("cell", "contain:incident_commander"), ("cell", "contain:communications_lead"),
    }  # fmt: skip


def test_who_was_asked_exercised_being_consulted(day):
    incident = Incident.objects.get(game_day=day)
    ana = Assignment.objects.get(incident=incident, role=COMMANDER).person
    line = incident.matrix_version.activities.get(name="Publish")
    asked = Consultation.objects.create(
        incident=incident, activity=line, question="May we?", asked_by=ana,
        asked_at=day.starts_at, proceeds_at=day.starts_at,
    )  # fmt: skip
    Advice.objects.create(consultation=asked, role=role(SCRIBE), person=person("cleo"))
    Performance.objects.create(
        incident=incident, activity=line, verb="publish_update", done_by=ana,
        role_id=COMMANDER, done_at=day.starts_at,
    )  # fmt: skip
    assert ("cell", "publish_externally:scribe") in found(day)


def test_it_is_written_once_however_often_it_is_asked(day):
    day = GameDay.objects.select_related("incident").get(pk=day.pk)
    count = exercised.write(day)
    assert count == Exercised.objects.count() > 0
    assert exercised.write(day) == 0


def test_a_game_day_that_never_ran_exercised_nothing(db):
    law()
    assert exercised.of(GameDay(title="Planned", starts_at=NOW)) == {}
