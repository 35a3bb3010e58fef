"""The data map as rules: codes, counts, and what an incident assumes of several holdings."""

from datetime import date, timedelta

import pytest

from incidents.rules.data_map import (
    STALE_AFTER,
    Holding,
    assumed,
    is_stale,
    place_problem,
    problems,
    read_counts,
    read_places,
    said_counts,
    total,
)

CATEGORIES = ("personal_data", "health", "payment_card", "non_personal_confidential", "none")
BERLIN = Holding(("health",), ("DE",), {"DE": 12_000}, protection="encrypted_key_safe")
SAN_FRANCISCO = Holding(
    ("payment_card",), ("US-CA",), {"US-CA": 300}, "processor", protection="unknown"
)


def codes(holding: Holding) -> list[tuple[str, str]]:
    return [(reason.code, reason.field) for reason in problems(holding, CATEGORIES)]


# --- what one holding may say


def test_a_sound_holding_has_no_problem() -> None:
    assert codes(BERLIN) == codes(SAN_FRANCISCO) == []


@pytest.mark.parametrize(
    ("holding", "expected"),
    [
        (Holding(), [("categories_missing", "data_categories")]),
        (Holding(("helth",), ("DE",)), [("unknown_category", "data_categories")]),
        (Holding(("none",)), [("unknown_category", "data_categories")]),
        (Holding(("health",)), [("places_missing", "jurisdictions")]),
        (Holding(("health",), ("UK",)), [("unknown_place", "jurisdictions")]),
        (Holding(("health",), ("DE",), {"FR": 1}), [("count_without_place", "persons")]),
        (Holding(("health",), ("DE",), {"DE": -1}), [("count_out_of_range", "persons")]),
        (Holding(("health",), ("DE",), {"DE": True}), [("count_out_of_range", "persons")]),
    ],
)
def test_each_problem_has_its_code_and_field(holding, expected) -> None:
    assert codes(holding) == expected


def test_data_about_nobody_needs_no_place() -> None:
    assert codes(Holding(("non_personal_confidential",))) == []


def test_a_country_may_be_counted_where_only_its_part_is_named() -> None:
    assert codes(Holding(("health",), ("US-CA",), {"US": 400, "US-CA": 300})) == []


@pytest.mark.parametrize("code", ["DE", "US-CA", "CA-QC", "AU-NSW", "NO", "DE-BE"])
def test_a_place_is_known_by_its_code(code) -> None:
    assert place_problem(code) == ""


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("UK", "write GB"),
        ("EU", "each of its countries"),
        ("XX", "no place XX"),
        ("US-ZZ", "no place US-ZZ"),
        ("XX-YY", "no place XX-YY"),
        ("de", "no place de"),
        ("Germany", "no place Germany"),
    ],
)
def test_a_code_of_no_place_is_refused_with_what_to_write(code, says) -> None:
    assert says in place_problem(code)


# --- typed


def test_places_are_read_however_they_are_parted() -> None:
    assert read_places("us-ca, DE;fr\nDE ") == ["DE", "FR", "US-CA"]


def test_counts_are_read_a_line_each() -> None:
    assert read_counts("DE: 12000\nus-ca: 1,300\n\n") == ({"DE": 12_000, "US-CA": 1_300}, [])
    assert read_counts("DE: 12000; FR: 7")[0] == {"DE": 12_000, "FR": 7}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "count_unreadable"),
        ("DE: many", "count_unreadable"),
        (": 12", "count_unreadable"),
        ("DE: -3", "count_unreadable"),
        ("DE: 1.5", "count_unreadable"),
        ("DE: 1\nde: 2", "count_twice"),
    ],
)
def test_what_is_no_count_is_named(text, code) -> None:
    assert [reason.code for reason in read_counts(text)[1]] == [code]


@pytest.mark.parametrize("between", ["\n", "; "])
def test_counts_written_are_read_back(between) -> None:
    counts = {"DE": 12_000, "US-CA": 300}
    assert read_counts(said_counts(counts, between)) == (counts, [])


# --- what an incident assumes


def test_nothing_mapped_assumes_nothing() -> None:
    assert assumed([]) == {}


def test_several_holdings_are_taken_together_at_worst_and_closed() -> None:
    assert assumed([BERLIN, SAN_FRANCISCO]) == {
        "data_categories": ["health", "payment_card", "personal_data"],
        "affected_jurisdictions": ["DE", "US", "US-CA"],
        "persons_affected_by_jurisdiction": {"DE": 12_000, "US-CA": 300},
        "persons_affected_total": 12_300,
        "data_roles": ["controller", "processor"],
        "data_protection_state": "unknown",
    }


def test_counts_of_one_place_add_up() -> None:
    found = assumed([BERLIN, BERLIN])
    assert found["persons_affected_by_jurisdiction"] == {"DE": 24_000}
    assert found["persons_affected_total"] == 24_000


def test_unprotected_is_worse_than_not_known_and_that_than_safe() -> None:
    bare = Holding(("health",), ("DE",), protection="none")
    assert assumed([BERLIN])["data_protection_state"] == "encrypted_key_safe"
    assert assumed([BERLIN, SAN_FRANCISCO, bare])["data_protection_state"] == "none"


def test_secrets_about_nobody_imply_no_personal_data() -> None:
    found = assumed([Holding(("non_personal_confidential",))])
    assert found["data_categories"] == ["non_personal_confidential"]
    assert found["affected_jurisdictions"] == []


@pytest.mark.parametrize(
    ("persons", "expected"),
    [
        ({}, 0),
        ({"US-CA": 300, "US-NY": 200}, 500),
        ({"US": 400, "US-CA": 300, "US-NY": 200}, 500),
        ({"US": 1_000, "US-CA": 300, "DE": 1}, 1_001),
    ],
)
def test_a_country_covers_its_parts(persons, expected) -> None:
    assert total(persons) == expected


# --- verified


def test_what_nobody_looked_at_for_half_a_year_is_not_relied_on() -> None:
    on = date(2026, 11, 23)
    assert is_stale(None, on)
    assert not is_stale(on - STALE_AFTER, on)
    assert is_stale(on - STALE_AFTER - timedelta(days=1), on)
