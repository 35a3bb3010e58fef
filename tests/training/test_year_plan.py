"""The plan of a year: asked for, solved elsewhere, settled, moved by hand, published, withdrawn."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import AuditEvent, OutboxMessage, Person
from incidents.models.calendar import today
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SCRIBE
from tests.factories import NOW, allow, person, role
from tests.training.factories import story
from training.models import Answer, GameDay, YearPlan
from training.operations import answers, year_moves, year_plan, year_problem, year_reading
from training.rules.planning import Answer as Found
from training.rules.planning import Planned, Seated
from training.rules.planning_score import worth

pytestmark = pytest.mark.django_db

YEAR = NOW.year + 1
ASKED = {"year": YEAR, "must": (COMMANDER, COMMUNICATIONS), "seconds": 5.0}


def planner() -> Person:
    return allow(
        person("elif"), "training.plan_yearplan", "training.publish_yearplan",
        "training.view_yearplan",
    )  # fmt: skip


def company(commanders: int = 3, speakers: int = 3) -> dict[str, list[Person]]:
    """Enough people for four exercises, and two stories."""
    story()
    story("leaked-export")
    return {
        COMMANDER: [person(f"com{n}", qualified=(COMMANDER,)) for n in range(commanders)],
        COMMUNICATIONS: [
            person(f"spk{n}", qualified=(COMMUNICATIONS,)) for n in range(speakers)
        ],
    }


def made(**asked) -> YearPlan:
    return year_plan.make(**{**ASKED, **asked}, actor=planner(), at=NOW)


def answered(plan: YearPlan, *, at: datetime = NOW, **said) -> YearPlan:
    """Settled as a planner that goes by turns would answer, without a process of its own."""
    mine = year_plan.claim(at=at)
    assert mine == plan
    asked = year_problem.read(mine, at=at)
    return year_plan.settle(mine, asked, _in_turn(asked.problem, **said), at=at)


def _commander(day: Planned) -> str:
    return next((one.person for one in day.seats if one.key == COMMANDER), "")


def _in_turn(problem, status="feasible") -> Found:
    days, parts = [], dict.fromkeys(problem.people, 0)
    for exercise, slots in enumerate(problem.slots_of):
        slot = next(
            (p.slot for p in problem.pins if p.exercise == exercise and p.slot is not None),
            slots[0].id,
        )
        told = [p.story for p in problem.pins if p.exercise == exercise and p.story]
        seats = [
            Seated(p.role, p.person, p.is_learner, "set by hand")
            for p in problem.pins if p.exercise == exercise and p.person
        ]  # fmt: skip
        for seat in problem.seats:
            taken = {one.person for one in seats}
            if seat.key in {one.key for one in seats}:
                continue
            free = [
                one for one in problem.candidates
                if problem.may_play(exercise, seat, one) and one.key not in taken
                and not (seat.key == COMMANDER and days and _commander(days[-1]) == one.key)
                and parts[one.key] < problem.most_parts
            ]  # fmt: skip
            if free:
                least = min(free, key=lambda one: (parts[one.key], one.key))
                parts[least.key] += 1
                seats.append(Seated(seat.role, least.key, seat.is_learner, "their turn"))
        key = told[0] if told else problem.stories[exercise % len(problem.stories)].key
        days.append(Planned(exercise, slot, key, tuple(seats)))
    value = worth(problem, days)
    return Found(status, value, value + 10, tuple(days))


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def cast_of(day: GameDay) -> dict[str, str]:
    return {part.role_id: part.person.username for part in day.roles.all()}


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
        year_plan.settle(mine, asked, _in_turn(asked.problem), at=NOW)
    assert codes(refusal) == {"answer_not_awaited"}
    assert not plan.game_days.exists()


# --- by hand


def test_what_is_set_by_hand_stays_when_the_rest_is_planned_anew():
    company()
    plan = answered(made())
    elif_, day = plan.made_by, plan.game_days.order_by("starts_at").first()
    com2 = Person.objects.get(username="com2")
    day.staff.all().delete()
    moved = day.starts_at + timedelta(days=7, hours=1)
    year_moves.move(plan, game_day=day, starts_at=moved, actor=elif_, at=NOW)
    year_moves.put(plan, game_day=day, role=role(COMMANDER), person=com2, actor=elif_, at=NOW)
    other = story("region-dark")
    year_moves.tell(plan, game_day=day, story=other, actor=elif_, at=NOW)
    year_plan.ask(plan, actor=elif_, at=NOW)
    answered(plan)
    day.refresh_from_db()
    assert (day.starts_at, day.exercise_scenario) == (moved, other)
    assert cast_of(day)[COMMANDER] == "com2"
    year_moves.unpin(plan, game_day=day, what="everything", actor=elif_, at=NOW)
    day.refresh_from_db()
    assert not day.is_date_pinned
    assert not day.roles.filter(is_pinned=True).exists()


def test_who_is_taken_out_does_not_come_back_by_planning_anew():
    company()
    plan = answered(made())
    day = plan.game_days.order_by("starts_at").first()
    out = day.roles.get(role=COMMANDER).person
    year_moves.take_out(plan, game_day=day, person=out, actor=plan.made_by, at=NOW)
    year_plan.ask(plan, actor=plan.made_by, at=NOW)
    answered(plan)
    assert cast_of(day)[COMMANDER] != out.username


def test_what_is_impossible_by_hand_is_refused():
    company()
    plan = answered(made())
    elif_, day = plan.made_by, plan.game_days.order_by("starts_at").first()
    said = {"game_day": day, "actor": elif_, "at": NOW}
    speaker = day.roles.get(role=COMMUNICATIONS).person
    helper = day.staff.first().person
    stranger = person("stranger")
    for code, act in (
        ("starts_in_past", lambda: year_moves.move(plan, starts_at=NOW, **said)),
        ("outside_period",
         lambda: year_moves.move(plan, starts_at=datetime(YEAR, 12, 1, tzinfo=UTC), **said)),
        ("not_able",
         lambda: year_moves.put(plan, role=role(COMMANDER), person=stranger, **said)),
        ("has_no_part", lambda: year_moves.take_out(plan, person=stranger, **said)),
        ("nothing_there", lambda: year_moves.pin(plan, what=SCRIBE, **said)),
        ("has_the_duty", lambda: year_moves.put(
            plan, role=role(helper.qualifications.get().role_id), person=helper, **said)),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            act()
        assert codes(refusal) == {code}
    assert cast_of(day)[COMMUNICATIONS] == speaker.username


def test_nothing_is_moved_while_the_planner_thinks():
    company()
    plan = answered(made())
    day = plan.game_days.first()
    year_plan.ask(plan, actor=plan.made_by, at=NOW)
    with pytest.raises(Refused) as refusal:
        year_moves.pin(plan, game_day=day, what="date", actor=plan.made_by, at=NOW)
    assert codes(refusal) == {"being_planned"}


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


# --- the page


def test_a_player_sees_the_plan_but_not_what_awaits_them():
    company()
    plan = answered(made())
    day = plan.game_days.order_by("starts_at").first()
    player = allow(day.roles.first().person, "training.view_yearplan")
    for who, is_told in ((plan.made_by, True), (player, False)):
        seen = year_reading.look(plan, reader=who, at=NOW)
        assert bool(seen.exercises[0].story) is is_told


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
        "must": [COMMANDER, COMMUNICATIONS],
    }  # fmt: skip
    assert client.post(new, {**said, "times": "ten"}).status_code == 409
    assert client.post(new, said).status_code == 302
    plan = YearPlan.objects.get()
    page = reverse("admin:training_yearplan_change", args=[plan.pk])
    live = reverse("admin:training_yearplan_live", args=[plan.pk])
    assert "A worker takes it up" in client.get(page).content.decode()
    seen = year_reading.revision(plan)
    assert client.get(live, {"seen": seen}).status_code == 204
    answered(plan, status="optimal")
    assert b"proven to be the best" in client.get(live, {"seen": seen}).content
    day = plan.game_days.order_by("starts_at").first()
    assert today(day.starts_at) > date(YEAR, 1, 20)
    pin = reverse("admin:training_yearplan_pin", args=[plan.pk])
    assert client.post(pin, {"game_day": day.pk, "what": "date"}).status_code == 302
    day.refresh_from_db()
    assert day.is_date_pinned
    client.force_login(person("dan", is_staff=True))
    assert {client.get(one).status_code for one in (page, live, new, pin)} == {403}
