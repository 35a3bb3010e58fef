"""What is known of one incident once it takes in another."""

import pytest

from incidents.rules.merging import known_of_both


def test_what_is_known_here_stays_and_what_was_known_there_comes_beside() -> None:
    here = {"customers_affected": 12}
    there = {"customers_affected": 900, "safety_risk": True}
    assert known_of_both(here, there) == {"customers_affected": 12, "safety_risk": True}
    assert here == {"customers_affected": 12}


def test_a_fact_that_cannot_be_beside_the_others_stays_behind() -> None:
    here, there = (
        {"customers_affected": 0},
        {"customers_affected_percent": 3, "safety_risk": True},
    )
    assert known_of_both(here, there) == {"customers_affected": 0, "safety_risk": True}


def test_the_graver_exposure_holds() -> None:
    here, there = ({"personal_data_exposure": each} for each in ("possible", "confirmed"))
    assert known_of_both(here, there) == there


@pytest.mark.parametrize("there", ["possible", "confirmed"])
@pytest.mark.parametrize("here", [{}, {"personal_data_exposure": "none"}])
def test_an_exposure_is_never_lost(here, there) -> None:
    assert known_of_both(here, {"personal_data_exposure": there}) == {
        "personal_data_exposure": there
    }


def test_an_exposure_known_here_is_not_made_less() -> None:
    here = {"personal_data_exposure": "confirmed"}
    assert known_of_both(here, {"personal_data_exposure": "possible"}) == here
