"""Rotations made, changed and published: each refusal beside the success it mirrors."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Absence, AuditEvent, OutboxMessage, Shift
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from tests.factories import NOW, person, qualify, role
from tests.training.rotas import MONDAY, ROUND, able, created, learner, planner, published
from training.models import Rota
from training.operations import rota, rota_books, rota_publish
from training.rules.rotation_checks import Settings
from training.rules.rotation_hours import Band

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NINE, FIVE = time(9), time(17)


def refused(call, *args, **kwargs) -> set[str]:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {reason.code for reason in caught.value.reasons}


def served(shifts) -> list[str]:
    return [each.person.username if each.person else "" for each in shifts]


def test_a_rotation_is_created_with_its_bands_in_one_audit_line() -> None:
    made = created(bands=(ROUND, Band("day", NINE, FIVE, "Europe/Berlin")))
    assert made.pk == "incident-command"
    assert [str(each) for each in made.bands.all()] == [
        "all day 09:00 to 09:00 UTC", "day 09:00 to 17:00 Europe/Berlin",
    ]  # fmt: skip
    (line,) = AuditEvent.objects.filter(verb="create_rota")
    assert line.detail["bands"][0] == "all day 09:00-09:00 UTC"


def test_who_may_not_neither_makes_nor_changes_nor_publishes_one() -> None:
    dan, made = person("dan"), created(able("ada"))
    asked = {"actor": dan, "at": NOW}
    settings = Settings(starts_on=MONDAY)
    with pytest.raises(NotPermitted):
        rota.create(name="x", role=made.role, settings=settings, bands=[ROUND], **asked)
    for verb, said in (
        (rota.change, {"run_days": 3}),
        (rota.set_band, {"label": "b", "begins": NINE, "ends": FIVE, "time_zone": "UTC"}),
        (rota.remove_band, {"band": made.bands.get()}),
        (rota.join, {"person": dan, "joined_on": MONDAY}),
        (rota.leave, {"person": dan, "left_on": MONDAY}),
        (rota_publish.publish, {}),
    ):
        with pytest.raises(NotPermitted):
            verb(made, **said, **asked)


def test_settings_that_cannot_be_are_refused_all_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        created(run_days=0, most_percent=5, ends_on=MONDAY, gap_days=60)
    assert {reason.field for reason in caught.value.reasons} == {
        "run_days", "most_percent", "ends_on", "gap_days",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("band", "code"),
    [
        (Band("day", NINE, FIVE, "Europe/Berlyn"), "unknown_time_zone"),
        (Band("day", NINE, FIVE, "CET+1"), "unknown_time_zone"),
        (Band("", NINE, FIVE), "label_missing"),
        (Band("x" * 41, NINE, FIVE), "label_too_long"),
    ],
)
def test_a_band_that_cannot_be_is_refused(band: Band, code: str) -> None:
    made = created()
    said = {"label": band.label, "begins": band.begins, "ends": band.ends}
    assert refused(
        rota.set_band, made, **said, time_zone=band.zone, actor=planner(), at=NOW
    ) == {code}


def test_a_name_is_taken_once_and_a_rotation_covers_something() -> None:
    created()
    with pytest.raises(Invalid) as caught:
        created()
    assert caught.value.has("name_taken")
    with pytest.raises(Invalid) as caught:
        created(name="Other", bands=())
    assert caught.value.has("no_bands")


def test_only_who_is_qualified_on_that_day_joins() -> None:
    made, ana = created(), person("ana")
    join = {"joined_on": MONDAY, "actor": planner(), "at": NOW}
    assert refused(rota.join, made, person=ana, **join) == {"not_qualified"}
    qualify(ana, made.role_id, expires_on=MONDAY)
    assert refused(rota.join, made, person=ana, **join) == {"not_qualified"}
    gone = able("gone", is_active=False)
    assert refused(rota.join, made, person=gone, **join) == {"not_active"}
    assert rota.join(made, person=able("ada"), **join).joined_on == MONDAY


def test_nobody_joins_in_the_past_of_a_rotation_that_runs() -> None:
    shifts = published(able("ada"))
    made = Rota.objects.get(pk=shifts[0].rota)
    join = {"person": able("ben"), "actor": planner(), "at": NOW}
    assert refused(rota.join, made, joined_on=(NOW - DAY).date(), **join) == {"joined_in_past"}
    assert rota.join(made, joined_on=NOW.date(), **join)


def test_a_band_that_is_somebodys_only_one_is_not_removed() -> None:
    day = Band("day", NINE, FIVE)
    ada = able("ada")
    made = created(ada, bands=(ROUND, day))
    band = made.bands.get(label="day")
    act = {"actor": planner(), "at": NOW}
    rota.join(made, person=ada, joined_on=MONDAY, bands=[band], **act)
    assert refused(rota.remove_band, made, band=band, **act) == {"somebodys_only_band"}
    rota.join(made, person=ada, joined_on=MONDAY, bands=[], **act)
    rota.remove_band(made, band=band, **act)
    assert refused(rota.remove_band, made, band=made.bands.get(), **act) == {"last_band"}


def test_who_leaves_takes_no_turns_from_that_day_on() -> None:
    ada, ben = able("ada"), able("ben")
    made = created(ada, ben)
    act = {"actor": planner(), "at": NOW}
    assert refused(rota.leave, made, person=able("zed"), left_on=MONDAY, **act) == {
        "not_a_member"
    }
    assert refused(rota.leave, made, person=ben, left_on=MONDAY - DAY, **act) == {
        "left_in_past"
    }
    rota.leave(made, person=ben, left_on=MONDAY + 7 * DAY, **act)
    shifts = rota_publish.publish(made, **act)
    assert "ben" not in served(
        each for each in shifts if each.starts_at.date() >= MONDAY + 7 * DAY
    )


def test_publishing_writes_whole_runs_and_tells_everybody_once() -> None:
    ada, ben, lea = able("ada"), able("ben"), learner("lea")
    shifts = published(ada, ben, most_percent=100)
    assert served(shifts) == (["ada"] * 7 + ["ben"] * 7) * 2
    assert [each.shadow for each in shifts] == ([lea] * 7 + [None] * 7) * 2  # who learns rests
    told = OutboxMessage.objects.filter(kind="shifts_published")
    assert {each.recipient.username for each in told} == {"ada", "ben", "lea"}
    assert "all day, Mon 30 Nov 09:00 to Mon 7 Dec 09:00 (UTC)" in told.get(recipient=ada).body
    (line,) = AuditEvent.objects.filter(verb="publish_rota")
    assert line.detail == {"shifts": 28, "gaps": 0, "until": "2026-12-27"}
    assert Shift.history.count() == 28


def test_what_is_published_is_not_drawn_up_again() -> None:
    shifts = published(able("ada"), most_percent=100)
    made = Rota.objects.get(pk=shifts[0].rota)
    assert refused(rota_publish.publish, made, actor=planner(), at=NOW) == {"published_already"}
    rota.join(made, person=able("ben"), joined_on=MONDAY, actor=planner(), at=NOW)
    later = rota_publish.publish(made, actor=planner(), at=NOW + 8 * DAY)
    assert [each.pk for each in Shift.objects.order_by("pk")[:28]] == [e.pk for e in shifts]
    assert {each.starts_at.date() for each in later}.isdisjoint(
        each.starts_at.date() for each in shifts
    )


def test_a_rotation_goes_on_by_itself_once_somebody_published_it() -> None:
    created(able("zed", "scribe"), name="Not yet", role="scribe")
    shifts = published(able("ada"), most_percent=100)
    said: list[str] = []
    rota_publish.extend(NOW + DAY, said.append)
    assert Shift.objects.count() == len(shifts)
    rota_publish.extend(NOW + 8 * DAY, said.append)
    assert Shift.objects.count() == len(shifts) + 7
    assert said == ["rotation Incident command: 7 shifts published"]
    assert Shift.objects.filter(rota="not-yet").count() == 0


def test_a_rotation_without_members_or_after_its_end_publishes_nothing() -> None:
    made = created()
    assert refused(rota_publish.publish, made, actor=planner(), at=NOW) == {"no_members"}
    rota.change(made, ends_on=MONDAY + 7 * DAY, actor=planner(), at=NOW)
    later = NOW + 30 * DAY
    assert refused(rota_publish.publish, made, actor=planner(), at=later) == {"rota_over"}


def test_a_new_name_for_a_band_does_not_double_what_is_promised() -> None:
    shifts = published(able("ada"), most_percent=100)
    made = Rota.objects.get(pk=shifts[0].rota)
    act = {"actor": planner(), "at": NOW}
    rota.set_band(made, label="round the clock", begins=NINE, ends=NINE, time_zone="UTC", **act)
    rota.remove_band(made, band=made.bands.get(label="all day"), **act)
    assert refused(rota_publish.publish, made, **act) == {"published_already"}


def test_nobody_is_on_shift_in_two_rotations_at_once() -> None:
    ada, ben = able("ada"), able("ben")
    qualify(ada, "scribe")
    qualify(ben, "scribe")
    first = published(ada, most_percent=100)
    other = published(ada, ben, most_percent=100, name="Scribes", role="scribe")
    assert served(first)[:7] == ["ada"] * 7
    assert served(other)[:7] == ["ben"] * 7
    assert "Ada (on shift already until 1 Dec 09:00 UTC)" in other[0].reason


def test_leave_and_lapsed_qualifications_make_gaps_that_say_why() -> None:
    ada = able("ada", name="Ada")
    Absence.objects.create(person=ada, starts_at=NOW, ends_at=NOW + 300 * DAY)
    shifts = published(ada, most_percent=100)
    assert set(served(shifts)) == {""}
    assert shifts[0].reason.startswith("Nobody can serve it: Ada (away until 19 Sep 2027")


def test_the_first_day_of_a_rotation_with_shifts_does_not_move() -> None:
    shifts = published(able("ada"))
    made = Rota.objects.get(pk=shifts[0].rota)
    act = {"actor": planner(), "at": NOW}
    assert refused(rota.change, made, starts_on=MONDAY + DAY, **act) == {"begun_already"}
    assert refused(rota.change, made, run_days=7, **act) == {"nothing_changed"}
    assert rota.change(made, run_days=3, **act).run_days == 3


def test_the_books_cost_the_same_however_many_there_are() -> None:
    counts = []
    for number in (2, 12):
        members = [able(f"m{number}-{each}") for each in range(number)]
        shifts = published(*members, name=f"Rota {number}", most_percent=100)
        made = Rota.objects.get(pk=shifts[0].rota)
        with CaptureQueriesContext(connection) as asked:
            rota_books.read(made, at=NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_the_role_stays_with_its_rotation() -> None:
    assert created().role == role("incident_commander")
