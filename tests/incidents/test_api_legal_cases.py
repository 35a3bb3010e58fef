"""The law of a case by API: the worked cases exactly, reasons by path, nothing stored."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from pydantic import TypeAdapter

from incidents.api.legal_answers import Evaluated, Explained
from incidents.models import ApiToken, AuditEvent, FactSaid, LegalClock, Person
from incidents.operations import law
from tests import callers, factories
from tests.callers import Caller, codes, fields
from tests.factories import NOW
from tests.incidents import lawful
from tests.incidents.packs import shipped, shipped_document

pytestmark = pytest.mark.django_db

EVALUATE, EXPLAIN, REGIMES = "/legal/evaluate", "/legal/explain", "/legal/regimes"
MANY = "/legal/evaluate-many"
CASES = {case["id"]: case for case in shipped().test_cases}
GERMAN = {
    "operates_in": ["DE"],
    "affected_jurisdictions": ["DE"],
    "data_categories": ["personal_data"],
    "personal_data_exposure": "confirmed",
    "risk_to_individuals": "risk",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield
    law.forget()


@pytest.fixture
def ada() -> Caller:
    return callers.ada()


def expected(case: dict[str, Any]) -> dict[str, Any]:
    """What the case says must come out, without the reasons that stand there for people."""
    due = [{name: each[name] for name in each if name != "why"} for each in case["due"]]
    return {**case, "due": due}


def asked(case: Any) -> dict[str, Any]:
    return {name: case[name] for name in ("facts", "clocks", "submitted")}


@pytest.mark.parametrize("name", CASES)
def test_every_worked_case_is_answered_exactly(ada, name) -> None:
    lawful.pack()
    said = ada.post(EVALUATE, asked(CASES[name]))
    assert said.status_code == 200, said.content
    assert said.json() == expected(CASES[name]["expected"])
    assert list(said.json()) == list(Evaluated.__annotations__)
    TypeAdapter(Evaluated).validate_python(said.json(), strict=True)


def test_all_the_worked_cases_are_there() -> None:
    assert len(CASES) == 25


def test_without_any_law_in_force_the_shipped_pack_answers(ada) -> None:
    case = CASES["t01-gdpr-plain-weekday"]
    assert ada.post(EVALUATE, asked(case)).json() == expected(case["expected"])


def test_what_is_in_force_answers_and_not_what_ships(ada) -> None:
    document = shipped_document()
    document["regimes"] = [one for one in document["regimes"] if one["id"] == "eu-gdpr-art34"]
    document["test_cases"] = []
    lawful.pack(document)
    said = ada.post(EVALUATE, asked(CASES["t01-gdpr-plain-weekday"])).json()
    assert (said["duty"], said["assess"], said["due"]) == ([], ["eu-gdpr-art34"], [])


def test_what_is_left_out_is_at_its_default_and_instants_are_in_utc(ada) -> None:
    nothing = ada.post(EVALUATE, {}).json()
    assert (nothing["duty"], nothing["due"]) == ([], [])
    facts = {**GERMAN, "evaluation_date": "2026-02-10"}
    said = ada.post(
        EVALUATE, {"facts": facts, "clocks": {"awareness": "2026-02-10T09:20+01:00"}}
    )
    assert said.json()["due"][0]["due_at"] == "2026-02-13T08:20:00+00:00"


def test_nothing_is_stored_and_two_statements_are_sent(ada, django_assert_num_queries) -> None:
    lawful.pack()
    case = asked(CASES["t01-gdpr-plain-weekday"])
    ada.post(EVALUATE, case)
    before = AuditEvent.objects.count()
    with django_assert_num_queries(2):  # the token with its permission; which pack is in force
        ada.post(EVALUATE, case)
    assert AuditEvent.objects.count() == before
    assert not FactSaid.objects.exists()
    assert not LegalClock.objects.exists()


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"facts": {"persons_affected": 1}}, "unknown_fact", "facts.persons_affected"),
        (
            {"facts": {"risk_to_individuals": "some"}},
            "fact_not_a_choice",
            "facts.risk_to_individuals",
        ),
        (
            {"facts": {"data_categories": ["none", "health"]}},
            "facts_contradict",
            "facts.data_categories",
        ),
        ({"facts": {"operates_in": ["DE"] * 501}}, "fact_too_long", "facts.operates_in"),
        (
            {"facts": {"clock_timezone": "Europe/Bonn"}},
            "unknown_zone",
            "facts.clock_timezone",
        ),
        (
            {"clocks": {"awareness": "2026-02-10T09:20:00"}},
            "instant_is_naive",
            "clocks.awareness",
        ),
        ({"clocks": {"awareness": 7}}, "instant_has_wrong_type", "clocks.awareness"),
        ({"clocks": {"panic": "2026-02-10T09:20:00Z"}}, "unknown_clock", "clocks.panic"),
        (
            {"submitted": {"eu-gdpr-art33/nothing": "2026-02-10T09:20:00Z"}},
            "unknown_stage",
            "submitted.eu-gdpr-art33/nothing",
        ),
        ({"facts": []}, "dict_type", "facts"),
        ({"fact": {}}, "extra_forbidden", "fact"),
    ],
)
@pytest.mark.parametrize("address", [EVALUATE, EXPLAIN])
def test_what_cannot_be_is_named_by_its_path(ada, address, said, code, field) -> None:
    response = ada.post(address, said)
    assert response.status_code == 422
    assert (codes(response), fields(response)) == ([code], [field])


def test_clocks_out_of_order_are_named(ada) -> None:
    clocks = {"discovery": "2026-02-11T09:20:00Z", "awareness": "2026-02-10T09:20:00Z"}
    response = ada.post(EVALUATE, {"clocks": clocks})
    assert response.status_code == 422
    assert all(field.startswith("clocks.") for field in fields(response))


def test_every_problem_is_named_at_once(ada) -> None:
    response = ada.post(
        EVALUATE, {"facts": {"a": 1}, "clocks": {"b": "x"}, "submitted": {"c": 1}}
    )
    assert fields(response) == ["facts.a", "clocks.b", "submitted.c"]


@pytest.mark.parametrize(
    ("address", "body"), [(EVALUATE, {}), (EXPLAIN, {}), (MANY, {"cases": [{}]})]
)
def test_dan_may_not_ask_and_nobody_without_a_token(ada, client, address, body) -> None:
    assert ada.post(address, body).status_code == 200
    response = callers.dan().post(address, body)
    assert (response.status_code, codes(response)) == (403, ["no_permission"])
    assert client.post(f"{callers.API}{address}").status_code == 401


def test_dan_may_not_list_the_regimes(ada) -> None:
    response = callers.dan().get(REGIMES)
    assert (response.status_code, codes(response)) == (403, ["no_permission"])


# --- many at once


def test_many_cases_are_answered_as_each_alone_with_as_many_statements(
    ada, django_assert_num_queries
) -> None:
    lawful.pack()
    cases = list(CASES.values())
    ada.post(EVALUATE, {})
    with django_assert_num_queries(2):
        said = ada.post(MANY, {"cases": [asked(case) for case in cases]})
    assert said.json()["items"] == [expected(case["expected"]) for case in cases]


def test_one_case_that_cannot_be_refuses_all_and_is_named(ada) -> None:
    cases = [{}, {"facts": {"weather": 1}}, {"clocks": {"panic": "x"}}]
    response = ada.post(MANY, {"cases": cases})
    assert response.status_code == 422
    assert fields(response) == ["cases.1.facts.weather", "cases.2.clocks.panic"]


@pytest.mark.parametrize(("count", "status"), [(0, 422), (200, 200), (201, 422)])
def test_at_most_two_hundred_cases_are_asked_at_once(ada, count, status) -> None:
    assert ada.post(MANY, {"cases": [{}] * count}).status_code == status


# --- ours


def test_our_profile_narrows_the_pack_and_gives_its_facts(ada) -> None:
    lawful.pack()
    lawful.profile()
    asked_of_all = {"facts": {**GERMAN, "persons_affected_by_jurisdiction": {"DE": 5}}}
    said = ada.post(EVALUATE, {**asked_of_all, "profile": True}).json()
    assert "eu-gdpr-art33" in said["duty"]
    # The zone is the profile's.
    clocks = {"clocks": {"awareness": "2026-02-10T08:20:00Z"}}
    ours = ada.post(EVALUATE, {**asked_of_all, **clocks, "profile": True}).json()
    assert ours["due"][0]["due_at"] == "2026-02-13T09:20:00+01:00"
    # What a person says of this case goes before it.
    facts = {**GERMAN, "clock_timezone": "UTC"}
    mine = ada.post(EVALUATE, {"facts": facts, **clocks, "profile": True}).json()
    assert mine["due"][0]["due_at"] == "2026-02-13T08:20:00+00:00"


def test_what_we_are_is_told_only_to_who_may_read_our_profile() -> None:
    lawful.pack()
    lawful.profile()
    eve = callers.caller("eve")
    factories.allow(eve.person, "incidents.view_lawpack")
    many = {"cases": [{}], "profile": True}
    assert eve.post(EVALUATE, {}).status_code == 200
    for address, body in ((EVALUATE, {"profile": True}), (MANY, many)):
        refused = eve.post(address, body)
        assert (refused.status_code, codes(refused)) == (403, ["no_permission"])
    assert eve.get("/legal/regimes").status_code == 403
    factories.allow(eve.person, "incidents.view_legalprofile")
    assert eve.post(EVALUATE, {"profile": True}).status_code == 200
    assert eve.get("/legal/regimes").status_code == 200


@pytest.mark.parametrize("missing", ["law pack", "legal profile"])
def test_ours_is_refused_while_nobody_has_said_what_that_is(ada, missing) -> None:
    if missing == "law pack":
        lawful.profile()
    else:
        lawful.pack()
    response = ada.post(EVALUATE, {"profile": True})
    assert (response.status_code, codes(response)) == (409, ["no_law_in_force"])
    assert missing in response.json()["detail"]


# --- explained


def test_a_case_is_explained_with_what_is_open_and_what_to_ask_next(ada) -> None:
    said = ada.post(EXPLAIN, {"facts": {"personal_data_exposure": "possible"}})
    assert said.status_code == 200, said.content
    found = TypeAdapter(Explained).validate_python(said.json())
    assert found["next_question"]["name"] == found["open_questions"][0]
    assert "personal_data_exposure" not in found["open_questions"]
    assert found["next_question"]["text"].endswith("?")
    assert len(found["regimes"]) == len(shipped().regimes)
    art33 = next(one for one in found["regimes"] if one["regime"] == "eu-gdpr-art33")
    assert art33["verdict"] == "open"
    assert art33["trigger"]["parts"]
    surely = {each.id: each.confidence for each in shipped().regimes.values()}
    assert {one["regime"]: one["confidence"] for one in found["regimes"]} == surely
    assert [one["rule"] for one in found["counsel"]] == [one.id for one in shipped().counsel]
    evaluated = ada.post(EVALUATE, {"facts": {"personal_data_exposure": "possible"}}).json()
    assert {name: found[name] for name in evaluated} == evaluated


def test_what_nobody_knows_stays_open_and_is_asked_last(ada) -> None:
    first = ada.post(EXPLAIN, {}).json()["next_question"]["name"]
    said = ada.post(EXPLAIN, {"unknown": [first]}).json()
    assert said["open_questions"][-1] == first
    assert said["next_question"]["name"] != first
    again = ada.post(EXPLAIN, {"unknown": said["open_questions"]}).json()["next_question"]
    assert again["is_reopened"] is True


def test_a_question_nobody_can_ask_is_refused(ada) -> None:
    response = ada.post(EXPLAIN, {"unknown": ["weather"]})
    assert response.status_code == 422
    assert (codes(response), fields(response)) == (["unknown_fact"], ["unknown.weather"])


# --- the regimes


def test_the_regimes_come_in_pages_in_the_order_of_the_pack(ada) -> None:
    lawful.pack()
    found, address = [], f"{REGIMES}?limit=20"
    while address:
        page = ada.get(address).json()
        found += page["items"]
        address = page["next"]
    assert [one["id"] for one in found] == list(shipped().regimes)
    assert (page["law_pack"], page["as_of"]) == (1, shipped().as_of)
    assert "not legal advice" in page["disclaimer"]
    art33 = next(one for one in found if one["id"] == "eu-gdpr-art33")
    assert art33["concerns_us"] is None
    deadline = {"value": 72, "unit": "hours", "clock": "awareness"}
    assert deadline in [stage["deadline"] for stage in art33["stages"]]


def test_the_regimes_are_filtered(ada) -> None:
    assert ada.get(REGIMES).json()["law_pack"] is None
    low = ada.get(REGIMES, confidence="low", limit=100).json()["items"]
    assert low
    assert {one["confidence"] for one in low} == {"low"}
    eu = ada.get(REGIMES, jurisdiction="EU", limit=100).json()["items"]
    assert {one["jurisdiction"] for one in eu} == {"EU"}
    voluntary = ada.get(REGIMES, status="voluntary").json()["items"]
    assert {one["status"] for one in voluntary} == {"voluntary"}


def test_which_regimes_concern_us_is_said_with_the_reason(ada) -> None:
    lawful.pack()
    assert ada.get(REGIMES, concerns_us="true").json()["items"] == []
    lawful.profile(
        {"facts": {"operates_in": ["DE"]}, "off": {"eu-nis2-art23": "We are small."}}
    )
    ours = ada.get(REGIMES, concerns_us="true", limit=100).json()["items"]
    others = ada.get(REGIMES, concerns_us="false", limit=100).json()["items"]
    assert "eu-gdpr-art33" in [one["id"] for one in ours]
    assert "eu-nis2-art23" in [one["id"] for one in others]
    assert all(one["why"] for one in ours)
    assert len(ours) + len(others) == len(shipped().regimes)


def test_a_misspelt_filter_and_a_broken_cursor_are_named(ada) -> None:
    misspelt = ada.get(REGIMES, juristiction="EU")
    assert (misspelt.status_code, fields(misspelt)) == (422, ["juristiction"])
    for cursor in ("%%%", "bm90aGluZw==", "///", "/w=="):
        broken = ada.get(REGIMES, cursor=cursor)
        assert (broken.status_code, codes(broken)) == (422, ["bad_cursor"])


# --- who may ask, looked up in one statement


@pytest.mark.parametrize("how", ["group", "own", "superuser"])
def test_the_permission_counts_wherever_it_comes_from(how) -> None:
    who = callers.caller("eve", *(["auditor"] if how == "group" else []))
    if how == "own":
        factories.allow(who.person, "incidents.view_lawpack")
    Person.objects.filter(pk=who.person.pk).update(is_superuser=how == "superuser")
    assert who.post(EVALUATE, {}).status_code == 200


def test_a_right_that_was_taken_away_counts_at_once(ada) -> None:
    assert ada.post(EVALUATE, {}).status_code == 200
    ada.person.groups.clear()
    assert ada.post(EVALUATE, {}).status_code == 403
    factories.allow(ada.person, "incidents.view_legalprofile")
    assert ada.post(EVALUATE, {}).status_code == 403
    Person.objects.update(is_superuser=True, is_active=False)
    assert ada.post(EVALUATE, {}).status_code == 401
    Person.objects.update(is_active=True)
    assert ada.post(EVALUATE, {}).status_code == 200
    ApiToken.objects.update(revoked_at=NOW)
    assert ada.post(EVALUATE, {}).status_code == 401


def test_a_pack_answers_from_the_instant_it_takes_effect(ada) -> None:
    document = shipped_document()
    document["regimes"] = document["regimes"][:1]
    document["test_cases"] = []
    lawful.pack()
    lawful.pack(document, effective_from=NOW + timedelta(seconds=1))
    case = CASES["t01-gdpr-plain-weekday"]
    assert ada.post(EVALUATE, asked(case)).json() == expected(case["expected"])
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        assert ada.post(EVALUATE, asked(case)).json()["assess"] == []
