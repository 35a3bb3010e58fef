"""What support may say: published, approved, of today, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import (
    AuditEvent,
    HoldingStatement,
    Incident,
    Person,
    Scenario,
    Service,
    StatementCopy,
    Update,
    UpdateClock,
)
from incidents.operations import support
from incidents.operations.support import Sayable
from incidents.rules.reasons import NotPermitted
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import incident_under, refused

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
TODAY = NOW.date()
LATER = NOW + 10 * MINUTE
QUERIES = 8


@pytest.fixture
def outage() -> Scenario:
    return Scenario.objects.create(slug="outage", name="Checkout outage")


@pytest.fixture
def scheme():
    return factories.severity_scheme()


@pytest.fixture
def sam() -> Person:
    """Of support: sees everything, holds no role."""
    return factories.allow(factories.person("sam"), support.VIEW, "incidents.view_incident")


@pytest.fixture
def incident(scheme, outage) -> Incident:
    made = incident_under(scheme, "sev2", scenario=outage, impact_started_at=NOW)
    made.services.add(service())
    return made


def service() -> Service:
    found = Service.objects.filter(slug="checkout").first()
    return found or factories.service("checkout", name="checkout-api", public_name="Checkout")


def words(title: str = "Checkout is down", **fields) -> HoldingStatement:
    given = {
        "title": title,
        "audience": "support",
        "text": "{service} fails since {time}.",
        "status": "approved",
        "maker": known("maria"),
        "approver": known("anna"),
        "approved_at": NOW,
    }
    return HoldingStatement.objects.create(**(given | fields))


def known(name: str) -> Person:
    return Person.objects.filter(username=name).first() or factories.person(name)


def published(incident: Incident, audience: str, text: str, at=NOW) -> Update:
    return Update.objects.create(
        incident=incident, audience=audience, text=text, status="published",
        drafted_by=known("maria"), drafted_at=at, approved_by=known("anna"), approved_at=at,
        published_by=known("maria"), published_at=at,
    )  # fmt: skip


def seen(person: Person) -> list[Sayable]:
    return support.sayable(person, at=LATER)


def the(person: Person) -> Sayable:
    (found,) = seen(person)
    return found


def titles(person: Person) -> list[str]:
    return [offer.statement.title for offer in the(person).offers]


# --- the words


def test_words_for_support_are_filled_with_what_customers_call_it(incident, sam) -> None:
    words()
    (offer,) = the(sam).offers
    assert offer.text == "Checkout fails since 2026-11-23 09:00 UTC."
    assert offer.missing == ()


def test_a_blank_nobody_knows_stays_one_and_is_named(incident, sam) -> None:
    words(text="It fails: {impact}. We write again by {next_update}.")
    (offer,) = the(sam).offers
    assert offer.text == "It fails: {impact}. We write again by {next_update}."
    assert offer.missing == ("impact", "next_update")


def test_the_next_update_is_when_supports_clock_is_due_else_everybodys(incident, sam) -> None:
    words(text="By {next_update}.")
    UpdateClock.objects.create(incident=incident, audience="public", due_at=LATER + MINUTE)
    assert the(sam).offers[0].text == "By 2026-11-23 09:11 UTC."
    UpdateClock.objects.create(incident=incident, audience="support", due_at=LATER + 5 * MINUTE)
    assert the(sam).offers[0].text == "By 2026-11-23 09:15 UTC."


def test_an_update_that_is_late_is_promised_to_nobody(incident, sam) -> None:
    words(text="By {next_update}.")
    UpdateClock.objects.create(incident=incident, audience="public", due_at=LATER)
    assert the(sam).offers[0].missing == ("next_update",)


def test_the_closest_words_come_first(incident, outage, sam) -> None:
    words("any")
    words("level", severity="sev2")
    words("scenario", scenario=outage)
    words("both", scenario=outage, severity="sev2")
    assert titles(sam) == ["both", "scenario", "level", "any"]


@pytest.mark.parametrize("fields", [
    {"status": "draft", "approver": None, "approved_at": None},
    {"status": "retired"},
    {"expires_on": TODAY},
    {"effective_from": TODAY + DAY},
    {"audience": "public"},
    {"audience": "internal"},
    {"severity": "sev1"},
])  # fmt: skip
def test_nothing_is_offered_that_may_not_be_said_today(incident, sam, fields) -> None:
    words("fits")
    words("does not", **fields)
    words("elsewhere", scenario=Scenario.objects.create(slug="x", name="X"))
    assert titles(sam) == ["fits"]


def test_words_whose_approver_left_are_said_by_nobody(incident, sam) -> None:
    words()
    Person.objects.filter(username="anna").update(is_active=False)
    assert titles(sam) == []
    assert not support.usable(TODAY)


def test_that_it_is_over_is_said_once_it_is_and_nothing_else(incident, sam) -> None:
    words("it fails")
    words("it works", purpose="over")
    assert titles(sam) == ["it fails"]
    Incident.objects.filter(pk=incident.pk).update(resolved_at=LATER)
    assert titles(sam) == ["it works"]


# --- what was published


def test_the_last_update_to_support_is_shown_else_the_last_public_one(incident, sam) -> None:
    assert the(sam).published is None
    published(incident, "internal", "Secret.")
    published(incident, "public", "First.")
    published(incident, "public", "Second.", NOW + MINUTE)
    assert the(sam).published.text == "Second."
    published(incident, "support", "For support.")
    assert the(sam).published.text == "For support."


def test_a_draft_is_not_shown(incident, sam) -> None:
    Update.objects.create(
        incident=incident, audience="support", text="Perhaps.",
        drafted_by=known("maria"), drafted_at=NOW,
    )  # fmt: skip
    assert the(sam).published is None


# --- which incidents


def test_the_gravest_incident_comes_first_and_only_open_real_ones(
    scheme, incident, sam
) -> None:
    grave = incident_under(scheme, "sev1")
    incident_under(scheme, "sev1", state="closed", closed_at=NOW)
    incident_under(scheme, "sev1", kind="exercise")
    unjudged = incident_under(scheme, "sev1", level=None, computed_level=None)
    assert [one.incident for one in seen(sam)] == [grave, incident, unjudged]


def test_a_private_incident_is_shown_to_who_may_see_it_alone(incident, sam) -> None:
    words()
    Incident.objects.filter(pk=incident.pk).update(is_private=True)
    assert seen(sam) == []
    Incident.objects.filter(pk=incident.pk).update(declared_by=sam)
    assert the(sam).incident == incident


def test_who_may_see_no_incident_sees_the_words_alone(incident) -> None:
    words()
    assert seen(factories.allow(factories.person("stan"), support.VIEW)) == []
    assert len(support.usable(TODAY)) == 1


# --- searching


def test_words_are_found_by_title_text_and_scenario(outage) -> None:
    words("Payments", text="Cards are declined.", scenario=outage)
    words("Sign-in", text="Nobody can sign in.")

    def found(query: str) -> list[str]:
        return [row.title for row in support.usable(TODAY, query)]

    assert found("cards") == ["Payments"]
    assert found("checkout CARDS") == ["Payments"]
    assert found("sign") == ["Sign-in"]
    assert found("sign cards") == []
    assert found("100%") == []
    assert len(found("")) == 2


# --- counting


def test_a_copy_is_counted_and_is_no_act(incident, sam) -> None:
    row, lines = words(), AuditEvent.objects.count()
    support.copied(row, incident=incident, actor=sam, at=LATER)
    support.copied(row, actor=sam, at=LATER)
    assert list(
        StatementCopy.objects.order_by("pk").values_list("incident", "person", "at")
    ) == [
        (incident.pk, sam.pk, LATER),
        (None, sam.pk, LATER),
    ]
    assert AuditEvent.objects.count() == lines


def test_words_not_in_use_are_not_counted(sam) -> None:
    with refused("statement_not_usable"):
        support.copied(words(expires_on=TODAY), actor=sam, at=LATER)


def test_an_incident_one_may_not_see_is_counted_for_nobody(incident, sam) -> None:
    Incident.objects.filter(pk=incident.pk).update(is_private=True)
    with refused("incident_not_seen"):
        support.copied(words(), incident=incident, actor=sam, at=LATER)


def test_who_may_not_see_statements_takes_none() -> None:
    with refused("no_permission", NotPermitted):
        support.copied(words(), actor=factories.person("dan"), at=LATER)


def test_it_costs_the_same_however_many_incidents_and_words(scheme, outage, sam) -> None:
    counts = []
    for more in (1, 15):
        for number in range(more):
            made = incident_under(scheme, "sev2", scenario=outage)
            made.services.add(service())
            published(made, "support", "Said.")
            words(f"{more} {number}", approver=factories.person())
        seen(sam)  # the law is read once a process
        with CaptureQueriesContext(connection) as queries:
            assert len(seen(sam)[0].offers) >= more
        counts.append(len(queries))
    assert counts[0] == counts[1] <= QUERIES
