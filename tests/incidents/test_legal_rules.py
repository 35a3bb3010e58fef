"""Counsel is engaged within the hour once personal data may be exposed."""

import pytest

from incidents.rules.facts import severity_facts
from incidents.rules.legal import why_counsel
from incidents.rules.predicates import holds
from tests.incidents.packs import shipped


@pytest.mark.parametrize("exposure", ["possible", "confirmed"])
def test_exposure_asks_for_counsel_where_none_does_not(exposure):
    exposed = severity_facts({"personal_data_exposure": exposure}, {})
    assert why_counsel(exposed).startswith("Personal data may be exposed")
    unexposed = severity_facts({"personal_data_exposure": "none"}, {})
    assert why_counsel(unexposed) == ""


def test_counsel_is_asked_for_wherever_the_finer_policy_asks_for_it_over_exposed_data():
    about_exposure = [
        rule for rule in shipped().counsel if "personal_data_exposure" in str(rule.when)
    ]
    assert len(about_exposure) == 4
    defaults = {name: fact.default for name, fact in shipped().facts.items()}
    engaged = [
        case["facts"]
        for case in shipped().test_cases
        if any(holds(rule.when, defaults | case["facts"]) for rule in about_exposure)
    ]
    assert len(engaged) > 5
    assert all(why_counsel(facts) for facts in engaged)
