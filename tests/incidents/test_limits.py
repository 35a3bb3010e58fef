"""The thresholds of the checks: one row that leadership changes and every check obeys."""

from dataclasses import fields

import pytest
from django.test import Client

from incidents.models import CheckLimits, Person
from incidents.operations import matrix
from incidents.operations.matrix_facts import limits, thresholds
from incidents.rules.matrix_checks import Thresholds
from incidents.rules.roles import COMMANDER, DEPUTY, SCRIBE
from tests.factories import NOW, matrix_version, person
from tests.incidents.admin_room import list_of, member, page_of, signed_in

pytestmark = pytest.mark.django_db
LIST = list_of(CheckLimits)
ROW = f"{LIST}1/change/"


@pytest.fixture
def lea() -> Client:
    return signed_in(member("lea", "leadership"))


def as_shipped(**changed: int) -> dict[str, int]:
    names = [field.name for field in CheckLimits._meta.fields if field.name != "id"]
    return {name: getattr(CheckLimits(), name) for name in names} | changed


def test_the_defaults_are_those_of_the_rules_and_nothing_is_stored_by_asking() -> None:
    assert thresholds() == Thresholds()
    assert limits().emergency_hours == 72
    assert not CheckLimits.objects.exists()


def test_every_threshold_can_be_set() -> None:
    CheckLimits.objects.create(**{name: value + 1 for name, value in as_shipped().items()})
    changed = thresholds()
    same = [
        each.name
        for each in fields(Thresholds)
        if getattr(changed, each.name) == getattr(Thresholds(), each.name)
    ]
    assert same == []


def test_leadership_changes_a_threshold_and_the_checks_obey(lea: Client) -> None:
    version = matrix_version(
        {("triage", "Act"): {COMMANDER: "A", DEPUTY: "R", SCRIBE: "R"}}, effective_from=None
    )

    def warned() -> bool:
        return "R06" in {each.rule for each in matrix.findings(version, at=NOW)}

    assert not warned()
    assert lea.get(LIST).status_code == 200
    assert lea.post(LIST, as_shipped(responsible=1)).status_code == 302
    assert warned()
    assert lea.post(ROW, as_shipped(responsible=2)).status_code == 302
    assert not warned()
    assert CheckLimits.objects.count() == 1
    assert [past.responsible for past in limits().history.all()] == [2, 1]
    assert lea.get(page_of(limits(), "history")).status_code == 200


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"accountable_percent": 101}, "from 1 to 100"),
        ({"load_factor_percent": 90}, "from 100 to 1000"),
        ({"holders": 0}, "from 1 to 20"),
        ({"span_least": 8}, "no less than the fewest"),
        ({"review_days": -1}, "greater than or equal to 0"),
    ],
)
def test_a_threshold_nothing_could_keep_is_refused(
    lea: Client, changed: dict[str, int], words: str
) -> None:
    page = lea.post(ROW, as_shipped(**changed))
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not CheckLimits.objects.exists()


def test_there_is_one_row_and_no_other(lea: Client) -> None:
    assert (
        lea.get(f"{LIST}2/change/").status_code == 302
    )  # to the overview: there is no such row
    assert lea.get(f"{LIST}add/").status_code == 403
    assert lea.post(f"{LIST}1/delete/", {"post": "yes"}).status_code == 403


def test_others_read_and_change_nothing() -> None:
    rob = signed_in(member("rob", "responder"))
    assert rob.get(LIST).status_code == 200
    assert rob.post(ROW, as_shipped(responsible=1)).status_code == 403
    assert rob.post(LIST, as_shipped(responsible=1)).status_code == 403
    dan = signed_in(person("dan", is_staff=True))
    assert dan.get(LIST).status_code == 403
    assert dan.get(ROW).status_code == 403
    assert not CheckLimits.objects.exists()


def test_the_sidebar_leads_to_it(lea: Client) -> None:
    assert LIST in lea.get("/admin/").content.decode()
    assert Person.objects.filter(username="lea").exists()
