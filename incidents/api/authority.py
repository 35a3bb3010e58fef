"""Who may do what in an incident now: asked beforehand, so that nobody has to try."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from typing_extensions import TypedDict

from incidents.api import lookup
from incidents.api.auth import VIEW, Bearer, caller
from incidents.api.fields import Reference
from incidents.models import Incident
from incidents.operations import waiting, who_may
from incidents.rules.verbs import VERBS

router = Router(tags=["authority"])


class Refusal(TypedDict):
    """Why the caller may not do this now."""

    code: str
    message: str


class Capacity(TypedDict):
    """A role that may, or `leadership`, `participant`, `anybody`; who holds it, and who acts for them."""

    role: str
    people: list[str]
    delegates: list[str]


class Authority(TypedDict):
    """One verb: whether the caller may now, why not, and who may; `who` is empty in another state."""

    verb: str
    label: str
    may: bool
    reasons: list[Refusal]
    who: list[Capacity]


@router.get(
    "/{reference}/authority",
    auth=Bearer(VIEW),
    response=list[Authority],
    operation_id="read_authority",
    summary="Who may do what now",
)
def read(request: HttpRequest, reference: Reference) -> list[Authority]:
    """Every verb of the incident: may the caller, and if not why and who may."""
    rows = Incident.objects.select_related("level", "scenario").prefetch_related("services")
    incident = lookup.incident_of(rows, reference)
    at = timezone.now()
    table = {row.verb: row for row in who_may.table(incident, at=at)}
    found: list[Authority] = []
    for law in VERBS.values():
        if not law.states:
            continue
        row = table.get(law.verb)
        reasons = waiting.objections(law.verb, incident, caller(request), at=at)
        reasons = reasons or who_may.unasked(law, row, caller(request))
        found.append(
            {
                "verb": law.verb,
                "label": law.label,
                "may": not reasons,
                "reasons": [{"code": one.code, "message": one.message} for one in reasons],
                "who": [_capacity(who) for who in row.who] if row else [],
            }
        )
    return found


def _capacity(who: who_may.Who) -> Capacity:
    return {
        "role": who.role,
        "people": [person.username for person in who.people],
        "delegates": [one.to.username for one in who.delegates],
    }
