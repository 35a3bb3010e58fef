"""Consultations: whom the matrix consults is asked before the act, and answers or is not waited for."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from incidents.models import matrix
from incidents.models.adherence import Advice, Consultation
from incidents.models.drafting import CheckLimits
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.operations import (
    composing,
    escalation,
    moves,
    pinned,
    reaching,
    records,
    standing,
    timeline,
    waiting,
    words,
)
from incidents.operations.escalation import Told
from incidents.rules.raci import Activity
from incidents.rules.reasons import NotPermitted, Refused

CONSULTED = "consultation"


@transaction.atomic
def consult(
    incident: Incident,
    *,
    activity: matrix.Activity,
    question: str,
    proceed_at_once: str = "",
    actor: Person,
    at: datetime,
) -> Consultation:
    """Ask everybody this activity consults: holders of the roles, else whom the rules would choose.

    The act may proceed once all have answered or the minutes of the matrix have passed; with
    `proceed_at_once`, a reason, now, which stays on record as a departure. Refuses
    `nobody_to_consult` and, while one on the same activity runs, `consulting_already`.
    """
    standing.lock(incident)
    standing.require("consult", incident, actor)
    line = pinned.line(incident, activity)
    question = words.required(question, "question", "Write what you want to know of them.")
    because = words.optional(proceed_at_once, "proceed_at_once")
    _refuse_second(incident, line, at)
    asked = _whom(incident, line, actor, at)
    made = Consultation.objects.create(
        incident=incident,
        activity=activity,
        question=question,
        asked_by=actor,
        asked_at=at,
        proceeds_at=at if because else at + _patience(line),
        at_once_because=because,
    )
    Advice.objects.bulk_create(
        Advice(consultation=made, role_id=role, person=person) for person, role in asked
    )
    _tell(made, line, asked, at)
    names = [person.username for person, _ in asked]
    records.audit(
        "consult", incident, actor=actor, at=at, activity=line.name, question=question,
        asked=names, proceeds_at=made.proceeds_at, at_once_because=because,
    )  # fmt: skip
    return made


@transaction.atomic
def advise(consultation: Consultation, *, answer: str, actor: Person, at: datetime) -> Advice:
    """Keep what somebody who was asked answers, in every role they were asked in; told to the asker.

    NotPermitted for whom nobody asked; Refused `already_answered`: it is given once.
    """
    incident = consultation.incident
    standing.lock(incident)
    own = list(consultation.advice.filter(person=actor).select_related("role"))
    standing.permit("advise", actor)
    if not own:
        raise NotPermitted.because(
            "not_your_role", "You were not asked in this consultation: add a note instead."
        )
    standing.require("advise", incident, actor)
    if own[0].answered_at is not None:
        when = moves.clock(own[0].answered_at)
        message = f"You answered it at {when}: add what is new to the timeline."
        raise Refused.because("already_answered", message)
    answer = words.required(answer, "answer", "Write your advice, or that you have none.")
    for one in own:
        one.answer, one.answered_at = answer, at
        one.save(update_fields=["answer", "answered_at"])
    _tell_asker(consultation, own[0], at)
    records.audit(
        "advise", incident, actor=actor, at=at,
        consultation=consultation.pk, activity=consultation.activity.name, answer=answer,
    )  # fmt: skip
    return own[0]


def _refuse_second(incident: Incident, line: Activity, at: datetime) -> None:
    before = waiting.last_consultation(incident, line)
    if before is None or at >= before.proceeds_at:
        return
    if any(one.answered_at is None for one in before.advice.all()):
        message = (
            f"{before.asked_by} asked at {moves.clock(before.asked_at)} already: it proceeds at "
            f"{moves.clock(before.proceeds_at)}, or once everybody has answered."
        )
        raise Refused.because("consulting_already", message, "activity")


def _whom(incident: Incident, line: Activity, actor: Person, at: datetime) -> list[Told]:
    held = reaching.holders(incident)
    told = reaching.others(reaching.reach(incident, line.consulted, held, at=at), actor)
    asked = list({(person.pk, role): (person, role) for person, role in told}.values())
    if asked:
        return asked
    message = (
        f"“{line.name}” consults nobody who can be reached: go on without."
        if line.consulted
        else f"The matrix consults nobody on “{line.name}”: go on without."
    )
    raise Refused.because("nobody_to_consult", message, "activity")


def _patience(line: Activity) -> timedelta:
    """How long the answers are waited for: the matrix's minutes, else the organisation's."""
    if line.proceed_after is not None:
        return timedelta(minutes=line.proceed_after)
    limits = CheckLimits.objects.filter(pk=1).first() or CheckLimits()
    return timedelta(minutes=limits.consult_minutes)


def _tell(made: Consultation, line: Activity, asked: Sequence[Told], at: datetime) -> None:
    by = f"{made.proceeds_at:%H:%M} UTC"
    until = (
        f"The act does not wait: {made.at_once_because} Answer all the same."
        if made.at_once_because
        else f"Answer by {by}: the act proceeds then."
    )
    names = ", ".join(dict.fromkeys(str(person) for person, _ in asked))
    text = f"Consulted {names} on “{line.name}”: {made.question}"
    timeline.record(made.incident, text, at=at, author=made.asked_by)
    composing.compose(
        reaching.by_role(
            made.incident, asked, key=f"{CONSULTED}:{made.pk}", kind=CONSULTED,
            subject=f"{made.asked_by} asks you before “{line.name}”, {_short(made)}",
            what=made.question, priority=escalation.PAGE,
            why=f"{until} You are consulted as {{role}}, as the matrix has it.",
        ),
        at=at,
    )  # fmt: skip


def _short(made: Consultation) -> str:
    return "at once" if made.at_once_because else f"answer by {made.proceeds_at:%H:%M} UTC"


def _tell_asker(consultation: Consultation, advice: Advice, at: datetime) -> None:
    incident, name = consultation.incident, consultation.activity.name
    text = f"{advice.person} ({advice.role}) on “{name}”: {advice.answer}"
    timeline.record(incident, text, at=at, author=advice.person)
    asker = reaching.others([(consultation.asked_by, "")], advice.person)
    composing.compose(
        escalation.about(
            incident, asker, key=f"advice:{advice.pk}", kind="advice",
            subject=f"{advice.person} answers on “{name}”", body=advice.answer,
            priority=escalation.PAGE,
        ),
        at=at,
    )  # fmt: skip
