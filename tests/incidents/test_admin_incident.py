"""The page an incident is run from, and the lists around it: complete, and cheap to open."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.models import (
    Decision,
    Dependency,
    Incident,
    TimelineEntry,
    Update,
)
from incidents.operations import declaration
from incidents.operations.records import audit
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.incidents.scene import MINUTE, Scene, hold, incident_under, scene

pytestmark = pytest.mark.django_db

PAGE_QUERIES = 15
LIST_QUERIES = 12
INDEX_QUERIES = 30


@pytest.fixture
def stage() -> Scene:
    return scene()


@pytest.fixture
def client():
    """A leader's."""
    return signed_in(member("lena", "leadership"))


def crowd(incident: Incident, size: int) -> None:
    """Everything the page shows, so many times."""
    for number in range(size):
        who = factories.person()
        made = factories.service(f"s{number}-{incident.pk}", owner=who)
        other = factories.service(f"o{number}-{incident.pk}", owner=who)
        Dependency.objects.create(upstream=other, downstream=made, strength="hard")
        incident.services.add(made)
        held = hold(incident, who, DEPUTY)
        held.ended_at, held.end_reason = NOW + MINUTE, "test"
        held.save()
        TimelineEntry.objects.create(
            incident=incident, text="x", at=NOW, recorded_at=NOW, author=who
        )
        Decision.objects.create(
            incident=incident, question="Roll back?", decision="Yes", decided_by=who,
            decided_at=NOW, authority="command",
        )  # fmt: skip
        Update.objects.create(
            incident=incident, audience="public", text="x", drafted_by=who, drafted_at=NOW
        )
        audit("note", incident, actor=who, at=NOW)


def commanded(stage: Scene) -> None:
    """One more incident, with a commander of its own."""
    hold(incident_under(stage.incident.severity_scheme, "sev1"), factories.person(), COMMANDER)


# --- cost


@pytest.mark.parametrize("size", [1, 6])
def test_the_page_costs_the_same_however_much_it_shows(
    client, stage, size, django_assert_max_num_queries
) -> None:
    crowd(stage.incident, size)
    client.get(page_of(stage.incident))
    with django_assert_max_num_queries(PAGE_QUERIES):
        page = client.get(page_of(stage.incident))
    assert page.content.decode().count("Roll back?") == size


@pytest.mark.parametrize("size", [3, 40])
def test_the_list_costs_the_same_however_long_it_is(
    client, stage, size, django_assert_max_num_queries
) -> None:
    for _ in range(size):
        commanded(stage)
    with django_assert_max_num_queries(LIST_QUERIES):
        page = client.get(list_of(Incident))
    assert len(page.context["cl"].result_list) == min(size + 1, 25)
    assert "nobody" not in text_of(page)


@pytest.mark.parametrize("size", [1, 12])
def test_the_overview_costs_the_same_however_much_burns(
    client, stage, size, django_assert_max_num_queries
) -> None:
    for number in range(size):
        commanded(stage)
        factories.service(f"s{number}")
    client.get(reverse("admin:index"))
    with django_assert_max_num_queries(INDEX_QUERIES):
        assert client.get(reverse("admin:index")).status_code == 200


# --- what the page says


def test_the_page_names_who_holds_what_and_what_is_the_law(client, stage) -> None:
    text = text_of(client.get(page_of(stage.incident)))
    for words in ("Checkout is down", "Severity 2", "Ada", "Ben", "No clock is running."):
        assert words in text


def test_the_page_is_found_by_its_reference(client, stage) -> None:
    address = reverse("admin:incidents_incident_change", args=[stage.incident.reference])
    assert client.get(address).context["incident"] == stage.incident
    for unknown in ("INC-999", "0", "nonsense", "9" * 30):
        address = reverse("admin:incidents_incident_change", args=[unknown])
        assert client.get(address).status_code == 404


def test_the_next_act_is_the_big_button_for_who_may_do_it(stage) -> None:
    for who in (stage.ada, stage.ben):
        who.is_staff = True
        who.save()
        factories.allow(who, "incidents.view_incident")
    hers = signed_in(stage.ada).get(page_of(stage.incident)).context
    his = signed_in(stage.ben).get(page_of(stage.incident)).context
    assert hers["big"].verb.name == "advance"
    assert his["big"] is None
    assert "advance" in {offer.verb.name for offer in his["refused"]}
    assert "draft_update" in {offer.verb.name for offer in his["offers"]}


