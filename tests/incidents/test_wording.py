"""Holding statements have named blanks, all of them known, all of them filled."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.reasons import Invalid
from incidents.rules.wording import ALLOWED_BLANKS, blanks, check_template, fill

TEXT = "{service} is degraded since {time}. {service} news: {link}"
VALUES = {
    "service": "Checkout",
    "time": datetime(2026, 11, 23, 19, 5, tzinfo=timezone(timedelta(hours=1))),
    "link": "https://status.example.com/1",
}


def refusals(text, values):
    with pytest.raises(Invalid) as caught:
        fill(text, values)
    return [(reason.code, reason.field) for reason in caught.value.reasons]


def test_blanks_are_named_once_in_order_of_appearance():
    assert blanks(TEXT) == ["service", "time", "link"]
    assert blanks("All is well.") == []


def test_a_statement_is_filled_with_times_in_utc():
    assert fill(TEXT, VALUES) == (
        "Checkout is degraded since 2026-11-23 18:05 UTC. "
        "Checkout news: https://status.example.com/1"
    )


def test_a_known_blank_passes_where_an_unknown_one_is_refused():
    assert check_template("{service}") == []
    (reason,) = check_template("{customer}")
    assert (reason.code, reason.field) == ("blank_unknown", "text")
    assert "{service}" in reason.message


@pytest.mark.parametrize("text", ["{", "}", "{service", "service}", "{{service}}", "}{"])
def test_a_brace_alone_is_refused(text):
    assert [reason.code for reason in check_template(text)] == ["brace_unbalanced"]
    assert ("brace_unbalanced", "text") in refusals(text, VALUES)


@pytest.mark.parametrize(
    "text", ["{}", "{ service }", "{0}", "{service.__class__}", "{time:%s}"]
)
def test_a_blank_is_a_plain_name_and_nothing_cleverer(text):
    assert [reason.code for reason in check_template(text)] == ["blank_unknown"]
    assert refusals(text, VALUES) == [("blank_unknown", "text")]


@pytest.mark.parametrize("value", [None, ""])
def test_each_blank_left_open_is_named(value):
    assert refusals(TEXT, VALUES | {"time": value, "link": value}) == [
        ("blank_missing", "time"),
        ("blank_missing", "link"),
    ]


@pytest.mark.parametrize(("name", "value"), [("time", "noon"), ("service", VALUES["time"])])
def test_a_value_of_the_wrong_type_is_refused(name, value):
    assert refusals(TEXT, VALUES | {name: value}) == [("blank_has_wrong_type", name)]


def test_a_value_for_no_known_blank_is_refused_and_an_unused_one_is_not():
    assert fill("{service}", VALUES) == "Checkout"
    assert refusals("{service}", VALUES | {"customer": "A"}) == [("blank_unknown", "customer")]


def test_braces_within_a_value_are_not_expanded_again():
    assert fill("{service}", {"service": "{link} \\1 {"}) == "{link} \\1 {"


@given(st.text())
def test_a_template_that_passes_the_check_can_be_filled(text):
    words = {
        name: "word" if kind is str else datetime(2026, 1, 1, tzinfo=UTC)
        for name, kind in ALLOWED_BLANKS.items()
    }
    try:
        filled = fill(text, words)
    except Invalid:
        assert check_template(text)
    else:
        assert check_template(text) == []
        assert not set("{}") & set(filled)
