"""What can be used of an alert, and that nothing else of it is lost."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from incidents.rules import alerts, skew
from incidents.rules.alerts import Said, Usable
from incidents.rules.reasons import Invalid
from tests.factories import NOW

CATALOGUE = {"payments": True, "search": True, "fax": False}


def usable(**said) -> Usable:
    return alerts.usable(
        Said(**{"title": "Card payments fail"} | said),
        source="grafana",
        catalogue=CATALOGUE,
        at=NOW,
    )


def codes(read: Usable) -> list[str]:
    return [one.code for one in read.problems]


def test_a_sound_alert_is_used_whole_without_problems() -> None:
    read = usable(
        services=["payments", "search", "payments"],
        facts={"customers_affected": 12},
        detected_at="2026-11-23T08:59:00Z",
        url="https://grafana.example.com/d/1",
    )
    assert read == Usable(
        title="Card payments fail",
        services=("payments", "search"),
        facts={"customers_affected": 12},
        detected_at=NOW - timedelta(minutes=1),
        url="https://grafana.example.com/d/1",
        problems=(),
    )


def test_what_is_not_said_is_no_problem() -> None:
    read = usable()
    assert (read.services, read.facts, read.detected_at, read.url) == ((), {}, NOW, "")
    assert codes(read) == []


@pytest.mark.parametrize("services", [["payments", "fax", "pay"], ("pay", "fax", "payments")])
def test_services_nobody_knows_or_that_are_retired_are_left_out_and_named(services) -> None:
    read = usable(services=services)
    assert read.services == ("payments",)
    assert sorted(codes(read)) == ["inactive_service", "unknown_service"]


@pytest.mark.parametrize("services", ["payments", 7, None, {"payments": 1}])
def test_services_that_are_no_list_are_a_problem(services) -> None:
    read = usable(services=services)
    assert (read.services, codes(read)) == ((), ["services_unusable"])


def test_of_a_list_with_other_things_in_it_the_slugs_are_used() -> None:
    read = usable(services=["payments", 7, None, ["search"]])
    assert (read.services, codes(read)) == (("payments",), ["services_unusable"])


def test_of_too_many_services_the_first_are_looked_at() -> None:
    read = usable(services=["payments", *(f"s{number}" for number in range(200))])
    assert read.services == ("payments",)
    assert codes(read).count("unknown_service") == alerts.MOST_SERVICES - 1
    assert "too_many_services" in codes(read)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("customers", 3, "unknown_fact"),
        ("x" * 100_000, 3, "unknown_fact"),
        ("customers_affected", "many", "fact_has_wrong_type"),
        ("customers_affected", True, "fact_has_wrong_type"),
        ("customers_affected", -1, "fact_out_of_range"),
        ("functionality_lost", "some", "fact_not_a_choice"),
        ("service_tier", 1, "fact_is_derived"),
    ],
)
def test_a_fact_that_cannot_be_is_left_out_and_the_others_are_used(name, value, code) -> None:
    read = usable(facts={name: value, "safety_risk": True})
    assert read.facts == {"safety_risk": True}
    assert codes(read) == [code]


def test_of_facts_that_contradict_each_other_neither_is_believed() -> None:
    facts = {"customers_affected": 0, "customers_affected_percent": 3, "safety_risk": True}
    read = usable(facts=facts)
    assert read.facts == {"safety_risk": True}
    assert codes(read) == ["facts_contradict"]


@pytest.mark.parametrize("facts", ["many", 7, None, [["safety_risk", True]]])
def test_facts_that_are_no_map_are_a_problem(facts) -> None:
    read = usable(facts=facts)
    assert (read.facts, codes(read)) == ({}, ["facts_unusable"])


def test_of_too_many_facts_the_first_are_looked_at() -> None:
    read = usable(facts={f"f{number}": number for number in range(5000)})
    assert codes(read).count("unknown_fact") == alerts.MOST_FACTS
    assert "too_many_facts" in codes(read)


def test_a_title_too_long_is_cut_and_says_so() -> None:
    assert codes(usable(title="x" * 200)) == []
    read = usable(title="x" * 201)
    assert (len(read.title), read.title[-1]) == (200, "…")
    assert codes(read) == ["title_too_long"]


@pytest.mark.parametrize("title", ["", " \n ", None, 7, ["Down"]])
def test_without_a_title_the_source_is_named(title) -> None:
    read = usable(title=title)
    assert (read.title, codes(read)) == ("Alert from grafana", ["title_missing"])


def test_a_title_is_one_line() -> None:
    assert usable(title="Card\r\npayments\tfail").title == "Card payments fail"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "grafana.example.com",
        "https://",
        "http://[",
        "https://example.com/" + "x" * 500,
        "https://example.com/a b",
        7,
    ],
)
def test_a_link_that_is_no_web_address_is_left_out(url) -> None:
    read = usable(url=url)
    assert (read.url, codes(read)) == ("", ["url_unusable"])


# --- Clocks


@pytest.mark.parametrize(
    "claimed",
    [
        NOW - timedelta(minutes=1),
        "2026-11-23T08:59:00Z",
        "2026-11-23T09:59:00+01:00",
        (NOW - timedelta(minutes=1)).astimezone(timezone(timedelta(hours=-7))),
    ],
)
def test_an_instant_that_has_passed_counts_in_utc(claimed) -> None:
    instant, problem = skew.told_at(claimed, at=NOW)
    assert (instant, instant.tzinfo, problem) == (NOW - timedelta(minutes=1), UTC, None)


@pytest.mark.parametrize("claimed", [None, ""])
def test_without_an_instant_now_counts(claimed) -> None:
    assert skew.told_at(claimed, at=NOW) == (NOW, None)


@pytest.mark.parametrize(
    ("ahead", "code"),
    [
        (timedelta(0), None),
        (timedelta(seconds=1), "clock_ahead"),
        (skew.TOLERATED, "clock_ahead"),
        (skew.TOLERATED + timedelta(seconds=1), "instant_in_the_future"),
        (timedelta(days=400), "instant_in_the_future"),
    ],
)
def test_what_lies_ahead_counts_as_now_and_says_by_how_much(ahead, code) -> None:
    instant, problem = skew.told_at(NOW + ahead, at=NOW)
    assert instant == NOW
    assert (problem and problem.code) == code
    if code == "clock_ahead":
        assert f"{int(ahead.total_seconds())} s ahead" in problem.message


def test_what_is_older_than_thirty_days_is_not_believed() -> None:
    assert skew.told_at(NOW - skew.OLDEST, at=NOW) == (NOW - skew.OLDEST, None)
    instant, problem = skew.told_at(NOW - skew.OLDEST - timedelta(seconds=1), at=NOW)
    assert (instant, problem.code) == (NOW, "instant_too_old")


@pytest.mark.parametrize(
    ("claimed", "code"),
    [
        ("2026-11-23T08:59:00", "instant_without_offset"),
        (datetime(2026, 11, 23, 8, 59), "instant_without_offset"),  # noqa: DTZ001
        ("yesterday", "instant_unusable"),
        (1764000000, "instant_unusable"),
        (["2026"], "instant_unusable"),
        ("0001-01-01T00:00:00+14:00", "instant_unusable"),
        ("x" * 10_000, "instant_unusable"),
    ],
)
def test_what_is_no_instant_counts_as_now(claimed, code) -> None:
    instant, problem = skew.told_at(claimed, at=NOW)
    assert (instant, problem.code, problem.field) == (NOW, code, "detected_at")
    assert len(problem.message) < 200


# --- Identity and payload


def test_an_alert_is_known_by_its_source_and_its_name_there() -> None:
    assert alerts.identity(" Grafana ", " a-1 ") == ("grafana", "a-1")
    assert alerts.identity("grafana", 17) == ("grafana", "17")


def test_a_name_too_long_stays_a_name_of_its_own() -> None:
    _, one = alerts.identity("grafana", "x" * 5000)
    _, other = alerts.identity("grafana", "x" * 5001)
    assert len(one) == len(other) == alerts.ID_LENGTH
    assert one != other
    assert alerts.identity("grafana", "x" * 200)[1] == "x" * 200


@pytest.mark.parametrize("source", ["", "gra fana", "gräfana", "x" * 41, None, 7])
def test_without_a_sound_source_it_is_refused(source) -> None:
    with pytest.raises(Invalid) as refused:
        alerts.identity(source, "a-1")
    assert refused.value.has("source_unusable")


@pytest.mark.parametrize("name", ["", "  ", None, [], {"id": 1}, 1.5])
def test_without_a_name_it_is_refused(name) -> None:
    with pytest.raises(Invalid) as refused:
        alerts.identity("grafana", name)
    assert refused.value.has("external_id_missing")


def test_a_sound_payload_is_kept_as_it_is() -> None:
    sound = {"labels": {"severity": "page"}, "values": [1, 2.5, None, True, "ä€😀"]}
    assert alerts.payload(sound) == (sound, ())
    assert alerts.payload(["a"]) == ({"payload": ["a"]}, ())


def test_what_no_database_stores_is_marked_and_named() -> None:
    raw = {"a\0": ["b\0", "\ud800", float("inf")], "when": NOW}
    whole, problems = alerts.payload(raw)
    assert whole == {"a\ufffd": ["b\ufffd", "\ufffd", "inf"], "when": str(NOW)}
    assert [one.code for one in problems] == ["payload_changed"]


def test_what_is_nested_too_deep_is_cut_there() -> None:
    deep: object = "bottom"
    for _ in range(5000):
        deep = [deep]
    whole, problems = alerts.payload({"deep": deep, "flat": 1})
    assert whole["flat"] == 1
    assert "bottom" not in str(whole)
    assert [one.code for one in problems] == ["payload_changed"]


def test_a_payload_too_large_is_refused() -> None:
    room = alerts.LARGEST - len('{"x":""}')
    assert alerts.payload({"x": "y" * room})[1] == ()
    with pytest.raises(Invalid) as refused:
        alerts.payload({"x": "y" * (room + 1)})
    assert refused.value.has("payload_too_large")
