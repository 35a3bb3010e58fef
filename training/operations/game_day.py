"""A game day from its plan to its run. Run, it is an incident of kind exercise."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from incidents.models import Incident, NudgePolicy, Person, Role, Service
from incidents.operations import (
    declaration,
    nudges,
    policies,
    records,
    standing,
)
from incidents.rules.phases import State
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, NAMES
from training.models import Answer, ExerciseScenario, GameDay, GameDayRole
from training.operations import casting, inviting, running

_PLANNED, _RUNNING = GameDay.Status.PLANNED, GameDay.Status.RUNNING
_STATES = {
    "reassign": (_PLANNED,),
    "run": (_PLANNED,),
    "complete": (_RUNNING,),
    "cancel": (_PLANNED, _RUNNING),
}


def plan(
    *,
    title: str,
    exercise_scenario: ExerciseScenario,
    starts_at: datetime,
    roles: casting.Cast,
    services: Sequence[Service],
    actor: Person,
    at: datetime,
    organiser: Person | None = None,
) -> GameDay:
    """A game day in the future with its players, who are told now and reminded before.

    Refuses a start that is past, a cast without commander or communications lead, a commander
    with a second role or one who commands the game day before or after.
    """
    _permitted("add", actor)
    with transaction.atomic():
        if starts_at <= at:
            message = "A game day lies in the future: choose a later date."
            raise Invalid.because("starts_in_past", message, "starts_at")
        casting.require(roles, starts_at)
        game_day = GameDay(
            title=title,
            exercise_scenario=exercise_scenario,
            starts_at=starts_at,
            due_at=starts_at,
            organiser=organiser or actor,
        )
        nudges.schedule(game_day, policies.of(NudgePolicy.What.GAME_DAY), at=at)
        game_day.save()
        game_day.services.set(services)
        for slug, person in roles.items():
            GameDayRole.objects.create(game_day=game_day, role_id=slug, person=person)
        inviting.invite(game_day, at=at)
        cast = {slug: person.username for slug, person in roles.items()}
        records.audit(
            "plan_gameday", game_day, actor=actor, at=at, starts_at=starts_at, roles=cast
        )
    return game_day


def reassign_role(
    game_day: GameDay, *, role: Role, person: Person, actor: Person, at: datetime
) -> GameDayRole:
    """Let this person play this role; the same rules as for the plan. Both people are told."""
    _permitted("change", actor)
    with transaction.atomic():
        game_day = _locked(game_day, "reassign")
        players = game_day.roles.filter(is_shadow=False).select_related("person")
        cast = {part.role_id: part.person for part in players}
        before = cast.get(role.slug)
        if before == person:
            message = f"{person} plays {role} already: name somebody else."
            raise Refused.because("plays_it_already", message, "person")
        if game_day.roles.filter(role=role, person=person).exists():
            message = (
                f"{person} stands beside who plays {role}, to learn it: name somebody else."
            )
            raise Refused.because("learns_it_there", message, "person")
        if game_day.staff.filter(person=person).exists():
            message = f"{person} helps to run or judge it and knows the story: name another."
            raise Refused.because("has_the_duty", message, "person")
        casting.require({**cast, role.slug: person}, game_day.starts_at, but=game_day)
        part = players.filter(role=role).first() or GameDayRole(game_day=game_day, role=role)
        part.person, part.reason, part.is_pinned = person, "", True
        part.answer, part.answered_at, part.answer_note = Answer.NONE, None, ""
        part.save()
        inviting.invite(game_day, [person, before] if before else [person], at=at)
        records.audit(
            "reassign_gameday", game_day, actor=actor, at=at, role=role.slug,
            person=person.username, before=before.username if before else None,
        )  # fmt: skip
    return part


def run(
    game_day: GameDay,
    *,
    pace: str = "",
    pace_factor: int = 0,
    actor: Person,
    at: datetime,
) -> GameDay:
    """Begin: declares the exercise incident with the players in their roles, in one audit line.

    Who stands beside a player holds no role. Every inject is laid out, and the story's clock
    starts at the pace said here, else at the one planned.
    """
    _permitted("run", actor)
    with transaction.atomic():
        game_day = _locked(game_day, "run")
        story = game_day.exercise_scenario
        players = {
            part.role_id: part.person
            for part in game_day.roles.filter(is_shadow=False).select_related("person")
            if part.answer != Answer.DECLINED
        }
        _all_come(players)
        game_day.incident = declaration.declare(
            title=f"Exercise: {game_day.title}",
            services=list(game_day.services.all()),
            facts=story.facts,
            actor=actor,
            at=at,
            kind=Incident.Kind.EXERCISE,
            scenario=story.scenario,
            players=players,
            occasion=f"game day {game_day.pk}: {game_day}",
        )
        running.take_pace(game_day, pace or game_day.pace, pace_factor or game_day.pace_factor)
        _move(game_day, GameDay.Status.RUNNING)
        running.begin(game_day, game_day.incident, at=at)
    return game_day


def cancel(game_day: GameDay, *, reason: str, actor: Person, at: datetime) -> GameDay:
    """Call it off; the players are told why. A running one only once its exercise is cancelled."""
    _permitted("cancel", actor)
    with transaction.atomic():
        game_day = _locked(game_day, "cancel")
        if not reason.strip():
            raise Invalid.because("reason_missing", "Say why, for the players.", "reason")
        running.end(game_day, at=at)
        _move(game_day, GameDay.Status.CANCELLED)
        inviting.call_off(game_day, reason, at=at)
        records.audit("cancel_gameday", game_day, actor=actor, at=at, reason=reason)
    return game_day


def objections(verb: str, game_day: GameDay) -> tuple[Reason, ...]:
    """Why nobody may do this to the game day now; empty if it may be done."""
    if game_day.status not in _STATES[verb]:
        when = " or ".join(_STATES[verb])
        message = f"This game day is {game_day.status}; this is for one that is {when}."
        return (Reason("wrong_state", message),)
    wanted = {"complete": State.CLOSED, "cancel": State.CANCELLED}.get(verb)
    incident = game_day.incident
    if incident is None or wanted is None or incident.state == wanted:
        return ()
    message = (
        f"The exercise {incident.reference} is in {incident.state}: it must be {wanted} first."
    )
    return (Reason(f"exercise_not_{wanted}", message),)


def _all_come(players: casting.Cast) -> None:
    """Refuses `seat_declined` where who commands or speaks declined: nobody is pressed into it.

    And `commands_another`, by name, where the commander is needed elsewhere.
    """
    for slug in (COMMANDER, COMMUNICATIONS):
        if slug not in players:
            message = (
                f"Who was to be {NAMES[slug].lower()} declined: recast the role first, or ask them "
                "to accept after all."
            )
            raise Refused.because("seat_declined", message)
    commander = players[COMMANDER]
    if commander.assignments.commanding().exists():
        message = (
            f"{commander} commands another incident: let somebody else practise command, or "
            "begin when that one is resolved."
        )
        raise Refused.because("commands_another", message, COMMANDER)


def _permitted(verb: str, actor: Person) -> None:
    standing.permit_to(actor, f"training.{verb}_gameday")


def _locked(game_day: GameDay, verb: str) -> GameDay:
    """The row as it is now, held until the act is over; refuses if the act is not due."""
    held = GameDay.objects.select_for_update().get(pk=game_day.pk)
    reasons = objections(verb, held)
    if reasons:
        raise Refused(*reasons)
    return held


def _move(game_day: GameDay, status: GameDay.Status) -> None:
    """To its next status; from the first move on nobody is reminded of it."""
    game_day.status = status
    nudges.end(game_day)
    game_day.save()
