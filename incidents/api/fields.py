"""The small types every body and query is made of; each refuses with a code and a sentence."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from django.http import HttpRequest
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from incidents.rules.reasons import Invalid, Reason

NAIVE = "Give the instant with its offset from UTC, such as 2026-11-23T09:00:00Z."
NOT_AN_INSTANT = (
    "Give an instant as ISO 8601 with its offset, such as 2026-11-23T09:00:00Z; "
    "in an address write + as %2B."
)
_HALF = re.compile("[\ud800-\udfff]")


class Said(BaseModel):
    """What a caller says; a field nobody knows is refused, not overlooked."""

    model_config = ConfigDict(extra="forbid")


def refuse_unknown(request: HttpRequest, asked: type[Said]) -> None:
    """Invalid names a parameter nobody knows: a misspelt filter would answer with everything."""
    known = [field.alias or name for name, field in asked.model_fields.items()]
    unknown = [name for name in request.GET if name not in known]
    if unknown:
        message = f"Known are {', '.join(known)}."
        raise Invalid(*(Reason("extra_forbidden", message, name) for name in unknown))


def one_of(choices: Iterable[str]) -> WithJsonSchema:
    """Describes the choices where they are used, for an enumeration that shares its short name.

    The description of the API keeps one type of a name, and the last one would speak for all.
    """
    return WithJsonSchema({"type": "string", "enum": [str(one) for one in choices]})


def _storable(text: str) -> str:
    # PostgreSQL stores no NUL: better a 422 with the field than an error of the database.
    if "\0" in text:
        raise PydanticCustomError("nul_character", "Leave out the NUL character.")
    # JSON can say half of a pair (RFC 8259, 8.2); no database and no file takes it.
    if _HALF.search(text):
        message = "Leave out the half of a character that a \\u escape says."
        raise PydanticCustomError("half_a_character", message)
    return text


def _utc(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
        if instant and instant.tzinfo:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):  # overflow: the year 1 east of Greenwich
        instant = None
    if instant:
        raise PydanticCustomError("instant_without_offset", NAIVE)
    raise PydanticCustomError("not_an_instant", NOT_AN_INSTANT)


Text = Annotated[str, AfterValidator(_storable)]
Line = Annotated[Text, Field(max_length=300)]
Slug = Annotated[Text, Field(max_length=150)]
Reference = Annotated[Text, Field(max_length=20, description="Such as INC-12.")]
Instant = Annotated[
    datetime, BeforeValidator(_utc), Field(description="ISO 8601 with offset; answered in UTC.")
]
Number = Annotated[int, Field(ge=1, lt=2**63, description="The id of a row.")]
