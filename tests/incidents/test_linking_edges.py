"""Merging, relating and splitting by API and by page."""

import pytest
import time_machine
from django.urls import reverse

from incidents.models import Incident, IncidentLink
from incidents.rules.roles import RESPONDER
from tests import callers, factories
from tests.callers import Caller, codes, fields
from tests.factories import NOW
from tests.incidents.admin_room import member, page_of, signed_in, text_of
from tests.incidents.scene import again, hold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada() -> Caller:
    factories.law()
    factories.service()
    factories.service("search")
    return callers.ada()


def declared(who: Caller, *services: str, **more) -> str:
    body = {"title": f"{' and '.join(services)} down", "services": list(services), **more}
    return who.post("/incidents", body).json()["reference"]


def of(reference: str) -> Incident:
    return Incident.objects.get(reference=reference)


# --- API


def test_merging_answers_the_duplicate_with_where_it_went(ada) -> None:
    one, two = declared(ada, "payments"), declared(ada, "search")
    body = {"into": two, "reason": "The same deployment"}
    document = ada.act(one, "merge", body)
    assert (document["reference"], document["state"]) == (one, "cancelled")
    assert document["links"] == [
        {
            "incident": one,
            "kind": "duplicate",
            "other": two,
            "reason": "The same deployment",
            "made_by": "ada",
            "made_at": "2026-11-23T09:00:00Z",
        }
    ]
    kept = ada.get(f"/incidents/{two}").json()
    assert kept["links"] == document["links"]
    assert sorted(kept["services"]) == ["payments", "search"]


def test_relating_and_splitting_answer_the_incident_of_the_address(ada) -> None:
    one, two = declared(ada, "payments", "search"), declared(ada, "payments")
    related = ada.act(one, "relate", {"to": two, "kind": "caused", "reason": "Its queue"})
    assert [(link["kind"], link["other"]) for link in related["links"]] == [("caused", two)]
    split = ada.act(
        one, "split", {"title": "Search", "services": ["search"], "reason": "Another cause"}
    )
    assert (split["reference"], split["services"]) == (one, ["payments"])
    made = next(link["incident"] for link in split["links"] if link["kind"] == "split")
    assert ada.get(f"/incidents/{made}").json()["services"] == ["search"]