def test_what_is_not_open_now_is_listed_with_its_reason(client, stage) -> None:
    page = client.get(page_of(stage.incident))
    refused = {offer.verb.name: offer.reasons for offer in page.context["refused"]}
    assert refused["close"][0].message in text_of(page)


def test_an_auditor_reads_the_page_and_is_offered_nothing(stage) -> None:
    page = signed_in(member("olga", "auditor")).get(page_of(stage.incident)).context
    assert (page["big"], page["offers"], page["refused"]) == (None, [], [])


def test_what_people_wrote_is_shown_as_text(client, stage) -> None:
    stage.incident.title = "<script>alert(1)</script>"
    stage.incident.save()
    for address in (page_of(stage.incident), list_of(Incident)):
        page = client.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_a_role_nobody_holds_is_said_by_name_with_reasons(client) -> None:
    factories.law()
    lea = factories.allow(member("lea", "leadership"), "incidents.declare_incident")
    incident = declaration.declare(
        title="Down", services=[factories.service()], facts={}, actor=lea, at=NOW
    )
    text = text_of(client.get(page_of(incident)))
    assert "Communications lead is held by nobody" in text


# --- the list


def test_the_list_shows_level_phase_and_who_commands(client, stage) -> None:
    incident_under(stage.incident.severity_scheme, "sev1", title="Nobody there")
    incident_under(
        stage.incident.severity_scheme, "sev2", title="Over", state="closed",
        closed_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    text = text_of(client.get(list_of(Incident)))
    for words in ("Severity 1", "Severity 2", "Triage", "Closed", "Ada", "nobody"):
        assert words in text


@pytest.mark.parametrize("term", ["INC-1", "inc-1", "Checkout", "is down"])
def test_an_incident_is_found_by_reference_and_by_title(client, stage, term) -> None:
    incident_under(stage.incident.severity_scheme, "sev1", title="Another")
    page = client.get(list_of(Incident), {"q": term})
    assert [row.reference for row in page.context["cl"].result_list] == ["INC-1"]


# --- forms of verbs


def test_facts_nobody_gave_are_not_recorded_as_no(client, stage) -> None:
    hold(stage.incident, stage.cleo, DEPUTY)
    body = {"customers_affected": "7"}
    assert client.post(page_of(stage.incident, "record_facts"), body).status_code == 302
    stage.incident.refresh_from_db()
    assert stage.incident.facts == {"customers_affected": 7}


def test_a_fact_out_of_range_is_refused_on_its_field(client, stage) -> None:
    page = client.post(page_of(stage.incident, "record_facts"), {"customers_affected": "-1"})
    assert page.status_code == 409
    assert "customers_affected" in page.context["form"].errors
    stage.incident.refresh_from_db()
    assert stage.incident.facts == {}


def test_an_update_leads_back_to_its_incident(client, stage) -> None:
    draft = Update.objects.create(
        incident=stage.incident, audience="internal", text="x", drafted_by=stage.ben,
        drafted_at=NOW,
    )  # fmt: skip
    page = client.post(page_of(draft, "approve_update"))
    assert (page.status_code, page.url) == (302, page_of(stage.incident))
    draft.refresh_from_db()
    assert draft.status == "approved"


def test_its_own_drafter_is_told_why_they_cannot_approve(stage) -> None:
    ben = factories.allow(stage.ben, "incidents.view_incident", "incidents.view_update")
    ben.is_staff = True
    ben.save()
    draft = Update.objects.create(
        incident=stage.incident, audience="internal", text="x", drafted_by=ben, drafted_at=NOW
    )
    client = signed_in(ben)
    assert client.get(page_of(draft, "approve_update")).context["reasons"]
    assert client.post(page_of(draft, "approve_update")).status_code == 409
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert COMMUNICATIONS in set(stage.incident.assignments.values_list("role", flat=True))


@pytest.mark.parametrize("size", [1, 6])
def test_a_service_costs_the_same_however_many_need_it(
    client, size, django_assert_max_num_queries
) -> None:
    made = factories.service()
    for number in range(size):
        other = factories.service(f"s{number}")
        Dependency.objects.create(upstream=made, downstream=other, strength="hard")
    client.get(page_of(made))
    with django_assert_max_num_queries(LIST_QUERIES):
        assert f"S{size - 1}" in text_of(client.get(page_of(made)))
