"""A calendar file read as times away: whole days, zones, series, and what is wrong with it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.calendar_entries import MAX_BYTES, Entry, read_leave
from incidents.rules.reasons import Invalid
from tests.calendars import calendar, days, event
from tests.factories import NOW

BERLIN = ZoneInfo("Europe/Berlin")


def leave(*events: str, **said: str) -> tuple[Entry, ...]:
    return read_leave(calendar(*events, **said), zone=BERLIN, at=NOW)


def spans(*events: str, **said: str) -> list[str]:
    return [
        f"{each.starts_at:%m-%d %H:%M} to {each.ends_at:%m-%d %H:%M}"
        for each in leave(*events, **said)
    ]


def timed(starts: str, ends: str, *lines: str, **fields: str) -> str:
    return event(f"DTSTART{starts}", f"DTEND{ends}", *lines, **fields)


def test_whole_days_are_days_of_the_person() -> None:
    assert spans(days("20261224", "20270102")) == ["12-23 23:00 to 01-01 23:00"]
    assert spans(event("DTSTART;VALUE=DATE:20261224")) == ["12-23 23:00 to 12-24 23:00"]
    assert spans(days("20261224", "20261224")) == ["12-23 23:00 to 12-24 23:00"]


def test_a_time_is_in_its_own_zone_or_in_the_persons() -> None:
    assert spans(timed(":20261203T100000Z", ":20261203T110000Z")) == [
        "12-03 10:00 to 12-03 11:00"
    ]
    tokyo = ";TZID=Asia/Tokyo:20261203T"
    assert spans(timed(f"{tokyo}100000", f"{tokyo}110000")) == ["12-03 01:00 to 12-03 02:00"]
    assert spans(timed(":20261203T100000", ":20261203T110000")) == [
        "12-03 09:00 to 12-03 10:00"
    ]
    assert spans(event("DTSTART:20261203T100000Z", "DURATION:PT90M")) == [
        "12-03 10:00 to 12-03 11:30"
    ]


def test_a_series_keeps_its_hour_when_the_clocks_change() -> None:
    found = leave(
        timed(
            ";TZID=Europe/Berlin:20270326T140000", ";TZID=Europe/Berlin:20270326T180000",
            "RRULE:FREQ=WEEKLY;COUNT=2",
        )
    )  # fmt: skip
    assert [f"{each.starts_at:%H:%M}" for each in found] == ["13:00", "12:00"]
    assert {each.series for each in found} == {"one"}
    assert len({each.uid for each in found}) == 2


def test_a_series_is_written_out_for_a_year_from_now() -> None:
    found = leave(days("20200106", "20200107", "RRULE:FREQ=WEEKLY"))
    assert len(found) == 53
    assert found[0].ends_at > NOW
    assert found[-1].starts_at < NOW + timedelta(days=366)


def test_days_left_out_added_moved_and_cancelled_are_minded() -> None:
    series = days(
        "20261207", "20261208", "RRULE:FREQ=DAILY;UNTIL=20261211",
        "EXDATE;VALUE=DATE:20261208", "RDATE;VALUE=DATE:20261220",
    )  # fmt: skip
    moved = days("20261215", "20261217", "RECURRENCE-ID;VALUE=DATE:20261209")
    dropped = days(
        "20261210", "20261211", "RECURRENCE-ID;VALUE=DATE:20261210", "STATUS:CANCELLED"
    )
    found = leave(series, moved, dropped)
    assert [(f"{each.starts_at:%m-%d}", each.is_cancelled) for each in found] == [
        ("12-06", False), ("12-09", True), ("12-10", False), ("12-14", False), ("12-19", False),
    ]  # fmt: skip


def test_a_moved_time_whose_series_is_elsewhere_stands_for_itself() -> None:
    (found,) = leave(days("20261215", "20261217", "RECURRENCE-ID;VALUE=DATE:20261209"))
    assert (found.series, found.uid) == ("one", "one#20261208T2300Z")


def test_until_is_the_last_instant_at_which_it_begins() -> None:
    rule = "RRULE:FREQ=DAILY;UNTIL=20261205T{}Z"
    for last, times in (("100000", 3), ("095959", 2)):
        lines = timed(":20261203T100000Z", ":20261203T110000Z", rule.format(last))
        assert len(leave(lines)) == times


def test_what_was_cancelled_says_so() -> None:
    assert leave(days("20261224", "20261225", "STATUS:CANCELLED"))[0].is_cancelled
    assert leave(days("20261224", "20261225"), method="CANCEL")[0].is_cancelled


def test_of_two_the_later_word_counts() -> None:
    (found,) = leave(
        days("20261224", "20261225", "SEQUENCE:1"), days("20261226", "20261227", "SEQUENCE:0")
    )
    assert f"{found.starts_at:%d}" == "23"


def test_a_very_long_uid_is_kept_as_its_fingerprint() -> None:
    (found,) = leave(days("20261224", "20261225", uid="u" * 4000))
    assert found.uid.startswith("sha256:")


WRONG = {
    "no_uid": days("20261224", "20261225", uid=""),
    "no_start": event("DTEND;VALUE=DATE:20261225"),
    "ends_before_it_begins": days("20261225", "20261224"),
    "unreadable_time": event("DTSTART:20261399T100000Z"),
    "unknown_zone": event("DTSTART;TZID=Mars/Phobos:20261224T100000"),
    "date_out_of_range": days("99991224", "99991225"),
    "contradictory_entry": days("20261224", "20261225") + days("20261226", "20261227"),
    "series_unread": days("20261224", "20261225", "RRULE:FREQ=SECONDLY"),
}


@pytest.mark.parametrize("code", WRONG)
def test_what_is_wrong_is_refused_whole_and_names_the_entry(code: str) -> None:
    good = days("20261201", "20261202", uid="good", summary="Fine")
    wrong = WRONG[code].replace("SUMMARY:Leave", "SUMMARY:Skiing")
    with pytest.raises(Invalid) as refused:
        leave(good, wrong)
    (reason,) = refused.value.reasons
    assert (reason.code, reason.field) == (code, "file")
    assert "“Skiing”" in reason.message


@pytest.mark.parametrize(
    "lines",
    [
        ("RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"),
        ("RRULE:FREQ=YEARLY;BYEASTER=1",),
        ("RRULE:FREQ=DAILY;UNTIL=never",),
        ("RRULE:FREQ=DAILY", "EXDATE:never"),
        ("RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20261209",),
    ],
)
def test_a_series_that_is_not_read_here_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        leave(days("20261224", "20261225", *lines))


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\xff\xfe", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n"]
)
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_leave(content, zone=BERLIN, at=NOW)
    assert refused.value.has("not_a_calendar")


def test_a_file_too_large_and_a_file_of_too_many_times_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read_leave(b" " * (MAX_BYTES + 1), zone=BERLIN, at=NOW)
    assert refused.value.has("calendar_too_large")
    series = [days("20261201", "20261202", "RRULE:FREQ=DAILY", uid=name) for name in "abc"]
    with pytest.raises(Invalid) as refused:
        leave(*series)
    assert refused.value.has("too_many_entries")


_LINES = st.sampled_from(
    [
        "DTSTART:20261224T100000Z", "DTSTART;VALUE=DATE:20261224", "DTEND:20261224T110000",
        "DTEND;TZID=Nowhere:20261225T100000", "DURATION:-P1D", "RRULE:FREQ=DAILY", "RRULE:X",
        "EXDATE:20261225T100000Z,20261226", "RECURRENCE-ID:20261224T100000Z", "SEQUENCE:x",
        "RDATE;VALUE=PERIOD:20261224T100000Z/PT1H", "STATUS:CANCELLED", "BEGIN:VALARM",
        "END:VEVENT", "DTSTART:", "garbage", "RRULE:FREQ=WEEKLY;BYDAY=",
    ]
)  # fmt: skip


@given(st.lists(st.lists(_LINES, max_size=6), max_size=3))
def test_whatever_a_file_says_it_is_read_or_refused(events: list[list[str]]) -> None:
    try:
        found = leave(*(event(*lines) for lines in events))
    except Invalid as refused:
        assert refused.reasons
    else:
        assert all(each.starts_at < each.ends_at for each in found)
