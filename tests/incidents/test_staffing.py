"""Who is weighed for a role, gathered in few queries; and how a plan is written."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from incidents.models import Absence, Assignment, Incident, Person, Service
from incidents.operations import exclusions, staffing
from incidents.rules.candidates import Candidate
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, SCRIBE
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def candidates(*roles: str, owners: tuple[Person, ...] = ()) -> dict[str, Candidate]:
    found = staffing.candidates(roles, owners, at=NOW)
    return {one.username: one for one in found}


def command(
    person: Person,
    number: int,
    *,
    state: str = "triage",
    ended: bool = False,
    slug: str = COMMANDER,
) -> None:
    """This person holds (or held) a role in an incident of this number."""
    at = NOW - number * HOUR
    incident = Incident.objects.create(
        reference=f"INC-{number}", title="Trouble", declared_at=at, state=state, closed_at=at
    )
    Assignment.objects.create(
        incident=incident,
        role=factories.role(slug),
        person=person,
        assigned_at=at,
        ended_at=at if ended else None,
    )


def test_only_who_was_ever_qualified_for_the_role_is_weighed_and_the_owners() -> None:
    for username, roles in (
        ("ada", (COMMANDER,)),
        ("ben", (SCRIBE,)),
        ("dan", ()),
        ("olga", ()),
    ):
        factories.person(username, qualified=roles)
    learning = factories.qualify(factories.person("cleo"), COMMANDER)
    learning.level = "learning"
    learning.save()
    factories.person("gone", qualified=(COMMANDER,), is_active=False)
    olga = Person.objects.select_related("team").get(username="olga")
    found = candidates(COMMANDER, owners=(olga,))
    assert found.keys() == {"ada", "olga"}
    assert found["ada"].qualified_for == {COMMANDER}
    assert (found["olga"].qualified_for, found["olga"].team) == (frozenset(), "platform")


def test_a_qualification_lapses_on_its_day() -> None:
    for username, day in (("ada", NOW.date()), ("ben", NOW.date() + timedelta(days=1))):
        factories.qualify(factories.person(username), COMMANDER, expires_on=day)
    found = candidates(COMMANDER)
    assert found["ada"].lapsed == {COMMANDER: date(2026, 11, 23)}
    assert found["ada"].qualified_for == frozenset()
    assert (found["ben"].lapsed, found["ben"].qualified_for) == ({}, {COMMANDER})


def test_who_is_away_is_known_until_when_the_latest() -> None:
    ada = factories.person("ada", qualified=(COMMANDER,))
    for days in (1, 3):
        Absence.objects.create(person=ada, starts_at=NOW, ends_at=NOW + timedelta(days=days))
    ben = factories.person("ben", qualified=(COMMANDER,))
    Absence.objects.create(person=ben, starts_at=NOW - HOUR, ends_at=NOW)
    found = candidates(COMMANDER)
    assert found["ada"].away_until == NOW + timedelta(days=3)
    assert found["ben"].away_until is None


def test_whose_hours_it_is_not_is_known_with_what_the_clock_reads_there() -> None:
    nine, six = time(9), time(18)
    for username, zone, weekends in (
        ("berlin", "Europe/Berlin", True),
        ("tokyo", "Asia/Tokyo", True),
        ("idle", "UTC", False),
    ):
        factories.person(
            username, qualified=(COMMANDER,), time_zone=zone, works_from=nine, works_until=six,
            works_weekends=weekends,
        )  # fmt: skip
    factories.person("ada", qualified=(COMMANDER,), time_zone="Asia/Tokyo")
    found = candidates(COMMANDER)  # Monday, 09:00 UTC
    assert {name: one.outside for name, one in found.items()} == {
        "ada": "", "berlin": "", "idle": "",
        "tokyo": "18:00 in Asia/Tokyo, outside 09:00 to 18:00",
    }  # fmt: skip
    [owner] = staffing.candidates([], [Person.objects.get(username="tokyo")], at=NOW)
    assert owner.outside == found["tokyo"].outside
    sunday = staffing.candidates([COMMANDER], [], at=NOW - timedelta(days=1))
    assert [one.username for one in sunday if "no weekends" in one.outside] == ["idle"]


def test_where_nobody_is_left_the_plan_names_the_lead_of_the_team() -> None:
    factories.person("olga", is_active=False)
    payments = factories.service(owner=Person.objects.get(username="olga"))
    payments.team.lead = factories.person("tia")
    payments.team.save()
    rows = Service.objects.select_related("owner__team", "team").filter(pk=payments.pk)
    plan = staffing.plan(staffing.needs([factories.role("domain_owner")], rows), rows, at=NOW)
    assert {one.role: one.username for one in plan.assignments} == {"domain_owner": "tia"}


def test_a_gap_names_a_few_of_leadership_who_are_here_and_awake_first() -> None:
    leaders = [
        factories.allow(factories.person(name, **hours), "incidents.lead_incident")
        for name, hours in (
            ("lea", {"works_from": time(1), "works_until": time(2)}),
            ("lil", {}),
            ("lou", {}),
            ("luc", {}),
            ("lyn", {}),
        )
    ]
    Absence.objects.create(person=leaders[1], starts_at=NOW, ends_at=NOW + timedelta(days=1))
    incident = Incident(reference="INC-1", title="Trouble", declared_at=NOW)
    plan = staffing.plan(staffing.needs([], []), [], at=NOW)
    gaps = staffing.unfilled(plan, incident, at=NOW)
    assert [gap["stand_in"] for gap in gaps] == 2 * [["lou", "luc", "lyn"]]
    assert gaps[0]["reasons"][-1] == "Leadership stands in: Lou, Luc, Lyn."
    incident.kind = "exercise"
    assert [gap["stand_in"] for gap in staffing.unfilled(plan, incident, at=NOW)] == [[], []]


def test_a_plan_keeps_apart_what_leadership_excluded() -> None:
    for slug in (SCRIBE, DEPUTY):
        factories.role(slug)
    factories.person("sue", qualified=(SCRIBE, DEPUTY))
    rows = [factories.role(SCRIBE), factories.role(DEPUTY)]
    needs = staffing.needs(rows, [])
    both = [one.username for one in staffing.plan(needs, [], at=NOW).assignments]
    assert both == ["sue", "sue"]
    lea = factories.allow(factories.person("lea"), "incidents.set_roleexclusion")
    exclusions.exclude(role=SCRIBE, other=DEPUTY, reason="Too much", actor=lea, at=NOW)
    apart = [one.username for one in staffing.plan(needs, [], at=NOW).assignments]
    assert apart == ["sue"]


def test_what_they_hold_and_when_they_last_commanded_is_known() -> None:
    ada, ben = (factories.person(name, qualified=(COMMANDER,)) for name in ("ada", "ben"))
    command(ada, 5, ended=True)
    command(ada, 3, ended=True)
    command(ada, 2)
    command(ada, 1, slug=SCRIBE)
    command(ben, 4, slug=SCRIBE, state="closed")
    found = candidates(COMMANDER)
    assert (found["ada"].commands, found["ada"].open_roles) == ("INC-2", 2)
    assert found["ada"].last_commanded_at == NOW - 2 * HOUR
    assert (found["ben"].commands, found["ben"].open_roles) == (None, 0)
    assert not (found["ada"].is_practising or found["ada"].in_exercises)
    Incident.objects.update(kind=Incident.Kind.EXERCISE)
    found = candidates(COMMANDER)
    assert (found["ada"].is_practising, found["ada"].in_exercises) == (True, 2)
    assert (found["ben"].is_practising, found["ben"].in_exercises) == (False, 0)
    assert found["ben"].last_commanded_at is None
    assert found["ada"].last_commanded_at is None  # practice is no turn


def test_as_many_queries_however_many_people_there_are(django_assert_num_queries: Any) -> None:
    for number in range(40):
        factories.person(f"able{number}", qualified=(COMMANDER, SCRIBE))
    with django_assert_num_queries(4):
        assert len(candidates(COMMANDER, SCRIBE)) == 40
    with django_assert_num_queries(3):  # of others the rotation is not asked
        assert len(candidates(SCRIBE)) == 40


def test_the_roles_of_the_open_phases_that_answer_or_act_are_needed() -> None:
    matrix = factories.matrix_version(
        {
            ("triage", "Direct"): {COMMANDER: "A/R", COMMUNICATIONS: "I"},
            ("triage", "Write along"): {SCRIBE: "R"},
            ("review", "Write the review"): {DEPUTY: "R"},
        }
    )
    factories.matrix_version({("triage", "Stand by"): {DEPUTY: "R"}}, slug="another")
    needed = {role.slug for role in staffing.roles_needed(matrix)}
    assert needed == {COMMANDER, COMMUNICATIONS, SCRIBE}
    factories.role(DEPUTY)
    assert {role.slug for role in staffing.roles_needed(matrix, also=[DEPUTY])} == {
        *needed,
        DEPUTY,
    }


def test_an_owner_who_left_is_not_called() -> None:
    factories.person("olga", is_active=False)
    payments = factories.service(owner=Person.objects.get(username="olga"))
    rows = Service.objects.select_related("owner__team", "team").filter(pk=payments.pk)
    plan = staffing.plan(staffing.needs([factories.role("domain_owner")], rows), rows, at=NOW)
    [gap] = [each for each in plan.unfilled if each.role == "domain_owner"]
    assert "olga: owner, but not active" in gap.reasons


def test_an_error_that_is_no_law_of_command_is_not_taken_for_one() -> None:
    with pytest.raises(IntegrityError, match="something else"):
        staffing.last_judge(IntegrityError("something else"))
