"""The command `plan_game_days`: a whole plan as text and JSON, nothing stored, bad years refused."""

import io
import json
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command

from incidents.models import AuditEvent, OutboxMessage
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, DOMAIN_OWNER
from tests.factories import person
from tests.training.factories import story
from training.models import GameDay, YearPlan

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("plan_game_days", *words, stdout=out)
    return out.getvalue()


def company(counsels: int = 2) -> None:
    for slug in ("one", "two"):
        story(slug)
    for slug, count in (
        (COMMANDER, 3),
        (COMMUNICATIONS, 2),
        (DOMAIN_OWNER, 2),
        (COUNSEL, counsels),
    ):
        for n in range(count):
            person(f"{slug}{n}", qualified=(slug,))


def test_a_year_is_proposed_as_json_and_nothing_is_stored():
    company()
    said = json.loads(run("--year", "2031", "--format", "json", "--seconds", "5"))
    assert said["status"] == "optimal"
    assert said["objective"] == said["bound"]
    assert [one["quarter"] for one in said["exercises"]] == [
        "2031Q1", "2031Q2", "2031Q3", "2031Q4",
    ]  # fmt: skip
    for one in said["exercises"]:
        assert set(one["roles"]) == {COMMANDER, COMMUNICATIONS, DOMAIN_OWNER, COUNSEL}
        assert len(set(one["roles"].values())) == 4
    commanders = [one["roles"][COMMANDER] for one in said["exercises"]]
    assert all(a != b for a, b in pairwise(commanders))
    assert said["unfilled"] == said["reasons"] == []
    for model in (YearPlan, GameDay, OutboxMessage, AuditEvent):
        assert not model._default_manager.exists()


def test_people_read_dates_people_and_why():
    company()
    out = run("--year", "2031", "--seconds", "5")
    assert "Exercises of 2031" in out
    assert "proven to be the best" in out
    assert "Incident commander:" in out
    assert "never played it before" in out


def test_too_few_people_give_the_nearest_plan_with_why_and_what_would_help():
    company(counsels=1)
    said = json.loads(run("--year", "2031", "--format", "json", "--seconds", "5"))
    assert said["status"] == "infeasible"
    assert len(said["unfilled"]) == 2
    assert any("Legal counsel" in one for one in said["reasons"])
    assert said["least"]


@pytest.mark.parametrize("year", ["soon", "1999", "2001", "31"])
def test_a_year_that_cannot_be_planned_ends_with_2_and_a_sentence(year):
    company()
    with pytest.raises(CommandError) as refusal:
        run("--year", year)
    assert refusal.value.returncode == 2
    assert str(refusal.value).endswith(".")
