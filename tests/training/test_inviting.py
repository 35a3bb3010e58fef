"""Invitations as calendars read them: one entry a game day, newer with each act."""

from datetime import UTC, timedelta

import pytest
from django.core import mail
from icalendar import Calendar, Event

from incidents.channels import deliver
from incidents.models import OutboxMessage, Person
from incidents.rules.reasons import Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.deliveries import incident
from tests.factories import NOW, law, person, role
from tests.incidents.scene import hold
from tests.training.factories import cast, planned, planner
from training.models import GameDay, GameDayRole, GameDayStaff
from training.operations import game_day, inviting

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
START = NOW + 20 * DAY


def calendar(username: str, kind: str = "game_day_invited") -> tuple[str, Event]:
    """What the latest message of this kind tells the person's calendar to do."""
    rows = OutboxMessage.objects.filter(recipient__username=username, kind=kind)
    found = Calendar.from_ical(rows.latest("id").calendar)
    (event,) = found.walk("VEVENT")
    return str(found["METHOD"]), event


def add(day: GameDay, who: Person, *, beside: bool = True) -> None:
    if beside:
        GameDayRole.objects.create(game_day=day, role=role(SCRIBE), person=who, is_shadow=True)
    else:
        GameDayStaff.objects.create(game_day=day, duty="evaluator", person=who)


def told(kind: str) -> list[str]:
    rows = OutboxMessage.objects.filter(kind=kind).order_by("recipient__username")
    return list(rows.values_list("recipient__username", flat=True))


def test_an_invitation_is_a_request_that_asks_for_an_answer() -> None:
    day = planned(cast(person("ana"), person("bo")))
    method, event = calendar("ana")
    assert method == "REQUEST"
    assert event["UID"] == f"gameday-{day.pk}@testserver"
    assert event["SUMMARY"] == "EXERCISE: Acquirer rehearsal (play Incident commander)"
    assert (START, START + timedelta(minutes=90)) == (event.DTSTART, event.DTEND)
    assert (
        event["DTSTART"].to_ical() == START.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ").encode()
    )
    assert event["ORGANIZER"] == "mailto:elif@example.com"
    asked = event["ATTENDEE"]
    assert asked == "mailto:ana@example.com"
    assert (asked.params["PARTSTAT"], asked.params["RSVP"]) == ("NEEDS-ACTION", "TRUE")
    assert event["URL"] == f"http://testserver/admin/training/gameday/{day.pk}/answer/"
    assert len(event.walk("VALARM")) == 2


def test_nobody_reads_of_others_or_of_the_story_that_awaits_them() -> None:
    planned(cast(person("ana"), person("bo")))
    message = OutboxMessage.objects.get(recipient__username="ana", kind="game_day_invited")
    for text in (message.calendar, message.body):
        assert "bo" not in text.lower().replace("about", "").split()
        assert "Acquirer silent" not in text


def test_the_mail_carries_it_and_goes_first_by_mail() -> None:
    planned(cast(person("ana"), person("bo")))
    deliver(NOW)
    sent = next(each for each in mail.outbox if each.to == ["ana@example.com"])
    assert [kind for _, kind in sent.alternatives] == [
        "text/html", "text/calendar; method=REQUEST",
    ]  # fmt: skip


