"""The shapes of what the API answers about an incident. Instants are UTC; people are usernames."""

from datetime import datetime
from typing import Any, NotRequired

from typing_extensions import TypedDict

from incidents.api.legal_answers import Legal
from incidents.api.links import Linked
from incidents.api.noticed import NoticeShown
from incidents.api.suggested import Suggested
from incidents.api.worded import UpdateShown, Verified


class Level(TypedDict):
    """The level it has, the level the criteria gave, and why.

    `proposed` is the computed level where nobody has decided on it yet, `override_reason` why
    the level departs from it.
    """

    code: str | None
    computed: str | None
    proposed: str | None
    override_reason: str
    reasons: list[str]


class Severity(Level):
    """With the criteria that did not hold."""

    not_fired: list[str]


class Held(TypedDict):
    """A role somebody holds; `reason` says why this person."""

    role: str
    person: str
    reason: str
    service: str | None
    assigned_at: datetime


class FormerlyHeld(Held):
    """A role somebody held until `ended_at`."""

    ended_at: datetime
    end_reason: str


class Unfilled(TypedDict):
    """A role nobody could be found for; `stand_in` names who of leadership was told."""

    role: str
    service: str | None
    reasons: list[str]
    stand_in: NotRequired[list[str]]


class Told(TypedDict):
    """A message composed by the declaration."""

    person: str | None
    role: str
    kind: str


class NextUpdateDueAt(TypedDict):
    """When the next update is owed; null where none is."""

    internal: datetime | None
    public: datetime | None
    customers: datetime | None
    executive: datetime | None
    support: datetime | None


class Summary(TypedDict):
    """One incident in a list."""

    reference: str
    title: str
    kind: str
    state: str
    phase: str
    severity: Level
    services: list[str]
    commander: str | None
    detected_at: datetime | None
    declared_at: datetime
    closed_at: datetime | None


class Receipt(TypedDict):
    """What a declaration did."""

    reference: str
    phase: str
    severity: Severity
    matrix_version: str | None
    assignments: list[Held]
    unfilled: list[Unfilled]
    messages: list[Told]
    next_update_due_at: NextUpdateDueAt
    legal: Legal


class KnownInstant(TypedDict):
    """When it was, and where we know it from: auto, human or backfilled."""

    at: datetime
    source: str | None
    by: str | None
    reason: str | None


class Entry(TypedDict):
    """One line of the timeline."""

    at: datetime
    source: str
    text: str
    author: str | None
    recorded_at: datetime


class Clock(TypedDict):
    """When the next update for one audience is due."""

    audience: str
    due_at: datetime | None


class Heard(TypedDict):
    """What somebody said before it was decided; `role` is empty where they spoke in none."""

    person: str
    role: str
    said: str


class Decided(TypedDict):
    """One decision, who was heard, and the authority it was taken with."""

    id: int
    topic: str
    question: str
    inputs: list[Heard]
    decision: str
    decided_by: str
    authority: str
    decided_at: datetime
    revisit_at: datetime | None
    proposal: int | None


class Proposed(TypedDict):
    """What somebody proposed to decide, and whether it was declined; decisions name what they answer."""

    id: int
    topic: str
    question: str
    text: str
    proposed_by: str
    proposed_at: datetime
    declined_by: str | None
    declined_at: datetime | None
    decline_reason: str


class Delegated(TypedDict):
    """Who acts for whom, in which role and act ("" = all of it); `revoked_at`: taken back."""

    id: int
    role: str
    act: str
    giver: str
    to: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    revoked_at: datetime | None


class HandOverShown(TypedDict):
    """Command as it is offered to somebody who has not answered yet, with the briefing."""

    to: str
    giver: str
    offered_at: datetime
    status: str
    decisions: str
    next_update: str
    open_questions: str


class Document(Receipt):
    """Everything about one incident; `hand_over` is null where command is not on offer."""

    title: str
    private: bool
    seen_by: list[str]
    kind: str
    state: str
    scenario: str | None
    services: list[str]
    facts: dict[str, Any]
    severity_override_reason: str
    severity_scheme: int | None
    declared_by: str | None
    instants: dict[str, KnownInstant | None]
    review_due_at: datetime | None
    former_assignments: list[FormerlyHeld]
    timeline: list[Entry]
    updates: list[UpdateShown]
    verified_facts: list[Verified]
    clocks: list[Clock]
    decisions: list[Decided]
    proposals: list[Proposed]
    delegations: list[Delegated]
    suggestions: list[Suggested]
    hand_over: HandOverShown | None
    links: list[Linked]
    notices: list[NoticeShown]
