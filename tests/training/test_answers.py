"""Accepting and declining: each for themselves, until it begins; and who has not answered."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import AuditEvent, Obligation, OutboxMessage, Person
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, SCRIBE
from tests.deliveries import acts
from tests.factories import NOW, allow, person, role
from tests.training.factories import cast, planned
from training.models import GameDay, GameDayRole, GameDayStaff
from training.operations import answers, game_day
from training.operations.sweeps import sweep

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
START = NOW + 20 * DAY


def player(username: str) -> Person:
    known = Person.objects.filter(username=username).first()
    return known or allow(person(username, is_staff=True), answers.OWN, "training.view_gameday")


def ready() -> GameDay:
    return planned(cast(player("ana"), player("bo")), starts_at=START)


def say(day: GameDay, who: str, said: str, note: str = "", *, at: Any = NOW) -> GameDay:
    return answers.answer_own(day, answer=said, note=note, actor=player(who), at=at)


def part(day: GameDay, who: str) -> GameDayRole:
    return day.roles.get(person__username=who)


def told() -> list[tuple[str, str]]:
    rows = OutboxMessage.objects.filter(kind="game_day_declined").order_by("id")
    return list(rows.values_list("recipient__username", "subject"))


def refused_as(day: GameDay, who: str = "ana", said: str = "accepted", note: str = "") -> str:
    with pytest.raises(Refused) as refused:
        say(day, who, said, note)
    (reason,) = refused.value.reasons
    return reason.code


# --- answering


def test_an_answer_is_kept_with_its_note_and_its_audit_line() -> None:
    day = ready()
    say(day, "ana", "accepted", "  Gladly ")
    mine = part(day, "ana")
    assert (mine.answer, mine.answer_note, mine.answered_at) == ("accepted", "Gladly", NOW)
    assert part(day, "bo").answer == ""
    line = AuditEvent.objects.get(verb="answer_gameday")
    assert (line.actor_name, line.detail["answer"]) == ("Ana", "accepted")
    assert told() == []


def test_declining_tells_the_organiser_and_leaves_the_seat_theirs() -> None:
    day = ready()
    say(day, "bo", "declined", "On leave")
    assert part(day, "bo").person == player("bo")
    assert told() == [("elif", "Bo declined: Acquirer rehearsal")]
    body = OutboxMessage.objects.get(kind="game_day_declined").body
    assert "On leave" in body
    assert "play Communications lead" in body


def test_one_may_change_one_s_mind_until_it_begins() -> None:
    day = ready()
    say(day, "bo", "declined")
    say(day, "bo", "accepted", at=NOW + DAY)
    assert part(day, "bo").answer == "accepted"
    assert told()[-1] == ("elif", "Bo comes after all: Acquirer rehearsal")
    GameDay.objects.update(status="running")
    assert refused_as(day, "bo", "declined") == "too_late_to_answer"


def test_all_parts_of_one_person_are_answered_at_once_and_one_may_be_alone() -> None:
    day, bo = ready(), player("bo")
    GameDayRole.objects.create(game_day=day, role=role(SCRIBE), person=bo, is_shadow=True)
    duty = GameDayStaff.objects.create(game_day=day, duty="observer", person=bo)
    say(day, "bo", "accepted")
    assert {one.answer for one in answers.own(day, bo)} == {"accepted"}
    answers.answer(duty, answer="declined", actor=bo, at=NOW)
    assert [one.answer for one in answers.own(day, bo)] == ["accepted", "accepted", "declined"]


def test_what_is_no_answer_is_refused() -> None:
    day = ready()
    with pytest.raises(Invalid) as refused:
        say(day, "ana", "perhaps")
    assert refused.value.has("unknown_answer")
    with pytest.raises(Invalid) as refused:
        say(day, "ana", "declined", "x" * 301)
    assert refused.value.has("note_too_long")


def test_what_is_only_proposed_is_not_answered_yet() -> None:
    day = ready()
    GameDay.objects.update(status="proposed")
    assert refused_as(day) == "not_asked_yet"


def test_nobody_answers_for_another_and_dan_not_at_all() -> None:
    day = ready()
    with pytest.raises(NotPermitted) as refused:
        answers.answer(part(day, "ana"), answer="accepted", actor=player("bo"), at=NOW)
    assert refused.value.has("not_yourself")
    assert refused_as(day, "cleo") == "not_invited"
    with pytest.raises(NotPermitted) as refused:
        answers.answer_own(day, answer="accepted", actor=person("dan"), at=NOW)
    assert refused.value.has("no_permission")


def test_an_organiser_who_plays_is_not_told_by_themselves() -> None:
    elif_ = allow(player("elif"), "training.add_gameday")
    day = planned(cast(player("ana"), elif_), actor=elif_)
    say(day, "elif", "declined")
    assert told() == []


# --- who has not answered


def test_who_has_not_answered_is_nudged_and_who_has_is_not() -> None:
    day = ready()
    sweep(NOW)
    rows = Obligation.objects.open().filter(what="invitation")
    assert sorted(row.title for row in rows) == [
        "Ana's answer to the exercise “Acquirer rehearsal”",
        "Bo's answer to the exercise “Acquirer rehearsal”",
    ]
    assert {row.link for row in rows} == {f"/admin/training/gameday/{day.pk}/answer/"}
    say(day, "ana", "accepted")
    assert [row.owner for row in rows.all()] == [player("bo")], "settled at once"
    assert acts(sweep, START - 10 * DAY) == [
        "game day Acquirer rehearsal: due-14d to ana, bo",
        "Bo's answer to the exercise “Acquirer rehearsal”: due-10d to bo",
    ]
    message = OutboxMessage.objects.get(kind="invitation-nudge")
    assert message.subject.endswith("is due by 13 December 2026")


def test_nothing_is_owed_once_it_is_called_off_or_has_begun() -> None:
    day = ready()
    sweep(NOW)
    game_day.cancel(day, reason="Release week", actor=day.organiser, at=NOW)
    sweep(NOW + DAY)
    assert not Obligation.objects.open().exists()
    other = planned(cast(player("cy"), player("di")), starts_at=START, actor=day.organiser)
    sweep(NOW + 2 * DAY)
    assert Obligation.objects.open().count() == 2
    sweep(other.starts_at)
    assert not Obligation.objects.open().exists()


def test_who_declined_is_reminded_of_nothing() -> None:
    day = ready()
    say(day, "bo", "declined")
    assert acts(sweep, START - 14 * DAY) == [f"game day {day}: due-14d to ana"]


def test_many_open_answers_are_found_in_two_statements(django_assert_num_queries) -> None:
    ready()
    with django_assert_num_queries(2):
        assert len(list(answers.unanswered(NOW, 60 * DAY))) == 2


# --- the page


def page(day: GameDay) -> str:
    return reverse("admin:training_gameday_answer", args=[day.pk])


def answer_by(client: Client, day: GameDay, **said: str) -> Any:
    return client.post(page(day), {"note": "", **said})


def test_two_buttons_answer(client) -> None:
    day = ready()
    client.force_login(player("ana"))
    shown = client.get(page(day)).content.decode()
    assert "You play Incident commander." in shown
    assert "I will come" in shown
    assert "I cannot come" in shown
    assert part(day, "ana").answer == ""
    done = answer_by(client, day, answer="declined", note="<b>Away</b>")
    assert done.url == page(day)
    assert part(day, "ana").answer == "declined"
    shown = client.get(page(day)).content.decode()
    assert "You declined" in shown
    assert "&lt;b&gt;Away&lt;/b&gt;" in shown
    assert "I will come after all" in shown


def test_the_game_day_leads_who_is_asked_to_their_answer(client) -> None:
    day = ready()
    client.force_login(player("ana"))
    change = reverse("admin:training_gameday_change", args=[day.pk])
    assert page(day) in client.get(change).content.decode()
    client.force_login(player("cleo"))
    assert page(day) not in client.get(change).content.decode()


def test_the_page_says_why_there_is_nothing_to_answer(client) -> None:
    day = ready()
    client.force_login(player("cleo"))
    shown = client.get(page(day))
    assert "You have no part in this game day" in shown.content.decode()
    assert 'value="accepted"' not in shown.content.decode()
    assert answer_by(client, day, answer="accepted").status_code == 409


def test_an_answer_without_a_button_is_asked_for(client) -> None:
    day = ready()
    client.force_login(player("ana"))
    shown = answer_by(client, day)
    assert shown.status_code == 409
    assert "Accept, or decline." in shown.content.decode()


def test_who_is_asked_answers_whatever_else_they_may_do(client) -> None:
    """An executive who only reads plays, too; who is not asked still needs the permission."""
    day = planned(cast(allow(person("ana", is_staff=True), "training.view_gameday")))
    client.force_login(Person.objects.get(username="ana"))
    change = reverse("admin:training_gameday_change", args=[day.pk])
    assert page(day) in client.get(change).content.decode()
    assert client.get(page(day)).status_code == 200
    assert answer_by(client, day, answer="accepted").status_code == 302
    assert part(day, "ana").answer == "accepted"
    client.force_login(allow(person("cleo", is_staff=True), "training.view_gameday"))
    assert client.get(page(day)).status_code == 403
    assert answer_by(client, day, answer="accepted").status_code == 403


def test_dan_does_not_see_it(client) -> None:
    day = ready()
    client.force_login(person("dan", is_staff=True))
    assert client.get(page(day)).status_code == 403
    assert answer_by(client, day, answer="accepted").status_code == 403
    assert not day.roles.exclude(answer="").filter(role=COMMANDER).exists()
