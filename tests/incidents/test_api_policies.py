"""Nudge policies by the API: read by who may see them, set by leadership."""

from typing import Any

import pytest

from incidents.models import AuditEvent, NudgePolicy
from incidents.operations import policies
from incidents.rules.policy import shipped
from tests import callers
from tests.callers import Caller, codes, fields

pytestmark = pytest.mark.django_db

DUE = {"offset_minutes": 0, "to": ["owner"]}
DAILY = {"offset_minutes": 1440, "repeat_minutes": 1440, "to": ["owner", "manager"]}


@pytest.fixture
def ada() -> Caller:
    return callers.ada()


def test_every_policy_is_listed_with_its_steps(
    ada: Caller, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(7):
        said = ada.get("/nudge-policies").json()
    assert {one["what"] for one in said["items"]} == set(NudgePolicy.What.values)
    assert said["items"][0] == {
        "what": "action_item",
        "is_active": True,
        "as_digest": False,
        "is_optional": False,
        "gives_up_after_days": None,
        "steps": [
            {
                "name": name,
                "offset_minutes": days * 1440,
                "repeat_minutes": 7 * 1440 if days == 7 else None,
                "to": ["owner", "manager"] if days == 7 else ["owner"],
                "priority": "notice",
                "channel": "",
            }
            for name, days in (("due-7d", -7), ("due", 0), ("overdue+3d", 3), ("overdue+7d", 7))
        ],
        "changed_at": "2026-01-01T00:00:00Z",
        "changed_by": None,
    }


def test_leadership_sets_a_policy_whole(ada: Caller) -> None:
    body = {"steps": [DUE, DAILY | {"priority": "page"}], "gives_up_after_days": 30}
    said = ada.post("/nudge-policies/review/set", body)
    assert said.status_code == 200, said.content
    assert said.json() == ada.get("/nudge-policies/review").json()
    assert said.json()["changed_by"] == "ada"
    assert [step["name"] for step in said.json()["steps"]] == ["due", "overdue+1d"]
    assert said.json()["steps"][1]["priority"] == "page"
    assert policies.of("review").gives_up_after is not None
    assert AuditEvent.objects.filter(verb="set_nudge_policy").count() == 1


def test_what_cannot_be_is_named_as_the_caller_spells_it(ada: Caller) -> None:
    body = {"steps": [DAILY, DUE | {"to": ["nobody"]}]}
    said = ada.post("/nudge-policies/review/set", body)
    assert said.status_code == 422
    assert dict(zip(fields(said), codes(said), strict=True)) == {
        "steps.0.repeat_minutes": "repeat_is_not_last",
        "steps.1.to": "unknown_recipient",
        "steps.1.offset_minutes": "out_of_order",
    }
    assert policies.of("review").ladder == shipped()["review"].ladder


def test_the_floor_stands_for_programs_too(ada: Caller) -> None:
    said = ada.post("/nudge-policies/update/set", {"steps": [DUE]})
    assert (said.status_code, codes(said)) == (409, ["floor_stands"])


@pytest.mark.parametrize("minutes", [10**30, -(10**9)])
def test_no_number_of_minutes_is_too_large_to_be_refused(ada: Caller, minutes: int) -> None:
    said = ada.post(
        "/nudge-policies/review/set", {"steps": [DUE | {"offset_minutes": minutes}]}
    )
    assert said.status_code == 422
    assert ada.post("/nudge-policies/review/set", {"steps": []}).status_code == 422


def test_a_policy_nobody_knows_is_not_found(ada: Caller) -> None:
    assert ada.get("/nudge-policies/dreams").status_code == 404
    assert ada.post("/nudge-policies/dreams/set", {"steps": [DUE]}).status_code == 404


def test_ben_may_read_them_and_not_set_them_and_dan_neither() -> None:
    ben, dan = callers.ben(), callers.dan()
    assert ben.get("/nudge-policies").status_code == 200
    for caller in (ben, dan):
        said = caller.post("/nudge-policies/review/set", {"steps": [DUE]})
        assert (said.status_code, codes(said)) == (403, ["no_permission"])
    assert dan.get("/nudge-policies").status_code == 403
    assert dan.get("/nudge-policies/review").status_code == 403
