"""A matrix version over the API: what it says, who it would be, and who may not ask."""

import re
from pathlib import Path
from typing import Any

import pytest
import time_machine

from incidents.api.matrices import CaseAsked
from incidents.models import Cell, MatrixVersion, Variation
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY
from tests import callers, factories
from tests.callers import Caller, codes, fields
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada() -> Caller:
    factories.law()
    return callers.ada()


def draft() -> MatrixVersion:
    version = factories.matrix_version(effective_from=None)
    varied = Variation.objects.create(
        version=version, depends_on="severity", value="sev1", note="Grave"
    )
    activity = version.activities.get(phase="triage")
    for role, letters in ((COMMUNICATIONS, "-"), (DEPUTY, "C")):
        Cell.objects.create(
            activity=activity, role=factories.role(role), letters=letters, variation=varied
        )
    return version


def test_a_version_says_its_grid_variations_and_standing(ada: Caller) -> None:
    draft()
    said = ada.get("/matrices/standing-v2").json()
    assert {
        name: said[name] for name in ("name", "matrix", "version", "standing", "checker")
    } == {
        "name": "standing-v2",
        "matrix": "standing",
        "version": 2,
        "standing": "draft",
        "checker": None,
    }
    assert said["activities"][0] == {
        "phase": "triage",
        "name": "Direct the response",
        "description": "",
        "act": "",
        "proceed_after_minutes": None,
        "within_minutes": None,
        "letters": {COMMANDER: "A/R", DEPUTY: "R", COMMUNICATIONS: "I"},
    }
    assert said["variations"] == [
        {
            "depends_on": "severity",
            "value": "sev1",
            "note": "Grave",
            "differences": [
                {
                    "phase": "triage",
                    "activity": "Direct the response",
                    "letters": {COMMUNICATIONS: None, DEPUTY: "C"},
                }
            ],
        }
    ]
    assert [each["role"] for each in said["roles"]] == [COMMANDER, DEPUTY, COMMUNICATIONS]


def test_the_slug_alone_is_the_version_in_force(ada: Caller) -> None:
    draft()
    said = ada.get("/matrices/standing").json()
    assert (said["name"], said["standing"], said["checker"]) == (
        "standing-v1",
        "in force",
        "checker",
    )
    assert said["effective_from"] == "2026-10-24T09:00:00Z"


@pytest.mark.parametrize("name", ["standing-v9", "sitting", "standing-v", "-v1"])
def test_a_name_nobody_bears_is_not_found_and_says_how_to_name_one(
    ada: Caller, name: str
) -> None:
    response = ada.get(f"/matrices/{name}")
    assert response.status_code == 404
    assert codes(response) == ["not_found"]
    assert "slug-vN" in response.json()["detail"]


def test_people_come_with_reasons_sources_and_gaps(ada: Caller) -> None:
    draft()
    factories.person("deb", qualified=(DEPUTY,))
    service = factories.service("payments", tier=1)
    said = ada.get(
        "/matrices/standing-v2/people", severity="sev1", services=service.slug, phase="triage"
    ).json()
    assert said["case"] == {"severity": "sev1", "tier": 1, "scenario": None}
    assert (said["matrix"], said["phase"], said["services"], said["at"]) == (
        "standing-v2",
        "triage",
        ["payments"],
        "2026-11-23T09:00:00Z",
    )
    (line,) = said["activities"]
    assert line["accountable"] == [{"role": COMMANDER, "people": ["ada"], "source": "base"}]
    assert line["consulted"] == [{"role": DEPUTY, "people": ["deb"], "source": "severity sev1"}]
    assert line["informed"] == []
    commander = next(each for each in said["roles"] if each["role"] == COMMANDER)
    assert commander["people"] == [
        {
            "person": "ada",
            "reasons": ["Next in rotation: never commanded"],
            "service": None,
            "others": 0,
        }
    ]
    assert said["gaps"][0] == {
        "code": "empty_pool",
        "level": "error",
        "message": "Nobody is qualified as Communications lead: qualify somebody.",
        "role": COMMUNICATIONS,
        "activity": None,
    }


def test_a_moment_changes_the_answer(ada: Caller) -> None:
    factories.qualify(
        factories.person("deb"), DEPUTY, expires_on=NOW.replace(month=12, day=1).date()
    )
    for at, person in (("2026-11-23T09:00:00Z", "deb"), ("2026-12-01T12:00:00Z", None)):
        said = ada.get("/matrices/standing/people", at=at).json()
        deputy = next(each for each in said["roles"] if each["role"] == DEPUTY)
        assert [each["person"] for each in deputy["people"]] == [person]


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"severity": "sev9"}, "unknown_severity", "severity"),
        ({"scenario": "flood"}, "unknown_scenario", "scenario"),
        ({"services": "nothing"}, "unknown_service", "services"),
        ({"phase": "lunch"}, "enum", "phase"),
        ({"at": "2026-11-23T09:00:00"}, "instant_without_offset", "at"),
        ({"sevrity": "sev1"}, "extra_forbidden", "sevrity"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_field(
    ada: Caller, query: dict[str, str], code: str, field: str
) -> None:
    response = ada.get("/matrices/standing/people", **query)
    assert response.status_code == 422
    assert (codes(response), fields(response)) == ([code], [field])


def test_nobody_without_the_right_to_read_versions_asks(ada: Caller) -> None:
    dan = callers.dan()
    for address in ("/matrices/standing", "/matrices/standing/people"):
        assert ada.get(address).status_code == 200
        assert codes(dan.get(address)) == ["no_permission"]
        assert (
            dan.client.get("/api/v1" + address, headers={"authorization": ""}).status_code
            == 401
        )


def test_every_filter_is_documented() -> None:
    words = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    (row,) = re.findall(
        r"^\| `GET /api/v1/matrices/\{name\}/people` \| (.*?) \|", words, re.MULTILINE
    )
    assert set(re.findall(r"`(\w+)`", row)) == set(CaseAsked.model_fields)