@pytest.mark.parametrize(
    ("verb", "body", "code", "field"),
    [
        ("merge", {"into": "INC-99", "reason": "x"}, "unknown_incident", "into"),
        ("merge", {"into": "INC-1", "reason": "x"}, "same_incident", "into"),
        ("merge", {"into": "INC-2", "reason": "a\0b"}, "nul_character", "reason"),
        ("merge", {"into": "INC-2", "reason": "x" * 6000}, "reason_too_long", "reason"),
        ("merge", {"into": "INC-2"}, "missing", "reason"),
        ("relate", {"to": "INC-99", "kind": "related", "reason": "x"}, "unknown_incident", "to"),
        ("relate", {"to": "INC-2", "kind": "split", "reason": "x"}, "literal_error", "kind"),
        ("split", {"title": "S", "services": ["fax"], "reason": "x"}, "unknown_service", "services"),
        ("split", {"title": "S", "services": ["search"], "reason": "x"}, "not_affected", "services"),
        ("split", {"title": "S", "services": [], "reason": "x"}, "services_missing", "services"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_on_its_field(ada, verb, body, code, field) -> None:
    one, _two = declared(ada, "payments"), declared(ada, "search")
    refused = ada.post(f"/incidents/{one}/{verb}", body)
    assert (refused.status_code, codes(refused), fields(refused)) == (422, [code], [field])
    assert not IncidentLink.objects.exists()


def test_who_may_not_is_refused(ada) -> None:
    one, two = declared(ada, "payments"), declared(ada, "search")
    dan, ben = callers.dan(), callers.ben()
    bodies = {
        "merge": {"into": two, "reason": "x"},
        "relate": {"to": two, "kind": "related", "reason": "x"},
        "split": {"title": "S", "services": [], "reason": "x"},
    }
    for verb, body in bodies.items():
        for who, code in ((dan, "no_permission"), (ben, "not_your_role")):
            refused = who.post(f"/incidents/{one}/{verb}", body)
            assert (refused.status_code, codes(refused)) == (403, [code]), verb


def test_a_private_incident_is_neither_merged_into_nor_shown_as_linked(ada) -> None:
    one, two = declared(ada, "payments"), declared(ada, "search")
    ada.act(one, "relate", {"to": two, "kind": "related", "reason": "The same week"})
    otto = factories.person("otto")
    Incident.objects.filter(reference=two).update(is_private=True, declared_by=otto)
    of(two).assignments.update(person=otto)
    assert ada.get(f"/incidents/{one}").json()["links"] == []
    refused = ada.post(f"/incidents/{one}/merge", {"into": two, "reason": "x"})
    assert (refused.status_code, codes(refused)) == (422, ["unknown_incident"])


# --- Pages


def test_the_page_of_a_merge_offers_what_is_open_and_of_the_same_kind(ada) -> None:
    one, two = of(declared(ada, "payments")), of(declared(ada, "search"))
    declared(ada, "search", exercise=True)
    over = of(declared(ada, "search"))
    over.state = "cancelled"
    over.save()
    lea = signed_in(member("lea", "leadership"))
    address = page_of(one, "merge")
    assert list(lea.get(address).context["form"].fields["into"].queryset) == [two]
    page = lea.post(address, {"into": two.pk, "reason": "The same deployment"})
    assert (page.status_code, page.url) == (302, page_of(one))
    assert again(one).state == "cancelled"
    assert "Merge into another" in text_of(lea.get(page_of(two)))


def test_the_pages_relate_and_split(ada) -> None:
    one, two = of(declared(ada, "payments", "search")), of(declared(ada, "payments"))
    lea = signed_in(member("lea", "leadership"))
    lea.post(page_of(one, "relate"), {"to": two.pk, "kind": "caused", "reason": "Its queue"})
    assert IncidentLink.objects.get().kind == "caused"
    address = page_of(one, "split")
    assert "At least one stays" in text_of(lea.get(address))
    search = one.services.get(slug="search")
    body = {"title": "Search is slow", "services": [search.pk], "reason": "Another cause"}
    page = lea.post(address, body)
    assert (page.status_code, page.url) == (302, page_of(one))
    assert Incident.objects.get(title="Search is slow").services.get() == search


def test_a_page_says_why_not_and_a_person_who_may_not_is_refused(ada) -> None:
    one, two = of(declared(ada, "payments")), of(declared(ada, "search"))
    rob, dan = member("rob", "responder"), signed_in(member("dan"))
    client = signed_in(rob)
    bodies = {
        "merge": {"into": two.pk, "reason": "x"},
        "relate": {"to": two.pk, "kind": "related", "reason": "x"},
        "split": {"title": "S", "services": [], "reason": "x"},
    }
    for verb, body in bodies.items():
        assert "may do this" in text_of(client.get(page_of(one, verb))), verb
        assert client.post(page_of(one, verb), body).status_code == 409
        assert dan.post(page_of(one, verb), body).status_code == 403
    assert not IncidentLink.objects.exists()
    hold(one, rob, RESPONDER)
    assert client.post(page_of(one, "relate"), bodies["relate"]).status_code == 302


def test_the_other_incident_is_found_by_typing(ada) -> None:
    one = declared(ada, "payments")
    query = {
        "app_label": "incidents", "model_name": "incidentlink", "field_name": "other", "term": one,
    }  # fmt: skip
    found = signed_in(member("lea", "leadership")).get(reverse("admin:autocomplete"), query)
    assert [each["text"] for each in found.json()["results"]] == [f"{one} payments down"]
