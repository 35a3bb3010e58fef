"""Delegations: the holder of a role lets a named person act in their place until a stated time.

Work is delegated, accountability is not (R21): the giver stays accountable and is named in every
act of the delegate. Authority goes with it, so only who holds the role can give it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from incidents.models.adherence import Delegation
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations import (
    composing,
    escalation,
    exercises,
    mandates,
    moves,
    records,
    staffing,
    standing,
    timeline,
    words,
)
from incidents.rules.acts import Act
from incidents.rules.authority import DELEGABLE, title
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused
from incidents.rules.roles import COMMANDER, RoleKind
from incidents.rules.verbs import VERBS

LONGEST = timedelta(hours=24)
_BY_CODE = {act.code: act for act in DELEGABLE.values()}


@transaction.atomic
def delegate(
    incident: Incident,
    *,
    role: Role,
    act: str = "",
    to: Person,
    ends_at: datetime,
    reason: str,
    actor: Person,
    at: datetime,
) -> Delegation:
    """Let somebody perform this act, or every act of the role, in the actor's place; from now on.

    Only the role's holder gives it, for at most 24 hours, to somebody active who may ever do it.
    What the same person gave for the same act before ends in the same instant.
    """
    standing.lock(incident)
    standing.require("delegate", incident, actor)
    held = _held(incident)
    own = _own(held, role, actor)
    acts = _acts(incident, role, act)
    starts_at = max(
        at, own.assigned_at
    )  # the clock may have been read before the role was taken
    _check_time(ends_at, starts_at)
    _check_person(incident, to, role, acts, actor, held)
    reason = words.required(reason, "reason", "Write why somebody else acts in your place.")
    replaced = _end_earlier(incident, role, act, actor, starts_at)
    made = Delegation.objects.create(
        incident=incident, role=role, act=act, giver=actor, to=to, reason=reason,
        starts_at=starts_at, ends_at=ends_at,
    )  # fmt: skip
    text = f"{actor} ({role}) lets {to} act in their place: {summary(made)}. {reason}"
    timeline.record(incident, text, at=starts_at, author=actor)
    composing.compose(_told_delegate(made, acts), at=at)
    records.audit(
        "delegate", incident, actor=actor, at=at, delegation=made.pk, role=role.slug, act=act,
        to=to.username, ends_at=ends_at, reason=reason, replaced=replaced,
    )  # fmt: skip
    return made


@transaction.atomic
def end_delegation(delegation: Delegation, *, actor: Person, at: datetime) -> Delegation:
    """Take it back: its giver may, and leadership. Refuses `delegation_is_over`."""
    incident = delegation.incident
    standing.lock(incident)
    delegation.refresh_from_db(from_queryset=Delegation.objects.select_for_update())
    standing.permit("delegate", actor)
    if reason := _not_theirs(delegation, actor):
        raise NotPermitted(reason)
    if delegation.revoked_at is not None or at >= delegation.ends_at:
        message = "It is over already: nobody acts in your place by it any more."
        raise Refused.because("delegation_is_over", message, "delegation")
    delegation.revoked_at = max(at, delegation.starts_at)
    delegation.save(update_fields=["revoked_at"])
    text = f"{delegation.to} no longer acts for {delegation.giver} ({delegation.role})"
    timeline.record(incident, text, at=at, author=actor)
    composing.compose(_told_ended(delegation, actor), at=at)
    records.audit(
        "end_delegation", incident, actor=actor, at=at,
        delegation=delegation.pk, giver=delegation.giver.username, to=delegation.to.username,
    )  # fmt: skip
    return delegation


def running(incident: Incident, *, at: datetime) -> list[Delegation]:
    """Those in force now; no query where assignments and delegations were prefetched."""
    held = list(incident.assignments.all())
    return [one for one in incident.delegations.all() if standing.is_running(one, held, at=at)]


def to_take_back(incident: Incident, person: Person, *, at: datetime) -> list[Delegation]:
    """The running ones that this person may end."""
    return [one for one in running(incident, at=at) if _not_theirs(one, person) is None]


def objections(incident: Incident, person: Person, *, at: datetime) -> list[Reason]:
    """Why this person may not take anything back here now; for pages."""
    if to_take_back(incident, person, at=at):
        return []
    message = "Nothing runs here that you could take back: its giver may, and leadership."
    return [Reason("nothing_to_take_back", message)]


def acts_of(incident: Incident, role: str) -> tuple[Act, ...]:
    """The acts that are this role's to decide here: by the matrix, else by the table of verbs."""
    return tuple(act for act in DELEGABLE.values() if role in _whose(incident, act))


def summary(one: Delegation) -> str:
    """For what and until when, as people say it."""
    what = _BY_CODE[one.act].label if one.act in _BY_CODE else "every act of the role"
    return f"{what}, until {moves.clock(one.ends_at)}"


def _whose(incident: Incident, act: Act) -> tuple[str, ...]:
    role = mandates.accountable(incident, act.code)
    return (role,) if role else VERBS[act.verb].roles


def _held(incident: Incident) -> list[Assignment]:
    return list(incident.assignments.open())


