"""A person's calendar by its secret address: theirs alone, the same until something changes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar, Event

from incidents.models import AuditEvent, Person, Shift
from incidents.rules.reasons import NotPermitted
from incidents.rules.roles import COMMANDER, SCRIBE
from reviews.models import ActionItem, Review
from tests.deliveries import incident
from tests.factories import allow, person, role
from tests.training.factories import cast, planned, planner
from training.models import CalendarFeed, GameDay, GameDayRole, GameDayStaff
from training.operations import calendar_feed

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LIST = reverse("admin:training_calendarfeed_changelist")
MAKE = reverse("admin:training_calendarfeed_make")
END = reverse("admin:training_calendarfeed_end")


@pytest.fixture(autouse=True)
def _now(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


def ana(**fields: Any) -> Person:
    known = Person.objects.filter(username="ana").first()
    return known or allow(
        person("ana", is_staff=True, **fields), calendar_feed.MAKE, "training.view_calendarfeed"
    )


def made(who: Person | None = None, at: datetime = NOW) -> str:
    return f"/calendar/{calendar_feed.make(actor=who or ana(), at=at)}.ics"


def read(client: Client, address: str) -> list[Event]:
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content).walk("VEVENT")


def titles(client: Client, address: str) -> list[str]:
    return [str(event["SUMMARY"]) for event in read(client, address)]


def shift(starts_at: datetime = NOW + DAY, **fields: Any) -> Shift:
    fields.setdefault("band", "Early")
    fields.setdefault("role", role(COMMANDER))
    return Shift.objects.create(
        rota="command", starts_at=starts_at, ends_at=starts_at + 8 * HOUR, published_at=NOW,
        **fields,
    )  # fmt: skip


def item(owner: Person, *, about: Any = None, **fields: Any) -> ActionItem:
    where = about or incident()
    review, _ = Review.objects.get_or_create(incident=where, defaults={"owner": owner})
    fields.setdefault("due_on", (NOW + 5 * DAY).date())
    number = ActionItem.objects.count() + 1
    return ActionItem.objects.create(
        review=review, reference=f"AI-{number}", title="Rotate the key", kind="prevent",
        owner=owner, original_due_on=fields["due_on"], **fields,
    )  # fmt: skip


def exercise(roles: dict[str, Person], days: int = 20) -> GameDay:
    elif_ = Person.objects.filter(username="elif").first() or planner()
    return planned(roles, starts_at=NOW + days * DAY, actor=elif_)


# --- what it holds


def test_exercises_shifts_and_due_items_stand_in_it(client) -> None:
    exercise(cast(ana(), person("bo")))
    shift(person=ana())
    shift(NOW + 9 * DAY, shadow=ana(), person=person("cy"), role=role(SCRIBE))
    item(ana())
    assert titles(client, made()) == [
        "EXERCISE: Acquirer rehearsal (play Incident commander)",
        "On duty: Incident commander, Early",
        "Shadowing: Scribe, Early",
        "Due: AI-1 Rotate the key",
    ]


def test_an_item_is_a_whole_day_and_leaves_it_free(client) -> None:
    due = item(ana())
    (event,) = read(client, made())
    assert (event.DTSTART, event["TRANSP"]) == (due.due_on, "TRANSPARENT")
    assert event["URL"] == f"http://testserver/admin/reviews/actionitem/{due.pk}/change/"


def test_what_shadows_and_staff_do_stands_in_theirs(client) -> None:
    day = exercise(cast(person("bo"), person("cy")))
    GameDayRole.objects.create(game_day=day, role=role(SCRIBE), person=ana(), is_shadow=True)
    GameDayStaff.objects.create(game_day=day, duty="evaluator", person=ana())
    assert titles(client, made()) == [
        "EXERCISE: Acquirer rehearsal (shadow Scribe and help as evaluator)"
    ]


def test_nothing_of_others_stands_in_it(client) -> None:
    bo, cy = person("bo"), person("cy")
    exercise(cast(bo, cy))
    shift(person=bo, shadow=cy)
    item(bo)
    assert read(client, made()) == []
    exercise(cast(ana(), cy), 60)
    shift(NOW + 30 * DAY, person=ana(), shadow=cy)
    content = client.get(made()).content.decode()
    assert "Cy" not in content
    assert "Bo" not in content


def test_why_a_shift_is_theirs_stays_behind_the_sign_in(client) -> None:
    """It says who was passed over and why: away, not qualified, ill and so swapped."""
    mine = shift(person=ana(), reason="Owed 3 h; passed over: Bo (away until 3 Dec 2026)")
    (event,) = read(client, made())
    assert "DESCRIPTION" not in event
    assert event["URL"] == f"http://testserver/admin/incidents/shift/{mine.pk}/change/"


def test_what_is_proposed_cancelled_declined_done_or_far_away_is_left_out(client) -> None:
    for status in ("proposed", "cancelled"):
        exercise(cast(person(), ana()), 20)
        GameDay.objects.filter(status="planned").update(status=status)
    exercise(cast(person(), ana()), 50).roles.update(answer="declined")
    exercise(cast(person(), ana()), 401)
    shift(NOW - 40 * DAY, person=ana())
    shift(NOW + 401 * DAY, person=ana())
    item(ana(), status="done", finished_at=NOW)
    item(ana(), due_on=(NOW - 31 * DAY).date())
    assert titles(client, made()) == []


def test_of_a_private_incident_only_who_may_see_it_reads_what_is_due(client) -> None:
    private = incident(is_private=True)
    item(ana(), about=private)
    assert titles(client, made()) == []
    private.declared_by = ana()
    private.save()
    assert titles(client, made()) == ["Due: AI-1 Rotate the key"]


def test_it_costs_the_same_however_much_there_is(client, django_assert_num_queries) -> None:
    address = made()
    client.get(address)
    for number in range(1, 6):
        exercise(cast(ana() if number % 2 else person(), person()), number * 30)
        shift(NOW + number * DAY, person=ana())
        item(ana())
    with django_assert_num_queries(6):
        assert len(read(client, address)) == 13


# --- its address


def test_it_is_the_same_until_something_changes(client) -> None:
    row = shift(person=ana())
    address = made()
    first = client.get(address)
    etag = first.headers["ETag"]
    assert first.headers["Last-Modified"] == "Mon, 23 Nov 2026 09:00:00 GMT"
    assert "private" in first.headers["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    later = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(address, headers=later).status_code == 200, "what is gone has no date"
    row.band = "Late"
    row.save()
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_made_anew_it_opens_nothing_under_the_old_address(client) -> None:
    old = made()
    new = made()
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    assert CalendarFeed.objects.count() == 1
    kept = CalendarFeed.objects.get().digest
    assert kept not in new
    assert new.removesuffix(".ics").rpartition("/")[2] not in str(
        list(AuditEvent.objects.values())
    )


def test_a_wrong_address_and_one_of_who_has_left_say_the_same(client) -> None:
    address = made()
    assert client.get("/calendar/x.ics").status_code == 404
    Person.objects.filter(username="ana").update(is_active=False)
    gone = client.get(address)
    assert gone.status_code == 404
    assert gone.content == client.get("/calendar/x.ics").content


def test_who_comes_back_does_not_find_their_old_address_open_again(
    client, time_machine
) -> None:
    """Whoever had it then may have it still: it is asked for anew."""
    address, who = made(), ana()
    time_machine.move_to(NOW + HOUR, tick=False)
    for is_active in (False, True):
        who.is_active = is_active
        who.save()
        assert client.get(address).status_code == 404
    client.force_login(who)
    assert "your account was deactivated since" in client.get(LIST).content.decode()
    new = made(at=NOW + 2 * HOUR)
    assert client.get(new).status_code == 200
    assert client.get(address).status_code == 404


def test_an_address_is_ended_without_making_another(client) -> None:
    client.force_login(ana())
    assert "End this address" not in client.get(LIST).content.decode()
    assert client.post(END).status_code == 409, "there is none"
    address = made()
    assert "End this address" in client.get(LIST).content.decode()
    assert "finds nothing there" in client.get(END).content.decode()
    assert client.get(address).status_code == 200
    assert client.post(END).status_code == 302
    assert client.get(address).status_code == 404
    assert not CalendarFeed.objects.exists()
    lines = AuditEvent.objects.filter(verb="end_calendar_feed")
    assert [str(line.actor) for line in lines] == ["Ana"]


def test_one_ends_one_s_own_address_only() -> None:
    bo = allow(person("bo"), calendar_feed.MAKE)
    made(bo)
    made()
    calendar_feed.end(actor=ana(), at=NOW)
    assert [feed.person for feed in CalendarFeed.objects.all()] == [bo]


def test_it_is_read_and_never_written_to(client) -> None:
    address = made()
    assert client.post(address).status_code == 405
    head = client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == client.get(address).headers["ETag"]


def test_when_it_was_last_read_is_kept_to_the_hour(client, time_machine) -> None:
    address = made()
    for minutes in (0, 59, 60):
        time_machine.move_to(NOW + timedelta(minutes=minutes), tick=False)
        client.get(address)
        expected = NOW if minutes < 60 else NOW + HOUR
        assert CalendarFeed.objects.get().read_at == expected


# --- making it


def test_the_address_is_shown_once_and_opens_the_calendar(client) -> None:
    client.force_login(ana())
    assert "No address yet" in client.get(LIST).content.decode()
    assert "Make my calendar address" in client.get(MAKE).content.decode()
    assert not CalendarFeed.objects.exists()
    address = client.post(MAKE).context["address"]
    assert address.startswith("http://testserver/calendar/")
    assert client.get(address.removeprefix("http://testserver")).status_code == 200
    listed = client.get(LIST).content.decode()
    assert "Ana" in listed
    assert address not in listed


def test_one_sees_one_s_own_line_only(client) -> None:
    made(allow(person("bo"), calendar_feed.MAKE))
    client.force_login(ana())
    assert "Bo" not in client.get(LIST).content.decode().split('id="changelist"')[1]


def test_dan_makes_no_address(client) -> None:
    dan = person("dan", is_staff=True)
    with pytest.raises(NotPermitted) as refused:
        calendar_feed.make(actor=dan, at=NOW)
    assert refused.value.has("no_permission")
    client.force_login(dan)
    assert client.get(LIST).status_code == 403
    with pytest.raises(NotPermitted) as refused:
        calendar_feed.end(actor=dan, at=NOW)
    assert refused.value.has("no_permission")
    assert client.post(MAKE).status_code == 403
    assert client.post(END).status_code == 403
