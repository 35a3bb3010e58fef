"""Who stands before an incident: permission first, then the rules, on what is so now."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission

from incidents.models import Assignment, Incident, Person, Update
from incidents.operations import standing
from incidents.rules.reasons import NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident() -> Incident:
    return Incident.objects.create(reference="INC-1", title="Trouble", declared_at=NOW)


def allowed(username: str, *verbs: str) -> Person:
    permissions = (f"incidents.{verb}_incident" for verb in verbs)
    return factories.allow(factories.person(username), *permissions)


def hold(incident: Incident, slug: str, person: Person, **fields: Any) -> None:
    role = factories.role(slug)
    Assignment.objects.create(
        incident=incident, role=role, person=person, assigned_at=NOW, **fields
    )


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_it_knows_the_roles_held_now_by_oneself_and_by_anybody(incident: Incident) -> None:
    ada, ben = factories.person("ada"), factories.person("ben")
    hold(incident, COMMANDER, ben, ended_at=NOW)
    hold(incident, COMMANDER, ada)
    hold(incident, COMMUNICATIONS, ben)
    before = standing.circumstances(incident, ben)
    assert before.state == "detection"
    assert before.roles_held == {COMMUNICATIONS}
    assert before.roles_filled == {COMMANDER, COMMUNICATIONS}
    assert not before.is_leadership
    assert not before.is_drafter


def test_it_asks_one_query_however_many_roles_are_held(
    incident: Incident, django_assert_num_queries: Any
) -> None:
    ada = factories.person("ada", is_superuser=True)
    hold(incident, COMMANDER, ada)
    with django_assert_num_queries(1):
        standing.circumstances(incident, ada)


def test_it_knows_leadership_and_the_drafter(incident: Incident) -> None:
    liz, cleo = allowed("liz", "lead"), factories.person("cleo")
    draft = Update(incident=incident, drafted_by=cleo)
    assert standing.circumstances(incident, liz).is_leadership
    assert standing.circumstances(
        incident, cleo, verb="approve_update", update=draft
    ).is_drafter
    assert not standing.circumstances(
        incident, liz, verb="approve_update", update=draft
    ).is_drafter


def test_permission_comes_first_then_the_role_then_the_state(incident: Incident) -> None:
    dan, cleo, ada = allowed("dan"), allowed("cleo", "close"), allowed("ada", "close")
    hold(incident, COMMANDER, ada)
    for person, kind, said in (
        (dan, NotPermitted, "no_permission"),
        (cleo, NotPermitted, "not_your_role"),
        (ada, Refused, "wrong_state"),
    ):
        with pytest.raises(kind) as refused:
            standing.require("close", incident, person)
        assert codes(refused) == [said]
    incident.state = "resolution"
    standing.require("close", incident, ada)


def test_the_objections_are_all_there_for_a_page_to_show(incident: Incident) -> None:
    ada = allowed("ada", "acknowledge")
    hold(incident, COMMANDER, ada)
    found = standing.objections("close", incident, factories.person("dan"))
    assert [reason.code for reason in found] == [
        "no_permission",
        "not_your_role",
        "wrong_state",
    ]
    assert standing.objections("acknowledge", incident, ada) == ()


def test_who_is_deactivated_may_nothing_even_a_superuser() -> None:
    gone = factories.person("gone", is_superuser=True, is_active=False)
    with pytest.raises(NotPermitted):
        standing.permit("declare", gone)
    standing.permit("declare", factories.person("root", is_superuser=True))


def test_the_lock_reads_the_row_anew(incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(state="triage")
    assert incident.state == "detection"
    standing.lock(incident)
    assert incident.state == "triage"


def test_leaders_lead_by_group_by_permission_or_as_superusers_and_are_active() -> None:
    group = Group.objects.create(name="leaders of this test")
    group.permissions.add(Permission.objects.get(codename="lead_incident"))
    factories.person("grace").groups.add(group)
    allowed("liz", "lead")
    factories.person("root", is_superuser=True)
    factories.person("gone", is_superuser=True, is_active=False)
    factories.person("dan")
    assert [leader.username for leader in standing.leaders()] == ["grace", "liz", "root"]


def test_no_more_leaders_are_told_than_can_act() -> None:
    for number in range(standing.LEADERS_TOLD + 1):
        factories.person(f"root{number}", is_superuser=True)
    assert len(standing.leaders()) == standing.LEADERS_TOLD


def test_a_standing_permission_is_asked_for_by_name() -> None:
    dan = factories.person("dan")
    with refused("no_permission", NotPermitted) as caught:
        standing.permit_to(dan, "incidents.resend_outboxmessage")
    assert "“incidents.resend_outboxmessage”" in str(caught.value)
    may = factories.allow(dan, "incidents.resend_outboxmessage")
    standing.permit_to(may, "incidents.resend_outboxmessage")
    assert standing.missing(may, "incidents.resend_outboxmessage") is None
