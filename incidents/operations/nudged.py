"""What is nudged within incidents and around them, for trying a policy out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.models import (
    EmergencyChange,
    Matrix,
    MatrixVersion,
    Nudged,
    NudgePolicy,
    Obligation,
    Person,
)
from incidents.operations import matrix_review, obligations
from incidents.operations.composing import page_of
from incidents.operations.nudged_clocks import (
    SAMPLE,
    Duties,
    Notices,
    Questions,
    Updates,
    begun,
    during,
    held_at,
    sample_incident,
    with_holders,
)
from incidents.operations.try_out import Owed, Source, Writer
from incidents.rules.policy import Policy

__all__ = [
    "SAMPLE",
    "SOURCES",
    "Duties",
    "EmergencyChanges",
    "Notices",
    "Obligations",
    "Questions",
    "Updates",
    "begun",
    "during",
    "held_at",
    "sample_incident",
    "with_holders",
]

What = NudgePolicy.What


class EmergencyChanges:
    """Changes of the matrix that took effect before anybody approved them."""

    what, kind, model = What.EMERGENCY_CHANGE, "emergency-nudge", EmergencyChange

    def owed(
        self, _reader: Person, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Owed]:
        rows = EmergencyChange.objects.filter(due_at__isnull=False).select_related(
            "version__matrix", "enacted_by__manager"
        )
        found = during(rows, "enacted_at", "decided_at", since=since, until=until)
        return [
            Owed(row, str(row.version), page_of(row.version), row.enacted_at, row.decided_at)
            for row in found[:limit]
        ]

    def writer(self, policy: Policy, at: datetime) -> Writer:
        return matrix_review.writer(policy, at)

    def sample(self, reader: Person, at: datetime) -> Owed:
        version = MatrixVersion(
            pk=0, matrix=Matrix(name="Standing matrix"), number=1, maker=reader
        )
        change = EmergencyChange(
            pk=0, version=version, reason="It could not wait.", enacted_by=reader,
            enacted_at=at - timedelta(hours=1), due_at=at,
        )  # fmt: skip
        return Owed(change, str(version), "", at - timedelta(hours=1))


@dataclass(frozen=True)
class Obligations:
    """What is owed outside of incidents, of one kind."""

    what: str
    model: type[Nudged] = Obligation

    @property
    def kind(self) -> str:
        return f"{self.what}-nudge"

    def owed(
        self, _reader: Person, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Owed]:
        rows = Obligation.objects.filter(what=self.what, due_at__isnull=False)
        found = during(
            rows.select_related("owner__manager"), "opened_at", "settled_at",
            since=since, until=until,
        )  # fmt: skip
        return [
            Owed(row, row.title, row.link, row.opened_at, row.settled_at)
            for row in found[:limit]
        ]

    def writer(self, policy: Policy, at: datetime) -> Writer:
        return obligations.writer(policy, at)

    def sample(self, reader: Person, at: datetime) -> Owed:
        row = Obligation(
            pk=0, what=self.what, owner=reader, title="An example", link="/admin/",
            opened_at=at, due_at=at,
        )  # fmt: skip
        return Owed(row, row.title, row.link, at)


SOURCES: tuple[Source, ...] = (
    Updates(),
    Questions(),
    Duties(),
    Notices(),
    EmergencyChanges(),
    *(
        Obligations(what)
        for what in (
            What.STATEMENT,
            What.MATRIX,
            What.QUALIFICATION,
            What.RUNBOOK,
            What.ATTESTATION,
            What.ROTA_GAP,
            What.INVITATION,
            What.AFTER_ACTION,
            What.SHIFT,
        )
    ),
)
