"""Severity of facts, asked without declaring anything."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from typing_extensions import TypedDict

from incidents.api import lookup
from incidents.api.auth import Bearer
from incidents.api.said import Assessment
from incidents.operations import severity

router = Router(tags=["severity"])


class Evaluation(TypedDict):
    """The level's code, why it is that level, and which criteria did not make it higher."""

    code: str
    reasons: list[str]
    not_fired: list[str]


@router.post(
    "/evaluate",
    auth=Bearer("incidents.view_severityscheme"),
    response=Evaluation,
    operation_id="evaluate_severity",
)
def evaluate(request: HttpRequest, body: Assessment) -> Evaluation:
    """What the severity scheme in force says of these facts; stores nothing."""
    services = lookup.services(body.services)
    found = severity.evaluate(services, body.facts, at=timezone.now())
    return {
        "code": found.code,
        "reasons": list(found.reasons),
        "not_fired": list(found.not_fired),
    }
