"""Replies: what a provider hands in, read as id, sender and text, or not at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

LARGEST = 64 * 1024  # bytes
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
LONGEST_ID, LONGEST_SENDER = 200, 254
# Our own names, then those of Twilio, which most providers of text messages follow.
_ID = ("id", "MessageSid", "SmsSid")
_SENDER = ("from", "From")
_TEXT = ("text", "Body")


@dataclass(frozen=True, slots=True)
class Received:
    """What came in; `problem` says why it cannot be read as a reply."""

    external_id: str
    sender: str = ""
    text: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


def read(body: bytes, content_type: str, *, id: str = "") -> Received:
    """The reply in this body; `id` is the caller's own, for a body that names none.

    Without any id the body itself is one: what is handed in twice counts once all the same.
    """
    fallback = id[:LONGEST_ID] or f"sha256:{sha256(body).hexdigest()}"
    try:
        said = _fields(body, content_type.partition(";")[0].strip().lower())
    except (ValueError, RecursionError) as error:
        raw = clean(body.decode(errors="replace"))
        problem = f"It cannot be read: {type(error).__name__}."
        return Received(fallback, payload={"raw": raw}, problem=problem)
    external_id, sender, text = (_first(said, names) for names in (_ID, _SENDER, _TEXT))
    problem = "" if sender and text else "It names no sender, or no text."
    if len(external_id) > LONGEST_ID or len(sender) > LONGEST_SENDER:
        external_id, sender, problem = "", "", "Its id or its sender is too long."
    return Received(external_id or fallback, sender, text, said, problem)


def clean(value: Any) -> Any:
    """Without NUL and halves of characters: PostgreSQL stores neither."""
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="replace").decode()
    if isinstance(value, list):
        return [clean(each) for each in value]
    if isinstance(value, dict):
        return {clean(name): clean(each) for name, each in value.items()}
    return value


def _fields(body: bytes, content_type: str) -> dict[str, Any]:
    if content_type == FORM:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200)
        return dict(clean(list(map(list, pairs))))
    said = json.loads(body, parse_constant=_no_number, parse_float=_number)
    if not isinstance(said, dict):
        raise ValueError("not an object")
    return dict(clean(said))


def _number(text: str) -> float:
    number = float(text)
    return _no_number(text) if number in (float("inf"), float("-inf")) else number


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not a number")


def _first(said: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        if isinstance(value := said.get(name), str | int) and not isinstance(value, bool):
            return str(value).strip()
    return ""
