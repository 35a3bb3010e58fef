"""Facts are total, typed and free of contradiction, or refused field by field."""

import pytest

from incidents.rules.facts import (
    DERIVED_FACTS,
    SEVERITY_FACTS,
    Fact,
    FactType,
    complaint,
    normalise,
    personal_data_may_be_exposed,
    severity_facts,
    vocabulary,
)
from incidents.rules.reasons import Invalid

WORDS = vocabulary(
    Fact("leaked", FactType.BOOL, default=False),
    Fact("users", FactType.INT, 0),
    Fact("share", FactType.INT, 0, maximum=100),
    Fact("risk", FactType.ENUM, "low", ("low", "high")),
    Fact("kinds", FactType.LIST, [], ("ddos", "malware")),
    Fact("tags", FactType.LIST, []),
    Fact("users_by_country", FactType.MAP, {}),
    Fact("limits", FactType.MAP, {}, ("max", "min")),
    Fact("judged_on", FactType.DATE, None),
    Fact("note", FactType.STR, ""),
)


def refusal(given, words=WORDS):
    with pytest.raises(Invalid) as caught:
        normalise(given, words)
    return [(reason.code, reason.field) for reason in caught.value.reasons]


def test_missing_facts_take_their_default():
    facts = normalise({"users": 3}, WORDS)
    assert facts["users"] == 3
    assert facts["risk"] == "low"
    assert facts.keys() == WORDS.keys()


def test_defaults_are_not_shared_between_incidents():
    normalise({}, WORDS)["users_by_country"]["DE"] = 9
    assert normalise({}, WORDS)["users_by_country"] == {}


def test_an_unknown_fact_is_refused_with_the_nearest_name():
    with pytest.raises(Invalid) as caught:
        normalise({"user": 3}, WORDS)
    (reason,) = caught.value.reasons
    assert (reason.code, reason.field) == ("unknown_fact", "facts.user")
    assert "did you mean users?" in reason.message


def test_an_unknown_fact_unlike_any_other_is_answered_with_all_names():
    with pytest.raises(Invalid, match="known are judged_on, kinds"):
        normalise({"zzz": 3}, WORDS)


@pytest.mark.parametrize(
    ("name", "good", "bad", "code"),
    [
        ("leaked", True, 1, "fact_has_wrong_type"),
        ("users", 12, "12", "fact_has_wrong_type"),
        ("users", 1, True, "fact_has_wrong_type"),
        ("users", 1, 1.0, "fact_has_wrong_type"),
        ("users", 0, None, "fact_has_wrong_type"),
        ("users", 0, -1, "fact_out_of_range"),
        ("share", 100, 101, "fact_out_of_range"),
        ("risk", "high", "huge", "fact_not_a_choice"),
        ("risk", "high", ["high"], "fact_has_wrong_type"),
        ("kinds", ["ddos"], ["ddos", "fire"], "fact_not_a_choice"),
        ("kinds", ["ddos"], "ddos", "fact_has_wrong_type"),
        ("tags", ["any", "text"], ["any", 7], "fact_has_wrong_type"),
        ("users_by_country", {"DE": 3}, {"DE": -3}, "fact_out_of_range"),
        ("users_by_country", {"DE": 3}, {"DE": "3"}, "fact_has_wrong_type"),
        ("users_by_country", {"DE": 3}, [["DE", 3]], "fact_has_wrong_type"),
        ("limits", {"max": 3}, {"middle": 3}, "fact_not_a_choice"),
        ("judged_on", "2026-02-28", "2026-02-30", "fact_has_wrong_type"),
        ("judged_on", None, "20260228", "fact_has_wrong_type"),
        ("judged_on", None, 20260228, "fact_has_wrong_type"),
        ("note", "", 0, "fact_has_wrong_type"),
    ],
)
def test_a_value_is_refused_beside_the_one_that_would_do(name, good, bad, code):
    assert normalise({name: good}, WORDS)[name] == good
    assert refusal({name: bad}) == [(code, f"facts.{name}")]


def test_every_field_in_error_has_its_own_reason():
    assert refusal({"users": -1, "risk": "huge", "nobody": 1}) == [
        ("fact_out_of_range", "facts.users"),
        ("fact_not_a_choice", "facts.risk"),
        ("unknown_fact", "facts.nobody"),
    ]


@pytest.mark.parametrize("fact", SEVERITY_FACTS.values(), ids=lambda fact: fact.name)
def test_every_severity_fact_has_a_default_it_would_accept_and_a_description(fact):
    assert complaint(fact, fact.default) is None
    assert fact.description


@pytest.mark.parametrize(
    ("name", "most", "demand"),
    [
        ("customers_affected", 10**10, "10,000,000,000 or less"),
        ("persons_affected_total", 10**10, "10,000,000,000 or less"),
        ("service_unavailability_minutes", 5_270_400, "5,270,400 or less"),
    ],
)
def test_no_number_is_beyond_all_reason(name, most, demand):
    assert severity_facts({name: most}, {})[name] == most
    with pytest.raises(Invalid, match=demand) as caught:
        severity_facts({name: most + 1}, {})
    assert caught.value.has("fact_out_of_range")


def test_every_number_has_a_maximum():
    numbers = [each for each in SEVERITY_FACTS.values() if each.type is FactType.INT]
    assert all(each.maximum for each in numbers)


def test_what_the_catalogue_derives_completes_what_a_person_gave():
    facts = severity_facts({"customers_affected": 12}, {"service_tier": 1})
    assert facts["customers_affected"] == 12
    assert facts["service_tier"] == 1
    assert facts["workaround_available"] is False


@pytest.mark.parametrize("name", sorted(DERIVED_FACTS))
def test_nobody_types_what_the_catalogue_derives(name):
    derived = {name: SEVERITY_FACTS[name].default}
    assert severity_facts({}, derived)[name] == derived[name]
    with pytest.raises(Invalid) as caught:
        severity_facts(derived, {})
    assert [(r.code, r.field) for r in caught.value.reasons] == [
        ("fact_is_derived", f"facts.{name}")
    ]


@pytest.mark.parametrize(
    ("consistent", "contradictory"),
    [
        (
            {"customers_affected": 1, "customers_affected_percent": 10},
            {"customers_affected": 0, "customers_affected_percent": 10},
        ),
        (
            {"functionality_lost": "major", "service_unavailability_minutes": 5},
            {"functionality_lost": "none", "service_unavailability_minutes": 5},
        ),
    ],
)
def test_facts_that_cannot_both_be_so_are_refused(consistent, contradictory):
    assert severity_facts(consistent, {}).items() >= consistent.items()
    with pytest.raises(Invalid) as caught:
        severity_facts(contradictory, {})
    (reason,) = caught.value.reasons
    assert (reason.code, reason.field) == (
        "facts_contradict",
        f"facts.{list(contradictory)[1]}",
    )


def test_a_default_contradicts_nothing():
    assert severity_facts({"customers_affected_percent": 10}, {})["customers_affected"] == 0


def test_doubt_about_personal_data_counts_as_exposure():
    exposed = [
        choice
        for choice in SEVERITY_FACTS["personal_data_exposure"].choices
        if personal_data_may_be_exposed({"personal_data_exposure": choice})
    ]
    assert exposed == ["possible", "confirmed"]
    assert not personal_data_may_be_exposed({})
