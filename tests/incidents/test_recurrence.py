"""On which days a series falls: the standard's own examples, and another reading of it."""

from datetime import date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.recurrence import days, read

START = date(2026, 11, 30)  # a Monday


def fall(
    rule: str, start: date = START, through: date = START + timedelta(days=366)
) -> list[date]:
    return list(days(read(parts(rule)), start, through))


def parts(rule: str) -> dict[str, list[str]]:
    pairs = (part.partition("=") for part in rule.split(";"))
    return {name: values.split(",") for name, _, values in pairs}


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("FREQ=DAILY;INTERVAL=2;COUNT=3", ["11-30", "12-02", "12-04"]),
        ("FREQ=WEEKLY;COUNT=2", ["11-30", "12-07"]),
        ("FREQ=WEEKLY;BYDAY=MO,FR;COUNT=3", ["11-30", "12-04", "12-07"]),
        ("FREQ=MONTHLY;COUNT=2", ["11-30", "12-30"]),
        ("FREQ=MONTHLY;BYDAY=-1MO;COUNT=2", ["11-30", "12-28"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", ["11-30", "12-31"]),
    ],
)
def test_a_series_falls_on_its_days(rule: str, first: list[str]) -> None:
    assert [f"{day:%m-%d}" for day in fall(rule)] == first


def test_an_end_ends_it_and_the_thirty_first_is_left_out_where_there_is_none() -> None:
    rule = read(parts("FREQ=DAILY"), until=START + timedelta(days=2))
    assert len(list(days(rule, START, START + timedelta(days=9)))) == 3
    ends = fall("FREQ=MONTHLY;COUNT=3", date(2027, 1, 31), date(2027, 12, 31))
    assert [day.month for day in ends] == [1, 3, 5]


def test_a_rule_that_never_comes_true_gives_its_first_day_alone() -> None:
    assert fall("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30") == [START]
    assert fall("FREQ=MONTHLY;BYDAY=6MO") == [START]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY", "FREQ=DAILY;INTERVAL=0", "FREQ=YEARLY;BYWEEKNO=3", "FREQ=DAILY;COUNT=x",
        "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1",
    ],
)  # fmt: skip
def test_what_is_not_read_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(parts(rule))


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    said = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 4))}"]
    weekdays = draw(
        st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), max_size=3)
    )
    which = ["", "1", "-1", "3"] if frequency in ("MONTHLY", "YEARLY") else [""]
    if weekdays:
        said.append("BYDAY=" + ",".join(draw(st.sampled_from(which)) + day for day in weekdays))
    elif frequency in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        said.append(f"BYMONTHDAY={draw(st.sampled_from([1, 15, 31, -1, -5]))}")
    if draw(st.booleans()):
        said.append(f"BYMONTH={draw(st.integers(1, 12))}")
    if draw(st.booleans()):
        said.append(f"COUNT={draw(st.integers(1, 20))}")
    return ";".join(said)


@given(rules(), st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_it_is_read_as_others_read_it(rule: str, start: date) -> None:
    through = start + timedelta(days=400)
    # Another reading leaves the first day out where it does not fit the rule, and counts without it.
    theirs = rrulestr(rule, dtstart=datetime.combine(start, time.min))
    found = [each.date() for each in theirs.between(
        datetime.combine(start, time.min), datetime.combine(through, time.min), inc=True
    )]  # fmt: skip
    if start in found:
        assert fall(rule, start, through) == found
