"""The shapes of what is answered about a suggestion."""

from datetime import datetime

from typing_extensions import TypedDict


class Weighed(TypedDict):
    """Somebody not chosen and why; without a username the reason counts several people."""

    username: str
    reason: str


class Suggested(TypedDict):
    """A change of roles the rules suggest; `person` is null where nobody can be found."""

    id: int
    role: str
    service: str | None
    person: str | None
    instead_of: str | None
    why: str
    reason: str
    rejected: list[Weighed]
    made_at: datetime
    outcome: str
    decided_by: str | None
    decided_at: datetime | None
    note: str
