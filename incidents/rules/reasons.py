"""How this product says no: with reasons a program can test and a person can act on."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a stable code, a sentence that says what to do next, a field or ""."""

    code: str
    message: str
    field: str = ""


class Refused(Exception):  # noqa: N818  (it reads as a sentence: `except Refused`)
    """A rule says no to this act, now. Interfaces show the reasons; HTTP answers 409."""

    def __init__(self, *reasons: Reason) -> None:
        if not reasons:
            raise ValueError("A refusal without a reason is a bug.")
        super().__init__("; ".join(reason.message for reason in reasons))
        self.reasons = reasons

    @classmethod
    def because(cls, code: str, message: str, field: str = "") -> Self:
        """The common case: one reason."""
        return cls(Reason(code, message, field))

    def has(self, code: str) -> bool:
        """Whether one of the reasons bears this code."""
        return any(reason.code == code for reason in self.reasons)


class NotPermitted(Refused):
    """This person may not do this, here or at all. HTTP answers 403."""


class Invalid(Refused):
    """What was given cannot be understood or used. HTTP answers 422; nothing was written."""
