"""The plan of a year's exercises: asked for, thought about elsewhere, settled, published, withdrawn."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet

from incidents.models import NudgePolicy, Person
from incidents.operations import nudges, policies, records, standing
from incidents.rules.reasons import Invalid, Reason, Refused
from training.models import ExerciseScenario, GameDay, YearPlan
from training.operations import casting, inviting, year_problem, year_settling
from training.operations.year_problem import Asked
from training.operations.year_worth import SETTLED, settled
from training.rules.planning import Answer
from training.rules.planning_check import check
from training.rules.planning_reasons import title
from training.rules.year_settings import YearSettings, as_json

PLAN, PUBLISH = "training.plan_yearplan", "training.publish_yearplan"
LEASE = timedelta(minutes=4)  # longer than the planner may ever think
MOST_ATTEMPTS = 3
Status, Outcome = YearPlan.Status, YearPlan.Outcome
_PROPOSED, _PLANNED = GameDay.Status.PROPOSED, GameDay.Status.PLANNED


@transaction.atomic
def make(*, actor: Person, at: datetime, **asked: Any) -> YearPlan:
    """A plan of this year, and the planner asked for it; `asked` is as YearSettings has it.

    Refuses `year_planned` where there is one already, and what `ask` refuses.
    """
    standing.permit_to(actor, PLAN)
    settings = YearSettings(**asked)
    if YearPlan.objects.filter(year=settings.year).exclude(status=Status.WITHDRAWN).exists():
        message = f"{settings.year} has a plan already: plan the rest of it anew, or withdraw it first."
        raise Refused.because("year_planned", message, "year")
    plan = YearPlan(
        year=settings.year, settings=as_json(settings), made_by=actor, made_at=at,
        requested_at=at,
    )  # fmt: skip
    plan.save()
    _require_plannable(plan, at)
    records.audit("plan_yearplan", plan, actor=actor, at=at, year=plan.year)
    return plan


@transaction.atomic
def ask(plan: YearPlan, *, actor: Person, at: datetime) -> YearPlan:
    """Have the rest planned anew around what is set by hand, agreed or held.

    Refuses `being_planned`, `wrong_state`, and a problem that contradicts itself.
    """
    plan = held(plan, PLAN, actor)
    _require_plannable(plan, at)
    plan.requested_at, plan.solved_at, plan.outcome = at, None, Outcome.NONE
    plan.claimed_at, plan.claim, plan.attempts, plan.progress = None, "", 0, {}
    plan.save()
    records.audit("ask_yearplan", plan, actor=actor, at=at)
    return plan


@transaction.atomic
def stop(plan: YearPlan, *, actor: Person, at: datetime) -> YearPlan:
    """Let the planner think no more; what it may still answer is not heard. Refuses `not_asked`."""
    standing.permit_to(actor, PLAN)
    plan = YearPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if not is_waiting(plan):
        raise Refused.because("not_asked", "The planner is not thinking about this plan.")
    plan.requested_at, plan.claimed_at, plan.claim, plan.progress = None, None, "", {}
    plan.save()
    records.audit("stop_yearplan", plan, actor=actor, at=at)
    return plan


def claim(*, at: datetime) -> YearPlan | None:
    """The plan asked for longest that nobody thinks about, for this caller alone; None if none.

    A worker that died loses its lease; a plan that was begun too often is given up, saying so.
    """
    for plan in _waiting(at).order_by("requested_at", "pk"):
        mine = str(uuid4())
        if (
            not _waiting(at)
            .filter(pk=plan.pk, claim=plan.claim)
            .update(claimed_at=at, claim=mine, attempts=F("attempts") + 1)
        ):  # another worker was faster
            continue
        plan.refresh_from_db()
        if plan.attempts <= MOST_ATTEMPTS:
            return plan
        message = (
            f"The planner was begun {MOST_ATTEMPTS} times and never came to an end: look at the worker "
            "and its memory, ask for fewer exercises, or name the people by hand."
        )
        fail(plan, message, at=at)
    return None


def tell(plan: YearPlan, progress: Mapping[str, float], *, at: datetime) -> None:
    """How far it is, for who looks; the lease begins anew."""
    mine = YearPlan.objects.filter(pk=plan.pk, claim=plan.claim)
    mine.update(progress=dict(progress), claimed_at=at)


@transaction.atomic
def settle(plan: YearPlan, asked: Asked, answer: Answer, *, at: datetime) -> YearPlan:
    """Keep the answer: its exercises are proposed, seats agreed before stay as they are.

    Refuses `answer_not_awaited` where it was stopped, asked for anew, or another worker has it.
    """
    held_now = _awaited(plan)
    held_now.outcome = answer.status
    held_now.objective, held_now.bound = answer.objective, answer.bound
    held_now.seconds, held_now.solved_at = answer.seconds, at
    held_now.answer = {
        "terms": dict(answer.terms),
        "reasons": list(answer.reasons),
        "least": list(answer.least),
        "notes": list(asked.notes),
        "unfilled": [
            {"number": asked.numbers[one.exercise], "seat": one.key,
             "reason": one.reason}
            for one in answer.unfilled
        ],
    }  # fmt: skip
    year_settling.write(held_now, asked, answer, at=at)
    stands = held_now.game_days.exclude(status=GameDay.Status.CANCELLED)
    held_now.answer[SETTLED] = settled(stands.prefetch_related("roles"))
    _release(held_now)
    records.audit(
        "settle_yearplan", held_now, actor=None, at=at, outcome=answer.status,
        objective=answer.objective, bound=answer.bound,
    )  # fmt: skip
    return held_now


@transaction.atomic
def fail(plan: YearPlan, why: str, *, at: datetime) -> YearPlan:
    """The planner gave no answer, and why; what was proposed before stays."""
    held_now = _awaited(plan)
    held_now.outcome, held_now.solved_at = Outcome.FAILED, at
    held_now.answer = {**held_now.answer, "reasons": [why], "least": []}
    _release(held_now)
    records.audit("fail_yearplan", held_now, actor=None, at=at, reason=why)
    return held_now


@transaction.atomic
def publish(plan: YearPlan, *, actor: Person, at: datetime) -> YearPlan:
    """Every exercise proposed is planned now: its people are invited, and reminded before it.

    Refuses `nothing_proposed`, `seat_empty`, `date_past` and a commander twice running.
    """
    plan = held(plan, PUBLISH, actor)
    days = list(_days(plan, _PROPOSED))
    if reasons := tuple(_unfit(plan, days, at)):
        raise Refused(*reasons)
    policy = policies.of(NudgePolicy.What.GAME_DAY)
    for day in days:
        players = day.roles.filter(is_shadow=False).select_related("person")
        casting.require({one.role_id: one.person for one in players}, day.starts_at, but=day)
        day.status, day.due_at = _PLANNED, day.starts_at
        nudges.schedule(day, policy, at=at)
        day.save()
        inviting.invite(day, at=at)
    plan.status = Status.PUBLISHED
    plan.published_at, plan.published_by = plan.published_at or at, plan.published_by or actor
    plan.save()
    records.audit(
        "publish_yearplan", plan, actor=actor, at=at, game_days=[day.pk for day in days]
    )
    return plan


@transaction.atomic
def withdraw(plan: YearPlan, *, reason: str, actor: Person, at: datetime) -> YearPlan:
    """The plan counts no more; its exercises to come are cancelled, who was invited hears why.

    Those that run or were held stay. Refuses `reason_missing`, `wrong_state`.
    """
    standing.permit_to(actor, PUBLISH)
    plan = YearPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if reasons := _gone(plan):
        raise Refused(*reasons)
    if not reason.strip():
        raise Invalid.because("reason_missing", "Say why, for who was invited.", "reason")
    for day in _days(plan, _PROPOSED, _PLANNED):
        was_asked = day.status == _PLANNED
        day.status = GameDay.Status.CANCELLED
        nudges.end(day)
        day.save()
        if was_asked:
            inviting.call_off(day, reason, at=at)
    plan.status, plan.requested_at, plan.claim = Status.WITHDRAWN, None, ""
    plan.save()
    records.audit("withdraw_yearplan", plan, actor=actor, at=at, reason=reason)
    return plan


def is_waiting(plan: YearPlan) -> bool:
    """Whether the planner was asked and has not answered."""
    return plan.requested_at is not None and plan.solved_at is None


def objections(verb: str, plan: YearPlan) -> tuple[Reason, ...]:
    """Why nobody may do this to the plan now; empty if it may be done."""
    if reasons := _gone(plan):
        return reasons
    if verb == "withdraw":
        return ()
    if verb == "stop":
        message = "The planner is not thinking about this plan."
        return () if is_waiting(plan) else (Reason("not_asked", message),)
    if is_waiting(plan):
        message = "The planner is thinking about this plan: wait for it, or stop it."
        return (Reason("being_planned", message),)
    if verb == "publish" and not _days(plan, _PROPOSED).exists():
        message = "No exercise is proposed: plan the rest anew, or all are published already."
        return (Reason("nothing_proposed", message),)
    return ()


def held(plan: YearPlan, permission: str, actor: Person) -> YearPlan:
    """The row as it is now, held until the act is over, if this person may change it now."""
    standing.permit_to(actor, permission)
    row = YearPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    verb = "publish" if permission == PUBLISH else "ask"
    if reasons := objections(verb, row):
        raise Refused(*reasons)
    return row


def _gone(plan: YearPlan) -> tuple[Reason, ...]:
    if plan.status != Status.WITHDRAWN:
        return ()
    message = f"This plan was withdrawn: make another one of {plan.year}."
    return (Reason("wrong_state", message),)


def _require_plannable(plan: YearPlan, at: datetime) -> None:
    """What the planner would refuse is refused at once, to who asks."""
    if not ExerciseScenario.objects.filter(retired_at=None).exists():
        message = "The library has no story: take in those that ship, or write one."
        raise Refused.because("no_stories", message)
    if reasons := check(year_problem.problem(plan, at=at)):
        raise Refused(*reasons)


def _unfit(plan: YearPlan, days: list[GameDay], at: datetime) -> Iterator[Reason]:
    asked = year_problem.read(plan, at=at)
    must = [seat for seat in asked.problem.seats if seat.must]
    for day in days:
        filled = {one.role_id for one in day.roles.all() if not one.is_shadow}
        for seat in must:
            if seat.role not in filled:
                message = f"{title(seat)} of “{day}” has nobody: name somebody, or plan the rest anew."
                yield Reason("seat_empty", message)
        if day.starts_at <= at:
            message = f"“{day}” was to begin on {day.starts_at:%-d %B %Y}: move it first."
            yield Reason("date_past", message)


def _days(plan: YearPlan, *states: str) -> QuerySet[GameDay]:
    days = plan.game_days.filter(status__in=states).order_by("starts_at", "pk")
    return days.select_related("organiser", "exercise_scenario")


def _waiting(at: datetime) -> QuerySet[YearPlan]:
    asked = YearPlan.objects.filter(requested_at__isnull=False, solved_at=None)
    free = Q(claimed_at=None) | Q(claimed_at__lt=at - LEASE)
    return asked.exclude(status=Status.WITHDRAWN).filter(free)


def _awaited(plan: YearPlan) -> YearPlan:
    row = YearPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if not is_waiting(row) or row.claim != plan.claim:
        message = "This answer is not awaited any more: the plan was stopped or asked for anew."
        raise Refused.because("answer_not_awaited", message)
    return row


def _release(plan: YearPlan) -> None:
    plan.claim, plan.claimed_at, plan.progress = "", None, {}
    plan.save()