def test_a_recast_asks_one_anew_and_frees_the_other_with_a_higher_sequence() -> None:
    day = planned(cast(person("ana"), person("bo")))
    first = calendar("bo")[1]["SEQUENCE"]
    recast = {"role": role(COMMUNICATIONS), "actor": day.organiser, "at": NOW + DAY}
    game_day.reassign_role(day, person=person("cy"), **recast)
    method, event = calendar("bo", "game_day_released")
    assert (method, event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert "need not come" in event["DESCRIPTION"]
    assert "Accept" not in event["DESCRIPTION"]
    assert not event.walk("VALARM")
    assert event["SEQUENCE"] > first
    assert calendar("cy")[1]["SEQUENCE"] == event["SEQUENCE"]
    game_day.reassign_role(
        day, person=Person.objects.get(username="bo"), **{**recast, "at": NOW + 2 * DAY}
    )
    assert calendar("bo")[1]["SEQUENCE"] > event["SEQUENCE"]
    assert calendar("bo")[1]["UID"] == event["UID"]


def test_who_keeps_another_part_is_told_which_and_not_freed() -> None:
    bo = person("bo")
    day = planned({**cast(person("ana"), bo), role(SCRIBE).slug: bo})
    game_day.reassign_role(
        day, role=role(SCRIBE), person=person("cy"), actor=day.organiser, at=NOW + DAY
    )
    assert told("game_day_released") == []
    assert calendar("bo")[1]["SUMMARY"].endswith("(play Communications lead)")


def test_a_recast_part_is_unanswered_again_and_stays_as_set_by_hand() -> None:
    day = planned(cast(person("ana"), person("bo")))
    day.roles.filter(role=COMMUNICATIONS).update(answer="declined", answer_note="Away")
    game_day.reassign_role(
        day, role=role(COMMUNICATIONS), person=person("cy"), actor=day.organiser, at=NOW
    )
    part = day.roles.get(role=COMMUNICATIONS)
    assert (part.answer, part.answer_note, part.is_pinned) == ("", "", True)


def test_shadows_and_staff_are_asked_for_what_they_do() -> None:
    day = planned(cast(person("ana"), person("bo")))
    add(day, person("cleo"))
    add(day, person("eve"), beside=False)
    inviting.invite(day, at=NOW + DAY)
    assert calendar("cleo")[1]["SUMMARY"].endswith("(shadow Scribe)")
    assert calendar("eve")[1]["SUMMARY"].endswith("(help as evaluator)")


def test_moving_it_asks_everybody_anew() -> None:
    day = planned(cast(person("ana", time_zone="Asia/Tokyo"), person("bo")))
    day.roles.update(answer="accepted")
    was, day.starts_at = day.starts_at, day.starts_at + DAY
    day.save()
    inviting.moved(day, was, at=NOW + DAY)
    method, event = calendar("ana", "game_day_moved")
    assert (method, event.DTSTART) == ("REQUEST", START + DAY)
    assert set(day.roles.values_list("answer", flat=True)) == {""}
    body = OutboxMessage.objects.get(kind="game_day_moved", recipient__username="ana").body
    assert "It began Sunday 13 December 2026, 18:00 (Asia/Tokyo) before." in body


def test_calling_it_off_takes_it_out_of_every_calendar_but_of_who_declined() -> None:
    day = planned(cast(person("ana"), person("bo")))
    day.roles.filter(person__username="bo").update(answer="declined")
    game_day.cancel(day, reason="Release week", actor=day.organiser, at=NOW + DAY)
    assert told("game_day_cancelled") == ["ana"]
    method, event = calendar("ana", "game_day_cancelled")
    assert (method, event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert "RSVP" not in event["ATTENDEE"].params


def test_who_stands_beside_a_role_is_not_made_to_play_it() -> None:
    day = planned(cast(person("ana"), person("bo")))
    add(day, person("cleo"))
    with pytest.raises(Refused) as refused:
        game_day.reassign_role(
            day, role=role(SCRIBE), person=Person.objects.get(username="cleo"),
            actor=day.organiser, at=NOW,
        )  # fmt: skip
    assert refused.value.has("learns_it_there")


def test_nobody_is_pressed_into_commanding_what_they_declined() -> None:
    law()
    day = planned(cast(person("ana"), person("bo")), actor=planner())
    day.roles.filter(person__username="ana").update(answer="declined")
    with pytest.raises(Refused) as refused:
        game_day.run(day, actor=day.organiser, at=day.starts_at)
    assert refused.value.has("seat_declined")
    day.roles.update(answer="accepted")
    assert game_day.run(day, actor=day.organiser, at=day.starts_at).status == "running"


def test_a_name_cannot_write_lines_of_its_own_into_a_calendar() -> None:
    planned(cast(person("ana", name='An"a\r\nATTENDEE:mailto:eve@x.org'), person("bo")))
    _, event = calendar("ana")
    assert event["ATTENDEE"] == "mailto:ana@example.com"


def test_who_has_no_address_gets_no_calendar_by_mail() -> None:
    planned(cast(person("ana", email=""), person("bo")))
    assert told("game_day_invited") == ["bo"]


def test_who_commands_an_incident_is_named_and_not_taken_from_it() -> None:
    law()
    day = planned(cast(person("ana"), person("bo")), actor=planner())
    hold(incident(), Person.objects.get(username="ana"), COMMANDER)
    with pytest.raises(Refused) as refused:
        game_day.run(day, actor=day.organiser, at=day.starts_at)
    assert refused.value.has("commands_another")
    assert refused.value.reasons[0].message.startswith("Ana commands another incident")


def test_whose_zone_no_clock_knows_is_invited_by_utc_and_can_sign_in(client):
    """An import or another system wrote it there: nobody else's exercise is to fail by it."""
    ana = person("ana", is_staff=True, time_zone="Mars/Olympus")
    day = planned(cast(ana, person("bo")))
    body = OutboxMessage.objects.get(recipient=ana, kind="game_day_invited").body
    assert "(UTC)" in body
    inviting.call_off(day, "Budget", at=NOW)
    assert "ana" in told("game_day_cancelled")
    client.force_login(ana)
    assert client.get("/admin/").status_code == 200
