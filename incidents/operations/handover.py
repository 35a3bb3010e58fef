"""Command changes hands: offered with a briefing, accepted by the successor, moved in one instant.

Until it is accepted the giver commands. Sources: FEMA ICS (transfer of command with a briefing,
acknowledged by who takes it), PagerDuty incident response (handing over command).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from django.db import transaction

from incidents.models.commanding import HandOver
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.operations import (
    answering,
    composing,
    escalation,
    records,
    routing,
    standing,
    taking,
    timeline,
    waiting,
    words,
)
from incidents.operations.composing import Message
from incidents.rules.handover import Briefing, complete, to_the_second
from incidents.rules.reasons import NotPermitted, Reason, Refused
from incidents.rules.roles import COMMANDER
from incidents.rules.verbs import VERBS

_DECISIONS_TOLD = 15  # the latest; all of them stand on the incident
_Outcome = HandOver.Outcome


def hand_over(
    incident: Incident,
    *,
    to: Person,
    note: str,
    decisions: str = "",
    next_update: str = "",
    open_questions: str = "",
    actor: Person,
    at: datetime,
) -> HandOver:
    """Offer command with a briefing; the actor commands until it is accepted.

    `note` is where we stand. Decisions and the next update, left empty, are the incident's own.
    Refuses a second open offer (`offer_open`), and a successor who could not take command, with
    every reason at once.
    """
    with transaction.atomic():
        standing.lock(incident)
        standing.require("hand_over", incident, actor)
        waiting.require_consulted(incident, "hand_over", actor=actor, at=at)
        ask = "Say what the next commander must know: where we stand, what comes next."
        status = words.required(note, "note", ask)
        _refuse_second(incident)
        _require_able(incident, to, at=at)
        said = briefing(
            incident,
            status,
            decisions=words.optional(decisions, "decisions"),
            next_update=words.optional(next_update, "next_update"),
            open_questions=words.optional(open_questions, "open_questions"),
        )
        offer = HandOver.objects.create(
            incident=incident, giver=actor, to=to, offered_at=at, **asdict(said)
        )
        text = f"{actor} offers command to {to}: {status}"
        timeline.record(incident, text, at=at, author=actor)
        composing.compose(_told_offer(offer, said), at=at)
        records.audit(
            "hand_over", incident, actor=actor, at=at, offer=offer.pk, to=to.username,
            **asdict(said),
        )  # fmt: skip
    return offer


def accept_command(incident: Incident, *, actor: Person, at: datetime) -> Assignment:
    """Take the command offered to you, in one instant: no gap, no overlap; everybody here hears.

    A deputy leaves the deputy's role. Refuses `no_offer`, `not_offered_to_you`, and whoever can no
    longer take command.
    """
    with taking.judged(), transaction.atomic():
        offer = _answer("accept_command", incident, actor)
        held = taking.held(incident)
        old = next(one for one in held if one.role_id == COMMANDER)
        taking.check(incident, old.role, actor, held, at=at)
        answering.close(offer, _Outcome.ACCEPTED, at=at)
        leaving = taking.leaving(held, COMMANDER, actor)
        taken = taking.take(
            incident, old.role, actor, leaving, actor=actor, at=at,
            reason=f"Handed over by {offer.giver}: {offer.status}",
        )  # fmt: skip
        instant = taken.assigned_at
        text = (
            f"Command handed over from {offer.giver} to {actor} at {to_the_second(instant)}: "
            f"{offer.status}"
        )
        timeline.record(incident, text, at=instant, author=actor)
        told = _told_accepted(taken, leaving, held, text)
        composing.compose(told, at=at)
        # The act is the giver's: the matrix governs who hands over. It is done once accepted.
        routing.performed(
            incident, "hand_over", actor=offer.giver, at=at, done_at=instant, note=offer.status,
            told=[message.to for message in told],
            held=[(one.person, one.role_id) for one in held],
        )  # fmt: skip
        records.audit(
            "accept_command", incident, actor=actor, at=at, offer=offer.pk,
            previous=offer.giver.username, to=actor.username, moved_at=instant,
            ended=taking.ended(leaving),
        )  # fmt: skip
    return taken


@transaction.atomic
def decline_command(
    incident: Incident, *, reason: str, actor: Person, at: datetime
) -> HandOver:
    """Say no to the command offered to you, and why; the giver hears at once and commands on."""
    offer = _answer("decline_command", incident, actor)
    reason = words.required(reason, "reason", "Say why, so that another can be found.")
    answering.close(offer, _Outcome.DECLINED, reason, at=at)
    text = f"{actor} declines command: {reason}"
    timeline.record(incident, text, at=at, author=actor)
    why = f"{text}\n\nYou command on: hand over to somebody else, or ask leadership."
    composing.compose(_told(offer, offer.giver, "declined", text, why, escalation.PAGE), at=at)
    records.audit(
        "decline_command", incident, actor=actor, at=at, offer=offer.pk, reason=reason
    )
    return offer


@transaction.atomic
def withdraw_hand_over(
    incident: Incident, *, reason: str = "", actor: Person, at: datetime
) -> HandOver:
    """Take the offer back: the commander goes on commanding. Refuses `no_offer`."""
    standing.lock(incident)
    standing.require("withdraw_hand_over", incident, actor)
    offer = open_offer(incident)
    if offer is None:
        raise Refused(_no_offer(incident))
    reason = words.optional(reason, "reason")
    answering.close(offer, _Outcome.WITHDRAWN, reason, at=at)
    text = f"{actor} withdraws the offer of command to {offer.to}"
    text = f"{text}: {reason}" if reason else text
    timeline.record(incident, text, at=at, author=actor)
    why = f"{text}\n\nNothing is asked of you."
    composing.compose(_told(offer, offer.to, "withdrawn", text, why, escalation.NOTICE), at=at)
    records.audit(
        "withdraw_hand_over", incident, actor=actor, at=at, offer=offer.pk, reason=reason
    )
    return offer


def open_offer(incident: Incident) -> HandOver | None:
    """The offer nobody has answered, if there is one."""
    offers = incident.hand_overs.filter(outcome=_Outcome.OPEN)
    return offers.select_related("giver", "to").first()


def briefing(
    incident: Incident,
    status: str = "",
    *,
    decisions: str = "",
    next_update: str = "",
    open_questions: str = "",
) -> Briefing:
    """What is said, and for what is not, the decisions and due updates of the incident."""
    latest = incident.decisions.order_by("-decided_at", "-id")[:_DECISIONS_TOLD]
    clocks = incident.update_clocks.exclude(due_at=None).order_by("due_at")
    return complete(
        status,
        decisions=decisions,
        next_update=next_update,
        open_questions=open_questions,
        decided=[(one.question, one.decision) for one in reversed(latest)],
        due=[(one.audience, one.due_at) for one in clocks if one.due_at],
    )


def _answer(verb: str, incident: Incident, actor: Person) -> HandOver:
    """The open offer, if this person may answer it now."""
    standing.lock(incident)
    standing.require(verb, incident, actor)
    offer = open_offer(incident)
    if offer is None:
        raise Refused(_no_offer(incident))
    if offer.to_id != actor.pk:
        message = f"Command was offered to {offer.to}: only they may answer."
        raise NotPermitted.because("not_offered_to_you", message)
    return offer


def _refuse_second(incident: Incident) -> None:
    if offer := open_offer(incident):
        message = (
            f"Command was offered to {offer.to} at {to_the_second(offer.offered_at)} and not "
            "answered yet: wait, or withdraw that offer first."
        )
        raise Refused.because("offer_open", message, "to")


def _no_offer(incident: Incident) -> Reason:
    last = incident.hand_overs.select_related("to").first()
    message = "No command is offered here: ask the commander for a hand-over."
    if last:
        message = f"The offer to {last.to} stands no more: it was {last.get_outcome_display().lower()}."
    return Reason("no_offer", message)


def _require_able(incident: Incident, to: Person, *, at: datetime) -> None:
    """Who is offered command could take it now, and may ever accept."""
    held = taking.held(incident)
    role = next(one for one in held if one.role_id == COMMANDER).role
    found = taking.objections(incident, role, to, held, at=at)
    permission = VERBS["accept_command"].permission
    if to.is_active and not to.has_perm(f"incidents.{permission}"):
        message = (
            f"{to} has no permission to accept command: choose somebody else, or ask an "
            "administrator for a group that has it."
        )
        found.append(Reason("may_not_accept", message, "person"))
    if found:
        raise Refused(*(replace(one, field="to") for one in found))


def _told_offer(offer: HandOver, said: Briefing) -> Iterator[Message]:
    subject = f"{offer.giver} offers you command"
    body = (
        f"{subject} and commands until you accept.\n\n{said.said()}\n\n"
        "Accept it, or decline it and say why."
    )
    return _told(offer, offer.to, "offered", subject, body, escalation.PAGE)


def _told(
    offer: HandOver, to: Person, what: str, subject: str, body: str, priority: int
) -> Iterator[Message]:
    return escalation.about(
        offer.incident, [(to, "")], key=f"hand-over-{what}:{offer.pk}",
        kind=f"hand-over-{what}", subject=subject, body=body, priority=priority,
    )  # fmt: skip


def _told_accepted(
    taken: Assignment,
    leaving: Sequence[Assignment],
    held: Sequence[Assignment],
    text: str,
) -> list[Message]:
    """Both of them, and everybody else with a role here."""
    both = {taken.person_id, *(one.person_id for one in leaving)}
    others = [(one.person, one.role_id) for one in held if one.person_id not in both]
    return [
        *taking.messages(taken, leaving),
        *escalation.about(
            taken.incident, others, key=f"handed-over:{taken.pk}", kind="handed-over",
            subject=f"{taken.person} commands", body=text,
        ),
    ]  # fmt: skip
