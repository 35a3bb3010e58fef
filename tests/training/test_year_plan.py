"""The plan of a year: asked for, settled by a worker, published, withdrawn."""

from datetime import timedelta

import pytest

from incidents.models import AuditEvent, OutboxMessage, Person
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests.factories import NOW, allow, person
from tests.training.factories import story
from tests.training.year import (
    ASKED,
    YEAR,
    answered,
    cast_of,
    codes,
    company,
    in_turn,
    made,
    planner,
)
from training.models import Answer, YearPlan
from training.operations import answers, year_moves, year_plan, year_problem, year_reading

pytestmark = pytest.mark.django_db


# --- asking and settling


def test_a_plan_is_asked_for_settled_and_proposes_without_inviting():
    company()
    plan = answered(made())
    days = list(plan.game_days.order_by("starts_at"))
    assert plan.outcome == "feasible"
    assert plan.objective is not None and plan.bound == plan.objective + 10
    assert [day.status for day in days] == ["proposed"] * 4
    assert [day.quarter for day in days] == [f"{YEAR}Q{n}" for n in range(1, 5)]
    assert all(set(cast_of(day)) == {COMMANDER, COMMUNICATIONS} for day in days)
    assert all(part.reason for day in days for part in day.roles.all())
    assert not OutboxMessage.objects.exists()


def test_who_runs_and_judges_it_does_not_play():
    company()
    for day in answered(made()).game_days.all():
        staff = {part.person_id for part in day.staff.all()}
        assert staff
        assert not staff & {part.person_id for part in day.roles.all()}


def test_a_year_has_one_plan_until_it_is_withdrawn():
    company()
    plan = answered(made())
    with pytest.raises(Refused) as refusal:
        year_plan.make(**ASKED, actor=plan.made_by, at=NOW)
    assert codes(refusal) == {"year_planned"}
    year_plan.withdraw(plan, reason="Too many", actor=plan.made_by, at=NOW)
    assert year_plan.make(**ASKED, actor=plan.made_by, at=NOW).status == "draft"


def test_nobody_plans_publishes_or_withdraws_without_the_permission():
    company()
    dan = person("dan")
    with pytest.raises(NotPermitted):
        year_plan.make(**ASKED, actor=dan, at=NOW)
    plan = answered(made())
    day = plan.game_days.first()
    who = Person.objects.get(username="com0")
    for act in (
        lambda: year_plan.ask(plan, actor=dan, at=NOW),
        lambda: year_plan.stop(plan, actor=dan, at=NOW),
        lambda: year_plan.publish(plan, actor=dan, at=NOW),
        lambda: year_plan.withdraw(plan, reason="No", actor=dan, at=NOW),
        lambda: year_moves.pin(plan, game_day=day, what="date", actor=dan, at=NOW),
        lambda: year_moves.take_out(plan, game_day=day, person=who, actor=dan, at=NOW),
    ):
        with pytest.raises(NotPermitted) as refusal:
            act()
        assert codes(refusal) == {"no_permission"}
    assert not AuditEvent.objects.filter(actor=dan).exists()


def test_what_cannot_be_planned_is_refused_at_once_with_what_to_do():
    elif_ = planner()
    for code, asked in (
        ("no_stories", {}),
        ("exercises_out_of_range", {"exercises": 13}),
        ("no_weekdays", {"weekdays": ()}),
        ("year_out_of_range", {"year": 12}),
        ("year_over", {"year": NOW.year - 1}),
    ):
        if code == "year_over":
            story()
        with pytest.raises(Refused) as refusal:
            year_plan.make(**{**ASKED, **asked}, actor=elif_, at=NOW)
        assert codes(refusal) == {code}
    with pytest.raises(Refused) as refusal:
        year_plan.make(**ASKED, actor=elif_, at=NOW)
    assert {"no_candidates"} <= codes(refusal)
    assert not YearPlan.objects.exists()


def test_two_workers_never_think_about_the_same_plan():
    company()
    plan = made()
    assert year_plan.claim(at=NOW) == plan
    assert year_plan.claim(at=NOW) is None


def test_the_plan_of_a_dead_worker_comes_back_and_is_given_up_in_the_end():
    company()
    plan, at = made(), NOW
    for _ in range(year_plan.MOST_ATTEMPTS):
        assert year_plan.claim(at=at) == plan
        at += year_plan.LEASE + timedelta(seconds=1)
    assert year_plan.claim(at=at) is None
    plan.refresh_from_db()
    assert plan.outcome == "failed"
    assert "3 times" in plan.answer["reasons"][0]


def test_an_answer_that_nobody_awaits_any_more_is_not_kept():
    company()
    plan = made()
    mine = year_plan.claim(at=NOW)
    asked = year_problem.read(mine, at=NOW)
    year_plan.stop(plan, actor=plan.made_by, at=NOW)
    with pytest.raises(Refused) as refusal:
        year_plan.settle(mine, asked, in_turn(asked.problem), at=NOW)
    assert codes(refusal) == {"answer_not_awaited"}
    assert not plan.game_days.exists()


# --- publishing


