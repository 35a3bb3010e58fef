"""The API's own description: complete, public, documented, and shown without a network."""

import re
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser

from incidents.api import alerts, legal_said, said, suggestions
from incidents.rules.phases import State
from incidents.rules.verbs import VERBS
from raci_project.api import api

DOCUMENTATION = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def _addresses() -> set[str]:
    paths = api.get_openapi_schema()["paths"].items()
    return {f"{method.upper()} {path}" for path, methods in paths for method in methods}


def _documented() -> dict[str, str]:
    rows = re.findall(r"^\| `((?:GET|POST|PUT) \S+)` \| (.*?) \|", DOCUMENTATION, re.MULTILINE)
    return dict(rows)


def test_every_address_is_documented_and_no_other() -> None:
    assert set(_documented()) == _addresses()


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"record_facts"}))
def test_every_verb_has_an_address_in_the_documentation(verb) -> None:
    path = VERBS[verb].path
    spelt = {
        "declare": "/incidents",
        "draft-update": "/updates",
        "approve-update": "/approve",
        "publish-update": "/publish",
        "redraft-update": "/redraft",
        "return-update": "/return",
        "file-notice": "/file",
        "stand-down-clock": "/stand-down",
        "keep-clock": "/keep",
        "decide-not-to-notify": "/not-to-notify",
        "write-legal-note": "/notes",
    }
    ending = spelt.get(path, f"/{path}")
    assert [one for one in _documented() if one.startswith("POST") and one.endswith(ending)]


BODIES = {
    "/incidents": said.Declaration,
    "/assign": said.Assign,
    "/hand-over": said.HandOver,
    "/decline-command": said.Why,
    "/propose": said.Propose,
    "/decline-proposal": said.DeclineProposal,
    "/set-privacy": said.SetPrivacy,
    "/accept-suggestion": suggestions.Accepted,
    "/dismiss-suggestion": suggestions.Dismissed,
    "/alerts": alerts.Handed,
    "/classify": said.Classify,
    "/advance": said.Advance,
    "/decide": said.Decide,
    "/escalate": said.Why,
    "/contain": said.Happened,
    "/mitigate": said.Happened,
    "/resolve": said.Happened,
    "/close": said.Close,
    "/reopen": said.Why,
    "/cancel": said.Why,
    "/delegate": said.Delegate,
    "/consult": said.Consult,
    "/advise": said.Advise,
    "/perform": said.Perform,
    "{reference}/explain": said.Explain,
    "/note": said.Note,
    "/legal": said.Facts,
    "/engage-counsel": legal_said.EngageCounsel,
    "/file": legal_said.FileNotice,
    "/stand-down": said.Why,
    "/keep": said.Why,
    "/not-to-notify": legal_said.NotToNotify,
    "/notes": legal_said.LegalNoteSaid,
    "/legal/evaluate": legal_said.LegalCase,
    "/legal/evaluate-many": legal_said.LegalCases,
    "/legal/explain": legal_said.LegalQuestioned,
    "/updates": said.Draft,
    "/severity/evaluate": said.Assessment,
}


@pytest.mark.parametrize("ending", BODIES)
def test_every_field_of_a_body_is_documented_and_marked_if_optional(ending) -> None:
    (words,) = (
        words
        for address, words in _documented().items()
        if address.startswith("POST") and address.endswith(ending)
    )
    fields = BODIES[ending].model_fields.items()
    named = {name if field.is_required() else f"{name}?" for name, field in fields}
    assert set(words.strip("`").split()) == named


def test_every_filter_is_documented() -> None:
    words = _documented()["GET /api/v1/incidents"]
    assert set(re.findall(r"`(\w+)`", words)) == set(said.Filters.model_fields)


def test_the_description_is_public_and_names_the_bearer(client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert described["components"]["securitySchemes"]["Bearer"]["scheme"] == "bearer"
    operations = [each for methods in described["paths"].values() for each in methods.values()]
    assert all(each["security"] == [{"Bearer": []}] for each in operations)
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))


def test_no_two_types_are_described_under_one_name() -> None:
    operations = [
        operation
        for _, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
    ]
    found: dict[str, str] = {}
    clashes = set()
    for operation in operations:
        for model in (*operation.models, *operation.response_models.values()):
            described = model.model_json_schema() if model else {}
            for name, definition in described.get("$defs", {}).items():
                text = str(definition)
                if found.setdefault(name, text) != text:
                    clashes.add(name)
    assert found
    assert clashes == set()


def test_the_choices_described_are_those_of_the_address() -> None:
    schema = api.get_openapi_schema()
    schemas = schema["components"]["schemas"]
    to = schemas["Advance"]["properties"]["to"]["anyOf"][0]["$ref"].rpartition("/")[2]
    assert schemas[to]["enum"] == [str(state) for state in State]
    body = schema["paths"]["/api/v1/wording/check"]["post"]["requestBody"]["content"]
    name = body["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert set(schemas[name]["properties"]) == {"text", "audience", "language", "incident"}


def test_every_address_says_how_it_refuses() -> None:
    schema = api.get_openapi_schema()
    answers = [each["responses"] for one in schema["paths"].values() for each in one.values()]
    assert all("application/problem+json" in each["default"]["content"] for each in answers)
    assert set(schema["components"]["schemas"]["Problem"]["properties"]) == {
        "type", "title", "status", "detail", "instance", "reasons",
    }  # fmt: skip


def test_the_answer_of_a_declaration_has_the_promised_fields() -> None:
    schemas = api.get_openapi_schema()["components"]["schemas"]
    assert {
        "reference", "phase", "severity", "matrix_version", "assignments", "unfilled",
        "messages", "next_update_due_at", "legal",
    } == set(schemas["Receipt"]["properties"])  # fmt: skip
    assert set(schemas["Receipt"]["properties"]) < set(schemas["Document"]["properties"])


@pytest.mark.django_db
def test_the_addresses_of_the_site_answer(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/").headers["Location"] == "/admin/"
    assert client.get("/api/v1/docs").status_code == 200


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_shows_every_verb_without_a_network(browser: Browser, live_server) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" else None
    )
    foreign: list[str] = []
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((live_server.url, "data:", "blob:"))
            else foreign.append(asked.url)
        ),
    )
    page.goto(f"{live_server.url}/api/v1/docs")
    page.wait_for_selector(".opblock")
    assert page.locator(".opblock").count() == len(_addresses())
    assert (complaints, foreign) == ([], [])
    page.close()
