"""Leave from a calendar: taken over once, kept up with, called off and never lost."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from incidents.calendar_entries import read_leave
from incidents.models import Absence, AuditEvent, Person
from incidents.operations import leave
from incidents.operations.leave import Imported
from incidents.rules.reasons import NotPermitted, Refused
from tests.calendars import calendar, days
from tests.factories import NOW, allow, person

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
PAGE = reverse("admin:incidents_absence_import")
XMAS = days("20261224", "20261227", uid="xmas")
SKIING = days("20270201", "20270208", uid="ski")


def ben(**fields: Any) -> Person:
    known = Person.objects.filter(username="ben").first()
    return known or allow(person("ben", **fields), "incidents.add_absence")


def take(
    *events: str, at: datetime = NOW, actor: Person | None = None, **said: Any
) -> Imported:
    whose = ben()
    entries = (
        read_leave(calendar(*events), zone=ZoneInfo(whose.time_zone), at=at) if events else ()
    )
    return leave.import_leave(whose, entries, actor=actor or whose, at=at, **said)


def away(at: datetime) -> bool:
    return Absence.objects.covering(at).filter(person=ben()).exists()


def counts(done: Imported) -> tuple[int, int, int, int]:
    return done.added, done.changed, done.called_off, done.unchanged


def test_leave_is_taken_over_once_and_says_nothing_of_why() -> None:
    assert counts(take(XMAS, SKIING)) == (2, 0, 0, 0)
    assert counts(take(XMAS, SKIING)) == (0, 0, 0, 2)
    row = Absence.objects.get(uid="xmas")
    assert row.reason == leave.REASON
    assert away(datetime(2026, 12, 24, 12, tzinfo=NOW.tzinfo))
    assert AuditEvent.objects.filter(verb="import_leave").count() == 2
    assert row.history.get().history_user == ben()


def test_what_moved_in_the_calendar_moves_here() -> None:
    take(XMAS)
    assert counts(take(days("20261222", "20261224", uid="xmas"))) == (0, 1, 0, 0)
    row = Absence.objects.get()
    assert f"{row.starts_at:%d}" == "22"
    assert row.history.count() == 2


def test_what_is_gone_from_the_whole_calendar_is_called_off_and_kept() -> None:
    take(XMAS, SKIING)
    assert counts(take(XMAS)) == (0, 0, 1, 1)
    row = Absence.objects.get(uid="ski")
    assert (row.ends_at, row.reason) == (NOW, leave.CALLED_OFF)
    assert not away(datetime(2027, 2, 3, tzinfo=NOW.tzinfo))
    assert not away(NOW)
    assert {f"{old.starts_at:%b}" for old in row.history.all()} == {"Feb", "Nov"}
    assert counts(take(XMAS)) == (0, 0, 0, 1)


def test_a_calendar_of_some_leave_calls_off_only_what_it_cancels() -> None:
    take(XMAS, SKIING)
    assert counts(take(XMAS, is_whole=False)) == (0, 0, 0, 1)
    cancelled = days("20270201", "20270208", "STATUS:CANCELLED", uid="ski")
    assert counts(take(cancelled, is_whole=False)) == (0, 0, 1, 0)


def test_a_time_left_out_of_its_series_is_called_off_whatever_else_the_file_holds() -> None:
    fridays = days("20261204", "20261205", "RRULE:FREQ=WEEKLY;COUNT=3", uid="fri")
    assert counts(take(fridays)) == (3, 0, 0, 0)
    fewer = fridays.replace("COUNT=3", "COUNT=2")
    assert counts(take(fewer, is_whole=False)) == (0, 0, 1, 2)


def test_leave_that_runs_ends_when_it_is_called_off() -> None:
    take(XMAS)
    begun = datetime(2026, 12, 25, tzinfo=NOW.tzinfo)
    take(SKIING, at=begun)
    row = Absence.objects.get(uid="xmas")
    assert (f"{row.starts_at:%d}", row.ends_at) == ("24", begun)


def test_what_was_called_off_may_come_back() -> None:
    take(XMAS, SKIING)
    take(XMAS)
    assert counts(take(XMAS, SKIING, at=NOW + DAY)) == (1, 0, 0, 1)
    assert away(datetime(2027, 2, 3, tzinfo=NOW.tzinfo))


def test_what_is_over_and_what_was_typed_here_stays() -> None:
    mine = Absence.objects.create(
        person=ben(), starts_at=NOW, ends_at=NOW + DAY, reason="Doctor"
    )
    assert counts(take(days("20261101", "20261102", uid="old"), XMAS)) == (1, 0, 0, 0)
    mine.refresh_from_db()
    assert mine.ends_at == NOW + DAY


def test_who_is_away_twice_at_once_is_told() -> None:
    done = take(XMAS, days("20261226", "20261230", uid="between"))
    assert done.overlapping == ("26 December 2026",)
    assert counts(done) == (2, 0, 0, 0)


def test_a_calendar_without_leave_is_refused_unless_it_ends_what_there_was() -> None:
    with pytest.raises(Refused) as refused:
        take()
    assert refused.value.has("no_leave")
    take(XMAS)
    assert counts(take()) == (0, 0, 1, 0)


def test_only_leadership_takes_over_the_leave_of_others() -> None:
    with pytest.raises(NotPermitted) as refused:
        take(XMAS, actor=allow(person("cleo"), "incidents.add_absence"))
    assert refused.value.has("not_yourself")
    with pytest.raises(NotPermitted) as refused:
        take(XMAS, actor=person("dan"))
    assert refused.value.has("no_permission")
    leader = allow(person("lea"), "incidents.add_absence", "incidents.lead_incident")
    assert take(XMAS, actor=leader).added == 1


def test_a_year_of_days_is_taken_over_in_few_statements(django_assert_max_num_queries) -> None:
    ben()
    daily = days("20261201", "20261202", "RRULE:FREQ=DAILY", uid="daily")
    with django_assert_max_num_queries(24):
        assert take(daily).added > 350
    with django_assert_max_num_queries(24):
        assert take(daily, at=NOW + DAY).changed == 0


# --- the page


def sign_in(client: Client, who: Person) -> None:
    who.is_staff = True
    who.save()
    client.force_login(allow(who, "incidents.view_absence"))


def upload(client: Client, content: bytes, **said: Any) -> Any:
    file = SimpleUploadedFile("leave.ics", content, "text/calendar")
    return client.post(PAGE, {"file": file, "is_whole": "on", **said}, follow=True)


def test_one_s_own_leave_is_taken_over_on_a_page(client) -> None:
    whose = ben(time_zone="Asia/Tokyo")
    sign_in(client, whose)
    assert b"id_person" not in client.get(PAGE).content
    far = days("20991224", "20991225", uid="far")
    overlapping = days("20991224", "20991227", uid="too")
    page = upload(client, calendar(far, overlapping), person=person("cleo").pk)
    assert "2 added" in page.content.decode()
    assert "Away twice at once" in page.content.decode()
    row = Absence.objects.get(uid="far")
    assert (row.person, f"{row.starts_at:%d %H:%M}") == (whose, "23 15:00")


def test_what_is_wrong_with_the_file_is_said_beside_it(client) -> None:
    sign_in(client, ben())
    page = upload(client, b"hello")
    assert page.status_code == 409
    assert "This is no calendar" in page.context["form"].errors["file"][0]
    assert not Absence.objects.exists()


def test_leadership_says_whose_it_is(client) -> None:
    leader = allow(person("lea"), "incidents.add_absence", "incidents.lead_incident")
    sign_in(client, leader)
    upload(client, calendar(days("20991224", "20991225")), person=ben().pk)
    assert Absence.objects.get().person == ben()


def test_dan_takes_over_no_leave(client) -> None:
    sign_in(client, person("dan"))
    assert client.get(PAGE).status_code == 403
    assert upload(client, calendar(XMAS)).status_code == 403
