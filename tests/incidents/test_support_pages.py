"""“What may I say?” as a page, and where copies are counted."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incidents.models import HoldingStatement, Incident, Person, Scenario, StatementCopy
from tests import factories
from tests.incidents.admin_room import list_of, member, signed_in, text_of
from tests.incidents.scene import incident_under
from tests.incidents.test_coverage_pages import api
from tests.incidents.test_support import published, words

pytestmark = pytest.mark.django_db

SAY = "admin:incidents_holdingstatement_say"
COPIED = "admin:incidents_holdingstatement_copied"
PAGE_QUERIES = 18


@pytest.fixture
def sam() -> Person:
    """A stranger of support: in the group that reads."""
    return member("sam", "auditor")


@pytest.fixture
def outage() -> Scenario:
    return Scenario.objects.create(slug="outage", name="Checkout outage")


@pytest.fixture
def incident(outage) -> Incident:
    return incident_under(factories.severity_scheme(), "sev2", scenario=outage)


def page(client: Client, **asked: str) -> str:
    return client.get(reverse(SAY), asked).content.decode()


def copy(client: Client, row: HoldingStatement, **said) -> int:
    return client.post(reverse(COPIED), {"statement": row.pk, **said}).status_code


def test_the_first_page_leads_there_in_one_click(sam) -> None:
    front = signed_in(sam).get("/admin/").content.decode()
    assert front.count(f'href="{reverse(SAY)}"') == 2  # in the page, and beside it
    assert "What may I say?" not in text_of(signed_in(member("dan")).get("/admin/"))


def test_words_stand_filled_and_escaped_with_what_was_published(incident, outage, sam) -> None:
    words("<b>Down</b>", text="{reference} fails: {impact} <script>", scenario=outage)
    published(incident, "public", "**We know.** <img src=x>")
    shown = page(signed_in(sam))
    assert f"{incident.reference} fails: {{impact}} &lt;script&gt;" in shown
    assert "&lt;b&gt;Down" in shown
    assert "Not known here: impact. Ask the communications lead" in shown
    assert "Fill in before you send it: reference, impact." in shown  # in the library
    assert "<strong>We know.</strong>" in shown
    assert "<img src=x" not in shown


def test_what_is_not_approved_is_nowhere_on_the_page(incident, sam) -> None:
    words("A draft", status="draft", approver=None, approved_at=None)
    words("Expired", expires_on=timezone.now().date())
    words("For the public", audience="public")
    shown = page(signed_in(sam))
    for title in ("A draft", "Expired", "For the public"):
        assert title not in shown
    assert "No words for support are approved" in shown


def test_a_private_incident_is_not_shown(incident, sam) -> None:
    assert incident.title in page(signed_in(sam))
    Incident.objects.filter(pk=incident.pk).update(is_private=True)
    assert incident.title not in page(signed_in(sam))


def test_the_words_are_searched_without_scripts_too(outage, sam) -> None:
    words("Payments", scenario=outage)
    words("Sign-in", text="Nobody gets in.")
    client = signed_in(sam)
    found = page(client, q="payments")
    assert "Copy “Payments”" in found
    assert "Copy “Sign-in”" not in found
    assert "1 found" in found
    assert "Nothing approved says that" in page(client, q="<zebra>")
    assert "&lt;zebra&gt;" in page(client, q="<zebra>")


def test_an_empty_page_says_what_to_do_first(sam) -> None:
    shown = text_of(signed_in(sam).get(reverse(SAY)))
    assert "No incident is open" in shown
    assert "No words for support are approved yet. Ask the communications lead" in shown
    leader = text_of(signed_in(member("lea", "leadership")).get(reverse(SAY)))
    assert "Draft some" in leader


def test_a_copy_is_counted_for_its_incident(incident, sam) -> None:
    row, client = words(), signed_in(sam)
    assert copy(client, row, incident=incident.pk) == 204
    assert copy(client, row, incident="") == 204
    assert list(StatementCopy.objects.order_by("pk").values_list("incident", flat=True)) == [
        incident.pk, None,
    ]  # fmt: skip


def test_what_cannot_be_counted_is_refused_and_says_nothing_of_what_is_hidden(
    incident, sam
) -> None:
    row, client = words(), signed_in(sam)
    Incident.objects.filter(pk=incident.pk).update(is_private=True)
    for wrong in (incident.pk, 99, "x", "9" * 30):
        assert copy(client, row, incident=wrong) == 404
    assert client.post(reverse(COPIED), {"statement": 99}).status_code == 404
    assert copy(client, words("old", expires_on=timezone.now().date())) == 409
    assert client.get(reverse(COPIED)).status_code == 405
    assert copy(signed_in(member("dan")), row) == 403
    assert not StatementCopy.objects.exists()


def test_a_copy_from_elsewhere_is_not_counted(sam) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(sam)
    assert copy(client, words()) == 403


def test_who_may_see_nothing_sees_no_words() -> None:
    assert signed_in(member("dan")).get(reverse(SAY)).status_code == 403


def test_the_page_costs_the_same_however_much_is_open(incident, outage, sam) -> None:
    client, counts = signed_in(sam), []
    for more in (1, 12):
        for number in range(more):
            made = incident_under(incident.severity_scheme, "sev2", scenario=outage)
            published(made, "public", "Said.")
            words(f"{more} {number}", scenario=outage, approver=factories.person())
        page(client)
        with CaptureQueriesContext(connection) as queries:
            page(client)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= PAGE_QUERIES


def test_the_list_of_statements_counts_its_uses_and_leads_to_both_pages(sam) -> None:
    shown = signed_in(sam).get(list_of(HoldingStatement)).content.decode()
    assert reverse(SAY) in shown
    assert list_of(HoldingStatement, "coverage") in shown


def test_the_api_counts_a_copy(incident, sam) -> None:
    row, client = words(), api(sam)
    address = f"/api/v1/statements/{row.pk}/copied"
    body = {"incident": incident.reference}
    done = client.post(address, body, content_type="application/json")
    assert (done.status_code, done.json()["incident"]) == (201, incident.reference)
    assert client.post(address, content_type="application/json").status_code == 201
    unknown = client.post(address, {"incident": "INC-9"}, content_type="application/json")
    assert unknown.status_code == 422
    other = "/api/v1/statements/99/copied"
    assert client.post(other, content_type="application/json").status_code == 404
    assert api(member("dan")).post(address).status_code == 403
    assert StatementCopy.objects.count() == 2
