"""The coverage map as a page and over the API; its cells lead to the words or to the work."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.models import HoldingStatement, Person, Scenario
from incidents.operations.people import issue_token
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, said, signed_in, text_of

pytestmark = pytest.mark.django_db

PAGE_QUERIES = 12


@pytest.fixture
def outage() -> Scenario:
    factories.severity_scheme(effective_from=timezone.now())
    return Scenario.objects.create(slug="outage", name="Outage")


@pytest.fixture
def lea() -> Person:
    return member("lea", "leadership")


@pytest.fixture
def rita() -> Person:
    """Responds, and plans nothing."""
    return member("rita", "responder")


def words(scenario: Scenario, **fields) -> HoldingStatement:
    maker = Person.objects.filter(username="maria").first() or factories.person("maria")
    given = {"title": "Outage <b>", "audience": "public", "text": "We know.", "maker": maker}
    return HoldingStatement.objects.create(scenario=scenario, **(given | fields))


def the_map(client: Client, **asked: str) -> str:
    return client.get(list_of(HoldingStatement, "coverage"), asked).content.decode()


def cell(page: str, place: str) -> str:
    """The link of the cell whose words for a screen reader begin so."""
    (found,) = re.findall(rf'<(?:a|span) class="cell [^>]*aria-label="{place}[^>]*>[^<]+', page)
    return found


def api(who: Person) -> Client:
    token = issue_token(who, label="test", at=NOW)
    return Client(headers={"Authorization": f"Bearer {token}"})


# --- the page


def test_the_map_says_how_much_is_covered_and_what_each_letter_means(outage, rita) -> None:
    page = text_of(signed_in(rita).get(list_of(HoldingStatement, "coverage")))
    assert "0 of 3 asked for are covered" in page
    for name in ("hole", "expires soon", "review due", "approver left", "draft only"):
        assert name in page


def test_a_cell_with_words_leads_to_them(outage, rita) -> None:
    made = words(outage, severity="sev1")
    found = cell(the_map(signed_in(rita)), "Outage, Severity 1, public: draft only")
    assert f'href="{page_of(made)}"' in found
    assert "Outage &lt;b&gt;" in found


def test_a_hole_leads_to_its_work_with_the_cell_filled_in(outage, lea) -> None:
    found = cell(the_map(signed_in(lea)), "Outage, Severity 1, public: hole")
    assert "Create the work" in found
    (address,) = re.findall(r'href="([^"]+)"', found)
    page = signed_in(lea).get(address.replace("&amp;", "&"))
    form = page.context["form"]
    assert (form["severity"].value(), form["audience"].value()) == ("sev1", "public")
    assert form["scenario"].value() == str(outage.pk)


def test_who_may_not_plan_is_led_nowhere_from_a_hole(outage, rita) -> None:
    found = cell(the_map(signed_in(rita)), "Outage, Severity 1, public: hole")
    assert "href" not in found
    assert "Plan 3" not in the_map(signed_in(rita))


def test_the_map_is_narrowed_by_links(outage, lea) -> None:
    words(outage, language="de", severity="sev1")
    client = signed_in(lea)
    page = the_map(client, audience="public", language="de")
    assert "Outage, Severity 1, public: draft only" in page
    assert "Outage, Severity 1, internal" not in page
    assert 'href="?audience=internal&amp;language=de"' in page
    assert "hole" in cell(the_map(client, audience="public"), "Outage, Severity 1, public")
    assert "internal" in the_map(client, audience="nonsense")  # no filter


def test_an_empty_map_says_what_to_do_first(lea) -> None:
    page = text_of(signed_in(lea).get(list_of(HoldingStatement, "coverage")))
    assert "No severity scheme is in force" in page
    assert "No scenario is named yet" in page


def test_the_page_costs_the_same_however_much_there_is(outage, lea) -> None:
    client, counts = signed_in(lea), []
    for more in (1, 20):
        for number in range(more):
            made = Scenario.objects.create(slug=f"s{more}-{number}", name=f"S {more} {number}")
            words(made, severity="sev1", approver=factories.person())
        the_map(client)
        with CaptureQueriesContext(connection) as queries:
            the_map(client)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= PAGE_QUERIES


def test_who_may_see_nothing_sees_no_map(outage) -> None:
    dan = signed_in(member("dan"))
    assert dan.get(list_of(HoldingStatement, "coverage")).status_code == 403
    for verb in ("plan", "plan_row"):
        assert dan.post(list_of(HoldingStatement, verb), {}).status_code == 403


# --- the work


def test_a_planned_cell_is_a_draft_and_no_second_one(outage, lea) -> None:
    client, address = signed_in(lea), list_of(HoldingStatement, "plan")
    what = {
        "scenario": outage.pk, "severity": "sev1", "audience": "public", "language": "en",
        "by": f"{timezone.now().date()}",
    }  # fmt: skip
    done = client.post(address, what)
    made = HoldingStatement.objects.get()
    assert done["Location"] == page_of(made)
    assert said(done) == ["The draft is planned; its owner is reminded of it."]
    again = client.post(address, what)
    assert again.status_code == 409
    assert "is there already" in text_of(again)


def test_a_whole_scenario_is_planned_and_the_map_shows_it(outage, lea) -> None:
    client = signed_in(lea)
    assert "Plan 3" in the_map(client)
    what = {"scenario": outage.pk, "language": "en", "by": f"{timezone.now().date()}"}
    done = client.post(list_of(HoldingStatement, "plan_row"), what)
    assert done["Location"] == list_of(HoldingStatement, "coverage")
    assert HoldingStatement.objects.count() == 3
    assert "Plan 3" not in the_map(client)
    assert client.get(page_of(HoldingStatement.objects.all()[0])).status_code == 200


# --- over the API


def test_the_api_answers_with_the_cells_of_the_page(outage, rita) -> None:
    made = words(outage, severity="sev1")
    answer = api(rita).get("/api/v1/coverage", {"audience": "public"}).json()
    assert (answer["asked"], answer["covered"], answer["languages"]) == (1, 0, ["en"])
    (found,) = (one for one in answer["cells"] if one["statement"])
    assert found == {
        "scenario": "outage",
        "severity": "sev1",
        "audience": "public",
        "state": "draft",
        "asked": True,
        "covered": False,
        "statement": made.pk,
        "why": "A draft that nobody has approved yet.",
    }


def test_the_api_says_no_as_the_page_does(outage, rita) -> None:
    assert api(member("dan")).get("/api/v1/coverage").status_code == 403
    client = api(rita)
    assert client.get("/api/v1/coverage", {"audience": "all"}).status_code == 422
    assert client.get("/api/v1/coverage", {"langage": "de"}).status_code == 422
