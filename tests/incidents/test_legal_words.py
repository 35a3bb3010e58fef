"""Every fact and clock of the law has a question, a reason for it and words for its answers."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules import legal_clocks, legal_words
from incidents.rules.facts import Fact, FactType, vocabulary

PACK = Path(__file__).parents[2] / "incidents" / "packs" / "notification_duties.yaml"


@pytest.fixture(scope="module")
def words():
    return yaml.safe_load(PACK.read_text(encoding="utf-8"))["vocabularies"]


def test_every_fact_of_the_shipped_pack_is_asked_in_its_own_plain_words(words):
    plain = {name: legal_words.question(name) for name in words["facts"]}
    assert all(text.endswith("?") for text in plain.values())
    assert len(set(plain.values())) == len(plain)
    assert not [name for name, text in plain.items() if name in text]
    reasons = [legal_words.why(name) for name in words["facts"]]
    assert all(text.endswith(".") for text in reasons)


def test_every_clock_of_the_shipped_pack_is_asked_in_its_own_plain_words(words):
    plain = [legal_words.clock_question(name) for name in words["clock_starts"]]
    assert all(text.startswith("When ") and text.endswith("?") for text in plain)
    assert len(set(plain)) == len(plain)
    assert all(legal_words.clock_why(name).endswith(".") for name in words["clock_starts"])


def test_no_answer_is_shown_as_the_code_it_is_kept_as(words):
    facts = words["facts"].items()
    shown = [
        legal_words.label(name, choice, words)
        for name, fact in facts
        for choice in fact.get("enum", ())
    ]
    assert shown
    assert not [text for text in shown if "_" in text]
    # Several of them are read in one line, with commas between.
    assert not [text for text in shown if "," in text]


def test_a_fact_of_ones_own_falls_back_to_its_description():
    own = vocabulary(
        Fact("moon_phase", FactType.BOOL, default=False, description="the moon is full"),
        Fact("tides", FactType.LIST, [], description="tides that ran"),
    )
    assert legal_words.question("moon_phase", own) == "Is this so? The moon is full."
    assert legal_words.question("tides", own) == "What is so here? Tides that ran."
    assert legal_words.question("unheard_of") == "Is this so? Unheard of."
    assert legal_words.clock_question("dawn", {"dawn": "the sun rose"}).startswith("When was ")


def test_values_are_named_as_people_name_them():
    assert legal_words.label("affected_jurisdictions", ["DE", "US-CA"]) == "Germany, California"
    assert legal_words.label("affected_jurisdictions", ["XX"]) == "XX"
    assert legal_words.label("persons_affected_by_jurisdiction", {"US-CA": 1200}) == (
        "California 1,200"
    )
    assert legal_words.label("extortion_demand", value=True) == "yes"
    assert legal_words.label("evaluation_date", None) == "not known"
    assert legal_words.label("entity_types", [], {}) == "none of them"
    assert legal_words.called("persons_affected_by_jurisdiction.CA-QC") == (
        "persons affected in Quebec"
    )


FIT = re.compile(r"[a-z0-9_-]{1,130}")


@given(st.lists(st.tuples(st.text(max_size=90), st.text(max_size=90)), max_size=6, unique=True))
def test_each_pair_of_regime_and_stage_has_a_clock_of_its_own(pairs):
    kinds = [legal_clocks.kind_of(regime, stage) for regime, stage in pairs]
    assert all(FIT.fullmatch(kind) for kind in kinds)
    assert len(set(kinds)) == len(pairs)
    assert legal_clocks.COUNSEL not in kinds


def test_the_kind_of_a_clock_can_be_read():
    kind = legal_clocks.kind_of("eu-gdpr-art33", "notification")
    assert kind == "eu-gdpr-art33--notification"
    assert legal_clocks.kind_of("a", "b--c") != legal_clocks.kind_of("a--b", "c")
