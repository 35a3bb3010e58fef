"""Declaring: one act opens the incident, judges it, pins the law, fills the roles, tells people."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from incidents.models.catalogue import Scenario, Service
from incidents.models.classification import Classification
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations import (
    answering,
    cadence,
    composing,
    escalation,
    giving_way,
    legal,
    legal_case,
    notices,
    paging,
    privacy,
    records,
    routing,
    severity,
    staffing,
    standing,
    timeline,
    words,
)
from incidents.operations.composing import Message
from incidents.operations.escalation import Told
from incidents.operations.law import (
    law_pack_in_force,
    legal_profile_in_force,
    matrix_in_force,
)
from incidents.operations.services import named
from incidents.rules.assignment import Plan
from incidents.rules.instants import order_violations
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.roles import COMMANDER

TITLE_LENGTH = 200
_SERIES = {Incident.Kind.INCIDENT: "INC", Incident.Kind.EXERCISE: "EX"}


def declare(
    *,
    title: str,
    services: Sequence[Service],
    facts: Mapping[str, Any],
    actor: Person,
    at: datetime,
    detected_at: datetime | None = None,
    detected_by: str = "",
    impact_started_at: datetime | None = None,
    kind: str = Incident.Kind.INCIDENT,
    scenario: Scenario | None = None,
    players: Mapping[str, Person] | None = None,
    occasion: str = "",
    is_private: bool = False,
    seen_by: Sequence[Group] = (),
) -> Incident:
    """Open an incident under the law in force at `at`; detected then, unless said otherwise.

    Invalid: a title, service, fact or instant that cannot be. Refused: no severity scheme, or a
    player who may not hold his role. A gap never blocks. `detected_by` is the machine whose clock
    said when; the audit line names the occasion. `seen_by` are the groups that see a private one.
    """
    standing.permit("declare", actor)
    privacy.check(seen_by, is_private=is_private)
    _check_kind(kind, players)
    typed = {"impact_started_at": impact_started_at, "detected_at": detected_at}
    _check_instants(at, **typed)
    with transaction.atomic():
        incident = Incident(
            title=_title(title),
            kind=kind,
            scenario=scenario,
            facts=dict(facts),
            impact_started_at=impact_started_at,
            detected_at=detected_at or at,
            declared_at=at,
            declared_by=actor,
            provenance=_provenance(actor, detected_by, **typed),
        )
        _open_under_law(incident, affected := named(services), at)
        assignments = _staff(incident, affected, players, actor=actor, at=at)
        if is_private:  # before anybody is told; whoever was given a role sees it
            privacy.begin(incident, seen_by)
        legal_case.keep_declared(incident, source=occasion, actor=actor, at=at)
        held = _set_going(incident, assignments, actor=actor, at=at)
        _tell(incident, assignments, held, actor=actor, at=at)
        detail = _detail(incident, assignments, occasion, seen_by)
        records.audit("declare", incident, actor=actor, at=at, **detail)
    return incident


def _title(title: str) -> str:
    ask = "Give the incident a title: what is wrong, seen from outside."
    return words.required(records.one_line(title), "title", ask, longest=TITLE_LENGTH)


def _check_kind(kind: str, players: Mapping[str, Person] | None) -> None:
    if kind not in _SERIES:
        message = f"An incident is of kind {' or '.join(_SERIES)}."
        raise Invalid.because("unknown_kind", message, "kind")
    if players and kind != Incident.Kind.EXERCISE:
        message = "Only an exercise is played: leave the players out, or declare an exercise."
        raise Invalid.because("players_in_an_incident", message, "players")


def _check_instants(at: datetime, **instants: datetime | None) -> None:
    """Refuse what has no zone, what lies ahead, and what is out of order."""
    known = {name: value for name, value in instants.items() if value}
    for name, value in known.items():
        timeline.happened(value, at, name)
    if violations := order_violations({**known, "declared_at": at}):
        raise Invalid(*violations)


def _open_under_law(incident: Incident, services: Sequence[Service], at: datetime) -> None:
    """Its number, and the versions in force now: they govern it to its end, whatever changes."""
    incident.severity_scheme = severity.require_scheme(at)
    incident.law_pack = law_pack_in_force(at)
    if incident.law_pack is not None:
        incident.legal_profile = legal_profile_in_force(at)
    legal_case.check_names(incident, incident.facts)
    severity.judge_first(incident, services, at=at)
    incident.matrix_version = matrix_in_force(at)
    incident.reference = _reference(incident.kind)


def _reference(kind: str) -> str:
    series = _SERIES[Incident.Kind(kind)]
    return f"{series}-{records.next_number(series)}"


def _provenance(
    actor: Person, detected_by: str, **typed: datetime | None
) -> dict[str, dict[str, str]]:
    """Where each instant comes from: typed by the declarer, or set by this act or a machine."""
    by = {"by": actor.username, "reason": ""}
    human = {name: {"source": "human", **by} for name, value in typed.items() if value}
    auto = {name: {"source": "auto", **by} for name in ("detected_at", "declared_at")}
    if detected_by:
        human["detected_at"] = {**auto["detected_at"], "reason": detected_by}
    return auto | human


def _staff(
    incident: Incident,
    services: Sequence[Service],
    players: Mapping[str, Person] | None,
    *,
    actor: Person,
    at: datetime,
) -> list[Assignment]:
    """Save the incident with its roles filled; who loses a race for a commander takes the next."""
    case = staffing.case_of(incident, services)
    roles = staffing.roles_needed(incident.matrix_version, case, players or ())
    _check_players(players or {}, roles)
    needs = staffing.needs(roles, services)
    while True:
        plan = staffing.plan(needs, services, players, at=at)
        try:
            with transaction.atomic():
                _save(incident, plan, services, at=at)
                _free(incident, plan, actor=actor, at=at)
                return staffing.write(
                    plan, incident, roles=roles, services=services, actor=actor, at=at
                )
        except IntegrityError as error:
            refusal = staffing.last_judge(error)
            if players is not None or not refusal.has("commands_another"):
                raise refusal from error
            # The winner's command is committed, so the next plan sees it: every round has one
            # candidate fewer.
            incident.pk, incident._state.adding = None, True


def _check_players(players: Mapping[str, Person], roles: Sequence[Role]) -> None:
    known = {role.slug for role in roles}
    unknown = [slug for slug in players if slug not in known]
    if unknown:
        message = "There is no role “{}”: choose one of the catalogue."
        raise Invalid(
            *(Reason("unknown_role", message.format(slug), "players") for slug in unknown)
        )
    inactive = [player for player in players.values() if not player.is_active]
    if inactive:
        raise Refused(*(staffing.not_active(player) for player in inactive))


def _save(incident: Incident, plan: Plan, services: Sequence[Service], *, at: datetime) -> None:
    incident.unfilled = staffing.unfilled(plan, incident, at=at)
    commanded = any(chosen.role == COMMANDER for chosen in plan.assignments)
    incident.commander_assigned_at = at if commanded else None
    incident.provenance.pop("commander_assigned_at", None)
    if commanded:
        incident.provenance["commander_assigned_at"] = incident.provenance["declared_at"]
    incident.save(force_insert=True)
    incident.services.add(*services)


def _free(incident: Incident, plan: Plan, *, actor: Person, at: datetime) -> None:
    """Whoever is needed here leaves the exercise they command; no exercise, no query."""
    leaving = [chosen.username for chosen in plan.assignments if chosen.leaves]
    for person in Person.objects.filter(username__in=leaving) if leaving else ():
        giving_way.leave_exercise(person, incident, actor=actor, at=at)


def _set_going(
    incident: Incident, assignments: Sequence[Assignment], *, actor: Person, at: datetime
) -> list[Told]:
    """Open the timeline, start the clocks of level, law and contracts; who holds what since."""
    level = incident.level.name if incident.level else ""
    severity.register(incident, Classification.Kind.DECLARED, actor=actor, at=at)
    timeline.record(incident, f"Declared as {level}", at=at, author=actor)
    cadence.start_first_clocks(incident, actor=actor, at=at)
    notices.start_clocks(incident, actor=actor, at=at)
    for one in assignments:
        answering.given(one, by=actor, at=at)
    # Engaging counsel may have given that role to somebody.
    if legal.follow(incident, strictly=True, actor=actor, at=at).counsel:
        return escalation.participants(incident)
    return [(one.person, one.role_id) for one in assignments]


def _tell(
    incident: Incident,
    assignments: Sequence[Assignment],
    held: Sequence[Told],
    *,
    actor: Person,
    at: datetime,
) -> None:
    """Everybody it concerns; whom the matrix informs besides, and who declared it."""
    messages = list(_messages(incident, assignments))
    composing.compose(messages, at=at)
    called = paging.begin(incident, at=at, held=held)
    told = [*called, *(message.to for message in messages)]
    routing.performed(incident, "declare", actor=actor, at=at, held=held, told=told)


def _messages(incident: Incident, assignments: Sequence[Assignment]) -> Iterator[Message]:
    """To everybody with a role; of gaps to leadership."""
    yield from staffing.told_assigned(assignments)
    if incident.kind == Incident.Kind.INCIDENT:  # an exercise bothers nobody but its players
        yield from staffing.told_unfilled(incident)


def _detail(
    incident: Incident,
    assignments: Sequence[Assignment],
    occasion: str,
    seen_by: Sequence[Group],
) -> dict[str, Any]:
    """What the audit line says beside who and when."""
    private = {"private": [group.name for group in seen_by]} if incident.is_private else {}
    return {
        "level": incident.level.code if incident.level else None,
        "facts": incident.facts,
        "matrix": str(incident.matrix_version) if incident.matrix_version else None,
        "scheme": str(incident.severity_scheme),
        "assignments": [f"{one.role_id}: {one.person.username}" for one in assignments],
        "unfilled": [each["role"] for each in incident.unfilled],
        **({"occasion": occasion} if occasion else {}),
        **private,
    }
