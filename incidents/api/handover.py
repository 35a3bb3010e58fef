"""Command changes hands: offered, answered, taken back; and the commander is called."""

from django.http import HttpRequest
from ninja import Router

from incidents.api import lookup, said
from incidents.api.acts import act, by, spelt
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Reference
from incidents.operations import handover, standby

router = Router(tags=["command"])


@act(router, "hand_over")
def hand_over(request: HttpRequest, reference: Reference, body: said.HandOver) -> Document:
    incident = lookup.incident(reference)
    with spelt(person="to"):
        to = lookup.person(body.to)
    handover.hand_over(incident, **{**body.model_dump(), "to": to}, **by(request))
    return document(reference)


@act(router, "accept_command")
def accept_command(request: HttpRequest, reference: Reference) -> Document:
    handover.accept_command(lookup.incident(reference), **by(request))
    return document(reference)


@act(router, "decline_command")
def decline_command(request: HttpRequest, reference: Reference, body: said.Why) -> Document:
    handover.decline_command(lookup.incident(reference), reason=body.reason, **by(request))
    return document(reference)


@act(router, "withdraw_hand_over")
def withdraw_hand_over(
    request: HttpRequest, reference: Reference, body: said.Withdraw = said.NO_REASON
) -> Document:
    handover.withdraw_hand_over(lookup.incident(reference), reason=body.reason, **by(request))
    return document(reference)


@act(router, "call_commander")
def call_commander(request: HttpRequest, reference: Reference) -> Document:
    standby.call_commander(lookup.incident(reference), **by(request))
    return document(reference)
