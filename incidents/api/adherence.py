"""How an incident follows its matrix: read, and the verbs that ask, answer, tick off and explain."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from incidents.api import adherence_answers, lookup, said, shown
from incidents.api.acts import act, by
from incidents.api.answers import Document
from incidents.api.auth import VIEW, Bearer
from incidents.api.document import document
from incidents.api.fields import Reference
from incidents.models import Consultation, Incident
from incidents.operations import adherence, consultation, performance, pinned
from incidents.rules.adherence import Line, Performed

router = Router(tags=["adherence"])
_WITH = ("level", "scenario")


@router.get(
    "/{reference}/adherence",
    auth=Bearer(VIEW),
    response=adherence_answers.AdherenceShown,
    operation_id="read_adherence",
)
def read(request: HttpRequest, reference: Reference) -> adherence_answers.AdherenceShown:
    """What was done of the matrix, by whom, in time, and where it departs; who was consulted."""
    incident = lookup.incident_of(Incident.objects.select_related(*_WITH), reference)
    measured = adherence.of(incident, timezone.now())
    asked = Consultation.objects.filter(incident=incident).select_related("asked_by")
    return {
        "reference": incident.reference,
        "share": measured.share,
        "owed": len(measured.owed),
        "done": measured.done,
        "timed": measured.timed,
        "in_time": measured.in_time,
        "departed": measured.departed,
        "explained": measured.explained,
        "lines": [_line(incident, each) for each in measured.lines],
        "consultations": [
            shown.consultation(each) for each in asked.prefetch_related("advice__person")
        ],
        "command_faults": [
            {"kind": each.kind, "begins_at": each.begins_at, "ends_at": each.ends_at}
            for each in measured.command_faults
        ],
    }


@act(router, "consult")
def consult(request: HttpRequest, reference: Reference, body: said.Consult) -> Document:
    consultation.consult(
        lookup.incident(reference),
        activity=lookup.activity(body.activity),
        question=body.question,
        proceed_at_once=body.proceed_at_once,
        **by(request),
    )
    return document(reference)


@act(router, "advise")
def advise(request: HttpRequest, reference: Reference, body: said.Advise) -> Document:
    asked = lookup.consultation(lookup.incident(reference).reference, body.consultation)
    consultation.advise(asked, answer=body.answer, **by(request))
    return document(reference)


@act(router, "perform")
def perform(request: HttpRequest, reference: Reference, body: said.Perform) -> Document:
    performance.perform(
        lookup.incident(reference),
        activity=lookup.activity(body.activity),
        happened_at=body.happened_at,
        note=body.note,
        **by(request),
    )
    return document(reference)


@act(router, "explain")
def explain(request: HttpRequest, reference: Reference, body: said.Explain) -> Document:
    performance.explain(
        lookup.incident(reference),
        activity=lookup.activity(body.activity),
        reason=body.reason,
        **by(request),
    )
    return document(reference)


def _line(incident: Incident, line: Line) -> adherence_answers.LineShown:
    return {
        "activity": pinned.key_of(incident, line.activity),
        "phase": line.activity.phase,
        "name": line.activity.name,
        "act": line.activity.act,
        "standing": line.standing,
        "due_at": line.due_at,
        "minutes": line.minutes,
        "performed": [_performed(each) for each in line.performed],
        "departures": [
            {"code": each.code, "message": each.message} for each in line.departures
        ],
        "explained": bool(line.departures) and not line.is_unexplained,
        "omitted_because": line.omitted.reason if line.omitted else None,
    }


def _performed(one: Performed) -> adherence_answers.PerformedShown:
    return {
        "by": one.by.username,
        "role": one.role or None,
        "at": one.at,
        "verb": one.verb,
        "departures": [{"code": each.code, "message": each.message} for each in one.departures],
        "reason": one.reason,
        "reason_by": one.reason_by.username if one.reason_by else None,
        "note": one.note,
    }
