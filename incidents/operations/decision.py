"""Decisions: what was asked, who was heard, what was decided, and by which authority."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from incidents.models.adherence import Consultation
from incidents.models.decision import Decision, Proposal, Topic
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.operations import (
    composing,
    escalation,
    moves,
    pinned,
    proposal,
    records,
    routing,
    standing,
    timeline,
    waiting,
    words,
)
from incidents.operations.standing import on_behalf, signed
from incidents.rules.reasons import Invalid
from incidents.rules.roles import COMMANDER, DEPUTY, NAMES

MOST_INPUTS = 50
_AUTHORITY_LENGTH = 120
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Input:
    """What somebody said before it was decided: username, the role they spoke in (or ""), words."""

    person: str
    role: str
    said: str


@transaction.atomic
def decide(
    incident: Incident,
    *,
    question: str = "",
    decision: str,
    topic: str = "",
    inputs: Sequence[Input] = (),
    consultation: Consultation | None = None,
    proposal: Proposal | None = None,
    revisit_at: datetime | None = None,
    actor: Person,
    at: datetime,
) -> Decision:
    """Keep a decision, its question, who was heard and the authority; it is never changed.

    The advice of the consultation named, else of the last one before deciding, is copied in. What
    answers a proposal takes its question and topic unless told others, and its maker is told.
    """
    standing.lock(incident)
    giver = standing.require("decide", incident, actor, at=at)
    waiting.require_consulted(incident, "decide", actor=actor, at=at)
    made = Decision(
        incident=incident,
        inputs=[asdict(one) for one in _heard(incident, inputs, consultation)],
        decision=words.required(decision, "decision", "Write what was decided."),
        decided_by=actor,
        authority=_authority(incident, actor, giver),
        decided_at=at,
        revisit_at=timeline.ahead(revisit_at, at, "revisit_at"),
    )
    _settle(made, proposal, question, topic)
    made.save(force_insert=True)
    _tell(made, giver)
    records.audit(
        "decide", incident, actor=actor, at=at, decision=made.pk, topic=made.topic,
        question=made.question, authority=made.authority, heard=len(made.inputs),
        proposal=made.proposal_id, **on_behalf(giver),
    )  # fmt: skip
    return made


def advice_before(incident: Incident) -> Consultation | None:
    """The last consultation before deciding, not yet used up by a decision, with its advice."""
    line = pinned.governing(incident, "decide")
    return waiting.last_consultation(incident, line) if line else None


def sweep(at: datetime, say: Callable[[str], None] | None = None) -> None:
    """Tell the commander once of each decision that was to be looked at again by now."""
    while True:
        with transaction.atomic():
            due = list(_due(at))
            for one in due:
                _remind(one, at)
        if say:
            for one in due:
                say(f"decision of {one.incident.reference}: to be looked at again")
        if not due:
            return


def _settle(made: Decision, answers: Proposal | None, question: str, topic: str) -> None:
    """Its question and topic: as given, else the proposal's."""
    if answers is not None:
        proposal.open_here(made.incident, answers)
        question, topic = question.strip() or answers.question, topic or answers.topic
    made.proposal = answers
    made.question = proposal.required_question(question)
    made.topic = proposal.known_topic(topic or Topic.OTHER)


def _heard(
    incident: Incident, inputs: Sequence[Input], asked: Consultation | None
) -> Iterator[Input]:
    """What those consulted said, then what was given by hand; Invalid where that cannot be used."""
    if asked is not None and asked.incident_id != incident.pk:
        message = "This consultation is of another incident: choose one of this incident."
        raise Invalid.because("consultation_of_another_incident", message, "consultation")
    if len(inputs) > MOST_INPUTS:
        message = f"Give at most {MOST_INPUTS} inputs: sum up the others in the decision."
        raise Invalid.because("too_many_inputs", message, "inputs")
    asked = asked or advice_before(incident)
    for one in asked.advice.select_related("person") if asked else ():
        if one.answered_at is not None:
            yield Input(one.person.username, one.role_id, one.answer)
    for each in inputs:
        said = words.required(each.said, "inputs", "Write what was said, or leave it out.")
        yield Input(each.person, each.role, said)


def _authority(incident: Incident, actor: Person, giver: Person | None) -> str:
    """In which capacity this person decides; the rules have agreed to it before."""
    if giver is not None:
        return f"Delegate of {giver}, {NAMES[COMMANDER].lower()}"[:_AUTHORITY_LENGTH]
    held = standing.circumstances(incident, actor).roles_held
    if COMMANDER in held:
        return NAMES[COMMANDER]
    stand_in = NAMES[DEPUTY] if DEPUTY in held else "Leadership"
    return f"{stand_in}, while nobody commands"


def _tell(made: Decision, giver: Person | None) -> None:
    """The timeline, who proposed it, and whom the matrix informs."""
    incident, actor, at = made.incident, made.decided_by, made.decided_at
    text = signed(f"Decided: {made.question} {made.decision}", giver)
    timeline.record(incident, text, at=at, author=actor)
    if made.proposal is not None:
        answer = proposal.answered(made.proposal, "decided on", made.decision, actor)
        composing.compose(answer, at=at)
    routing.performed(incident, "decide", actor=actor, at=at, note=text)


def _due(at: datetime) -> Iterator[Decision]:
    """Some that are due and that no other sweep holds, the longest due first."""
    rows = Decision.objects.filter(revisit_at__lte=at, revisit_told_at=None)
    rows = rows.select_related("incident").order_by("revisit_at", "pk")
    yield from rows.select_for_update(skip_locked=True, of=("self",))[:_BATCH]


def _remind(one: Decision, at: datetime) -> None:
    """Whoever commands now hears of it; of an incident that is over nobody does."""
    Decision.objects.filter(pk=one.pk).update(revisit_told_at=at)
    incident = one.incident
    if not incident.is_open or one.revisit_at is None:
        return
    decided = f"Decided by {one.decided_by} at {moves.clock(one.decided_at)}: {one.decision}"
    composing.compose(
        escalation.about(
            incident, proposal.commanding(incident), key=f"revisit:{one.pk}", kind="revisit",
            subject="a decision is to be looked at again",
            body=f"{one.question}\n{decided}\n\nDecide anew, or leave it as it stands.",
            priority=escalation.PAGE,
        ),
        at=at,
    )  # fmt: skip
    records.audit(
        "revisit", incident, actor=None, at=at, decision=one.pk, revisit_at=one.revisit_at
    )
