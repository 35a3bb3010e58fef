"""The page of a year's plan: who sees what, what is still proven, what can be mended."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import Person
from incidents.models.calendar import today
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.factories import NOW, allow, person, role
from tests.training.year import (
    ASKED,
    YEAR,
    answered,
    company,
    made,
    planner,
)
from training.models import YearPlan
from training.operations import year_moves, year_plan, year_problem, year_reading

pytestmark = pytest.mark.django_db


def test_a_player_sees_the_plan_but_no_story_that_awaits_them():
    """Nor where the same story is told in an exercise they do not play in."""
    company()
    plan = answered(made())
    days = list(plan.game_days.order_by("starts_at"))
    player = allow(days[0].roles.get(role=COMMANDER).person, "training.view_yearplan")
    plays = {
        day.exercise_scenario_id for day in days if day.roles.filter(person=player).exists()
    }
    for who, hidden in ((plan.made_by, set()), (player, plays)):
        seen = year_reading.look(plan, reader=who, at=NOW)
        assert {
            one.day.exercise_scenario_id for one in seen.exercises if not one.story
        } == hidden


def test_a_rule_broken_by_hand_is_said_at_once():
    company()
    plan = answered(made())
    first, second = plan.game_days.order_by("starts_at")[:2]
    second.staff.all().delete()
    who = first.roles.get(role=COMMANDER).person
    assert year_reading.look(plan, reader=plan.made_by, at=NOW).broken == ()
    year_moves.put(
        plan, game_day=second, role=role(COMMANDER), person=who, actor=plan.made_by, at=NOW
    )
    said = year_reading.look(plan, reader=plan.made_by, at=NOW).broken
    assert any(str(who) in one and "twice running" in one for one in said)


def test_what_a_plan_is_worth_is_of_the_plan_as_it_was_once_it_is_changed_by_hand(client):
    company()
    plan = answered(made(), status="optimal")
    before = year_reading.look(plan, reader=plan.made_by, at=NOW)
    assert not before.is_changed
    assert before.worth == plan.objective
    day = plan.game_days.order_by("starts_at").first()
    year_moves.pin(plan, game_day=day, what="everything", actor=plan.made_by, at=NOW)
    plan.refresh_from_db()
    assert not year_reading.look(plan, reader=plan.made_by, at=NOW).is_changed
    part = day.roles.get(role=COMMANDER)
    year_moves.take_out(plan, game_day=day, person=part.person, actor=plan.made_by, at=NOW)
    plan.refresh_from_db()
    after = year_reading.look(plan, reader=plan.made_by, at=NOW)
    assert after.is_changed
    assert after.worth is not None and after.worth < plan.objective
    assert dict(after.terms)[year_reading.TERMS["missing"]] < 0
    Person.objects.filter(pk=plan.made_by_id).update(is_staff=True)
    client.force_login(plan.made_by)
    page = reverse("admin:training_yearplan_change", args=[plan.pk])
    page = client.get(page).content.decode()
    assert "Changed by hand since it was planned on" in page
    assert "as planned, proven to be the best" in page
    answered(year_plan.ask(plan, actor=plan.made_by, at=NOW))
    plan.refresh_from_db()
    assert not year_reading.look(plan, reader=plan.made_by, at=NOW).is_changed
    gone = year_plan.withdraw(plan, reason="Too many", actor=plan.made_by, at=NOW)
    assert not year_reading.look(gone, reader=plan.made_by, at=NOW).is_changed


def test_the_nearest_to_what_cannot_be_done_is_said_to_be_proven(client):
    company()
    plan = answered(made(), status="infeasible")
    assert not year_reading.look(plan, reader=plan.made_by, at=NOW).is_nearest
    plan.bound = plan.objective
    plan.save()
    assert year_reading.look(plan, reader=plan.made_by, at=NOW).is_nearest
    Person.objects.filter(pk=plan.made_by_id).update(is_staff=True)
    client.force_login(plan.made_by)
    page = reverse("admin:training_yearplan_change", args=[plan.pk])
    assert "proven to be the nearest" in client.get(page).content.decode()


def test_who_was_put_in_a_seat_by_hand_is_marked_so_even_unpinned():
    company()
    plan = answered(made())
    day = plan.game_days.order_by("starts_at").first()
    day.staff.all().delete()
    put = Person.objects.get(username="com2")
    year_moves.put(
        plan, game_day=day, role=role(COMMANDER), person=put, actor=plan.made_by, at=NOW
    )
    year_moves.unpin(plan, game_day=day, what=COMMANDER, actor=plan.made_by, at=NOW)
    seats = year_reading.look(plan, reader=plan.made_by, at=NOW).exercises[0].seats
    assert {one.key for one in seats if one.is_by_hand} == {COMMANDER}


def test_what_no_longer_holds_is_said_by_name_role_and_number_and_that_it_stays_for_now():
    company(commanders=5)
    plan = answered(made())
    first, second, *_ = plan.game_days.order_by("starts_at")
    type(first).objects.filter(pk=first.pk).update(status="completed")
    part = second.roles.get(role=COMMANDER)
    year_moves.pin(plan, game_day=second, what=COMMANDER, actor=plan.made_by, at=NOW)
    part.person.qualifications.all().delete()
    later = first.starts_at + timedelta(days=1)
    plan.refresh_from_db()
    year = year_reading.look(plan, reader=plan.made_by, at=later)
    said = f"{part.person} is neither qualified nor learning. {year_problem.ANOTHER}"
    assert said in year.notes
    assert f"{part.person} as Incident commander in exercise 2: unknown." in year.broken
    assert not [each for each in (*year.notes, *year.broken) if COMMANDER in each]


def test_what_is_missing_is_offered_to_be_mended(client):
    """An empty seat of a proposed exercise is filled here, of a published one by recasting it."""
    company()
    role(SCRIBE)
    person("sue", qualified=(SCRIBE,))
    plan = answered(made(most_parts=4))
    elif_ = allow(plan.made_by, "training.change_gameday", "training.add_gameday")
    Person.objects.filter(pk=elif_.pk).update(is_staff=True)
    client.force_login(elif_)
    first = plan.game_days.order_by("starts_at").first()
    first.roles.filter(role=SCRIBE).delete()
    page = reverse("admin:training_yearplan_change", args=[plan.pk])
    put = reverse("admin:training_yearplan_put", args=[plan.pk])
    ask = reverse("admin:training_yearplan_ask", args=[plan.pk])
    said = client.get(page).content.decode()
    assert "1 more seat that nobody has" in said
    assert f"{put}?game_day={first.pk}&amp;role={SCRIBE}" in said
    assert f'href="{ask}" aria-label="Plan the rest anew, to fill the seats of {first}"' in said
    assert said.count(f'<a class="act" href="{ask}">Plan the rest anew</a>') == 1, (
        "a check missed"
    )
    last = plan.game_days.order_by("starts_at").last()
    type(last).objects.filter(pk=last.pk).update(status="cancelled")
    said = client.get(page).content.decode()
    assert "Plan a game day beside these: An exercise a quarter" in said
    year_plan.publish(plan, actor=elif_, at=NOW)
    recast = reverse("admin:training_gameday_reassign", args=[first.pk])
    said = client.get(page).content.decode()
    assert f"{recast}?role={SCRIBE}" in said
    assert f"{recast}?role={COMMANDER}" in said
    form = client.get(f"{recast}?role={SCRIBE}").content.decode()
    assert f'value="{SCRIBE}" selected' in form
    assert client.post(
        recast, {"role": SCRIBE, "person": Person.objects.get(username="sue").pk}
    )
    plan.refresh_from_db()
    seats = year_reading.look(plan, reader=elif_, at=NOW).exercises[0].seats
    assert {one.key for one in seats if one.is_by_hand} == {SCRIBE}


def test_the_page_costs_the_same_however_many_people_and_exercises_there_are():
    company()
    small = answered(made())
    with CaptureQueriesContext(connection) as few:
        year_reading.look(small, reader=small.made_by, at=NOW)
    year_plan.withdraw(small, reason="More", actor=small.made_by, at=NOW)
    for n in range(6):
        person(f"more{n}", qualified=(SCRIBE, COMMUNICATIONS))
    large = answered(year_plan.make(**{**ASKED, "exercises": 6}, actor=small.made_by, at=NOW))
    with CaptureQueriesContext(connection) as many:
        year_reading.look(large, reader=small.made_by, at=NOW)
    assert len(many) == len(few) <= 40


def test_every_act_is_a_page_of_the_plan_and_nothing_of_it_is_dans(client):
    company()
    elif_ = planner()
    elif_.is_staff = True
    elif_.save()
    client.force_login(elif_)
    new = reverse("admin:training_yearplan_make")
    said = {
        "year": YEAR, "exercises": 4, "minutes": 90, "most_parts": 2, "weekdays": [1, 2],
        "times": "10:00", "left_out": f"{YEAR}-01-01 to {YEAR}-01-20", "seconds": 5,
        "must": [COMMANDER, COMMUNICATIONS], "with_learners": "on", "weights": "fresh = 30\ncell 2",
    }  # fmt: skip
    refused = client.post(new, {**said, "times": "10:00+05:00, 15:00"})
    assert "has an offset of its own" in refused.content.decode()
    for name, wrong in (
        ("times", "ten"),
        ("times", "10:00+05:00"),
        ("weights", "beauty 3"),
        ("weights", "="),
    ):
        assert client.post(new, {**said, name: wrong}).status_code == 409
    assert client.post(new, said).status_code == 302
    plan = YearPlan.objects.get()
    page = reverse("admin:training_yearplan_change", args=[plan.pk])
    live = reverse("admin:training_yearplan_live", args=[plan.pk])
    assert "A worker takes it up" in client.get(page).content.decode()
    assert b"Weights of its own: cell 2, fresh 30." in client.get(page).content
    seen = year_reading.revision(plan)
    assert client.get(live, {"seen": seen}).status_code == 204
    answered(plan, status="optimal")
    assert b"proven to be the best" in client.get(live, {"seen": seen}).content
    day = plan.game_days.order_by("starts_at").first()
    assert today(day.starts_at) > date(YEAR, 1, 20)
    elif_.time_zone = "Asia/Tokyo"
    elif_.save()
    said = client.get(page).content.decode()
    assert '19:00</time> <span class="faint">Asia/Tokyo' in said
    assert "at 10:00 by the clock of UTC" in said
    pin = reverse("admin:training_yearplan_pin", args=[plan.pk])
    assert client.post(pin, {"game_day": day.pk, "what": "date"}).status_code == 302
    day.refresh_from_db()
    assert day.is_date_pinned
    client.force_login(person("dan", is_staff=True))
    assert {client.get(one).status_code for one in (page, live, new, pin)} == {403}
