"""Each regime says why it applies, does not, or stays open, and how its instants were counted."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, reject, settings

from incidents.calendars import is_holiday
from incidents.rules import legal_engine, legal_facts
from incidents.rules.legal_explanation import (
    Node,
    Walked,
    applies_text,
    explain,
    explain_counsel,
    stage_sentence,
)
from incidents.rules.legal_interview import Known, standings
from incidents.rules.reasons import Invalid
from tests.incidents import legal_strategies
from tests.incidents.packs import NOTHING, shipped

CASES = {case["id"]: case for case in shipped().test_cases}
BERLIN = CASES["t01-gdpr-plain-weekday"]["facts"]


def walked(
    regime: str,
    facts: Mapping[str, Any],
    known: Known | None = None,
    clocks: Mapping[str, Any] = NOTHING,
) -> Walked:
    """This regime explained; all facts are findings unless said otherwise."""
    case = legal_facts.case(shipped(), facts, clocks)
    found = explain(shipped(), case, known or Known(facts))
    return next(each for each in found if each.regime == regime)


def leaves(node: Node) -> Iterator[Node]:
    """Every leaf of it."""
    if node.kind == "leaf":
        yield node
    for part in node.parts:
        yield from leaves(part)


def without(facts: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """These facts less some."""
    return {name: value for name, value in facts.items() if name not in names}


def counted(name: str, stage: str) -> str:
    """The sentence of this stage in a worked case; `stage` as "regime/stage"."""
    said = CASES[name]
    case = legal_facts.case(shipped(), said["facts"], said["clocks"], said["submitted"])
    dues = legal_engine.evaluate(shipped(), case, is_holiday).due
    regime, _, ident = stage.partition("/")
    due = next((each for each in dues if (each.regime, each.stage) == (regime, ident)), None)
    return stage_sentence(shipped(), case, regime, ident, due)


def test_a_duty_names_the_facts_that_made_it_one() -> None:
    found = walked("eu-gdpr-art33", BERLIN)
    assert (found.verdict, found.counted_as) == ("duty", "duty")
    assert found.applies_text == "In force on 2026-02-10: it applies since 2018-05-25."
    assert found.because == (
        "Our role for the data: ours (we decide what happens with it) (said). "
        "Needed: ours (we decide what happens with it) among them.",
        "Where the affected people live: Germany (said). Needed: any of the EEA.",
        "Exposure of personal data: confirmed (said). Needed: confirmed.",
        "The risk to the people: some harm is possible (said). "
        "Needed: some harm is possible, serious harm is possible or we cannot tell yet.",
    )


def test_what_does_not_apply_names_what_stands_against_it() -> None:
    found = walked("uk-gdpr-art33-34", {**BERLIN, "uk_establishment_processing": False})
    assert (found.verdict, found.counted_as) == ("no", "no")
    assert found.because == (
        "Where the affected people live: Germany (said). Needed: United Kingdom among them.",
        "Handled for an office in the United Kingdom: no (said). Needed: yes.",
    )


def test_what_is_to_assess_names_what_makes_it_worth_watching() -> None:
    possible = {**BERLIN, "personal_data_exposure": "possible", "data_categories": ["health"]}
    settled = {
        "personal_data_availability_loss": "none",
        "personal_data_integrity_loss": False,
    }
    found = walked("eu-gdpr-art33", {**possible, **settled})
    assert found.verdict == "assess"
    assert found.because[-1] == "Exposure of personal data: possible (said). Needed: possible."


def test_what_is_open_names_only_what_is_open() -> None:
    found = walked("eu-gdpr-art33", BERLIN, Known(without(BERLIN, "risk_to_individuals")))
    assert (found.verdict, found.counted_as) == ("open", "duty")
    assert len(found.because) == 1
    assert found.because[0].startswith("The risk to the people: some harm is possible (from")


@pytest.mark.parametrize(
    ("facts", "unknown", "basis", "words"),
    [
        (BERLIN, frozenset(), "data_map", "from the data map, nobody confirmed it"),
        (without(BERLIN, "data_categories"), frozenset(), "default", "nobody said"),
        (BERLIN, frozenset({"data_categories"}), "unknown", "nobody knows yet"),
    ],
)
def test_a_leaf_says_where_what_it_found_comes_from(
    facts: Mapping[str, Any], unknown: frozenset[str], basis: str, words: str
) -> None:
    facts = without(facts, "personal_data_exposure") | {"personal_data_exposure": "possible"}
    known = Known(without(BERLIN, "data_categories"), unknown)
    tree = walked("us-ca-civ-1798-82", facts, known).trigger
    leaf = next(each for each in leaves(tree) if each.field == "data_categories")
    assert leaf.basis == basis
    assert leaf.assumed
    assert leaf.holds is None
    assert words in leaf.text
    said = walked("us-ca-civ-1798-82", BERLIN).trigger
    sure = next(each for each in leaves(said) if each.field == "data_categories")
    assert (sure.basis, sure.assumed, sure.holds) == ("said", False, False)


def test_a_not_is_turned_inside_out() -> None:
    facts = {**BERLIN, "entity_types": ["nis2_essential"]}
    stages = {each.stage: each for each in walked("eu-nis2-art23", facts).stages}
    condition = stages["notification"].condition
    assert condition is not None
    assert stages["notification"].is_asked is True
    assert condition.negated
    assert "Needed: qualified or non-qualified trust service provider" in condition.text
    assert condition.text.endswith("not among them.")
    assert stages["notification_tsp"].is_asked is False
    assert stages["early_warning"].is_asked is True


def test_a_count_says_whose_it_is() -> None:
    facts = {**BERLIN, "affected_jurisdictions": ["US-CA"], "persons_affected_total": 700}
    facts["persons_affected_by_jurisdiction"] = {"US-CA": 700}
    stages = {each.stage: each for each in walked("us-ca-civ-1798-82", facts).stages}
    condition = stages["attorney_general"].condition
    assert condition is not None
    assert condition.text == (
        "Persons affected in California: 700 (said). Needed: more than 500."
    )


def test_each_rule_of_counsel_is_explained() -> None:
    case = legal_facts.case(shipped(), BERLIN)
    rules = {each.rule: each for each in explain_counsel(shipped(), case, Known(BERLIN))}
    assert list(rules) == [rule.id for rule in shipped().counsel]
    clock = rules["short_clock"].tree
    assert clock.text == (
        "The shortest clock in hours of all duties that may be running: 72 "
        "(counted from the rest). Needed: at most 36."
    )
    assert clock.counted is False
    shorter = {**BERLIN, "contract_clause_types": ["dpa_notice_24h"]}
    case = legal_facts.case(shipped(), shorter)
    rules = {each.rule: each for each in explain_counsel(shipped(), case, Known(shorter))}
    assert rules["short_clock"].tree.counted is True


@pytest.mark.parametrize(
    ("regime", "day", "text"),
    [
        (
            "eu-psd2-art96-legacy",
            "2026-01-01",
            "No longer in force on 2026-01-01: it applied until 2025-01-16.",
        ),
        (
            "in-dpdp-rule7",
            "2026-01-01",
            "Not in force on 2026-01-01: it applies from 2027-05-13.",
        ),
        ("us-circia", "2026-01-01", "Not in force: no day is set from which it applies."),
        ("hk-pdpo-voluntary", "2026-01-01", "Voluntary: no law orders it."),
        ("contract-dpa-notice", "2026-01-01", "Binds by contract, whatever the day."),
        (
            "us-tsa-pipeline",
            "2026-01-01",
            "In force on 2026-01-01: it applies since 2022-05-29 and until 2027-01-15.",
        ),
    ],
)
def test_whether_it_binds_on_the_day_is_said_in_one_sentence(
    regime: str, day: str, text: str
) -> None:
    assert applies_text(shipped().regimes[regime], day) == text


@pytest.mark.parametrize(
    ("case", "stage", "text"),
    [
        (
            "t01-gdpr-plain-weekday",
            "eu-gdpr-art33/notification",
            "72 hours from awareness (10 Feb 2026 09:20 CET): 13 Feb 2026 09:20 CET; the law "
            "allows until 10:00 (Reg. 1182/71 art. 3(1): the hour of the event is not counted).",
        ),
        (
            "t03-nis2-month-end-clamp",
            "eu-nis2-art23/final",
            "1 month from the notice before (31 Jan 2027 07:30 CET): 28 Feb 2027 23:59 CET; the "
            "law allows until 1 Mar 2027 23:59 CET "
            "(Reg. 1182/71 art. 3(4): the last day is no working day).",
        ),
        (
            "t04-dora-regular-sequence",
            "eu-dora-art19/initial",
            "4 hours from classification (8 Jun 2026 18:30 CEST): 8 Jun 2026 22:30 CEST.",
        ),
        (
            "t05-dora-late-classification-bank-holiday",
            "eu-dora-art19/initial",
            "4 hours from classification (2 May 2026 21:00 IST): 3 May 2026 01:00 IST; the limit "
            "of 24 hours from awareness had passed before and drops out; the law allows until "
            "5 May 2026 12:00 IST (Del. Reg. 2025/301 art. 5: noon of the next working day).",
        ),
        (
            "t05-dora-late-classification-bank-holiday",
            "eu-dora-art19/intermediate",
            "72 hours from the submission of “Initial notification”, which is not sent yet.",
        ),
        (
            "t02-gdpr-spring-dst-weekend",
            "eu-gdpr-art34/individuals",
            "Without undue delay: the law sets no number. "
            "Our own target, not law: 72 hours from awareness.",
        ),
        (
            "t06-sec-across-thanksgiving",
            "us-sec-8k-105/form_8k",
            "4 business days from the decision on materiality (20 Nov 2026 16:00 EST), "
            "until 17:30 in New York: 27 Nov 2026 17:30 EST.",
        ),
        (
            "t06-sec-across-thanksgiving",
            "us-sec-8k-105/amendment",
            "4 business days from the missing information: it runs once that instant is known.",
        ),
        (
            "t16-japan-sixty-days-inclusive",
            "jp-appi-art26/final_60",
            "60 days from awareness (3 Dec 2026 10:00 JST), the first day counts as day 1: "
            "31 Jan 2027 23:59 JST; the law allows until 1 Feb 2027 23:59 JST "
            "(the last day is no working day in Japan).",
        ),
    ],
)
def test_the_arithmetic_of_a_stage_can_be_checked_by_hand(
    case: str, stage: str, text: str
) -> None:
    assert counted(case, stage) == text


def test_where_only_the_cap_is_known_the_sentence_says_that_it_counts() -> None:
    facts = CASES["t04-dora-regular-sequence"]["facts"]
    case = legal_facts.case(shipped(), facts, {"awareness": "2026-06-08T10:00:00+02:00"})
    due = legal_engine.evaluate(shipped(), case, is_holiday).due[0]
    assert stage_sentence(shipped(), case, due.regime, due.stage, due) == (
        "At most 24 hours from awareness (8 Jun 2026 10:00 CEST): 9 Jun 2026 10:00 CEST; "
        "it comes before 4 hours from classification, or that is not known yet."
    )
    nothing = legal_facts.case(shipped(), facts)
    assert stage_sentence(shipped(), nothing, due.regime, due.stage, None) == (
        "4 hours from classification, at most 24 hours from awareness: "
        "it runs once that instant is known."
    )


@given(legal_strategies.well_typed_facts(), legal_strategies.clocks())
@settings(max_examples=60, deadline=None)
def test_the_explanation_agrees_with_the_engine_and_with_the_interview(
    facts: Mapping[str, Any], clocks: Mapping[str, Any]
) -> None:
    try:
        case = legal_facts.case(shipped(), facts, clocks)
    except Invalid:
        reject()
    outcome = legal_engine.evaluate(shipped(), case, is_holiday)
    day = legal_engine.judged_on(shipped(), case)
    said = {**facts, "evaluation_date": day}
    found = {each.regime: each for each in explain(shipped(), case, Known(facts))}
    stands = {each.regime: each.verdict for each in standings(shipped(), Known(said))}
    assert {name: each.verdict for name, each in found.items()} == stands
    assert all(each.because for each in found.values())
    # A predicate that reads the day itself is counted by the engine only if somebody said it.
    if facts.get("evaluation_date"):
        for bucket in ("duty", "assess", "not_in_force", "voluntary"):
            counted_as = [n for n, each in found.items() if each.counted_as == bucket]
            assert counted_as == list(getattr(outcome, bucket))
