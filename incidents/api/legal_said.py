"""What a caller says about the law: cases, facts, counsel, filings and decisions."""

import binascii
from base64 import b64decode
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from incidents.api.fields import Instant, Line, Said, Slug, Text
from incidents.api.pages import Paging

MOST_CASES = 200
_INSTANTS = "ISO 8601 with offset, by name."


class LegalCase(Said):
    """A case nobody declared; instants may lie in the future."""

    facts: dict[Line, Any] = Field(
        {}, description="By name; those left out are at their default."
    )
    clocks: dict[Line, Any] = Field({}, description=f"When which event was: {_INSTANTS}")
    submitted: dict[Line, Any] = Field(
        {}, description=f"When which `regime/stage` was sent: {_INSTANTS}"
    )
    profile: bool = Field(
        default=False, description="Only what could concern us, on top of our legal profile."
    )


class OneCase(Said):
    """One of many cases."""

    facts: dict[Line, Any] = {}
    clocks: dict[Line, Any] = {}
    submitted: dict[Line, Any] = {}


class LegalCases(Said):
    """Many cases at once, under one law."""

    cases: list[OneCase] = Field(min_length=1, max_length=MOST_CASES)
    profile: bool = Field(
        default=False, description="Only what could concern us, on top of our legal profile."
    )


class LegalQuestioned(LegalCase):
    """The same, with the questions nobody could answer."""

    unknown: list[Line] = Field([], max_length=500, description="Names of facts.")


class RegimeFilters(Paging):
    """Which regimes: the filters given all hold."""

    jurisdiction: Slug = Field("", description="Such as EU or US-CA.")
    status: Slug = Field("", description="Such as in_force or voluntary.")
    confidence: Slug = Field("", description="high, medium or low.")
    concerns_us: bool | None = Field(None, description="By the legal profile in force.")


class EngageCounsel(Said):
    """Who of counsel was reached, how, and when (default now)."""

    person: Slug = Field(description="A username.")
    how: Text
    engaged_at: Instant | None = None


def _bytes(said: object) -> bytes:
    try:
        if isinstance(said, str):
            return b64decode(said, validate=True)
    except (binascii.Error, ValueError):  # ValueError: letters beyond ASCII
        pass
    raise PydanticCustomError("not_base64", "Give the content of the file in base64.")


class FiledWith(Said):
    """A file as it was sent, at most 5 MiB."""

    name: Annotated[Text, Field(min_length=1, max_length=200)]
    type: Annotated[Text, Field(max_length=100)] = "application/octet-stream"
    content: Annotated[bytes, BeforeValidator(_bytes)] = Field(description="In base64.")


class FileNotice(Said):
    """What was sent, when and to whom; late ones say why."""

    sent_at: Instant
    recipient: Annotated[Text, Field(max_length=200)] = ""
    reference: Annotated[Text, Field(max_length=120)] = Field(
        "", description="Theirs, as received."
    )
    note: Text = ""
    late_reason: Text = ""
    file: FiledWith | None = None


class NotToNotify(Said):
    """Under which regime nobody is notified, and why."""

    regime: Line
    reason: Text


class LegalNoteSaid(Said):
    """A privileged note."""

    text: Text
