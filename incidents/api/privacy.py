"""Who may see an incident: everybody, or only who takes part and the groups named."""

from django.http import HttpRequest
from ninja import Router

from incidents.api import lookup, said
from incidents.api.acts import act, by, spelt
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Reference
from incidents.operations import privacy

router = Router(tags=["privacy"])


@act(router, "set_privacy")
def set_privacy(request: HttpRequest, reference: Reference, body: said.SetPrivacy) -> Document:
    incident = lookup.incident(reference)
    with spelt(groups="seen_by"):
        privacy.set_privacy(
            incident,
            is_private=body.private,
            groups=lookup.groups(body.seen_by),
            reason=body.reason,
            **by(request),
        )
    return document(reference)
