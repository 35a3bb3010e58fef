"""Holding statements have named blanks, all of them known, all of them filled."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.reasons import Invalid
from incidents.rules.wording import (
    ALLOWED_BLANKS,
    FREE_BLANKS,
    blanks,
    check_dates,
    check_phrases,
    check_services,
    check_template,
    fill,
    fill_known,
    free_blanks,
    phrases,
)

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
    } | {"link": "https://status.example.com"}
    try:
        filled = fill(text, words)
    except Invalid:
        assert check_template(text)
    else:
        assert check_template(text) == []
        assert not set("{}") & set(filled)


# --- what a blank may hold


@pytest.mark.parametrize(
    "link",
    ["https://status.example.com", "https://status.example.com:8443/1?a=b&c=%20#now"],
)
def test_a_link_is_an_https_address(link):
    assert fill("{link}", {"link": link}) == link


@pytest.mark.parametrize("link", [
    "http://status.example.com", "javascript:alert(1)", "status.example.com", "https://",
    "https:///path", "https://status.example.com and call us", " https://status.example.com",
    "https://status.example.com\n", "https://sta\ttus.example.com", "https://[status", "https://@a.b",
    "https://bank.example@evil.example", "https://a.b/\"><script>", "https://a.b/(x)", "https://\u0430.b",
])  # fmt: skip
def test_anything_else_is_no_link(link):
    assert refusals("{link}", {"link": link}) == [("blank_is_no_link", "link")]


@pytest.mark.parametrize("name", FREE_BLANKS)
def test_free_text_is_short_one_line_and_no_template(name):
    text = f"{{{name}}}"
    assert fill(text, {name: "x" * 300}) == "x" * 300
    assert refusals(text, {name: "x" * 301}) == [("blank_too_long", name)]
    assert refusals(text, {name: "one\ntwo"}) == [("blank_has_line_break", name)]
    assert refusals(text, {name: "See {link}"}) == [("blank_has_brace", name)]


def test_no_text_smuggles_in_a_second_line():
    for name in ("company", "reference", "service", "severity"):
        assert refusals(f"{{{name}}}", {name: "One\nTwo"}) == [("blank_has_line_break", name)]
        assert fill(f"{{{name}}}", {name: "One"}) == "One"
    assert refusals("{company}", {"company": "x" * 121}) == [("blank_too_long", "company")]


def test_markup_in_a_value_stays_text():
    said = fill("{impact}", {"impact": "<script>alert(1)</script> & [x](javascript:y)"})
    assert said == "<script>alert(1)</script> & [x](javascript:y)"


def test_the_blanks_that_need_a_second_person_are_named():
    assert free_blanks("{workaround} {service} {impact} {workaround}") == [
        "workaround",
        "impact",
    ]
    assert free_blanks("{service} since {time}: {link}") == []


def test_what_is_known_is_filled_and_what_is_not_is_named():
    said, missing = fill_known(
        "{service}: {impact} {link}", {"service": "Checkout", "link": "x"}
    )
    assert (said, missing) == ("Checkout: {impact} {link}", ("impact", "link"))
    assert fill_known("All is well.", {}) == ("All is well.", ())


def test_a_service_named_is_one_of_those_affected():
    called = ["Checkout", "Pay, now"]
    for said in ("Checkout", "Pay, now"):
        assert check_services(said, called) == []
    assert check_services("Checkout, Checkout", ["Checkout", "Payouts"]) == []
    (reason,) = check_services("Checkout, Payroll", called)
    assert (reason.code, reason.field) == ("service_not_affected", "service")
    assert "Payroll" in reason.message


def test_where_no_service_is_named_it_is_at_least_short():
    assert check_services("Whatever", []) == []
    assert [one.code for one in check_services("x" * 121, [])] == ["blank_too_long"]


def test_forbidden_phrases_are_trimmed_and_each_kept_once():
    assert phrases("  No  data lost \n\nno data LOST\nAll is safe\r\n") == [
        "No data lost",
        "All is safe",
    ]
    assert phrases(" \n ") == []
    assert check_phrases("x" * 200) == []
    assert [one.code for one in check_phrases("x" * 201)] == ["phrase_too_long"]


FIRST, SECOND, THIRD = (date(2027, month, 1) for month in (1, 2, 3))


@pytest.mark.parametrize(("days", "fields"), [
    ((FIRST, SECOND, THIRD), []),
    ((FIRST, FIRST, SECOND), []),
    ((None, None, None), []),
    ((SECOND, None, FIRST), ["expires_on"]),
    ((FIRST, None, FIRST), ["expires_on"]),
    ((None, SECOND, SECOND), ["expires_on"]),
    ((SECOND, FIRST, None), ["review_on"]),
])  # fmt: skip
def test_days_follow_each_other(days, fields):
    found = check_dates(*days)
    assert [(one.code, one.field) for one in found] == [
        ("dates_out_of_order", f) for f in fields
    ]
