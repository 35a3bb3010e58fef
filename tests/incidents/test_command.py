"""Command and roles of a running incident: each act beside the refusals it mirrors."""

from datetime import timedelta
from typing import Any

import pytest

from incidents.models import Assignment, AuditEvent, Incident, OutboxMessage, Person
from incidents.operations import taking
from incidents.operations.command import acknowledge, assign
from incidents.operations.declaration import declare
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, DOMAIN_OWNER, SCRIBE
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LATER = NOW + 5 * MINUTE
VERBS = ("declare", "acknowledge", "assign")


def somebody(username: str, *qualified: str) -> Person:
    """May ever do everything; whether now and here is what these tests ask."""
    person = factories.person(username, qualified=qualified)
    return factories.allow(person, *(f"incidents.{verb}_incident" for verb in VERBS))


@pytest.fixture
def ada() -> Person:
    """She commands what is declared first: the only one qualified then."""
    return somebody("ada", COMMANDER)


@pytest.fixture
def ben() -> Person:
    return somebody("ben", COMMUNICATIONS)


@pytest.fixture
def liz() -> Person:
    """Leadership."""
    return factories.allow(somebody("liz"), "incidents.lead_incident")


@pytest.fixture
def incident(ada: Person, ben: Person) -> Incident:
    factories.law()
    return declared(ben)


@pytest.fixture
def zoe(incident: Incident) -> Person:
    """Qualified to command, and free."""
    return somebody("zoe", COMMANDER)


def declared(actor: Person) -> Incident:
    payments = factories.Service.objects.filter(slug="payments").first()
    services = [payments or factories.service(owner=factories.person("olga"))]
    return declare(title="Checkout is down", services=services, facts={}, actor=actor, at=NOW)


def given(
    incident: Incident, slug: str, person: Person, actor: Person, **more: Any
) -> Assignment:
    fields = {"reason": "She knows it best", "at": LATER} | more
    return assign(incident, role=factories.role(slug), person=person, actor=actor, **fields)


def holders(incident: Incident) -> dict[str, str]:
    return dict(incident.assignments.open().values_list("role", "person__username"))


def told(kind: str) -> set[str]:
    rows = OutboxMessage.objects.filter(kind=kind)
    return set(rows.values_list("recipient__username", flat=True))


