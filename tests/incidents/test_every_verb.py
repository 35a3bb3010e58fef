"""Every verb of the law, one table: who has no permission and who has no role is refused alike.

A verb that has no address or no page yet fails here by its name.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission

from incidents.models import (
    Activity,
    Consultation,
    HandOver,
    HoldingStatement,
    Incident,
    NoticeClock,
    Proposal,
    Service,
    Suggestion,
    Update,
)
from incidents.operations import standing, who_may
from incidents.rules.authority import objections
from incidents.rules.phases import State
from incidents.rules.reasons import NotPermitted
from incidents.rules.roles import COMMANDER, SCRIBE
from incidents.rules.verbs import ANYBODY, PARTICIPANT, VERBS, VerbLaw
from raci_project.groups import GROUPS, permitted
from tests import customers, factories
from tests.callers import VERB_CALLS, Caller, codes
from tests.factories import NOW
from tests.incidents.scene import LATER, Scene, hold, scene

pytestmark = pytest.mark.django_db

OF_AN_INCIDENT = [law for law in VERBS.values() if law.states]
# Whoever was asked answers, whatever role he holds.
ANSWERS = [law for law in OF_AN_INCIDENT if law.roles == (ANYBODY,)]
OF_A_ROLE = [law for law in OF_AN_INCIDENT if law not in ANSWERS]
COMMANDED = [law for law in OF_A_ROLE if PARTICIPANT not in law.roles]


def name_of(law: VerbLaw) -> str:
    return law.verb


def in_its_state(law: VerbLaw) -> Scene:
    """Before an incident in which the verb is possible; Cleo, a scribe, takes part."""
    state = law.states[0]
    over = {"closed_at": LATER} if state == State.CLOSED else {}
    here = scene(state=state, **over)
    hold(here.incident, here.cleo, SCRIBE)
    if over:
        here.incident.assignments.update(ended_at=LATER, end_reason=standing.CLOSED)
    return here


# --- the law itself


@pytest.mark.parametrize("law", OF_AN_INCIDENT, ids=name_of)
def test_who_has_no_permission_is_refused_by_every_operation_before_anything_else(
    law: VerbLaw,
) -> None:
    here = in_its_state(law)
    with pytest.raises(NotPermitted) as refused:
        standing.require(law.verb, here.incident, here.dan, at=LATER)
    assert [reason.code for reason in refused.value.reasons] == ["no_permission"]


@pytest.mark.parametrize("law", COMMANDED, ids=name_of)
def test_who_takes_part_in_another_role_is_refused(law: VerbLaw) -> None:
    here = in_its_state(law)
    with pytest.raises(NotPermitted) as refused:
        standing.require(law.verb, here.incident, here.cleo, at=LATER)
    assert [reason.code for reason in refused.value.reasons] == ["not_your_role"]
    listed = {row.verb: row for row in who_may.table(here.incident, at=LATER)}[law.verb]
    for who in listed.who:
        for person in who.people:
            assert not standing.objections(law.verb, here.incident, person, at=LATER)


@pytest.mark.parametrize("law", OF_A_ROLE, ids=name_of)
def test_who_takes_no_part_is_refused(law: VerbLaw) -> None:
    here = in_its_state(law)
    here.incident.assignments.filter(person=here.cleo).delete()
    with pytest.raises(NotPermitted) as refused:
        standing.require(law.verb, here.incident, here.cleo, at=LATER)
    assert [reason.code for reason in refused.value.reasons] == ["not_your_role"]


@pytest.mark.parametrize("law", OF_AN_INCIDENT, ids=name_of)
def test_in_every_other_state_it_is_refused_to_whoever_may(law: VerbLaw) -> None:
    here = in_its_state(law)
    holder = next((role for role in law.roles if role not in (ANYBODY, PARTICIPANT)), COMMANDER)
    now = standing.circumstances(here.incident, here.ada, at=LATER)
    for state in State:
        own = type(now)(state, frozenset({holder}), frozenset({holder}))
        found = [reason.code for reason in objections(law.verb, own)]
        assert found == ([] if state in law.states else ["wrong_state"])


@pytest.mark.parametrize("law", VERBS.values(), ids=name_of)
def test_every_verb_has_its_permission_and_a_group_that_holds_it(law: VerbLaw) -> None:
    assert Permission.objects.filter(codename=law.permission).exists()
    name = f"incidents.{law.permission}"
    holders = {group for group, grants in GROUPS.items() if permitted(grants, [name])}
    assert {"leadership", "responder"} <= holders
    assert "auditor" not in holders


# --- the edges: each verb has its address and its page


@pytest.mark.parametrize("law", OF_AN_INCIDENT, ids=name_of)
def test_every_verb_has_an_address(law: VerbLaw) -> None:
    assert law.verb in VERB_CALLS, f"give {law.verb} a line in tests/callers.py"


@pytest.mark.parametrize("law", OF_AN_INCIDENT, ids=name_of)
def test_every_verb_has_a_page(law: VerbLaw) -> None:
    pages = {
        verb.name
        for found in admin.site._registry.values()
        for verb in getattr(found, "verbs", ())
    }
    assert law.verb in pages, f"{law.verb} has no page"


def rows(here: Scene) -> dict[str, Callable[[], Any]]:
    """What a body names by its number, made where a verb wants it."""
    incident = here.incident

    def activity() -> Activity:
        return factories.matrix_version().activities.all()[0]

    def consultation() -> Consultation:
        return Consultation.objects.create(
            incident=incident, activity=activity(), question="?", asked_by=here.ada, asked_at=NOW,
            proceeds_at=NOW,
        )  # fmt: skip

    def proposal() -> Proposal:
        return Proposal.objects.create(
            incident=incident, question="?", text="Yes", proposed_by=here.ben, proposed_at=NOW
        )

    def suggestion() -> Suggestion:
        return Suggestion.objects.create(
            incident=incident, role=factories.role(SCRIBE), person=here.lea, why="Ill",
            reason="She is free", made_at=NOW,
        )  # fmt: skip

    def statement() -> HoldingStatement:
        return HoldingStatement.objects.create(
            title="Down", audience="public", text="It is down.", status="approved",
            maker=here.ben, approver=here.lea, approved_at=NOW,
        )  # fmt: skip

    def notice() -> NoticeClock:
        return customers.owed(incident)

    return {
        "notice": notice,
        "activity": activity,
        "consultation": consultation,
        "proposal": proposal,
        "suggestion": suggestion,
        "statement": statement,
    }


@pytest.mark.parametrize("law", OF_AN_INCIDENT, ids=name_of)
def test_by_api_who_has_no_permission_is_refused(law: VerbLaw) -> None:
    here = in_its_state(law)
    path, body = call_of(law, here)
    dan = Caller(factories.allow(here.dan, "incidents.view_incident"))
    response = dan.post(path, body)
    assert (response.status_code, codes(response)) == (403, ["no_permission"])


@pytest.mark.parametrize("law", COMMANDED, ids=name_of)
def test_by_api_who_takes_part_in_another_role_is_refused(law: VerbLaw) -> None:
    here = in_its_state(law)
    path, body = call_of(law, here)
    cleo = Caller(factories.allow(here.cleo, "incidents.view_incident"))
    response = cleo.post(path, body)
    assert response.status_code == 403, response.content
    assert "not_your_role" in codes(response)
    assert not HandOver.objects.filter(outcome="accepted").exists()
    assert Incident.objects.get(pk=here.incident.pk).state == here.incident.state


def call_of(law: VerbLaw, here: Scene) -> tuple[str, dict[str, Any]]:
    """The address of the verb, and a body that names rows there are."""
    path, body = VERB_CALLS[law.verb]
    made = rows(here)
    body = {name: made[name]().pk if name in made else said for name, said in body.items()}
    if "/1/" in path:
        draft = Update.objects.create(
            incident=here.incident, audience="internal", text="We know", drafted_by=here.ben,
            drafted_at=NOW,
        )  # fmt: skip
        path = path.replace("/1/", f"/{draft.pk}/")
    if "counsel" in path:
        here.incident.legal_clocks.create(kind="counsel", basis="Policy", started_at=NOW)
    if "role" in body:
        factories.role(body["role"])
    beside(here)
    if body.get("services"):
        for slug in body["services"]:
            service_of(here, slug)
    return f"/incidents/{here.incident.reference}/{path}", body


def beside(here: Scene) -> None:
    """Another incident, which a body may name."""
    Incident.objects.create(
        reference="INC-2", title="Search is slow", state="triage", declared_at=NOW,
        severity_scheme=here.incident.severity_scheme, level=here.incident.level,
    )  # fmt: skip


def service_of(here: Scene, slug: str) -> Service:
    made = Service.objects.filter(slug=slug).first() or factories.service(slug)
    here.incident.services.add(made)
    return made
