"""Proposals: what others here would have decided, put before the commander and answered once."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from incidents.models.decision import Proposal, Topic
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.operations import (
    composing,
    escalation,
    moves,
    reaching,
    records,
    standing,
    timeline,
    words,
)
from incidents.operations.composing import Message
from incidents.operations.escalation import Told
from incidents.rules.reasons import Invalid, Refused
from incidents.rules.roles import COMMANDER, DEPUTY

QUESTION_LENGTH = 300
_GRAVEST = 1


@transaction.atomic
def propose(
    incident: Incident, *, topic: str, question: str, text: str, actor: Person, at: datetime
) -> Proposal:
    """Put before the commander what should be decided, and why; he decides it or says no.

    Whoever commands is told, else who stands in: at once where the level is the gravest.
    """
    standing.lock(incident)
    standing.require("propose", incident, actor)
    made = Proposal.objects.create(
        incident=incident,
        topic=known_topic(topic),
        question=required_question(question),
        text=words.required(text, "text", "Write what you propose, and why."),
        proposed_by=actor,
        proposed_at=at,
    )
    said = f"Proposed: {made.question} {made.text}"
    timeline.record(incident, said, at=at, author=actor)
    composing.compose(_told_commander(made), at=at)
    records.audit(
        "propose", incident, actor=actor, at=at,
        proposal=made.pk, topic=made.topic, question=made.question,
    )  # fmt: skip
    return made


@transaction.atomic
def decline_proposal(
    incident: Incident, proposal: Proposal, *, reason: str, actor: Person, at: datetime
) -> Proposal:
    """Answer a proposal with no, and why; who made it is told. Refuses `proposal_answered`."""
    standing.lock(incident)
    standing.require("decline_proposal", incident, actor)
    open_here(incident, proposal)
    because = words.required(reason, "reason", "Write why not: who proposed it reads it.")
    proposal.declined_by, proposal.declined_at, proposal.decline_reason = actor, at, because
    proposal.save(update_fields=["declined_by", "declined_at", "decline_reason"])
    timeline.record(incident, f"Declined: {proposal.question} {because}", at=at, author=actor)
    composing.compose(answered(proposal, "declined", because, actor), at=at)
    records.audit(
        "decline_proposal", incident, actor=actor, at=at,
        proposal=proposal.pk, question=proposal.question, reason=because,
    )  # fmt: skip
    return proposal


def open_here(incident: Incident, proposal: Proposal) -> None:
    """Return only if it belongs to this incident and waits for its answer; read anew.

    Invalid `proposal_of_another_incident`, Refused `proposal_answered`. Asked under the
    incident's lock, so that of two answers one comes second.
    """
    if proposal.incident_id != incident.pk:
        message = "This was proposed in another incident: choose a proposal of this one."
        raise Invalid.because("proposal_of_another_incident", message, "proposal")
    proposal.refresh_from_db(fields=["declined_by", "declined_at"])
    decided = proposal.incident.decisions.filter(proposal=proposal).first()
    if decided is None and proposal.declined_at is None:
        return
    who, when = (
        (decided.decided_by, decided.decided_at)
        if decided
        else (proposal.declined_by, proposal.declined_at or proposal.proposed_at)
    )
    message = f"{who} answered it at {moves.clock(when)}: decide without it, or have it proposed anew."
    raise Refused.because("proposal_answered", message, "proposal")


def waiting_for_answer(incident: Incident) -> list[Proposal]:
    """What was proposed here and not answered, the oldest first; one query."""
    rows = incident.proposals.filter(declined_at=None, decision=None)
    return list(rows.select_related("proposed_by"))


def answered(
    proposal: Proposal, how: str, words_of_it: str, actor: Person
) -> Iterator[Message]:
    """To who proposed it: what became of it."""
    told = reaching.others([(proposal.proposed_by, "")], actor)
    return escalation.about(
        proposal.incident, told, key=f"proposal-answered:{proposal.pk}", kind="proposal-answered",
        subject=f"{actor} {how} what you proposed",
        body=f"You proposed: {proposal.question}\n\n{words_of_it}",
    )  # fmt: skip


def commanding(incident: Incident) -> list[Told]:
    """Who decides here now: the commander, else the deputy, else leadership."""
    held = escalation.participants(incident, COMMANDER, DEPUTY)
    commander = [each for each in held if each[1] == COMMANDER]
    return commander or held or escalation.leadership(incident)


def known_topic(topic: str) -> Topic:
    """The topic by its code; Invalid `unknown_topic`."""
    if topic in Topic.values:
        return Topic(topic)
    message = f"A decision is about {', '.join(Topic.values)}: choose one."
    raise Invalid.because("unknown_topic", message, "topic")


def required_question(question: str) -> str:
    """The question, trimmed; Invalid without one."""
    ask = "Write what was to be decided."
    return words.required(question, "question", ask, longest=QUESTION_LENGTH)


def _told_commander(made: Proposal) -> Iterator[Message]:
    incident = made.incident
    is_grave = incident.level is not None and incident.level.rank == _GRAVEST
    return escalation.about(
        incident, reaching.others(commanding(incident), made.proposed_by),
        key=f"proposal:{made.pk}", kind="proposal",
        subject=f"{made.proposed_by} proposes a decision",
        body=f"{made.question}\n\n{made.text}\n\nDecide it, or decline it with a reason.",
        priority=escalation.PAGE if is_grave else escalation.NOTICE,
    )  # fmt: skip
