"""Evidence as its pages show it: who may say what of whom, and where each piece comes from."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from incidents.models import Assignment, Incident, Person
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER
from tests.factories import NOW, allow, person, role
from tests.incidents.scene import refused
from training.models import Evidence
from training.operations import competence, evidence

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
RECORD = reverse("admin:training_evidence_record")


@pytest.fixture
def ada():
    return person("ada", is_staff=True)


@pytest.fixture
def incident(ada) -> Incident:
    """Closed, commanded by Ada."""
    made = Incident.objects.create(
        reference="INC-1", title="Payments fail", state="closed", declared_at=NOW - DAY,
        closed_at=NOW,
    )  # fmt: skip
    Assignment.objects.create(
        incident=made, role=role(COMMANDER), person=ada, reason="", assigned_at=NOW - DAY,
        ended_at=NOW,
    )  # fmt: skip
    return made


def said(**fields):
    return {
        "role": role(COMMANDER), "kind": "shadowed", "title": "Beside Ada",
        "happened_on": NOW.date(), "at": NOW,
    } | fields  # fmt: skip


def test_whoever_held_the_role_says_who_was_beside_them_and_nothing_else(ada, incident):
    cleo = person("cleo")
    for kind in evidence.WITNESSED:
        row = evidence.record(cleo, **said(kind=kind, incident=incident, actor=ada))
        assert row.recorded_by == ada
    for kind in ("training", "held", "played", "led"):
        with refused("no_permission", NotPermitted):
            evidence.record(cleo, **said(kind=kind, incident=incident, actor=ada))
    with refused("no_permission", NotPermitted):
        evidence.record(cleo, **said(actor=ada))


def test_a_link_is_an_address_that_can_be_followed(incident):
    rosa, cleo = allow(person("rosa"), evidence.RECORD), person("cleo")
    with refused("unusable_link", Invalid):
        evidence.record(cleo, **said(link="javascript:alert(1)", actor=rosa))
    row = evidence.record(cleo, **said(link="https://lms.example/7", actor=rosa))
    assert row.link == "https://lms.example/7"


def test_the_page_to_record_is_open_to_whoever_held_a_role_and_closed_to_dan(
    client, ada, incident
):
    cleo = person("cleo")
    body = {
        "person": cleo.pk, "role": COMMANDER, "kind": "shadowed", "title": "Beside Ada",
        "happened_on": "2026-01-05", "incident": "inc-1",
    }  # fmt: skip
    client.force_login(person("dan", is_staff=True))
    assert client.post(RECORD, body).status_code == 403
    client.force_login(ada)
    assert client.post(RECORD, body | {"incident": "INC-404"}).status_code == 409
    assert client.post(RECORD, body).status_code == 302
    row = Evidence.objects.get()
    assert (row.person, row.incident, row.recorded_by) == (cleo, incident, ada)


def test_a_persons_page_leads_to_where_each_proof_comes_from_and_hides_what_is_private(
    client, incident
):
    cleo = person("cleo")
    evidence.record(
        cleo, **said(incident=incident, actor=allow(person("rosa"), evidence.RECORD))
    )
    url = reverse("admin:training_evidence_person", args=[cleo.pk])
    reader = allow(person("vera", is_staff=True), "training.view_evidence")
    client.force_login(reader)
    with time_machine.travel(NOW):
        page = client.get(url).content.decode()
        assert reverse("admin:incidents_incident_change", args=[incident.pk]) in page
        Incident.objects.filter(pk=incident.pk).update(is_private=True)
        page = client.get(url).content.decode()
    assert "INC-1" not in page
    assert "Beside Ada" not in page


def test_a_private_proof_counts_for_every_reader_and_says_its_day_to_whoever_may_see_it(
    client, incident
):
    cleo, rosa = person("cleo"), allow(person("rosa"), evidence.RECORD)
    evidence.record(cleo, **said(incident=incident, actor=rosa))
    Incident.objects.filter(pk=incident.pk).update(is_private=True)
    stranger = allow(person("vera", is_staff=True), "training.view_evidence")
    ada = allow(Person.objects.get(username="ada"), "training.view_evidence")
    (blind,) = competence.standings(cleo, reader=stranger, at=NOW)
    (full,) = competence.standings(cleo, reader=ada, at=NOW)
    shadowed = [
        next(one for one in each.met if one.asked.kind == "shadowed") for each in (blind, full)
    ]
    assert [(one.found, one.last) for one in shadowed] == [(1, None), (1, NOW.date())]
    assert (blind.evidence, blind.unseen, full.unseen) == ((), 1, 0)
    assert blind.missing == full.missing
    client.force_login(stranger)
    with time_machine.travel(NOW):
        page = client.get(reverse("admin:training_evidence_person", args=[cleo.pk]))
    text = page.content.decode()
    assert "1 of private incidents" in text
    assert f"{NOW:%-d %b %Y}" not in text
