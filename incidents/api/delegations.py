"""Delegations: a named person acts for the holder of a role, until a stated time or taken back."""

from django.http import HttpRequest
from ninja import Router

from incidents.api import lookup, said
from incidents.api.acts import act, by, spelt
from incidents.api.answers import Document
from incidents.api.auth import may
from incidents.api.document import document
from incidents.api.fields import Number, Reference
from incidents.operations import delegation

router = Router(tags=["delegations"])


@act(router, "delegate")
def delegate(request: HttpRequest, reference: Reference, body: said.Delegate) -> Document:
    incident = lookup.incident(reference)
    with spelt(person="to"):
        to = lookup.person(body.to)
    delegation.delegate(
        incident,
        role=lookup.role(body.role),
        act=body.act,
        to=to,
        ends_at=body.ends_at,
        reason=body.reason,
        **by(request),
    )
    return document(reference)


@router.post(
    "/{reference}/delegations/{delegation_id}/take-back",
    auth=may("delegate"),
    response=Document,
    operation_id="end_delegation",
    summary="Take a delegation back",
)
def take_back(request: HttpRequest, reference: Reference, delegation_id: Number) -> Document:
    """The delegate decides nothing more; its giver may do this, and leadership."""
    delegation.end_delegation(lookup.delegation(reference, delegation_id), **by(request))
    return document(reference)
