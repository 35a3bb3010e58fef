"""Who hears of an incident, when, and in which role."""

from datetime import timedelta

import pytest

from incidents.models import Absence, OutboxMessage, Person
from incidents.operations import callout, escalation, law, records
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, EXECUTIVE
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


def level_told(incident) -> list[str]:
    return [message.to.username for message in escalation.tell_by_level(incident, at=NOW)]


def vacant(here: Scene, role: str) -> None:
    here.incident.assignments.filter(role=role).delete()


# --- by level


def test_the_holder_of_a_step_is_paged_once_its_minutes_have_passed(here) -> None:
    (message,) = escalation.tell_by_level(here.incident, at=NOW)
    assert (message.to, message.role) == (here.ada, COMMANDER)
    assert message.not_before == NOW + 15 * MINUTE
    assert message.priority == OutboxMessage.Priority.PAGE
    assert message.key == f"escalation:INC-1:sev2:{COMMANDER}:{here.ada.pk}"


def test_nobody_hears_twice_of_the_same_level(here) -> None:
    for at in (NOW, LATER):
        records.compose(escalation.tell_by_level(here.incident, at=at), at=at)
    assert told("escalation") == ["ada"]


def test_another_level_is_news(here) -> None:
    records.compose(escalation.tell_by_level(here.incident, at=NOW), at=NOW)
    here.incident.level = here.incident.severity_scheme.levels.get(code="sev1")
    records.compose(escalation.tell_by_level(here.incident, at=LATER), at=LATER)
    assert told("escalation") == ["ada", "ada", "ben"]


def test_pages_that_were_withdrawn_are_promised_anew(here) -> None:
    for _ in range(2):
        records.compose(escalation.tell_by_level(here.incident, at=NOW), at=NOW)
        assert escalation.withdraw(here.incident, at=NOW) == 1
        assert escalation.withdraw(here.incident, at=NOW) == 0
    assert told("escalation") == ["ada", "ada"]
    assert not OutboxMessage.objects.filter(status="pending").exists()


def test_of_a_vacant_role_a_few_who_are_qualified_hear_by_name(here) -> None:
    vacant(here, COMMANDER)
    for number in range(6):
        factories.person(f"able{number}", qualified=(COMMANDER,))
    assert level_told(here.incident) == ["able0", "able1", "able2", "able3", "able4"]


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


@pytest.mark.parametrize("unfit", [lapsed, learning, away, gone])
def test_of_a_vacant_role_nobody_hears_who_could_not_take_it(here, unfit) -> None:
    vacant(here, COMMANDER)
    unfit()
    assert level_told(here.incident) == ["ada"]  # qualified, though she holds nothing here now


def test_a_holder_who_has_left_counts_as_nobody(here) -> None:
    Person.objects.filter(pk=here.ada.pk).update(is_active=False)
    factories.person("zoe", qualified=(COMMANDER,))
    assert level_told(here.incident) == ["zoe"]


def test_an_exercise_calls_in_nobody_who_does_not_play(here) -> None:
    here.incident.kind = "exercise"
    assert level_told(here.incident) == ["ada"]
    vacant(here, COMMANDER)
    assert level_told(here.incident) == []


def test_an_exercise_says_that_it_is_one(here) -> None:
    (real,) = escalation.tell_by_level(here.incident, at=NOW)
    here.incident.kind = "exercise"
    (played,) = escalation.tell_by_level(here.incident, at=NOW)
    assert (real.subject, played.subject) == (
        "INC-1: Severity 2",
        "EXERCISE INC-1: Severity 2",
    )


def test_all_steps_ask_once_who_is_here(here, django_assert_num_queries) -> None:
    here.incident.level = here.incident.severity_scheme.levels.get(code="sev1")
    law.levels(here.incident.severity_scheme)
    with django_assert_num_queries(2):
        assert level_told(here.incident) == ["ada", "ben"]


def test_what_is_not_classified_escalates_to_nobody(here) -> None:
    here.incident.level = None
    assert level_told(here.incident) == []


# --- by the commander


def escalate(here: Scene, **fields):
    given = {"reason": "We are stuck.", "actor": here.ada, "at": LATER}
    return callout.escalate(here.incident, **(given | fields))


def test_escalating_tells_leadership_and_the_level_now(here) -> None:
    vacant(here, COMMANDER)
    escalate(here, actor=here.lea)
    assert told("escalated") == ["ada", "lea"]
    assert set(OutboxMessage.objects.values_list("next_attempt_at", flat=True)) == {LATER}
    assert timeline(here.incident) == ["Escalated: We are stuck."]
    assert last_act().detail == {"reason": "We are stuck.", "told": ["ada", "lea"]}


def test_escalating_again_tells_them_again(here) -> None:
    escalate(here)
    escalate(here, at=LATER + MINUTE)
    assert told("escalated") == ["ada", "ada", "lea", "lea"]


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
    assert told("escalated") == ["ada"]


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