def code(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


# --- acknowledging


def test_the_commander_acknowledges_once(incident: Incident, ada: Person) -> None:
    acknowledge(incident, actor=ada, at=LATER)
    incident.refresh_from_db()
    assert (incident.state, incident.acknowledged_at) == ("triage", LATER)
    assert incident.provenance["acknowledged_at"]["by"] == "ada"
    assert incident.timeline.last().text == "Acknowledged: triage begins"
    assert AuditEvent.objects.first().verb == "acknowledge"
    with pytest.raises(Refused) as refused:
        acknowledge(incident, actor=ada, at=LATER + MINUTE)
    assert code(refused) == ["wrong_state"]
    assert incident.acknowledged_at == LATER


def test_who_looked_before_the_other_acted_is_told_so(incident: Incident, ada: Person) -> None:
    stale = Incident.objects.get(pk=incident.pk)
    acknowledge(incident, actor=ada, at=LATER)
    assert stale.state == "detection"
    with pytest.raises(Refused) as refused:
        acknowledge(stale, actor=ada, at=LATER)
    assert code(refused) == ["wrong_state"]


def test_command_is_not_begun_by_another(incident: Incident, ben: Person) -> None:
    with pytest.raises(NotPermitted) as refused:
        acknowledge(incident, actor=ben, at=LATER)
    assert code(refused) == ["not_your_role"]


def test_nor_without_the_permission(incident: Incident) -> None:
    with pytest.raises(NotPermitted) as refused:
        acknowledge(incident, actor=factories.person("dan"), at=LATER)
    assert code(refused) == ["no_permission"]


# --- assigning


def test_the_commander_gives_a_role_and_the_gap_is_closed(
    incident: Incident, ada: Person
) -> None:
    assert [each["role"] for each in incident.unfilled] == [DEPUTY]
    eve = factories.person("eve", qualified=(DEPUTY,))
    taken = given(incident, DEPUTY, eve, ada, reason="")
    incident.refresh_from_db()
    assert incident.unfilled == []
    assert taken.reason == "Qualified as Deputy commander; assigned by Ada"
    assert (taken.assigned_at, taken.assigned_by) == (LATER, ada)
    assert "eve" in told("assigned")
    line = AuditEvent.objects.first()
    assert (line.verb, line.detail["person"], line.detail["ended"]) == ("assign", "eve", [])


def test_who_is_not_qualified_needs_a_reason(incident: Incident, ada: Person) -> None:
    cleo = factories.person("cleo")
    with pytest.raises(Invalid) as refused:
        given(incident, SCRIBE, cleo, ada, reason=" ")
    assert code(refused) == ["reason_missing"]
    assert given(incident, SCRIBE, cleo, ada).reason == "She knows it best"


def test_a_commander_must_be_qualified_whatever_the_reason(
    incident: Incident, liz: Person, zoe: Person
) -> None:
    with pytest.raises(Refused) as refused:
        given(incident, COMMANDER, factories.person("cleo"), liz)
    assert code(refused) == ["not_qualified"]
    lapsed = factories.person("lara")
    factories.qualify(lapsed, COMMANDER, expires_on=LATER.date())
    with pytest.raises(Refused) as refused:
        given(incident, COMMANDER, lapsed, liz)
    assert code(refused) == ["not_qualified"]
    assert given(incident, COMMANDER, zoe, liz).person == zoe


def test_a_single_role_passes_from_one_to_the_other_in_one_instant(
    incident: Incident, ada: Person
) -> None:
    old = incident.assignments.get(role=COMMUNICATIONS)
    new = given(incident, COMMUNICATIONS, factories.person("cleo"), ada)
    old.refresh_from_db()
    assert old.ended_at == new.assigned_at == LATER
    assert old.end_reason == "Cleo is Communications lead"
    assert old.history.count() == 2
    assert told("relieved") == {"ben"}
    assert holders(incident)[COMMUNICATIONS] == "cleo"


def test_a_role_of_many_keeps_those_it_has(incident: Incident, ada: Person) -> None:
    for username in ("kim", "lou"):
        given(incident, DOMAIN_OWNER, factories.person(username), ada)
    assert incident.assignments.open().filter(role=DOMAIN_OWNER).count() == 2


def test_a_service_has_one_owner_here_and_its_own_needs_no_reason(
    incident: Incident, ada: Person
) -> None:
    payments = incident.services.get()
    kim = given(incident, DOMAIN_OWNER, factories.person("kim"), ada, service=payments)
    olga = given(incident, DOMAIN_OWNER, payments.owner, ada, service=payments, reason="")
    kim.refresh_from_db()
    assert (kim.ended_at, olga.reason) == (LATER, "Owner of Payments")


def test_of_several_services_without_an_owner_one_must_be_named(
    incident: Incident, ada: Person
) -> None:
    kim, search = factories.person("kim"), factories.service("search")
    incident.services.add(search)
    _without_owners(incident, "payments", "search")
    with pytest.raises(Invalid) as refused:
        given(incident, DOMAIN_OWNER, kim, ada)
    assert code(refused) == ["service_missing"]
    assert given(incident, DOMAIN_OWNER, kim, ada, service=search).service == search
    assert [one["service"] for one in incident.unfilled] == ["payments"]
    assert given(incident, DOMAIN_OWNER, kim, ada).service.slug == "payments"
    assert incident.unfilled == []


def test_a_domain_owner_beside_those_there_are_needs_no_service(
    incident: Incident, ada: Person
) -> None:
    _without_owners(incident)
    assert given(incident, DOMAIN_OWNER, factories.person("kim"), ada).service is None


def _without_owners(incident: Incident, *services: str) -> None:
    incident.unfilled = [
        {"role": DOMAIN_OWNER, "service": service, "reasons": ["Away."]} for service in services
    ]
    incident.save()


def test_a_service_that_is_not_affected_is_refused(incident: Incident, ada: Person) -> None:
    search = factories.service("search")
    with pytest.raises(Invalid) as refused:
        given(incident, DOMAIN_OWNER, search.owner, ada, service=search)
    assert code(refused) == ["service_not_affected"]


def test_who_commands_another_incident_is_refused(
    incident: Incident, liz: Person, zoe: Person, ada: Person
) -> None:
    second = declared(ada)
    assert holders(second)[COMMANDER] == "zoe"
    with pytest.raises(Refused) as refused:
        given(incident, COMMANDER, zoe, liz)
    assert code(refused) == ["commands_another"]
    assert "commands INC-2" in str(refused.value)
    assert given(incident, SCRIBE, zoe, ada).person == zoe


def test_the_excluded_roles_held_together_from_either_side(
    incident: Incident, ada: Person, liz: Person, zoe: Person
) -> None:
    with pytest.raises(Refused) as refused:
        given(incident, SCRIBE, ada, ada)
    assert code(refused) == ["holds_another_role"]
    given(incident, SCRIBE, zoe, ada)
    with pytest.raises(Refused) as refused:
        given(incident, COMMANDER, zoe, liz)
    assert code(refused) == ["holds_another_role"]
    given(incident, SCRIBE, factories.person("kim"), ada)
    assert given(incident, COMMANDER, zoe, liz).person == zoe


def test_who_has_left_takes_no_role(incident: Incident, ada: Person) -> None:
    gone = factories.person("gone", is_active=False)
    with pytest.raises(Refused) as refused:
        given(incident, SCRIBE, gone, ada)
    assert code(refused) == ["not_active"]


def test_a_role_is_not_held_twice_by_the_same_person(incident: Incident, ada: Person) -> None:
    eve = factories.person("eve", qualified=(DEPUTY,))
    given(incident, DEPUTY, eve, ada)
    with pytest.raises(Refused) as refused:
        given(incident, DEPUTY, eve, ada)
    assert code(refused) == ["holds_it_already"]


def test_leadership_assigns_and_others_do_not(
    incident: Incident, ben: Person, liz: Person
) -> None:
    with pytest.raises(NotPermitted) as refused:
        given(incident, SCRIBE, ben, ben)
    assert code(refused) == ["not_your_role"]
    assert given(incident, SCRIBE, factories.person("kim"), liz).role_id == SCRIBE


def test_a_commander_found_later_is_the_first_in_the_books(ben: Person, liz: Person) -> None:
    factories.law()
    orphan = declared(ben)
    assert orphan.commander_assigned_at is None
    given(orphan, COMMANDER, somebody("zoe", COMMANDER), liz)
    orphan.refresh_from_db()
    assert orphan.commander_assigned_at == LATER
    assert orphan.provenance["commander_assigned_at"]["by"] == "liz"
    given(orphan, COMMANDER, somebody("ann", COMMANDER), liz, at=LATER + MINUTE)
    orphan.refresh_from_db()
    assert orphan.commander_assigned_at == LATER


def test_a_clock_that_ran_ahead_leaves_neither_gap_nor_overlap(
    incident: Incident, liz: Person, zoe: Person
) -> None:
    """Two edges read their clocks; the second to get the lock may have read first."""
    first = given(incident, COMMANDER, zoe, liz, at=LATER)
    second = given(incident, COMMANDER, somebody("ann", COMMANDER), liz, at=LATER - MINUTE)
    first.refresh_from_db()
    assert first.ended_at == second.assigned_at == LATER


def test_the_database_is_the_last_judge_and_speaks_like_a_rule(
    incident: Incident, liz: Person, zoe: Person, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the others had acted between the questions and the writing."""
    declared(ada)
    given(incident, SCRIBE, factories.person("kim", qualified=(COMMANDER,)), ada)
    kim = Person.objects.get(username="kim")
    monkeypatch.setattr(taking, "check", lambda *args, **options: None)
    for person, said in ((zoe, "commands_another"), (kim, "holds_another_role")):
        with pytest.raises(Refused) as refused:
            given(incident, COMMANDER, person, liz)
        assert code(refused) == [said]
    assert holders(incident)[COMMANDER] == "ada"


def test_who_may_not_see_incidents_is_assigned_and_everybody_who_can_help_is_told(
    incident: Incident, ada: Person, liz: Person
) -> None:
    kind = {"kind": "may-not-see-incidents"}
    reader = factories.allow(factories.person("kim"), "incidents.view_incident")
    given(incident, SCRIBE, reader, ada)
    assert not OutboxMessage.objects.filter(**kind).exists()
    given(incident, SCRIBE, factories.person("eve"), ada)
    told = OutboxMessage.objects.filter(**kind).values_list("recipient__username", flat=True)
    assert sorted(told) == ["ada", "liz"]
    assert incident.timeline.filter(text__startswith="Eve may not see incidents").exists()
