"""Decisions: taken by the commander, proposed by others, and answered."""

from django.http import HttpRequest
from ninja import Router

from incidents.api import lookup, said
from incidents.api.acts import act, by, spelt
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Reference
from incidents.models import Incident
from incidents.operations import decision, proposal
from incidents.operations.decision import Input

router = Router(tags=["decisions"])


@act(router, "decide")
def decide(request: HttpRequest, reference: Reference, body: said.Decide) -> Document:
    incident = lookup.incident(reference)
    asked, answers = body.consultation, body.proposal
    decision.decide(
        incident,
        question=body.question,
        decision=body.decision,
        topic=body.topic or "",
        inputs=[_input(incident, each) for each in body.inputs],
        consultation=lookup.consultation(reference, asked) if asked else None,
        proposal=lookup.proposal(reference, answers) if answers else None,
        revisit_at=body.revisit_at,
        **by(request),
    )
    return document(reference)


@act(router, "propose")
def propose(request: HttpRequest, reference: Reference, body: said.Propose) -> Document:
    proposal.propose(lookup.incident(reference), **body.model_dump(), **by(request))
    return document(reference)


@act(router, "decline_proposal")
def decline(request: HttpRequest, reference: Reference, body: said.DeclineProposal) -> Document:
    incident = lookup.incident(reference)
    answered = lookup.proposal(reference, body.proposal)
    proposal.decline_proposal(incident, answered, reason=body.reason, **by(request))
    return document(reference)


def _input(incident: Incident, one: said.Input) -> Input:
    """Somebody known, in the role named, else in the one they hold here."""
    with spelt(person="inputs", role="inputs"):
        person = lookup.person(one.person)
        role = lookup.role(one.role).slug if one.role else ""
    held = incident.assignments.open().filter(person=person)
    return Input(
        person.username, role or held.values_list("role", flat=True).first() or "", one.said
    )
