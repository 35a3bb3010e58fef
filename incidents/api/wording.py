"""Wording of an update, asked without writing one."""

from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import Field
from typing_extensions import TypedDict

from incidents.api import lookup
from incidents.api.auth import VIEW, Bearer, caller
from incidents.api.fields import Reference, Said, Slug, Text
from incidents.models import Incident
from incidents.models.severity import Audience
from incidents.operations import wording

router = Router(tags=["wording"])

LONGEST = 20_000  # characters of a text


class ToCheck(Said):
    """The words, to whom, and the incident they are about, if any."""

    text: Annotated[Text, Field(min_length=1, max_length=LONGEST)]
    audience: Audience
    language: Slug = "en"
    incident: Reference = ""


class Remarked(TypedDict):
    """What one rule found at [start, end) of the text; at 0 with no quote, of the whole."""

    rule: str
    level: str
    quote: str
    start: int
    end: int
    message: str


class Remarks(TypedDict):
    """In the order of the text."""

    remarks: list[Remarked]


@router.post("/check", auth=Bearer(VIEW), response=Remarks, operation_id="check_wording")
def check(request: HttpRequest, body: ToCheck) -> Remarks:
    """What the wording checks say of these words; stores nothing."""
    found = wording.of_text(
        _incident(request, body.incident),
        text=body.text,
        audience=body.audience,
        language=body.language,
        at=timezone.now(),
    )
    return {
        "remarks": [
            {
                "rule": each.rule,
                "level": str(each.level),
                "quote": each.quote,
                "start": each.start,
                "end": each.end,
                "message": each.message,
            }
            for each in found
        ]
    }


def _incident(request: HttpRequest, reference: str) -> Incident | None:
    return lookup.other(reference, "incident", caller(request)) if reference else None
