"""The pages of rotations and shifts: what each person sees, and what they may do there."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Absence, Person, Shift
from incidents.models.calendar import today
from tests.factories import allow, person, qualify
from tests.training.rotas import ROUND
from training.models import Rota, ShiftChange
from training.operations import rota, rota_publish, shift_changes
from training.rules.rotation_checks import Settings

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BOARD = "/admin/training/rota/incident-command/board/"
SEES = ("training.view_rota", "incidents.view_shift", "training.view_shiftchange")
SWAPS = "training.swap_shiftchange"


def member(username: str, *permissions: str) -> Person:
    made = person(username, is_staff=True, time_zone="Asia/Tokyo")
    qualify(made, "incident_commander")
    return allow(made, *SEES, SWAPS, *permissions)


def seen_by(who: Person) -> Client:
    client = Client()
    client.force_login(who)
    return client


@pytest.fixture
def ada() -> Person:
    """Makes and publishes rotations, and may put anybody on."""
    verbs = ("add", "change", "publish", "override")
    return member("ada", *(f"training.{verb}_rota" for verb in verbs), "incidents.view_person")


@pytest.fixture
def shifts(ada) -> list[Shift]:
    """Ada, ben and cleo in turns of a week, from tomorrow on."""
    now = timezone.now()
    starts = today(now) + DAY
    made = rota.create(
        name="Incident command", role=qualify_role(), bands=[ROUND], actor=ada, at=now,
        settings=Settings(starts_on=starts, ahead_days=28, gap_days=28, most_percent=100),
    )  # fmt: skip
    for each in (ada, member("ben"), member("cleo")):
        rota.join(made, person=each, joined_on=starts, actor=ada, at=now)
    return rota_publish.publish(made, actor=ada, at=now)


def qualify_role():
    from incidents.models import Role

    return Role.objects.get(slug="incident_commander")


def test_the_list_says_what_to_do_first_and_leads_to_the_weeks(ada) -> None:
    client = seen_by(ada)
    assert b"No rotation yet. Make one for incident command first" in (
        client.get("/admin/training/rota/").content
    )


def test_its_settings_read_as_in_the_form_that_changes_them(ada, shifts) -> None:
    made = Rota.objects.get()
    page = seen_by(ada).get(f"/admin/training/rota/{made.pk}/change/").content.decode()
    for label in ("Days in a row", "The busiest serves at most (%)", "Learners stand beside"):
        assert label in page
    assert "Run days" not in page
    assert "Rotas" not in seen_by(ada).get("/admin/training/rota/").content.decode()


def test_a_rotation_is_made_joined_and_published_by_forms_alone(ada) -> None:
    client = seen_by(ada)
    form = client.get("/admin/training/rota/verb/create/").context["form"]
    said = {
        name: form.get_initial_for_field(field, name) for name, field in form.fields.items()
    }
    said = {name: value for name, value in said.items() if value is not None}
    said |= {"name": "Incident command", "role": "incident_commander"}
    made = client.post("/admin/training/rota/verb/create/", said)
    assert (made.status_code, made["Location"]) == (HTTPStatus.FOUND, BOARD)
    assert b"Nobody takes turns yet: let qualified people join" in client.get(BOARD).content
    at = "/admin/training/rota/incident-command/verb"
    joined = client.post(f"{at}/join/", {"person": ada.pk, "joined_on": said["starts_on"]})
    assert joined["Location"] == BOARD
    shown = client.get(f"{at}/publish/").content.decode()
    assert "What would be published" in shown
    assert client.post(f"{at}/publish/")["Location"] == BOARD
    assert Shift.objects.filter(person=ada).exists()


def test_what_cannot_be_is_said_on_its_field(ada, shifts) -> None:
    client = seen_by(ada)
    at = "/admin/training/rota/incident-command/verb"
    dan = person("dan")
    answer = client.post(f"{at}/join/", {"person": dan.pk, "joined_on": "2099-01-01"})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "not qualified" in answer.context["form"].errors["person"][0]
    band = {"label": "x", "begins": "9:00", "ends": "17:00", "time_zone": "Mars/Olympus"}
    answer = client.post(f"{at}/set_band/", band)
    assert "time_zone" in answer.context["form"].errors
    answer = client.post(f"{at}/publish/")
    assert "published until" in answer.context["form"].non_field_errors()[0]


def test_the_board_names_who_serves_and_what_is_to_be_mended(ada, shifts) -> None:
    Absence.objects.create(person=ada, starts_at=shifts[2].starts_at, ends_at=shifts[2].ends_at)
    week = f"{BOARD}?week={shifts[2].starts_at:%Y-%m-%d}"
    page = seen_by(ada).get(week).content.decode()
    assert "Ada (you)" in page
    assert "find somebody" in page
    ben = Person.objects.get(username="ben")
    asked = f"?through={shifts[2].pk}&amp;person={ben.pk}"
    assert f"/admin/incidents/shift/{shifts[2].pk}/verb/override/{asked}" in page
    assert "18:00 to 18:00" in page  # 09:00 UTC by the reader's clock


@pytest.mark.parametrize("week", ["2026-13-01", "x", "0001-01-01", "9999-12-31", ""])
def test_a_week_that_is_none_shows_the_running_one(ada, shifts, week: str) -> None:
    answer = seen_by(ada).get(BOARD, {"week": week})
    assert answer.status_code == HTTPStatus.OK
    assert answer.context["board"].week <= today(timezone.now()) + DAY


def test_who_only_sees_is_offered_no_act_and_dan_sees_nothing(shifts) -> None:
    reader = allow(person("rea", is_staff=True), *SEES)
    page = seen_by(reader).get(BOARD)
    assert page.context["offers"] == []
    dan = person("dan", is_staff=True)
    assert seen_by(dan).get(BOARD).status_code == HTTPStatus.FORBIDDEN
    override = f"/admin/incidents/shift/{shifts[0].pk}/verb/override/"
    assert seen_by(reader).post(override).status_code == HTTPStatus.FORBIDDEN


def test_a_shift_is_offered_and_accepted_by_forms(shifts) -> None:
    ada, ben = (Person.objects.get(username=each) for each in ("ada", "ben"))
    offer = f"/admin/incidents/shift/{shifts[2].pk}/verb/offer/"
    form = seen_by(ada).get(offer).context["form"]
    assert {str(each) for each in form.fields["to"].queryset} == {"Ben", "Cleo"}
    seen_by(ada).post(offer, {"to": ben.pk, "reason": "A wedding"})
    change = ShiftChange.objects.get()
    page = f"/admin/training/shiftchange/{change.pk}"
    labels = [each.verb.name for each in seen_by(ben).get(f"{page}/change/").context["offers"]]
    assert labels == ["accept", "decline"]
    labels = [each.verb.name for each in seen_by(ada).get(f"{page}/change/").context["offers"]]
    assert labels == ["withdraw"]
    seen_by(ben).post(f"{page}/verb/accept/")
    assert Shift.objects.get(pk=shifts[2].pk).person == ben


def test_leadership_is_shown_whom_to_ask_before_putting_somebody_on(ada, shifts) -> None:
    cleo = Person.objects.get(username="cleo")
    override = f"/admin/incidents/shift/{shifts[2].pk}/verb/override/"
    shown = seen_by(ada).get(override, {"person": cleo.pk})
    assert "Whom to ask" in shown.content.decode()
    assert shown.context["form"].initial["person"] == str(cleo.pk)
    seen_by(ada).post(override, {"person": cleo.pk, "reason": "Ada is ill"})
    assert Shift.objects.get(pk=shifts[2].pk).person == cleo


def test_a_stretch_in_the_middle_of_a_turn_is_one_act(ada, shifts) -> None:
    override = f"/admin/incidents/shift/{shifts[2].pk}/verb/override/"
    shown = seen_by(ada).get(override, {"through": shifts[4].pk}).content.decode()
    assert f'<option value="{shifts[4].pk}" selected>' in shown
    assert f"&amp;through={shifts[4].pk}" in shown  # whom to ask keeps what was chosen
    ben = Person.objects.get(username="ben")
    said = {"person": ben.pk, "reason": "Ada is ill", "through": shifts[4].pk}
    seen_by(ada).post(override, said)
    served = Shift.objects.filter(pk__in=[each.pk for each in shifts[2:6]]).order_by(
        "starts_at"
    )
    assert [each.person.username for each in served] == ["ben", "ben", "ben", "ada"]


def test_who_is_hindered_by_rest_alone_can_be_chosen_with_the_reason_beside(
    ada, shifts
) -> None:
    ben = Person.objects.get(username="ben")
    override = f"/admin/incidents/shift/{shifts[6].pk}/verb/override/"
    page = seen_by(ada).get(override).content.decode()
    assert f'href="?person={ben.pk}"' in page
    assert "without 11 hours of rest between two turns" in page
    Absence.objects.create(person=ben, starts_at=shifts[6].starts_at, ends_at=shifts[6].ends_at)
    assert f'href="?person={ben.pk}"' not in seen_by(ada).get(override).content.decode()


def test_the_list_of_shifts_shows_mine_nobodys_and_all(ada, shifts) -> None:
    Shift.objects.filter(pk=shifts[3].pk).update(person=None)

    def rows(whose: str) -> int:
        found = seen_by(ada).get("/admin/incidents/shift/", {"whose": whose})
        return len(found.context["cl"].result_list)

    assert (rows("mine"), rows("nobody")) == (13, 1)
    assert rows("all") == 25  # a page of it


def test_text_of_people_is_text_on_the_board(ada, shifts) -> None:
    Person.objects.filter(username="ben").update(name="<script>alert(1)</script>")
    Rota.objects.update(name="<b>Command</b>")
    page = seen_by(ada).get(BOARD).content.decode()
    assert "<script>alert(1)" not in page
    assert "<b>Command</b>" not in page
    shift_changes.offer(
        shifts[2], to=Person.objects.get(username="ben"), reason="<i>x</i>", actor=ada,
        at=timezone.now(),
    )  # fmt: skip
    change = ShiftChange.objects.get()
    page = seen_by(ada).get(f"/admin/training/shiftchange/{change.pk}/change/")
    assert "<i>x</i>" not in page.content.decode()


def test_the_rest_of_a_turn_is_offered_and_accepted_by_one_form_each(shifts) -> None:
    ada, ben = (Person.objects.get(username=each) for each in ("ada", "ben"))
    offer = f"/admin/incidents/shift/{shifts[2].pk}/verb/offer/"
    asked = seen_by(ada).get(offer).context["form"].fields["whole_turn"].help_text
    assert "(Asia/Tokyo), 5 shifts" in asked
    said = {"to": ben.pk, "whole_turn": "on", "other": shifts[7].pk}
    assert seen_by(ada).post(offer, said).status_code == HTTPStatus.FOUND
    change = ShiftChange.objects.order_by("pk").first()
    page = f"/admin/training/shiftchange/{change.pk}"
    shown = seen_by(ben).get(f"{page}/change/").content.decode()
    assert shown.count("(Asia/Tokyo), 5 shifts") == 2  # given, and in return
    seen_by(ben).post(f"{page}/verb/accept/")
    assert set(ShiftChange.objects.values_list("status", flat=True)) == {"accepted"}
    assert Shift.objects.filter(person=ben).count() == 7
    rows = seen_by(ben).get("/admin/training/shiftchange/").context["cl"].result_list
    assert [(row.pk, row.in_one) for row in rows] == [(change.pk, 5)]  # one line an act
    last = shifts[27]  # nothing follows it
    offer = f"/admin/incidents/shift/{last.pk}/verb/offer/"
    assert "whole_turn" not in seen_by(last.person).get(offer).context["form"].fields


def test_in_return_stands_only_what_one_could_serve_by_person_and_ones_own_clock(
    shifts,
) -> None:
    ada = Person.objects.get(username="ada")
    Absence.objects.create(person=ada, starts_at=shifts[8].starts_at, ends_at=shifts[8].ends_at)
    page = seen_by(ada).get(f"/admin/incidents/shift/{shifts[2].pk}/verb/offer/")
    nothing, *groups = page.context["form"].fields["other"].choices
    assert nothing == ("", "nothing in return")
    assert [(name, len(rows)) for name, rows in groups] == [("Ben", 6), ("Cleo", 7)]
    (first, label), *_ = groups[0][1]
    assert first == shifts[7].pk
    assert "18:00 to " in label  # 09:00 UTC in Tokyo
    assert str(ada.time_zone) in page.content.decode()


def test_a_shift_is_called_by_the_readers_clock(shifts) -> None:
    ada = Person.objects.get(username="ada")
    page = seen_by(ada).get(f"/admin/incidents/shift/{shifts[2].pk}/verb/offer/")
    assert "18:00 (Asia/Tokyo)" in page.context["subtitle"]
