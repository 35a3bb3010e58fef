"""The shapes of what the law says: of a case nobody declared, and of an incident."""

from datetime import datetime
from typing import Any

from typing_extensions import TypedDict


class DueShown(TypedDict):
    """One stage with a limit: `due_at` is conservative, `permitted_until` the later legal one.

    Instants are in the zone the facts name.
    """

    regime: str
    stage: str
    due_at: str
    permitted_until: str | None


class Evaluated(TypedDict):
    """What the law says, every list in the order of the pack; stages are `regime/stage`."""

    duty: list[str]
    assess: list[str]
    not_in_force: list[str]
    voluntary: list[str]
    due: list[DueShown]
    pending: list[str]
    no_fixed_deadline: list[str]
    counsel_within_first_hour: bool


class EvaluatedMany(TypedDict):
    """What the law says of each case, in the order asked."""

    items: list[Evaluated]


class AnswerShown(TypedDict):
    """One answer: regimes it would start or settle as asking nothing, and stages it adds to duties."""

    value: Any
    label: str
    starts: list[str]
    adds: list[str]
    ends: list[str]


class QuestionShown(TypedDict):
    """A question in plain words; `is_reopened`: asked before, and nobody knew."""

    name: str
    text: str
    why: str
    type: str
    answers: list[AnswerShown]
    decides: int
    is_reopened: bool


class TreeShown(TypedDict):
    """One condition: `holds` by what was said (null: open), `counted` also by defaults, as evaluated.

    `kind` is all, any, not or leaf; a leaf reads a `field`, and `basis` says where its value is from.
    """

    text: str
    kind: str
    field: str
    negated: bool
    holds: bool | None
    counted: bool
    assumed: bool
    basis: str
    parts: "list[TreeShown]"


class StageWalked(TypedDict):
    """One stage of a regime; `is_asked` null: open."""

    stage: str
    name: str
    is_asked: bool | None
    condition: TreeShown | None


class RegimeWalked(TypedDict):
    """One regime and the conditions that made it apply, not apply, or stay open.

    `verdict` rests on what was said alone, `counted_as` also on defaults, as evaluated;
    `confidence` low: number, force or scope could not be confirmed.
    """

    regime: str
    confidence: str
    verdict: str
    counted_as: str
    applies: str
    because: list[str]
    trigger: TreeShown
    watch: TreeShown | None
    stages: list[StageWalked]


class RuleWalked(TypedDict):
    """One reason to engage counsel within the first hour."""

    rule: str
    reason: str
    tree: TreeShown


class Explained(Evaluated):
    """With the questions still open, best first, the next one, and every regime's conditions."""

    open_questions: list[str]
    next_question: QuestionShown | None
    regimes: list[RegimeWalked]
    counsel: list[RuleWalked]


class PeriodShown(TypedDict):
    """So many `hours`, `calendar_days`, `business_days` or `months` from the start of a clock."""

    value: int
    unit: str
    clock: str


class StageListed(TypedDict):
    """One thing a regime asks for; without a `deadline` the law has no number."""

    id: str
    name: str
    recipients: list[str]
    deadline: PeriodShown | None
    cap: PeriodShown | None


class RegimeListed(TypedDict):
    """One regime; `confidence` low: number, force or scope could not be confirmed.

    `concerns_us` null: no legal profile is in force; `why` says why it is so.
    """

    id: str
    name: str
    jurisdiction: str
    status: str
    confidence: str
    applies_from: str | None
    applies_until: str | None
    concerns_us: bool | None
    why: str
    legal_basis: str
    source: str
    stages: list[StageListed]


class RegimesListed(TypedDict):
    """Regimes in the pack's order; `law_pack` null: none is in force, these are the shipped ones."""

    law_pack: int | None
    as_of: str
    disclaimer: str
    items: list[RegimeListed]
    next: str | None


class LegalClockShown(TypedDict):
    """One duty, or counsel within the hour: when it is due, and what became of it.

    `outcome` is empty while it is open, then met, late, stood_down or void. `is_fixed` false:
    the law has no number, `due_at` is a target of ours. `is_assumed`: nobody said yet when its
    event was. `doubt`: why the facts do not call for it any more.
    """

    kind: str
    regime: str
    stage: str
    title: str
    recipients: list[str]
    confidence: str
    basis: str
    clock: str
    is_assumed: bool
    is_fixed: bool
    started_at: datetime | None
    due_at: datetime | None
    permitted_until: datetime | None
    outcome: str
    doubt: str
    doubted_at: datetime | None
    answered_at: datetime | None
    answered_by: str | None
    answer: str
    late_reason: str


class Legal(TypedDict):
    """What the law or our own policy asks; `counsel_due_at` null: counsel need not be engaged.

    The lists name regimes and stages by the law pinned, and are empty without any.
    """

    counsel_due_at: datetime | None
    clocks: list[LegalClockShown]
    duty: list[str]
    assess: list[str]
    not_in_force: list[str]
    voluntary: list[str]
    pending: list[str]
    no_fixed_deadline: list[str]
    notes: int


class FactKnown(TypedDict):
    """One fact or instant, who said so, when and how it is known.

    `origin` is said, unknown (asked, and nobody knows), profile, data_map or assumed.
    """

    name: str
    value: Any
    origin: str
    said_by: str | None
    said_at: datetime | None
    how: str


class FilingShown(TypedDict):
    """One submission with its evidence; the file itself stays where it is kept."""

    id: int
    kind: str
    sent_at: datetime
    sent_by: str
    recipient: str
    reference: str
    note: str
    late_reason: str
    file_name: str
    file_type: str
    sha256: str
    recorded_by: str
    recorded_at: datetime


class LegalDecisionShown(TypedDict):
    """One entry of the register: not_to_notify, stand_down or keep, and counsel's reason."""

    id: int
    decision: str
    regime: str
    stage: str
    title: str
    confidence: str
    reason: str
    decided_by: str
    decided_at: datetime


class LawOfIncident(Legal):
    """The law of one incident; version numbers are null where it was declared without them."""

    reference: str
    law_pack: int | None
    legal_profile: int | None
    due: list[DueShown]
    counsel_within_first_hour: bool
    facts: list[FactKnown]
    known_clocks: list[FactKnown]
    open_questions: list[str]
    next_question: QuestionShown | None
    filings: list[FilingShown]
    decisions: list[LegalDecisionShown]


class LegalNoteShown(TypedDict):
    """A privileged note."""

    id: int
    text: str
    written_by: str
    written_at: datetime


class LegalNotes(TypedDict):
    """Those of one incident, the oldest first."""

    items: list[LegalNoteShown]
