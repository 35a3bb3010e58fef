"""The coverage map as of an instant, and the work that fills its holes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import (
    HoldingStatement,
    Obligation,
    OutboxMessage,
    Person,
    Scenario,
    SeverityScheme,
)
from incidents.operations import coverage
from incidents.rules.coverage import Cell, State, Totals
from incidents.rules.reasons import Invalid, NotPermitted
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import again, last_act, refused, told

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = NOW.date()
LOOK_QUERIES = 3  # and those of a scheme that is read for the first time


@pytest.fixture
def outage() -> Scenario:
    return Scenario.objects.create(slug="outage", name="Outage")


@pytest.fixture
def scheme():
    """Asks for public updates at sev1, for internal ones at both levels."""
    return factories.severity_scheme()


@pytest.fixture
def wanda() -> Person:
    return factories.allow(
        factories.person("wanda"),
        coverage.ADD,
        coverage.WRITE,
        "incidents.view_holdingstatement",
    )


@pytest.fixture
def paul() -> Person:
    """Writes, and plans nothing."""
    return factories.allow(factories.person("paul"), coverage.WRITE)


def words(scenario: Scenario | None, **fields) -> HoldingStatement:
    given = {
        "title": "Outage",
        "audience": "public",
        "text": "We know.",
        "status": "approved",
        "maker": known("maria"),
        "approver": known("anna"),
        "approved_at": NOW,
    }
    return HoldingStatement.objects.create(scenario=scenario, **(given | fields))


def known(name: str) -> Person:
    return Person.objects.filter(username=name).first() or factories.person(name)


def cell(scenario: Scenario, severity: str = "sev1", audience: str = "public", **asked) -> Cell:
    (found,) = (
        one
        for one in coverage.look(at=NOW, **asked).cells
        if (one.scenario, one.severity, one.audience) == (scenario.pk, severity, audience)
    )
    return found


def plan(actor: Person, scenario: Scenario | None = None, **fields) -> HoldingStatement:
    given = {"severity": "sev1", "audience": "public", "at": NOW}
    return coverage.plan(scenario=scenario, actor=actor, **(given | fields))


def plan_row(actor: Person, scenario: Scenario, **fields) -> list[HoldingStatement]:
    return coverage.plan_row(scenario=scenario, actor=actor, at=NOW, **fields)


# --- the map


def test_the_map_is_scenarios_by_audiences_by_the_levels_in_force(scheme, outage) -> None:
    found = coverage.look(at=NOW)
    assert found.levels == (
        ("", "any level"), ("sev1", "Severity 1"), ("sev2", "Severity 2"),
    )  # fmt: skip
    assert found.scenarios == (outage, None)
    assert len(found.cells) == 2 * 5 * 3
    assert found.scheme == str(scheme)


def test_what_the_scheme_asks_for_is_asked_for_and_nothing_else(scheme, outage) -> None:
    asked = {
        (one.severity, one.audience) for one in coverage.look(at=NOW).cells if one.is_asked
    }
    assert asked == {("sev1", "public"), ("sev1", "internal"), ("sev2", "internal")}
    words(outage, audience="internal")
    assert coverage.look(at=NOW).totals == Totals(asked=3, covered=2)


def test_a_level_that_owes_a_public_update_asks_for_words_without_a_cadence(outage) -> None:
    law = SeverityScheme.objects.create(
        number=1, maker=known("maria"), checker=known("anna"), created_at=NOW
    )
    law.levels.create(code="sev1", rank=1, name="Severity 1", public_update_required=True)
    law.levels.create(code="sev2", rank=2, name="Severity 2")
    law.status, law.approved_at, law.effective_from = "approved", NOW - DAY, NOW - DAY
    law.save()
    assert cell(outage).is_asked
    assert not cell(outage, audience="internal").is_asked
    assert not cell(outage, severity="sev2").is_asked


def test_one_audience_and_one_language_are_looked_at_alone(scheme, outage) -> None:
    german = words(outage, language="de")
    words(outage, audience="internal")
    found = coverage.look(audience="public", language="de", at=NOW)
    assert {one.audience for one in found.cells} == {"public"}
    assert found.languages == ("de", "en")
    assert [one.words.key for one in found.cells if one.words] == [german.pk] * 3
    assert cell(outage).state == State.HOLE  # in English


def test_an_audience_that_is_none_is_refused(scheme) -> None:
    with refused("unknown_audience", Invalid):
        coverage.look(audience="everybody", at=NOW)


def test_progress_and_retired_words_cover_no_first_word(scheme, outage) -> None:
    words(outage, purpose="progress")
    words(outage, status="retired")
    assert cell(outage).state == State.HOLE


def test_words_whose_approver_left_are_a_gap(scheme, outage) -> None:
    made = words(outage)
    assert cell(outage).state == State.GENERAL
    Person.objects.filter(pk=made.approver_id).update(is_active=False)
    assert cell(outage).state == State.APPROVER_LEFT


def test_without_a_scheme_nothing_is_asked_for(outage) -> None:
    found = coverage.look(at=NOW)
    assert (found.levels, found.scheme) == ((("", "any level"),), "")
    assert found.totals == Totals(0, 0)


def test_the_map_costs_the_same_however_much_there_is(scheme, outage) -> None:
    counts = []
    for number in (1, 20):
        for each in range(number):
            more = Scenario.objects.create(slug=f"s{number}-{each}", name=f"S {number} {each}")
            words(more, approver=factories.person(), severity="sev1")
        coverage.look(at=NOW)  # the law is read once a process
        with CaptureQueriesContext(connection) as queries:
            coverage.look(at=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= LOOK_QUERIES


# --- work for one cell


def test_work_is_an_empty_draft_owed_by_its_owner(scheme, outage, wanda, paul) -> None:
    made = again(plan(wanda, outage, owner=paul))
    assert (made.status, made.text, made.maker) == ("draft", "", paul)
    assert made.title == "Outage: first word, Severity 1, public"
    assert made.review_on == TODAY + coverage.DAYS * DAY
    owed = Obligation.objects.get()
    assert (owed.owner, owed.subject_id) == (paul, str(made.pk))
    assert owed.title == f"Words of the holding statement “{made.title}”"
    assert made.history.get().history_user == wanda
    assert last_act().verb == "plan_statement"
    assert last_act().detail["owner"] == "paul"


def test_the_owner_is_told_unless_it_was_their_own_doing(scheme, outage, wanda, paul) -> None:
    plan(wanda, outage)
    assert told("statement-planned") == []
    plan(wanda, outage, severity="sev2", owner=paul)
    (message,) = OutboxMessage.objects.all()
    assert message.recipient == paul
    assert message.subject == "Please write a holding statement by 7 December 2026"
    assert "Outage: first word, Severity 2, public" in message.body


def test_a_cell_is_worked_on_once(scheme, outage, wanda) -> None:
    plan(wanda, outage)
    with refused("work_exists"):
        plan(wanda, outage)
    assert cell(outage).state == State.DRAFT
    plan(wanda, outage, language="de")  # another cell
    plan(wanda, outage, severity="")
    plan(wanda)  # for any scenario
    assert HoldingStatement.objects.count() == 4


def test_planning_is_a_standing_permission(scheme, outage, wanda, paul) -> None:
    for who in (factories.person("dan"), paul):
        with refused("no_permission", NotPermitted):
            plan(who, outage)
        with refused("no_permission", NotPermitted):
            plan_row(who, outage)
    assert not HoldingStatement.objects.exists()


@pytest.mark.parametrize(("wrong", "code"), [
    ({"audience": "everybody"}, "unknown_audience"),
    ({"severity": "sev9"}, "unknown_level"),
    ({"by": TODAY - DAY}, "due_in_the_past"),
    ({"language": " "}, "language_missing"),
    ({"language": "x" * 11}, "language_too_long"),
])  # fmt: skip
def test_work_that_cannot_be_is_refused(scheme, outage, wanda, wrong, code) -> None:
    with refused(code, Invalid):
        plan(wanda, outage, **wrong)
    assert not HoldingStatement.objects.exists()
    plan(wanda, outage, by=TODAY)


def test_work_is_given_to_somebody_who_may_write_and_is_here(
    scheme, outage, wanda, paul
) -> None:
    with refused("owner_may_not_write", Invalid):
        plan(wanda, outage, owner=factories.person("dan"))
    paul.is_active = False
    paul.save()
    with refused("owner_may_not_write", Invalid):
        plan(wanda, outage, owner=paul)


def test_a_long_name_of_a_scenario_leaves_room_for_the_cell(scheme, wanda) -> None:
    long = Scenario.objects.create(slug="long", name="x" * 120)
    assert plan(wanda, long).title.endswith("x: first word, Severity 1, public")


# --- work for a whole scenario


def test_every_gap_of_a_row_becomes_a_draft(scheme, outage, wanda, paul) -> None:
    words(outage, severity="sev1", audience="internal")  # covered
    words(outage, severity="sev2", audience="internal", expires_on=TODAY)  # expired
    made = plan_row(wanda, outage, owner=paul, by=TODAY + DAY)
    assert [(one.severity, one.audience) for one in made] == [
        ("sev1", "public"), ("sev2", "internal"),
    ]  # fmt: skip
    assert Obligation.objects.filter(owner=paul).count() == 2
    (message,) = OutboxMessage.objects.all()
    assert message.subject == "Please write 2 holding statements by 24 November 2026"
    assert message.link == "/admin/incidents/holdingstatement/coverage/"
    assert last_act().verb == "plan_statements"
    assert last_act().detail["statements"] == [one.pk for one in made]


def test_a_row_without_a_gap_nobody_works_on_is_refused(scheme, outage, wanda) -> None:
    plan_row(wanda, outage)
    assert {cell(outage, *place).state for place in (("sev1",), ("sev2", "internal"))} == {
        State.DRAFT
    }
    with refused("nothing_to_plan"):
        plan_row(wanda, outage)
