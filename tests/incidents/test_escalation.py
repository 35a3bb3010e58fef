"""Who hears of an incident, when, and in which role."""

from datetime import timedelta

import pytest

from incidents.models import Absence, OutboxMessage, Person
from incidents.operations import callout, escalation, paging
from incidents.rules.calling import LEADERSHIP
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    ENGINEERING,
    EXECUTIVE,
    RESPONDER,
    TEAM_LEAD,
)
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    hold,
    incident_under,
    last_act,
    refused,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


def meant(here: Scene, *roles: str, at=NOW) -> list[str]:
    found = escalation.meant(roles, escalation.setting(here.incident), at=at)
    return [person.username for role in roles for person, _ in found[role]]


def vacant(here: Scene, role: str) -> None:
    here.incident.assignments.filter(role=role).delete()


# --- whom a role means


def test_a_role_means_its_holder(here) -> None:
    assert meant(here, COMMANDER, COMMUNICATIONS) == ["ada", "ben"]


def test_of_a_vacant_role_a_few_who_are_qualified_are_meant_by_name(here) -> None:
    vacant(here, COMMANDER)
    for number in range(6):
        factories.person(f"able{number}", qualified=(COMMANDER,))
    assert meant(here, COMMANDER) == ["able0", "able1", "able2", "able3", "able4"]


def test_whoever_works_on_an_affected_service_comes_before_others(here) -> None:
    here.incident.services.add(factories.service(team=factories.team("payments")))
    for name, team in (("abe", "platform"), ("zoe", "payments")):
        factories.person(name, qualified=(RESPONDER,), team=factories.team(team))
    assert meant(here, RESPONDER) == ["zoe", "abe"]


def lapsed() -> None:
    factories.qualify(factories.person("zoe"), COMMANDER, expires_on=NOW.date())


def learning() -> None:
    qualification = factories.qualify(factories.person("zoe"), COMMANDER)
    qualification.level = "learning"
    qualification.save()


def away() -> None:
    person = factories.person("zoe", qualified=(COMMANDER,))
    Absence.objects.create(person=person, starts_at=NOW, ends_at=NOW + timedelta(days=1))


def gone() -> None:
    factories.person("zoe", qualified=(COMMANDER,), is_active=False)


def without_address() -> None:
    factories.person("zoe", qualified=(COMMANDER,), email="")


@pytest.mark.parametrize("unfit", [lapsed, learning, away, gone, without_address])
def test_of_a_vacant_role_nobody_is_meant_who_could_not_take_it(here, unfit) -> None:
    vacant(here, COMMANDER)
    unfit()
    assert meant(here, COMMANDER) == ["ada"]  # qualified, though she holds nothing here now


@pytest.mark.parametrize("lost", [{"is_active": False}, {"email": ""}])
def test_a_holder_who_cannot_be_told_counts_as_nobody(here, lost) -> None:
    Person.objects.filter(pk=here.ada.pk).update(**lost)
    factories.person("zoe", qualified=(COMMANDER,))
    assert meant(here, COMMANDER) == ["zoe"]


def test_the_team_lead_is_who_leads_the_team_of_an_affected_service(here) -> None:
    payments = factories.team("payments")
    here.incident.services.add(factories.service(team=payments))
    factories.person("abe", qualified=(TEAM_LEAD,))
    assert meant(here, TEAM_LEAD) == ["abe"]
    payments.lead = here.cleo
    payments.save()
    assert meant(here, TEAM_LEAD) == ["cleo"]
    hold(here.incident, here.ben, TEAM_LEAD)
    assert meant(here, TEAM_LEAD) == ["ben"]


def test_engineering_leadership_is_who_is_qualified_for_it_else_leadership(here) -> None:
    assert meant(here, ENGINEERING) == ["lea"]
    factories.person("abe", qualified=(ENGINEERING,))
    assert meant(here, ENGINEERING) == ["abe"]


def test_an_exercise_calls_in_nobody_who_does_not_play(here) -> None:
    here.incident.kind = "exercise"
    assert meant(here, COMMANDER, ENGINEERING, TEAM_LEAD, LEADERSHIP) == ["ada"]
    vacant(here, COMMANDER)
    assert meant(here, COMMANDER) == []


def test_however_many_roles_are_asked_for_a_few_queries_tell(
    here, django_assert_num_queries
) -> None:
    vacant(here, COMMANDER)
    with django_assert_num_queries(4):
        found = meant(here, COMMANDER, COMMUNICATIONS, RESPONDER, TEAM_LEAD, LEADERSHIP)
    assert found == ["ada", "ben", "lea"]


# --- by the commander


def escalate(here: Scene, **fields):
    given = {"reason": "We are stuck.", "actor": here.ada, "at": LATER}
    return callout.escalate(here.incident, **(given | fields))


def test_escalating_calls_the_level_and_leadership_now(here) -> None:
    vacant(here, COMMANDER)
    escalate(here, actor=here.lea)
    assert (told("escalation"), told("escalated")) == (["ada"], ["lea"])
    assert "Lea escalates: We are stuck." in OutboxMessage.objects.get(kind="escalation").body
    assert set(OutboxMessage.objects.values_list("next_attempt_at", flat=True)) == {LATER}
    assert timeline(here.incident) == ["Escalated: We are stuck."]
    assert last_act().detail == {"reason": "We are stuck.", "told": ["ada", "lea"]}


def test_whoever_was_to_be_called_later_is_called_now_and_once(here) -> None:
    paging.begin(here.incident, at=NOW)
    assert told("escalation") == []
    escalate(here, at=NOW + MINUTE)
    paging.sweep(NOW + 20 * MINUTE)
    assert told("escalation") == ["ada"]


def test_escalating_again_tells_them_again(here) -> None:
    escalate(here)
    escalate(here, at=LATER + MINUTE)
    assert (told("escalation"), told("escalated")) == (["ada"], ["ada", "lea", "lea"])


def test_escalating_needs_a_reason(here) -> None:
    with refused("reason_missing", Invalid):
        escalate(here, reason=" ")


def test_only_the_commander_escalates(here) -> None:
    for other in (here.ben, here.cleo, here.lea):
        with refused("not_your_role", NotPermitted):
            escalate(here, actor=other)
    with refused("no_permission", NotPermitted):
        escalate(here, actor=here.dan)


def test_where_nobody_can_be_told_it_says_so(here) -> None:
    here.incident.kind = "exercise"
    here.incident.level = None
    here.incident.save()
    with refused("nobody_to_tell"):
        escalate(here)


def test_leadership_is_not_called_to_an_exercise(here) -> None:
    here.incident.kind = "exercise"
    here.incident.save()
    escalate(here)
    assert (told("escalation"), told("escalated")) == (["ada"], [])


def test_what_is_over_is_not_escalated() -> None:
    made = scene(state="cancelled")
    with refused("wrong_state"):
        escalate(made)


def test_a_person_with_two_roles_hears_once_in_the_first() -> None:
    made = scene()
    exercise = incident_under(made.incident.severity_scheme, "sev1", kind="exercise")
    for role in (EXECUTIVE, COMMUNICATIONS):
        hold(exercise, made.cleo, role)
    told = escalation.participants(exercise)
    messages = escalation.about(exercise, told, key="k", kind="k", subject="", body="")
    assert [(one.to, one.role) for one in messages] == [(made.cleo, COMMUNICATIONS)]