def _own(held: Sequence[Assignment], role: Role, actor: Person) -> Assignment:
    """The actor's holding of the role; NotPermitted `not_your_role` without one."""
    for one in held:
        if (one.role_id, one.person_id) == (role.slug, actor.pk):
            return one
    message = f"You are not {title(role.slug)} here: only who holds a role can delegate it."
    raise NotPermitted.because("not_your_role", message, "role")


def _acts(incident: Incident, role: Role, act: str) -> tuple[Act, ...]:
    """What the delegate may then do; refuses an act that is not this role's to give."""
    if act and act not in _BY_CODE:
        known = ", ".join(_BY_CODE)
        message = f"Choose one of {known}; for everything else hand the role over."
        raise Invalid.because("act_not_delegable", message, "act")
    answers_for = mandates.answers_for(incident)
    if incident.matrix_version_id is not None and role.slug not in answers_for:
        message = (
            f"{incident.matrix_version} makes {title(role.slug)} accountable for nothing: there is "
            "nothing to delegate. Ask leadership to assign somebody to the role beside you."
        )
        raise Refused.because("nothing_to_delegate", message, "role")
    acts = acts_of(incident, role.slug)
    if not act:
        return acts
    if _BY_CODE[act] not in acts:
        whose = " or ".join(map(title, _whose(incident, _BY_CODE[act])))
        line = mandates.named(incident, act)
        by = f" by {line}" if line else ""
        message = (
            f"“{_BY_CODE[act].label}” is for {whose} to decide{by}: choose an act of yours."
        )
        raise Refused.because("act_not_yours", message, "act")
    return (_BY_CODE[act],)


def _check_time(ends_at: datetime, starts_at: datetime) -> None:
    timeline.ahead(ends_at, starts_at, "ends_at")
    if ends_at - starts_at > LONGEST:
        message = "A delegation lasts 24 hours at most: choose an earlier end, or have the role assigned."
        raise Refused.because("delegation_too_long", message, "ends_at")


def _check_person(
    incident: Incident,
    to: Person,
    role: Role,
    acts: Sequence[Act],
    actor: Person,
    held: Sequence[Assignment],
) -> None:
    """Refuse, with every reason at once, a person who cannot act for the holder."""
    reasons = [] if to.is_active else [staffing.not_active(to)]
    if reason := exercises.outsider(incident, to):
        reasons.append(reason)
    reasons += _objections_to(to, role, acts, actor, held)
    if reasons:
        raise Refused(*(Reason(one.code, one.message, "to") for one in reasons))


def _objections_to(
    to: Person, role: Role, acts: Sequence[Act], actor: Person, held: Sequence[Assignment]
) -> Iterator[Reason]:
    if to == actor:
        yield Reason("delegate_to_self", "You act for yourself already: choose somebody else.")
    commands = any((one.role_id, one.person_id) == (COMMANDER, to.pk) for one in held)
    if commands and role.kind == RoleKind.TECHNICAL:
        # The commander directs and does not repair (PagerDuty, anti-patterns; R17).
        message = f"{to} commands and takes no technical work: choose somebody else."
        yield Reason("commander_does_no_technical_work", message)
    wanted = [VERBS[act.verb] for act in acts]
    if to.is_active and wanted and not any(_may_ever(to, law.permission) for law in wanted):
        what = " or ".join(f"“{law.label}”" for law in wanted)
        message = f"{to} has no permission for {what}: choose somebody who has."
        yield Reason("delegate_has_no_permission", message)


def _may_ever(person: Person, permission: str) -> bool:
    return person.has_perm(f"incidents.{permission}")


def _end_earlier(
    incident: Incident, role: Role, act: str, actor: Person, at: datetime
) -> list[int]:
    """What this person gave for the same before ends as the new one begins; which those were."""
    earlier = list(incident.delegations.running(at).filter(role=role, act=act, giver=actor))
    for one in earlier:
        one.revoked_at = at
        one.save(update_fields=["revoked_at"])
    return [one.pk for one in earlier]


def _not_theirs(delegation: Delegation, actor: Person) -> Reason | None:
    if delegation.giver_id == actor.pk or actor.has_perm(standing.LEAD):
        return None
    message = f"{delegation.giver} gave it: ask them, or leadership, to take it back."
    return Reason("not_yours_to_take_back", message)


def _told_delegate(made: Delegation, acts: Sequence[Act]) -> Iterator[composing.Message]:
    may = ", ".join(act.label.lower() for act in acts) or "what the role answers for"
    return escalation.about(
        made.incident, [(made.to, made.role_id)], key=f"delegated:{made.pk}", kind="delegated",
        subject=f"you act for {made.giver} ({made.role})",
        body=f"Until {moves.clock(made.ends_at)} you may, in {made.giver}'s place: {may}. "
        f"{made.giver} stays accountable. Why you: {made.reason}",
        priority=escalation.PAGE,
    )  # fmt: skip


def _told_ended(delegation: Delegation, actor: Person) -> Iterator[composing.Message]:
    """The delegate, and the giver where leadership took it back."""
    told = [
        (person, delegation.role_id)
        for person in (delegation.to, delegation.giver)
        if person != actor
    ]
    return escalation.about(
        delegation.incident, told, key=f"delegation-ended:{delegation.pk}",
        kind="delegation-ended",
        subject=f"{delegation.to} no longer acts for {delegation.giver}",
        body=f"{actor} took it back. What was decided until now stands.",
    )  # fmt: skip
