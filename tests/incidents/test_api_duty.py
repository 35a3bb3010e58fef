"""Who is on duty over the API."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from incidents.models import Person, Shift
from tests.callers import caller
from tests.factories import NOW, person, role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("the_day")]
DAY = timedelta(days=1)


@pytest.fixture
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


def shift(day: int, who: Person | None, slug: str = "incident_commander") -> Shift:
    begins = datetime(2026, 11, day, 8, tzinfo=UTC)
    return Shift.objects.create(
        rota=slug.replace("_", "-"), role=role(slug), band="day", person=who,
        starts_at=begins, ends_at=begins + DAY / 3, published_at=NOW, reason="Next in turn.",
    )  # fmt: skip


def days(answer) -> list[str]:
    return [each["starts_at"][8:10] for each in answer.json()["items"]]


def test_shifts_are_listed_the_soonest_first_and_those_over_left_out() -> None:
    ada = caller("ada", "responder")
    ben = person("ben")
    for day in (25, 22, 23):
        shift(day, ben)
    shift(24, None, "communications_lead")
    assert days(ada.get("/shifts")) == ["23", "24", "25"]
    assert days(ada.get("/shifts", role="incident_commander")) == ["23", "25"]
    window = {"from": "2026-11-22T08:00:00Z", "until": "2026-11-23T08:00:00Z"}
    assert days(ada.get("/shifts", **window)) == ["22"]
    first = ada.get("/shifts", limit=1).json()
    assert first["items"][0]["person"] == "ben"
    assert "cursor=" in first["next"]


def test_who_is_on_duty_is_told_of_now_or_of_an_instant_and_gaps_are_said() -> None:
    ada = caller("ada", "auditor")
    shift(23, person("ben"))
    shift(24, None)
    now = ada.get("/on-duty").json()
    assert (now["at"], [each["person"] for each in now["items"]]) == (
        "2026-11-23T09:00:00Z", ["ben"],
    )  # fmt: skip
    asked = {"role": "incident_commander", "at": "2026-11-24T09:00:00Z"}
    (gap,) = ada.get("/on-duty", **asked).json()["items"]
    assert (gap["person"], gap["reason"]) == (None, "Next in turn.")
    role("scribe")
    assert ada.get("/on-duty", role="scribe").json()["items"] == []


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/shifts", {"until": "2026-11-22T09:00:00Z"}, "ends_before_start"),
        ("/on-duty", {"rol": "scribe"}, "extra_forbidden"),
    ],
)
def test_what_cannot_be_asked_is_refused(path: str, query: dict[str, str], code: str) -> None:
    answer = caller("ada", "responder").get(path, **query)
    assert answer.status_code == 422
    assert [each["code"] for each in answer.json()["reasons"]] == [code]


@pytest.mark.parametrize("path", ["/shifts", "/on-duty"])
def test_a_role_nobody_knows_is_refused_and_the_known_are_named(path: str) -> None:
    ada = caller("ada", "responder")
    role("scribe"), role("incident_commander")
    answer = ada.get(path, role="comander")
    assert answer.status_code == 422
    (reason,) = answer.json()["reasons"]
    assert (reason["code"], reason["field"]) == ("unknown_role", "role")
    assert "incident_commander" in reason["message"]
    assert ada.get(path, role="scribe").json()["items"] == []


def test_dan_is_told_nothing() -> None:
    dan = caller("dan")
    assert {dan.get(path).status_code for path in ("/shifts", "/on-duty")} == {403}
