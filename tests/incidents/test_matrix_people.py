"""A version resolved to people: as a declaration would, in few queries, on a page people read."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from incidents.models import (
    Absence,
    Cell,
    MatrixVersion,
    Person,
    Qualification,
    Scenario,
    Service,
    Variation,
)
from incidents.operations import declaration
from incidents.operations.matrix_people import ResolvedPeople, resolve_to_people
from incidents.rules.layers import Case
from incidents.rules.reasons import Invalid
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    NAMES,
    SCRIBE,
)
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import member, page_of, signed_in, text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PAGE_QUERIES = 25
ROWS = {
    ("triage", "Direct the response"): {COMMANDER: "A/R", DEPUTY: "R", COUNSEL: "C"},
    ("mitigation", "Mend the service"): {COMMANDER: "A", DOMAIN_OWNER: "R", SCRIBE: "R"},
    ("review", "Write the report"): {SCRIBE: "R", COMMANDER: "A"},
}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def version() -> MatrixVersion:
    """In force, under a scheme; two people can do each role."""
    factories.severity_scheme()
    for slug in NAMES:
        factories.role(slug)
    for slug in (COMMANDER, DEPUTY, COMMUNICATIONS, SCRIBE, COUNSEL):
        for one in ("a", "b"):
            factories.person(f"{slug}-{one}", qualified=(slug,))
    return factories.matrix_version(ROWS)


def people(resolved: ResolvedPeople) -> dict[str, list[str]]:
    return {
        role.role: [answer.username for answer in role.answers]
        for role in resolved.people.roles
    }


def codes(resolved: ResolvedPeople) -> list[str]:
    return [gap.code for gap in resolved.gaps]


def test_it_names_whom_a_declaration_names_and_why(version: MatrixVersion) -> None:
    services = [factories.service("payments", tier=1), factories.service("ledger", tier=2)]
    Absence.objects.create(
        person=Person.objects.get(username=f"{SCRIBE}-a"),
        starts_at=NOW - DAY,
        ends_at=NOW + DAY,
    )
    foreseen = resolve_to_people(version, services=services, at=NOW)
    declared = declaration.declare(
        title="Payments fail",
        services=services,
        facts={},
        actor=factories.allow(factories.person("dora"), "incidents.declare_incident"),
        at=NOW,
    )
    given = {
        (each.role_id, each.person.username, each.reason)
        for each in declared.assignments.select_related("person")
    }
    told = {
        (role.role, answer.username, answer.reasons[0])
        for role in foreseen.people.roles
        if role.is_declared
        for answer in role.answers
    }
    assert told == given
    assert foreseen.case.tier == 1


def test_a_case_takes_its_variations(version: MatrixVersion) -> None:
    draft = factories.matrix_version(ROWS, effective_from=None, slug="draft")
    varied = Variation.objects.create(version=draft, depends_on="severity", value="sev1")
    activity = draft.activities.get(name="Direct the response")
    Cell.objects.create(
        activity=activity, role=factories.role(SCRIBE), letters="I", variation=varied
    )
    plain = resolve_to_people(draft, at=NOW).people.lines[0]
    grave = resolve_to_people(draft, case=Case(severity="sev1"), at=NOW).people.lines[0]
    assert [part.role.role for part in plain.informed] == []
    assert [(part.role.role, part.source) for part in grave.informed] == [
        (SCRIBE, "severity sev1")
    ]


def test_who_is_away_or_lapsed_is_as_of_the_moment(version: MatrixVersion) -> None:
    only = Person.objects.get(username=f"{DEPUTY}-a")
    Qualification.objects.filter(person__username=f"{DEPUTY}-b").update(
        expires_on=date(2026, 12, 1)
    )
    Absence.objects.create(person=only, starts_at=NOW + DAY, ends_at=NOW + 30 * DAY)
    assert codes(resolve_to_people(version, at=NOW)) == ["no_service"]
    assert "only_one_here" in codes(resolve_to_people(version, at=NOW + 2 * DAY))
    later = resolve_to_people(version, at=NOW + 10 * DAY)
    assert "all_away" in codes(later)
    assert people(later)[DEPUTY] == [""]


def test_the_deactivated_leave_a_gap_with_their_names(version: MatrixVersion) -> None:
    Person.objects.filter(username__startswith=SCRIBE).update(is_active=False)
    gap = resolve_to_people(version, at=NOW).gaps[0]
    assert (gap.code, gap.role) == ("all_deactivated", SCRIBE)
    assert f"{SCRIBE}-a".title() in gap.message


def test_before_anybody_is_qualified_it_says_what_to_do_first(version: MatrixVersion) -> None:
    Qualification.objects.all().delete()
    assert codes(resolve_to_people(version, at=NOW)) == ["register_empty"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"case": Case(severity="sev9")}, "unknown_severity"),
        ({"case": Case(scenario="flood")}, "unknown_scenario"),
        ({"phase": "lunch"}, "unknown_phase"),
    ],
)
def test_what_nobody_knows_is_refused(version: MatrixVersion, asked: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        resolve_to_people(version, at=NOW, **asked)
    assert refused.value.has(code)


@pytest.mark.parametrize("count", [5, 50])
def test_the_number_of_queries_does_not_depend_on_the_number_of_people(
    version: MatrixVersion, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        who = factories.person(f"more{number}", qualified=(COMMANDER, SCRIBE, DOMAIN_OWNER))
        Absence.objects.create(person=who, starts_at=NOW - DAY, ends_at=NOW + DAY)
    Scenario.objects.create(slug="flood", name="Flood")
    services = [factories.service("payments"), factories.service("ledger")]
    case = Case(severity="sev1", scenario="flood")
    resolve_to_people(version, case=case, services=services, at=NOW)  # the law is kept
    with django_assert_num_queries(10):
        resolve_to_people(version, case=case, services=services, at=NOW)


def page(version: MatrixVersion, **query: Any) -> str:
    address = reverse("admin:incidents_matrixversion_people", args=[version.pk])
    said = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{address}?{said}"


@pytest.fixture
def ada() -> Client:
    return signed_in(member("ada", "leadership"))


def test_the_page_shows_people_reasons_and_gaps(ada: Client, version: MatrixVersion) -> None:
    service = factories.service("payments", tier=1)
    words = text_of(ada.get(page(version, severity="sev1", services=service.pk)))
    assert "Severity Severity 1 · Affected Payments · Service tier 1" in words
    assert "Only one person can answer for Payments: Payments-Owner." in words
    assert "Incident_Commander-A Next in rotation: never commanded 1 other could" in words
    assert "Legal counsel Not given out when an incident is declared" in words


def test_the_page_shows_one_phase(ada: Client, version: MatrixVersion) -> None:
    words = text_of(ada.get(page(version, phase="review")))
    assert "Write the report" in words
    assert "Direct the response" not in words


def test_a_moment_is_read_in_the_readers_zone(version: MatrixVersion) -> None:
    reader = signed_in(member("ada", "leadership", time_zone="Asia/Tokyo"))
    response = reader.get(page(version, at="2026-12-01T09:00"))
    assert response.context["resolved"].at == NOW.replace(month=12, day=1, hour=0)
    assert "(Asia/Tokyo)" in text_of(response)


def test_what_cannot_be_read_is_said_beside_the_form(
    ada: Client, version: MatrixVersion
) -> None:
    for query, words in (
        ({"at": "soon"}, "Write a date and a time"),
        ({"severity": "sev9"}, "Severity: Select a valid choice"),
        ({"services": "999"}, "Services: Select a valid choice"),
    ):
        response = ada.get(page(version, **query))
        assert response.status_code == 422
        assert words in text_of(response)


def test_an_empty_register_shows_the_way_to_it(ada: Client, version: MatrixVersion) -> None:
    Qualification.objects.all().delete()
    response = ada.get(page(version))
    assert "No qualification is recorded for any of these roles" in text_of(response)
    assert reverse("admin:incidents_qualification_changelist") in response.content.decode()


def test_a_matrix_without_activities_says_so(ada: Client, version: MatrixVersion) -> None:
    empty = MatrixVersion.objects.create(
        matrix=version.matrix, number=9, maker=version.maker, created_at=NOW
    )
    assert "It has no activities yet" in text_of(ada.get(page(empty)))


def test_the_version_and_the_incident_lead_to_the_page(
    ada: Client, version: MatrixVersion
) -> None:
    assert page(version).rstrip("?") in ada.get(page_of(version)).content.decode()
    service = factories.service("payments")
    incident = declaration.declare(
        title="Payments fail", services=[service], facts={"customers_affected": 2000},
        actor=Person.objects.get(username="ada"), at=NOW,
    )  # fmt: skip
    shown = ada.get(page_of(incident)).content.decode()
    address = page(
        version, severity="sev1", scenario="", phase="detection", services=service.pk
    )
    assert address.replace("&", "&amp;") in shown
    assert ada.get(address).status_code == 200


def test_whoever_reads_the_law_may_look_and_nobody_else(version: MatrixVersion) -> None:
    auditor, dan = member("aude", "auditor"), member("dan")
    assert signed_in(auditor).get(page(version)).status_code == 200
    assert signed_in(dan).get(page(version)).status_code == 403
    assert Client().get(page(version)).status_code == 302


def test_a_version_that_is_not_there_is_not_found(ada: Client) -> None:
    assert ada.get("/admin/incidents/matrixversion/999/people/").status_code == 404


@pytest.mark.parametrize("count", [5, 50])
def test_the_page_sends_as_many_statements_for_five_people_as_for_fifty(
    ada: Client, version: MatrixVersion, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        factories.person(f"more{number}", qualified=(COMMANDER, SCRIBE))
    service = factories.service("payments")
    for _ in range(2):
        ada.get(page(version, severity="sev1", services=service.pk))
    with django_assert_num_queries(PAGE_QUERIES):
        ada.get(page(version, severity="sev1", services=service.pk))


def test_a_closed_incident_with_a_retired_service_leads_to_the_page_too(
    ada: Client, version: MatrixVersion
) -> None:
    service = factories.service("old")
    incident = declaration.declare(
        title="Old trouble", services=[service], facts={},
        actor=Person.objects.get(username="ada"), at=NOW,
    )  # fmt: skip
    Service.objects.update(is_active=False)
    type(incident).objects.update(state="cancelled", closed_at=NOW)
    shown = unescape(ada.get(page_of(incident)).content.decode())
    (address,) = re.findall(r'href="([^"]*/people/[^"]*)"', shown)
    response = ada.get(address)
    assert response.status_code == 200
    assert "Affected Old" in text_of(response)
