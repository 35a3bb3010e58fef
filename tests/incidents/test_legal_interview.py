"""The interview asks the few questions that matter now, and takes no default for a finding."""

import random
from collections.abc import Callable, Iterator, Mapping
from statistics import mean
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from incidents.rules.law_pack import Pack
from incidents.rules.legal_interview import (
    Answer,
    Known,
    Question,
    next_question,
    open_questions,
    question_about,
    standings,
)
from incidents.rules.legal_profile import PROFILE_FACTS
from incidents.rules.reasons import Invalid
from tests.incidents import legal_strategies
from tests.incidents.packs import outcome, shipped

CASES = {case["id"]: case for case in shipped().test_cases}
LAPTOP = {
    "operates_in": ["DE", "US"],
    "data_roles": ["controller"],
    "entity_types": ["business"],
    "contract_clause_types": [],
    "gdpr_establishment_processing": True,
    "uk_establishment_processing": False,
    "large_scale_processing": False,
    "il_database_security_level": "none",
    "evaluation_date": "2026-11-23",
}
STOLEN = {
    **LAPTOP,
    "affected_jurisdictions": ["DE", "US-CA"],
    "data_categories": ["credentials"],
    "personal_data_exposure": "confirmed",
    "data_protection_state": "none",
    "risk_to_individuals": "high",
}
Pick = Callable[[tuple[str, ...]], str]


def verdicts(
    findings: Mapping[str, Any], unknown: frozenset[str] = frozenset()
) -> dict[str, str]:
    """How each regime of the shipped pack stands."""
    known = Known(findings, unknown)
    return {each.regime: each.verdict for each in standings(shipped(), known)}


def asked(findings: Mapping[str, Any], unknown: frozenset[str] = frozenset()) -> Question:
    """The question that is asked now; there must be one."""
    found = next_question(shipped(), Known(findings, unknown))
    assert found is not None
    return found


def answer(question: Question, value: Any) -> Answer:
    """The answer of this value."""
    return next(each for each in question.answers if each.value == value)


