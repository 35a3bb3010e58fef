"""Updates by API: all that a draft may say, and what stands against it, named in the answer."""

from typing import Any

import pytest

from incidents.models import Customer, Incident, Update
from tests import factories
from tests.callers import Caller, codes
from tests.incidents.scene import Scene, scene

pytestmark = pytest.mark.django_db

VIEW = "incidents.view_incident"


@pytest.fixture
def here() -> Scene:
    return scene(facts={"customers_affected": 12})


@pytest.fixture
def ada(here: Scene) -> Caller:
    return Caller(factories.allow(here.ada, VIEW))


@pytest.fixture
def ben(here: Scene) -> Caller:
    return Caller(factories.allow(here.ben, VIEW))


def draft(who: Caller, **said: Any) -> dict[str, Any]:
    """The newest update, once it is drafted."""
    body = {"audience": "public", "text": "We are on it.", **said}
    answer = who.post("/incidents/INC-1/updates", body)
    assert answer.status_code == 200, answer.content
    return answer.json()["updates"][0]


def act(who: Caller, update: dict[str, Any], verb: str, **said: Any) -> Any:
    return who.post(f"/incidents/INC-1/updates/{update['id']}/{verb}", said or None)


def test_the_bare_words_of_before_still_go_all_the_way(ada, ben) -> None:
    made = draft(ben)
    assert act(ada, made, "approve").status_code == 200
    said = act(ben, made, "publish").json()["updates"][0]
    assert (said["status"], said["text"], said["words"]) == (
        "published", "We are on it.", "We are on it.",
    )  # fmt: skip
    assert (said["stage"], said["impact"], said["language"]) == (
        "investigating", "degraded", "en",
    )  # fmt: skip
    assert (said["facts"], said["corrects"], said["customer"]) == ([], None, None)


def test_a_draft_says_how_far_it_is_to_whom_on_what_it_rests_and_what_it_corrects(
    here, ada, ben
) -> None:
    acme = Customer.objects.create(slug="acme", name="Acme")
    first = draft(ben, audience="customers", customer="acme")
    act(ada, first, "approve")
    act(ben, first, "publish")
    made = draft(
        ben, audience="customers", stage="identified", impact="partial", language="de",
        facts=["customers_affected"], corrects=first["id"],
    )  # fmt: skip
    row = Update.objects.get(pk=made["id"])
    assert (row.customer, row.corrects_id, row.language) == (acme, first["id"], "de")
    assert (made["stage"], made["impact"]) == ("identified", "partial")
    assert made["facts"] == [{"name": "customers_affected", "value": 12}]
    assert made["words"].startswith("Correction of our update of ")
    assert (made["customer"], made["corrects"]) == ("acme", first["id"])


@pytest.mark.parametrize(("said", "code"), [
    ({"corrects": 99}, "unknown_update"),
    ({"audience": "customers", "customer": "nobody"}, "unknown_customer"),
    ({"facts": ["safety_risk"]}, "unknown_fact"),
])  # fmt: skip
def test_what_a_draft_names_and_nobody_knows_is_named_in_its_field(ben, said, code) -> None:
    body = {"audience": "public", "text": "We are on it.", **said}
    answer = ben.post("/incidents/INC-1/updates", body)
    assert (answer.status_code, codes(answer)) == (422, [code])
    (reason,) = answer.json()["reasons"]
    assert reason["field"] in said


def test_an_update_of_another_incident_is_not_there_to_be_corrected(here, ben) -> None:
    row = Update.objects.create(
        incident=Incident.objects.create(
            reference="INC-2", title="Other", declared_at=here.incident.declared_at
        ),
        audience="public", text="Other", drafted_by=here.ben, drafted_at=here.incident.declared_at,
    )  # fmt: skip
    body = {"audience": "public", "text": "We are on it.", "corrects": row.pk}
    assert codes(ben.post("/incidents/INC-1/updates", body)) == ["unknown_update"]


def test_facts_are_verified_and_until_then_approving_wants_a_note(ada, ben) -> None:
    made = draft(ben, facts=["customers_affected"])
    refused = act(ada, made, "approve")
    assert (refused.status_code, codes(refused)) == (409, ["rests_on_unverified"])
    assert refused.json()["reasons"][0]["field"] == "note"
    assert act(ada, made, "approve", note="Support sees it").status_code == 200
    body = {"names": ["customers_affected"], "source": "The dashboard"}
    answer = ben.post("/incidents/INC-1/verify-facts", body)
    assert answer.status_code == 200, answer.content
    (fact,) = answer.json()["verified_facts"]
    assert (fact["name"], fact["value"], fact["by"]) == ("customers_affected", 12, "ben")
    assert act(ada, draft(ben, facts=["customers_affected"]), "approve").status_code == 200
    unknown = ben.post("/incidents/INC-1/verify-facts", {"names": ["x"], "source": "I"})
    assert (unknown.status_code, codes(unknown)) == (422, ["fact_not_recorded"])


def test_sent_back_an_update_is_rewritten_and_what_is_left_out_stays(ada, ben) -> None:
    made = draft(ben, promised_next_at="2099-01-01T00:00:00Z", stage="identified")
    back = act(ada, made, "return", reason="Say whom it concerns").json()["updates"][0]
    assert (back["status"], back["return_reason"]) == ("returned", "Say whom it concerns")
    again = act(ben, made, "redraft", text="Some card payments fail.").json()["updates"][0]
    assert (again["status"], again["text"]) == ("draft", "Some card payments fail.")
    assert (again["stage"], again["promised_next_at"]) == ("identified", "2099-01-01T00:00:00Z")
    again = act(ben, made, "redraft", promised_next_at=None).json()["updates"][0]
    assert (again["text"], again["promised_next_at"]) == ("Some card payments fail.", None)


def test_who_may_nothing_does_none_of_it(here, ben) -> None:
    made = draft(ben)
    dan = Caller(factories.allow(here.dan, VIEW))
    for verb, said in (
        ("redraft", {"text": "No"}), ("return", {"reason": "No"}), ("approve", {"note": "Yes"}),
    ):  # fmt: skip
        answer = act(dan, made, verb, **said)
        assert (answer.status_code, codes(answer)) == (403, ["no_permission"])
    body = {"names": ["customers_affected"], "source": "Me"}
    assert dan.post("/incidents/INC-1/verify-facts", body).status_code == 403
    assert Update.objects.get().status == "draft"