def test_publishing_invites_everybody_and_reminds_them():
    company()
    plan = answered(made())
    year_plan.publish(plan, actor=plan.made_by, at=NOW)
    days = list(plan.game_days.all())
    assert {day.status for day in days} == {"planned"}
    assert all(day.next_nudge_at for day in days)
    invited = {message.recipient_id for message in OutboxMessage.objects.all()}
    assert invited >= {part.person_id for day in days for part in day.roles.all()}
    with pytest.raises(Refused) as refusal:
        year_plan.publish(plan, actor=plan.made_by, at=NOW)
    assert codes(refusal) == {"nothing_proposed"}


def test_a_plan_whose_necessary_seat_is_empty_is_not_published():
    company()
    plan = answered(made())
    day = plan.game_days.order_by("starts_at").first()
    out = day.roles.get(role=COMMANDER).person
    year_moves.take_out(plan, game_day=day, person=out, actor=plan.made_by, at=NOW)
    with pytest.raises(Refused) as refusal:
        year_plan.publish(plan, actor=plan.made_by, at=NOW)
    assert codes(refusal) == {"seat_empty"}
    assert not OutboxMessage.objects.exists()


def test_a_declined_seat_is_filled_anew_and_who_accepted_keeps_theirs():
    company(commanders=6)
    plan = answered(made())
    year_plan.publish(plan, actor=plan.made_by, at=NOW)
    day = plan.game_days.order_by("starts_at").first()
    before = cast_of(day)
    no = allow(day.roles.get(role=COMMANDER).person, "training.answer_gameday")
    answers.answer_own(day, answer=Answer.DECLINED, note="Away", actor=no, at=NOW)
    told = OutboxMessage.objects.count()
    later = NOW + timedelta(minutes=1)
    year_plan.ask(plan, actor=plan.made_by, at=later)
    answered(plan, at=later)
    after = cast_of(day)
    assert after[COMMANDER] != no.username
    assert after[COMMUNICATIONS] == before[COMMUNICATIONS]
    new = OutboxMessage.objects.order_by("pk")[told:]
    assert {message.kind for message in new} == {"game_day_invited", "game_day_released"}


def test_a_declined_duty_finds_somebody_else_who_does_not_play():
    company(commanders=8)
    plan = answered(made())
    year_plan.publish(plan, actor=plan.made_by, at=NOW)
    day = plan.game_days.order_by("starts_at").first()
    before = cast_of(day)
    duty = day.staff.get(duty="lead_evaluator")
    no = allow(duty.person, "training.answer_gameday")
    answers.answer_own(day, answer=Answer.DECLINED, actor=no, at=NOW)
    later = NOW + timedelta(minutes=1)
    year_plan.ask(plan, actor=plan.made_by, at=later)
    answered(plan, at=later)
    assert cast_of(day) == before
    now = day.staff.get(duty="lead_evaluator").person
    assert now != no
    assert not day.roles.filter(person=now).exists()


def test_who_left_is_named_as_such_and_neither_plays_nor_judges_any_more():
    company(commanders=8)
    plan = answered(made())
    year_plan.publish(plan, actor=plan.made_by, at=NOW)
    day = plan.game_days.order_by("starts_at").first()
    player, judge = day.roles.get(role=COMMANDER).person, day.staff.first().person
    for who in (player, judge):
        who.is_active = False
        who.save()
    year = year_reading.look(plan, reader=plan.made_by, at=NOW)
    said = f"{player} was deactivated: “{day}” needs somebody else as Incident commander."
    assert said in year.broken
    duty = day.staff.get(person=judge).get_duty_display()
    assert f"{judge} was deactivated: “{day}” needs somebody else as {duty}." in year.broken
    later = NOW + timedelta(minutes=1)
    year_plan.ask(plan, actor=plan.made_by, at=later)
    answered(plan, at=later)
    assert cast_of(day)[COMMANDER] != player.username
    assert not day.staff.filter(person=judge).exists()
    said = year_reading.look(plan, reader=plan.made_by, at=later)
    assert not [each for each in (*said.broken, *said.notes) if "deactivated" in each]


def test_what_somebody_played_this_year_counts_when_the_rest_is_planned_anew():
    company(commanders=5)
    plan = answered(made())
    first, second, _, last = plan.game_days.order_by("starts_at")
    busiest = Person.objects.get(username="com4")
    for day in (first, second):
        day.roles.filter(role=COMMANDER).update(person=busiest)
        type(day).objects.filter(pk=day.pk).update(status="completed")
    later = second.starts_at + timedelta(days=1)
    busy = year_problem.problem(plan, at=later).people["com4"]
    assert (busy.parts, busy.load) == (2, 2)
    # What was agreed by hand beyond that stays as it is.
    last.roles.filter(role=COMMANDER).update(person=busiest)
    last.staff.filter(person=busiest).delete()
    type(last).objects.filter(pk=last.pk).update(status="planned")
    asked = year_problem.read(plan, at=later)
    assert asked.problem.people["com4"].parts == 1
    assert "com4" in {pin.person for pin in asked.problem.pins}


def test_withdrawing_calls_off_what_was_agreed_and_says_why():
    company()
    plan = answered(made())
    year_plan.publish(plan, actor=plan.made_by, at=NOW)
    with pytest.raises(Invalid) as refusal:
        year_plan.withdraw(plan, reason=" ", actor=plan.made_by, at=NOW)
    assert codes(refusal) == {"reason_missing"}
    year_plan.withdraw(plan, reason="A merger", actor=plan.made_by, at=NOW)
    assert {day.status for day in plan.game_days.all()} == {"cancelled"}
    assert OutboxMessage.objects.filter(body__contains="A merger").exists()
