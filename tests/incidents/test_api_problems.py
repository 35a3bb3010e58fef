"""How the API says no: one shape for every refusal, and nothing of our insides."""

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from incidents.api import limits, verbs
from incidents.models import Person
from incidents.operations import command
from raci_project.api import api
from tests import callers, factories
from tests.callers import API, Caller, codes
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada() -> Caller:
    factories.law()
    factories.service()
    return callers.ada()


@pytest.fixture
def incident(ada) -> str:
    said = ada.post("/incidents", {"title": "Down", "services": ["payments"]})
    return said.json()["reference"]


def test_a_problem_is_an_rfc_9457_document(ada) -> None:
    response = ada.get("/incidents/INC-7")
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no incident “INC-7”: look it up first.",
        "instance": "/api/v1/incidents/INC-7",
        "reasons": [
            {
                "code": "not_found",
                "message": "There is no incident “INC-7”: look it up first.",
                "field": "",
            }
        ],
    }


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer nonsense", "Basic YWRhOmFkYQ==", "Bearer é"]
)
def test_without_a_valid_token_nobody_comes_in(client, authorization) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    response = client.get(f"{API}/incidents", headers=headers)
    assert (response.status_code, codes(response)) == (401, ["no_token"])
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_token_is_of_no_use_once_revoked_or_its_person_has_left(ada) -> None:
    assert ada.get("/incidents").status_code == 200
    ada.person.api_tokens.update(revoked_at=NOW)
    assert ada.get("/incidents").status_code == 401
    ben = callers.ben()
    assert ben.get("/incidents").status_code == 200
    ben.person.is_active = False
    ben.person.save()
    assert ben.get("/incidents").status_code == 401


def test_a_session_is_no_token(client) -> None:
    client.force_login(callers.ada().person)
    assert client.get(f"{API}/incidents").status_code == 401


def _operations() -> list[tuple[str, str]]:
    paths = api.get_openapi_schema()["paths"].items()
    return [(method, path) for path, methods in paths for method in methods]


@pytest.mark.parametrize(("method", "path"), _operations())
def test_who_has_no_permission_sees_nothing_anywhere(method, path) -> None:
    for blank in ("{reference}", "{update_id}", "{kind}"):
        path = path.replace(blank, "1")
    response = callers.dan().client.generic(method.upper(), path)
    assert (response.status_code, codes(response)) == (403, ["no_permission"])


@pytest.mark.parametrize("path", ["/", "/nowhere", "/incidents/INC-1/explode", "/incidents/"])
def test_an_address_that_is_not_there_is_a_problem_too(ada, path) -> None:
    response = ada.get(path)
    assert (response.status_code, codes(response)) == (404, ["not_found"])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/incidents/INC-1/explode", "/nowhere"])
def test_an_address_that_is_not_there_asks_nobody_for_a_cookie(method, path) -> None:
    response = Client(enforce_csrf_checks=True).generic(method, API + path)
    assert (response.status_code, codes(response)) == (404, ["not_found"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/incidents/INC-1", "GET"),
        ("GET", "/incidents/INC-1/close", "POST"),
        ("PUT", "/incidents", "GET, POST"),
        ("POST", "/openapi.json", "GET, HEAD"),
        ("POST", "/docs", "GET, HEAD"),
    ],
)
def test_a_method_that_does_nothing_here_is_told_which_does(method, path, allowed) -> None:
    response = Client(enforce_csrf_checks=True).generic(method, API + path)
    assert (response.status_code, codes(response)) == (405, ["method_not_allowed"])
    assert sorted(response["Allow"].split(", ")) == sorted(allowed.split(", "))


def test_a_body_over_one_mebibyte_is_refused_unread(ada) -> None:
    small, large = {"title": "x" * 1000}, {"title": "x" * limits.MAX_BODY}
    assert ada.post("/incidents", small).status_code == 422
    response = ada.post("/incidents", large)
    assert (response.status_code, codes(response)) == (413, ["body_too_large"])


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b'{"title": 1' + b"0" * 5000 + b"}", b"[" * 200_000]
)
def test_what_is_no_json_is_said_to_be_none(ada, body) -> None:
    response = ada.client.post(f"{API}/incidents", body, content_type="application/json")
    assert (response.status_code, codes(response)) == (422, ["not_json"])


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"", b'{"title": "\\ud800"}'])
def test_json_of_the_wrong_shape_is_refused(ada, body) -> None:
    response = ada.client.post(f"{API}/incidents", body, content_type="application/json")
    assert response.status_code == 422
    assert codes(response)


def test_a_nul_in_a_reference_is_refused(ada) -> None:
    response = ada.get("/incidents/INC%001")
    assert (response.status_code, codes(response)) == (422, ["nul_character"])


@pytest.mark.parametrize(
    ("method", "path", "missing"),
    [
        ("post", "/incidents/INC-7/acknowledge", "no incident “INC-7”"),
        ("post", "/incidents/INC-7/updates/3/approve", "no update 3 of an incident “INC-7”"),
        ("get", "/nowhere", "nothing at /api/v1/nowhere"),
    ],
)
def test_what_is_not_there_is_named(ada, method, path, missing) -> None:
    response = getattr(ada, method)(path)
    assert (response.status_code, codes(response)) == (404, ["not_found"])
    assert missing in response.json()["detail"]


def test_what_the_database_refuses_is_a_conflict(ada, incident, monkeypatch) -> None:
    def lose(*_args, **_kwargs):
        raise IntegrityError("UNIQUE constraint failed: one_commander_an_incident")

    monkeypatch.setattr(command, "acknowledge", lose)
    response = ada.post(f"/incidents/{incident}/acknowledge")
    assert (response.status_code, codes(response)) == (409, ["conflict"])
    assert b"UNIQUE" not in response.content


def test_what_the_database_refuses_is_logged_by_names_and_never_by_values(
    ada, incident, monkeypatch, caplog
) -> None:
    def repeat(*_args, **_kwargs):
        with transaction.atomic():
            Person.objects.create(username=ada.person.username)

    monkeypatch.setattr(command, "acknowledge", repeat)
    ada.post(f"/incidents/{incident}/acknowledge")
    [line] = [line.getMessage() for line in caplog.records if "by the database" in line.msg]
    assert "IntegrityError" in line
    assert "incidents_person" in line
    assert "username" in line
    assert f"({ada.person.username})" not in line


def test_a_line_of_the_database_that_quotes_values_is_not_logged(
    ada, incident, monkeypatch, caplog
) -> None:
    def lose(*_args, **_kwargs):
        raise IntegrityError("UNIQUE constraint failed: a.b\nDETAIL: Key (b)=(hunter2) exists.")

    monkeypatch.setattr(command, "acknowledge", lose)
    ada.post(f"/incidents/{incident}/acknowledge")
    assert "UNIQUE constraint failed: a.b" in caplog.text
    assert "hunter2" not in caplog.text


def test_what_breaks_shows_no_trace_but_is_logged(ada, incident, monkeypatch, caplog) -> None:
    def burst(*_args, **_kwargs):
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(verbs, "document", burst)
    response = ada.post(f"/incidents/{incident}/acknowledge")
    assert (response.status_code, codes(response)) == (500, ["broken"])
    assert b"hunter2" not in response.content
    assert "hunter2" in caplog.text
