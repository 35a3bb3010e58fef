"""Gaps shouted weeks before, shifts that became doubtful, reminders to who serves."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Absence, Obligation, OutboxMessage, Person, Shift
from incidents.operations import duty
from tests.factories import NOW, allow, person
from tests.training.rotas import MONDAY, able, planner, published
from training.models import Rota
from training.operations import rota, rota_board, rota_books, rota_watch, shift_changes

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LONG = 60 * DAY


def away(who: Person, since=NOW, until=NOW + 300 * DAY) -> Absence:
    return Absence.objects.create(person=who, starts_at=since, ends_at=until)


def gaps(at=NOW) -> list[str]:
    return [each.title for each in rota_watch.gaps(at, LONG)]


def test_a_gap_is_told_to_leadership_as_one_turn_weeks_before() -> None:
    lea = allow(person("lea"), "incidents.lead_incident")
    ada = able("ada", name="Ada")
    away(ada, NOW + 14 * DAY, NOW + 16 * DAY)
    shifts = published(ada, most_percent=100, rest_hours=0)
    assert gaps() == ["Incident commander (all day), Mon 7 Dec to Tue 8 Dec: nobody on duty"]
    rota_watch.sweep(NOW)
    row = Obligation.objects.open().get(what="rota_gap")
    assert (row.owner, row.due_at) == (None, shifts[7].starts_at)
    assert row.link == "/admin/training/rota/incident-command/board/?week=2026-12-07"
    told = OutboxMessage.objects.filter(recipient=lea, kind="rota_gap-nudge")
    assert (
        told.count() == 0
    )  # whoever published it was told so; the next step is ten days before
    rota_watch.sweep(NOW + 4 * DAY)
    assert told.count() == 1
    gap = next(each for each in shifts if each.person is None)
    shift_changes.override(
        gap,
        person=able("ben"),
        reason="Free",
        through=[each for each in shifts if each.person is None][-1],
        actor=planner(),
        at=NOW + 4 * DAY,
    )
    rota_watch.sweep(NOW + 5 * DAY)
    assert not Obligation.objects.open().filter(what="rota_gap").exists()


def test_a_gap_further_ahead_than_the_rotation_says_waits() -> None:
    ada = able("ada")
    away(ada, NOW + 14 * DAY, NOW + 15 * DAY)
    published(ada, most_percent=100, rest_hours=0, gap_days=7)
    assert gaps() == []
    assert len(gaps(NOW + 8 * DAY)) == 1


def test_who_gets_leave_is_named_and_who_is_owed_most_is_proposed() -> None:
    ada, ben, cleo = (able(each, name=each.title()) for each in ("ada", "ben", "cleo"))
    shifts = published(ada, ben, cleo, most_percent=100)
    away(ada, shifts[2].starts_at, shifts[2].ends_at)
    assert gaps() == [
        "Incident commander (all day), Wed 2 Dec: Ada, away until 3 Dec 2026 09:00 UTC"
    ]
    assert Shift.objects.get(pk=shifts[2].pk).person == ada  # nobody is put off silently
    books = rota_books.read(Rota.objects.get(), at=NOW)
    asked = rota_watch.whom_to_ask(books, [shifts[2]])
    assert [(str(one.person), bool(one.why_not)) for one in asked][:2] == [
        ("Ben", False),
        ("Cleo", False),
    ]


def test_of_a_stretch_every_day_is_checked_and_the_first_that_stands_against_it_named() -> None:
    ada, ben, cleo = (able(each, name=each.title()) for each in ("ada", "ben", "cleo"))
    shifts = published(ada, ben, cleo, most_percent=100)
    away(ada, shifts[2].starts_at, shifts[4].ends_at)
    away(ben, shifts[3].starts_at, shifts[3].ends_at)
    reader = planner()
    reader.time_zone = "Mars/Olympus"  # as a sheet once brought it
    (mend,) = rota_board.look(Rota.objects.get(), reader=reader, at=NOW).mend
    assert len(mend.turn.shifts) == 3
    assert mend.ask.person == cleo  # ben comes before her, and cannot on Thursday
    away(cleo, shifts[4].starts_at, shifts[4].ends_at)
    (mend,) = rota_board.look(Rota.objects.get(), reader=planner(), at=NOW).mend
    assert (mend.ask.person, mend.ask.later) == (
        ben, "Thu 3 Dec: away until 4 Dec 2026 09:00 UTC",
    )  # fmt: skip


def test_who_is_passed_over_by_a_bound_alone_may_still_be_put_on_by_leadership() -> None:
    ada, ben, cleo = (able(each, name=each.title()) for each in ("ada", "ben", "cleo"))
    shifts = published(ada, ben, cleo, most_percent=100)
    away(cleo, shifts[6].starts_at, shifts[6].ends_at)
    books = rota_books.read(Rota.objects.get(), at=NOW)
    asked = {str(one.person): one for one in rota_watch.whom_to_ask(books, [shifts[6]])}
    owed = books.ledger.balance("ben").owed / 6000  # as the board says it
    assert asked["Ben"].owed_hours == owed
    assert "hours of rest" in asked["Ben"].why_not  # whose own week begins right after it
    assert {name: one.may_be_put_on for name, one in asked.items()} == {
        "Ada": False, "Ben": True, "Cleo": False,
    }  # fmt: skip


def test_who_lost_the_qualification_left_or_was_deactivated_is_named() -> None:
    ada, ben = able("ada", name="Ada"), able("ben", name="Ben")
    shifts = published(ada, ben, most_percent=100)
    ada.qualifications.update(expires_on=shifts[6].starts_at.date())
    assert gaps()[0].endswith("Sat 5 Dec to Sun 6 Dec: Ada, qualified only until 6 Dec 2026")
    Person.objects.filter(pk=ben.pk).update(is_active=False)
    assert any(each.endswith("Ben, not qualified") for each in gaps())


def test_who_serves_is_reminded_of_the_turn_once_a_step_not_every_day() -> None:
    ada, ben = able("ada"), able("ben")
    published(ada, ben, most_percent=100)
    for day in range(15):
        rota_watch.sweep(NOW + day * DAY + HOUR)
    told = OutboxMessage.objects.filter(kind="shift-nudge").order_by("id")
    assert [each.recipient.username for each in told] == ["ada", "ben", "ben", "ada"]
    assert "begins on 30 November 2026" in told[0].subject
    open_turns = Obligation.objects.open().filter(what="shift")
    assert open_turns.count() == Shift.objects.filter(starts_at__gt=NOW + 15 * DAY).count() // 7


def test_the_sweep_goes_on_with_a_rotation_within_the_hour_once() -> None:
    published(able("ada"), most_percent=100)
    rota_watch.sweep(NOW)
    before = Shift.objects.count()
    with CaptureQueriesContext(connection) as asked:
        rota_watch.sweep(NOW + 30 * timedelta(minutes=1))
    assert not any("training_rota" in each["sql"] for each in asked)
    rota_watch.sweep(NOW + 8 * DAY)
    assert Shift.objects.count() == before + 7


def test_a_rotation_that_fails_stops_no_other(monkeypatch, caplog) -> None:
    published(able("ada"), most_percent=100)
    published(able("zed", "scribe"), name="Scribes", role="scribe", most_percent=100)
    read = rota_books.read

    def broken(rota, **more):
        if rota.pk == "incident-command":
            raise ValueError("personal words")
        return read(rota, **more)

    monkeypatch.setattr(rota_books, "read", broken)
    from training.operations import rota_publish

    rota_publish.extend(NOW + 8 * DAY)
    assert Shift.objects.filter(rota="scribes").count() == 35
    assert "personal words" not in caplog.text


def test_the_board_shows_the_week_what_is_wrong_and_who_is_owed_what() -> None:
    ada, ben = able("ada", name="Ada", time_zone="Asia/Tokyo"), able("ben", name="Ben")
    shifts = published(ada, ben, most_percent=40)
    away(ada, shifts[2].starts_at, shifts[2].ends_at)
    rota = Rota.objects.get()
    board = rota_board.look(rota, reader=ada, at=shifts[0].starts_at, week=NOW.date() + 7 * DAY)
    assert [day.on.day for day in board.days][:3] == [30, 1, 2]
    first = board.days[0].cells["all day"][0]
    assert (str(first.shift.person), first.time, first.is_now) == (
        "Ada",
        "18:00 to 18:00",
        True,
    )
    assert board.days[2].cells["all day"][0].wrong.startswith("away until")
    assert str(board.mend[0].ask.person) == "Ben" if board.mend[0].ask else True
    assert board.notes == [
        "Three people are needed for 40 %: qualify 1 more, or let one person serve more."
    ]
    standings = {str(one.person): one for one in board.standings}
    assert standings["Ada"].hours == standings["Ben"].hours == 14 * 24
    assert round(standings["Ada"].share) == 17
    assert round(standings["Ada"].owed + standings["Ben"].owed) == 0


def test_the_board_costs_the_same_however_many_serve() -> None:
    counts = []
    for number in (2, 9):
        members = [able(f"m{number}-{each}") for each in range(number)]
        published(*members, name=f"Rota {number}", most_percent=100)
        rota = Rota.objects.get(pk=f"rota-{number}")
        with CaptureQueriesContext(connection) as asked:
            rota_board.look(rota, reader=members[0], at=NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "ask", [lambda: duty.on_duty(at=NOW), lambda: list(rota_watch.coming(NOW, LONG))]
)
def test_who_is_on_duty_and_who_comes_next_are_asked_without_walking_old_shifts(ask) -> None:
    published(able("ada"), most_percent=100)
    with CaptureQueriesContext(connection) as asked:
        ask()
    about = [one["sql"] for one in asked if "incidents_shift" in one["sql"]]
    assert len(about) == 1
    if connection.vendor == "sqlite":  # PostgreSQL walks whatever fits on a page
        with connection.cursor() as cursor:
            plan = str(cursor.execute(f"EXPLAIN QUERY PLAN {about[0]}").fetchall())
        assert "USING INDEX shift_of_r" in plan
        assert "SCAN incidents_shift" not in plan


def test_a_rotation_that_was_ended_says_which_shifts_stand_beyond_its_end() -> None:
    ada = able("ada")
    shifts = published(ada, most_percent=100)
    made = Rota.objects.get()
    rota.change(made, ends_on=MONDAY + 26 * DAY, actor=planner(), at=NOW)
    board = rota_board.look(made, reader=ada, at=NOW)
    assert board.notes[-1].startswith("It ends on 26 Dec 2026, and 2 shifts are published")
    over = rota_board.look(made, reader=ada, at=shifts[-1].ends_at)
    assert not [note for note in over.notes if note.startswith("It ends")]


def test_what_lies_far_back_counts_for_fairness_and_is_no_longer_loaded_row_by_row() -> None:
    shifts = published(able("ada"), able("ben"), able("cleo"), most_percent=100)
    made, late = Rota.objects.get(), shifts[-1].ends_at + 80 * DAY
    whole = rota_books.read(made, at=NOW)
    books = rota_books.read(made, at=late)
    assert (len(whole.shifts), len(books.shifts), len(books.taken)) == (28, 4, 28)
    for key in ("ada", "ben", "cleo"):
        assert books.ledger.balance(key) == whole.ledger.balance(key)
        assert books.ledger.turn(key) == whole.ledger.turn(key)
    assert books.without(shifts[20:]).balance("ada") == whole.without(shifts[20:]).balance(
        "ada"
    )
    later = rota_books.read(made, at=late + LONG)
    assert (later.shifts, later.last.starts_at) == ([], shifts[-1].starts_at)
    assert later.ledger.balance("ben") == whole.ledger.balance("ben")


def test_a_week_that_lies_far_back_is_still_shown() -> None:
    shifts = published(able("ada"), able("ben"), most_percent=100)
    found = rota_board.look(
        Rota.objects.get(), reader=planner(), at=shifts[-1].ends_at + 200 * DAY, week=MONDAY
    )
    assert [len(day.cells["all day"]) for day in found.days] == [1] * 7
    assert found.published_until == shifts[-1].ends_at
