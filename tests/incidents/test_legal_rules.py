"""Counsel is engaged within the hour once personal data may be exposed."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.rules.facts import severity_facts
from incidents.rules.legal import counsel_clock
from incidents.rules.predicates import holds
from tests.incidents.packs import shipped

KNOWN_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("exposure", ["possible", "confirmed"])
def test_exposure_starts_the_one_hour_clock_where_none_does_not(exposure):
    exposed = severity_facts({"personal_data_exposure": exposure}, {})
    assert counsel_clock(exposed, KNOWN_AT) == KNOWN_AT + timedelta(hours=1)
    unexposed = severity_facts({"personal_data_exposure": "none"}, {})
    assert counsel_clock(unexposed, KNOWN_AT) is None


def test_the_clock_engages_counsel_wherever_the_finer_policy_asks_for_it_over_exposed_data():
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
    assert all(counsel_clock(facts, KNOWN_AT) for facts in engaged)