def truth_of(case: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every fact of the vocabulary: what the case says, else the default."""
    said = case["facts"]
    return {name: said.get(name, fact.default) for name, fact in shipped().facts.items()}


def told(known: Mapping[str, Any], name: str, truth: Mapping[str, Any]) -> dict[str, Any]:
    """What is known once this question was answered truthfully."""
    base, dot, key = name.partition(".")
    value = {**known.get(base, {}), key: truth[base].get(key, 0)} if dot else truth[base]
    return {**known, base: value}


def interviewed(
    truth: Mapping[str, Any], pick: Pick, start: Mapping[str, Any], pack: Pack
) -> tuple[dict[str, Any], int]:
    """Everything found out by asking until nothing is open, and how many questions it took."""
    known, count = dict(start), 0
    while names := open_questions(pack, Known(known)):
        known = told(known, pick(names), truth)
        count += 1
    return known, count


def first(names: tuple[str, ...]) -> str:
    """The order of the interview."""
    return names[0]


def as_the_pack_reads(names: tuple[str, ...]) -> str:
    """A fixed order: of the vocabulary, asking only what is open."""
    order = list(shipped().facts)
    return min(names, key=lambda name: order.index(name.partition(".")[0]))


def runs(pick: Pick, *, with_profile: bool) -> Iterator[int]:
    """The number of questions of each worked case."""
    for case in CASES.values():
        truth = truth_of(case)
        start = {"evaluation_date": truth["evaluation_date"]}
        if with_profile:
            start |= {name: truth[name] for name in PROFILE_FACTS}
        yield interviewed(truth, pick, start, shipped())[1]


def test_whether_data_could_be_seen_is_asked_once_it_is_known_who_lives_where() -> None:
    assert asked(LAPTOP).name == "affected_jurisdictions"
    known = {**LAPTOP, "affected_jurisdictions": ["DE", "US-CA"]}
    question = asked(known)
    assert question.name == "personal_data_exposure"
    assert question.text == "Could somebody have seen or copied personal data?"
    assert question.why.endswith(".")
    assert [each.label for each in question.answers] == ["ruled out", "possible", "confirmed"]
    assert answer(question, "confirmed").starts == ("eu-gdpr-art33",)
    assert "us-ca-civ-1798-82" in answer(question, "none").ends
    assert not question.is_reopened


def test_an_answer_says_which_regimes_it_would_start_and_which_it_would_end() -> None:
    known = {name: value for name, value in STOLEN.items() if name != "data_protection_state"}
    question = question_about(shipped(), Known(known), "data_protection_state")
    assert question is not None
    assert answer(question, "none").starts == ("eu-gdpr-art34", "us-ca-civ-1798-82")
    assert answer(question, "encrypted_key_safe").starts == ()
    ends = answer(question, "encrypted_key_safe").ends
    assert ends == ("eu-gdpr-art34", "us-ca-civ-1798-82")
    assert question.decides == 3  # the third is whether counsel is needed within the hour


def test_a_question_nothing_rests_on_cannot_be_chosen() -> None:
    assert question_about(shipped(), Known(STOLEN), "dora_classification") is None
    assert question_about(shipped(), Known({}), "dora_classification") is not None


def test_people_are_counted_only_in_the_places_where_some_are_affected() -> None:
    question = question_about(
        shipped(), Known(STOLEN), "persons_affected_by_jurisdiction.US-CA"
    )
    assert question is not None
    assert question.text == "How many people in California are affected?"
    spans = [(each.value, each.label) for each in question.answers]
    assert spans == [(500, "fewer than 501"), (501, "501 or more")]
    others = [name for name in open_questions(shipped(), Known(STOLEN)) if "." in name]
    assert others == ["persons_affected_by_jurisdiction.US-CA"]


def test_a_count_is_asked_in_the_spans_that_some_law_tells_apart() -> None:
    known = {
        **STOLEN,
        "entity_types": ["hipaa_covered_entity"],
        "data_categories": ["health"],
        "affected_jurisdictions": ["DE"],
    }
    question = question_about(shipped(), Known(known), "persons_affected_total")
    assert question is not None
    spans = [(each.value, each.label) for each in question.answers]
    assert spans == [(499, "fewer than 500"), (500, "500 or more")]


def test_a_list_is_asked_by_the_members_that_matter_and_none_of_them() -> None:
    labels = [each.label for each in asked(LAPTOP).answers]
    assert "Germany" in labels and "California" in labels
    assert labels[-1] == "none of these"
    assert "Argentina" not in labels


def test_a_default_is_never_taken_for_a_finding() -> None:
    silent = verdicts({"evaluation_date": "2026-11-23"})
    assert silent["eu-gdpr-art33"] == "open"
    said = verdicts({"evaluation_date": "2026-11-23", "data_roles": ["processor"]})
    assert said["eu-gdpr-art33"] == "no"
    # The default of `data_roles` is controller; saying so settles nothing by itself.
    assert (
        verdicts({"evaluation_date": "2026-11-23", "data_roles": ["controller"]})[
            "eu-gdpr-art33-2-processor"
        ]
        == "no"
    )


def test_the_standing_says_what_it_rests_on() -> None:
    known = {name: value for name, value in STOLEN.items() if name != "risk_to_individuals"}
    found = {each.regime: each for each in standings(shipped(), Known(known))}
    assert found["eu-gdpr-art33"].verdict == "open"
    assert found["eu-gdpr-art33"].open_on == ("risk_to_individuals",)
    assert found["us-ca-civ-1798-82"].verdict == "duty"
    assert found["us-ca-civ-1798-82"].open_on == ()


def test_what_nobody_knows_stays_open_comes_last_and_is_asked_again() -> None:
    known = {name: value for name, value in STOLEN.items() if name != "risk_to_individuals"}
    unknown = frozenset({"risk_to_individuals"})
    names = open_questions(shipped(), Known(known, unknown))
    assert len(names) > 1
    assert names[-1] == "risk_to_individuals"
    assert not asked(known, unknown).is_reopened
    for name in names[:-1]:
        known = told(known, name, truth_of({"facts": STOLEN}))
    last = asked(known, unknown)
    assert (last.name, last.is_reopened) == ("risk_to_individuals", True)
    assert verdicts(known, unknown)["eu-gdpr-art33"] == "open"
    assert next_question(shipped(), Known({**known, "risk_to_individuals": "high"})) is None


def test_what_is_not_in_force_or_voluntary_is_shown_and_asks_nothing() -> None:
    known = {**STOLEN, "affected_jurisdictions": ["IN", "HK"], "operates_in": ["DE"]}
    found = verdicts(known)
    assert found["in-dpdp-rule7"] == "not_in_force"
    assert found["hk-pdpo-voluntary"] == "voluntary"
    later = verdicts({**known, "evaluation_date": "2027-06-01"})
    assert later["in-dpdp-rule7"] == "duty"
    open_on = {"dora_classification"}
    names = {name for each in standings(shipped(), Known(known)) for name in each.open_on}
    assert not names & open_on


def test_counsel_is_asked_about_last_and_no_more_once_one_rule_says_so() -> None:
    quiet = {
        **LAPTOP,
        "affected_jurisdictions": [],
        "personal_data_exposure": "none",
        "incident_kinds": [],
        "data_categories": ["none"],
        "personal_data_availability_loss": "none",
        "personal_data_integrity_loss": False,
    }
    names = open_questions(shipped(), Known(quiet))
    assert set(names) == {
        "extortion_demand",
        "ransomware_payment_made",
        "ai_incident_severity",
        "authority_contact",
    }
    assert open_questions(shipped(), Known({**quiet, "authority_contact": True})) == ()


@pytest.mark.parametrize("name", CASES)
def test_at_the_end_nothing_is_open_and_the_duties_are_those_of_the_case(name: str) -> None:
    case = CASES[name]
    truth = truth_of(case)
    start = {"evaluation_date": truth["evaluation_date"]}
    known, _ = interviewed(truth, first, start, shipped())
    found = standings(shipped(), Known(known))
    assert not [each for each in found if each.verdict == "open"]
    duty = [each.regime for each in found if each.verdict == "duty"]
    assert duty == case["expected"]["duty"]
    assess = [each.regime for each in found if each.verdict == "assess"]
    assert assess == case["expected"]["assess"]


@pytest.mark.parametrize("with_profile", [False, True])
def test_it_takes_fewer_questions_than_a_fixed_order_and_half_of_a_random_one(
    *, with_profile: bool
) -> None:
    dice = random.Random(7)
    ours = mean(runs(first, with_profile=with_profile))
    fixed = mean(runs(as_the_pack_reads, with_profile=with_profile))
    by_chance = mean(runs(dice.choice, with_profile=with_profile))
    print(f"{ours:.2f} questions; fixed order {fixed:.2f}, random {by_chance:.2f}")
    assert ours < fixed
    assert ours < 0.6 * by_chance


@st.composite
def sound_facts(draw: st.DrawFn) -> dict[str, Any]:
    """Total facts that do not contradict themselves, of a known day."""
    said = draw(legal_strategies.well_typed_facts())
    facts = truth_of({"facts": said})
    # Where nobody is affected nobody is counted, and the whole is no less than its parts.
    places = set(facts["affected_jurisdictions"])
    counts = facts["persons_affected_by_jurisdiction"].items()
    of_places = {code: count for code, count in counts if code in places and "-" in code}
    facts["persons_affected_by_jurisdiction"] = of_places
    facts["persons_affected_total"] += sum(of_places.values())
    facts["evaluation_date"] = facts["evaluation_date"] or "2026-11-23"
    return facts


@given(sound_facts())
@settings(max_examples=30, deadline=None)
def test_what_the_interview_never_asked_could_not_have_changed_a_duty(
    truth: dict[str, Any],
) -> None:
    start = {name: truth[name] for name in ("evaluation_date", "clock_timezone")}
    known, _ = interviewed(truth, first, start, shipped())
    try:
        all_told = outcome(truth)
    except Invalid:
        reject()
    # What was asked may leave out what makes the whole sound, such as the total.
    as_asked = outcome({"persons_affected_total": truth["persons_affected_total"], **known})
    for part in ("duty", "assess", "pending", "no_fixed_deadline"):
        assert getattr(as_asked, part) == getattr(all_told, part)
    assert as_asked.counsel_within_first_hour == all_told.counsel_within_first_hour


@given(sound_facts(), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_saying_more_never_reopens_nor_overturns_what_was_settled(
    facts: dict[str, Any], dice: random.Random
) -> None:
    said = {"evaluation_date": facts.pop("evaluation_date")}
    before = verdicts(said)
    for name in dice.sample(sorted(facts), len(facts)):
        said |= {name: facts[name]}
        after = verdicts(said)
        settled = {name: each for name, each in before.items() if each in ("duty", "assess")}
        assert settled == {name: after[name] for name in settled}
        assert not [name for name in before if before[name] != "open" == after[name]]
        before = after
