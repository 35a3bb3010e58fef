"""Verified facts: who knows that it is so, and how; what is changed later is not verified any more."""

import pytest

from incidents.models import VerifiedFact
from incidents.operations import facts, update, verifying
from incidents.rules.reasons import Invalid, NotPermitted
from tests.factories import NOW
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    acts,
    again,
    last_act,
    refused,
    scene,
    timeline,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene(facts={"customers_affected": 12, "functionality_lost": "major"})


def verify(here: Scene, *names: str, **fields):
    given = {"source": "The dashboard", "actor": here.ben, "at": LATER}
    return verifying.verify_facts(here.incident, names=names, **(given | fields))


def test_a_fact_is_verified_by_somebody_who_says_how_it_is_known(here) -> None:
    verify(here, "customers_affected", source=" The dashboard ")
    row = VerifiedFact.objects.get()
    assert (row.name, row.value, row.source) == ("customers_affected", 12, "The dashboard")
    assert (row.verified_by, row.verified_at) == (here.ben, LATER)
    assert verifying.verified(again(here.incident)).keys() == {"customers_affected"}
    assert timeline(here.incident) == ["Verified: customers affected = 12. The dashboard"]
    assert (acts(), last_act().detail["verified"]) == (
        ["verify_facts"], {"customers_affected": 12},
    )  # fmt: skip


def test_only_what_is_recorded_is_verified_and_each_that_is_not_is_named(here) -> None:
    with refused("fact_not_recorded", Invalid) as caught:
        verify(here, "customers_affected", "safety_risk", "colour")
    assert [one.field for one in caught.value.reasons] == ["names", "names"]
    assert "choose one of customers_affected, functionality_lost." in str(caught.value)
    with refused("names_missing", Invalid):
        verify(here)
    with refused("source_missing", Invalid):
        verify(here, "customers_affected", source=" ")
    with refused("source_too_long", Invalid):
        verify(here, "customers_affected", source="x" * 301)
    assert len(verify(here, "customers_affected", "customers_affected")) == 1


def test_whoever_takes_part_verifies_and_nobody_else_but_leadership(here) -> None:
    with refused("not_your_role", NotPermitted):
        verify(here, "customers_affected", actor=here.cleo)
    with refused("no_permission", NotPermitted):
        verify(here, "customers_affected", actor=here.dan)
    for person in (here.ada, here.ben, here.lea):
        verify(here, "customers_affected", actor=person)
    assert verifying.verified(here.incident)["customers_affected"].verified_by == here.lea


def test_nothing_is_verified_of_what_is_closed() -> None:
    over = scene(state="closed", closed_at=NOW, facts={"customers_affected": 1})
    with refused("wrong_state"):
        verify(over, "customers_affected")


def test_what_is_changed_later_is_not_verified_and_changed_back_it_is_again(here) -> None:
    verify(here, "customers_affected")
    for value, is_firm in ((13, False), (12, True)):
        facts.record_facts(
            here.incident, facts={"customers_affected": value}, actor=here.ada, at=LATER
        )
        firm = verifying.verified(again(here.incident))
        assert ("customers_affected" in firm) == is_firm


def test_the_last_verification_counts_not_an_earlier_one_of_the_same_value(here) -> None:
    verify(here, "customers_affected")
    facts.record_facts(
        here.incident, facts={"customers_affected": 13}, actor=here.ada, at=LATER
    )
    verify(here, "customers_affected", at=LATER + MINUTE)
    facts.record_facts(
        here.incident, facts={"customers_affected": 12}, actor=here.ada, at=LATER
    )
    assert verifying.verified(again(here.incident)) == {}


def test_what_an_update_rests_on_is_said_with_who_vouches_for_it(here) -> None:
    verify(here, "customers_affected")
    made = update.draft(
        here.incident, audience="public", text="Twelve.", actor=here.ben, at=LATER,
        facts=["customers_affected", "functionality_lost"],
    )  # fmt: skip
    facts.record_facts(
        here.incident, facts={"functionality_lost": "total"}, actor=here.ada, at=LATER
    )
    firm, changed = verifying.rests_on(again(made))
    assert (firm.is_firm, changed.is_firm, changed.is_changed) == (True, False, True)
    assert str(firm) == (
        "customers affected = 12, verified by Ben at 2026-11-23 09:10 UTC (The dashboard)"
    )
    assert str(changed) == "functionality lost was major when it was drafted, now total"


def test_of_many_facts_those_verified_are_read_in_one_query(
    here, django_assert_num_queries
) -> None:
    verify(here, "customers_affected", "functionality_lost")
    incident = again(here.incident)
    with django_assert_num_queries(1):
        assert [str(row.verified_by) for row in verifying.verified(incident).values()] == [
            "Ben", "Ben",
        ]  # fmt: skip
        verifying.verified(incident)
