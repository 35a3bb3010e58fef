"""Legal clocks: started by facts under the law pinned, never deleted, settled once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from incidents.calendars import is_holiday
from incidents.models.incident import Incident
from incidents.models.legal import LegalClock, LegalDecision
from incidents.models.nudging import NudgePolicy
from incidents.models.people import Person
from incidents.models.records import NUDGE_BOOKKEEPING
from incidents.operations import legal_case, legal_telling, nudges, policies
from incidents.operations.first_hour import start_counsel_clock
from incidents.operations.legal_case import Reading, Was
from incidents.rules.legal import why_counsel
from incidents.rules.legal_changes import changes
from incidents.rules.legal_clocks import COUNSEL as COUNSEL_CLOCK
from incidents.rules.legal_clocks import LONGEST_KIND
from incidents.rules.legal_duties import Duty, owed, why_not
from incidents.rules.legal_engine import Outcome

__all__ = [
    "COUNSEL_CLOCK",
    "Followed",
    "Was",
    "follow",
    "follow_event",
    "reevaluate",
    "settle",
    "start_counsel_clock",
    "stop_clocks",
]

_MOVING = (
    "started_at", "due_at", "permitted_until", "clock", "zone", "is_assumed", "is_fixed",
)  # fmt: skip
_WRITTEN = [*_MOVING, "doubt", "doubted_at", *NUDGE_BOOKKEEPING]
_SETTLED = ("outcome", "settled_at", "settled_by", "answer", "late_reason", "next_nudge_at")


@dataclass(frozen=True, slots=True)
class Followed:
    """What followed from what is known: the law's word, the counsel clock, and what changed.

    `started` are new duties and those whose event has happened now; `doubted` those that the facts
    do not call for any more.
    """

    outcome: Outcome | None
    counsel: LegalClock | None
    started: tuple[LegalClock, ...] = ()
    moved: tuple[LegalClock, ...] = ()
    doubted: tuple[LegalClock, ...] = ()

    def detail(self) -> dict[str, object]:
        """What an audit line keeps of it; nothing where nothing followed."""
        kept = {"started": self.started, "moved": self.moved, "doubted": self.doubted}
        return {
            f"duties_{name}": [clock.kind for clock in clocks]
            for name, clocks in kept.items()
            if clocks
        }


def reevaluate(
    incident: Incident, *, actor: Person | None = None, at: datetime
) -> Outcome | None:
    """What the pinned law says of the incident as it is known now, brought onto its clocks.

    None where no law is pinned: then only our own policy of the first hour is followed.
    """
    return follow(incident, actor=actor, at=at).outcome


def follow(
    incident: Incident,
    *,
    was: Was | None = None,
    strictly: bool = False,
    actor: Person | None = None,
    at: datetime,
) -> Followed:
    """The same, with what changed. Call it in the transaction of the act that made facts known.

    New duties get their clocks and are announced, moved ones are kept on the timeline, and what
    the facts do not call for any more is proposed to counsel, never removed. Settled clocks stay
    as they are. Nothing new, nothing written; the same number of statements however many clocks.
    `was` is what the act changed, so that a doubt can name it. `strictly` refuses what people said
    that cannot be so: Invalid by path.
    """
    reading = legal_case.read(incident, at=at)
    if reading is None:
        return Followed(None, start_counsel_clock(incident, at=at))
    if strictly:
        legal_case.require(reading, was, at=at)
    outcome, duties = owed(reading.pack, reading.case, is_holiday, reading.unsaid)
    why = why_counsel(incident.facts, reading.pack, outcome)
    counsel = start_counsel_clock(incident, why=why, at=at)
    docket = Docket(incident, reading, was, at)
    docket.bring(duties)
    docket.write(actor)
    legal_telling.tell(
        incident, started=docket.started, moved=docket.moved, doubted=docket.doubted,
        called_again=docket.called_again, at=at,
    )  # fmt: skip
    return Followed(
        outcome, counsel, tuple(docket.started),
        tuple(clock for clock, _ in docket.moved), tuple(docket.doubted),
    )  # fmt: skip


def follow_event(incident: Incident, *, actor: Person, at: datetime) -> None:
    """An instant of the incident was recorded, with which a running duty may begin to count.

    Asked only where something is owed: no query where no law is pinned, else one.
    """
    if incident.law_pack_id and incident.legal_clocks.exclude(regime="").exists():
        follow(incident, actor=actor, at=at)


@dataclass
class Docket:
    """The duty clocks of one incident while they are brought up to what is owed."""

    incident: Incident
    reading: Reading
    was: Was | None
    at: datetime
    new: list[LegalClock] = field(default_factory=list)
    changed: dict[int, LegalClock] = field(default_factory=dict)
    started: list[LegalClock] = field(default_factory=list)
    moved: list[tuple[LegalClock, datetime]] = field(default_factory=list)  # and was due when
    doubted: list[LegalClock] = field(default_factory=list)
    called_again: list[LegalClock] = field(default_factory=list)

    def bring(self, duties: Sequence[Duty]) -> None:
        """Weigh each duty against the last clock of its stage, and each clock against the duties."""
        rows: dict[tuple[str, str], list[LegalClock]] = {}
        for clock in self.incident.legal_clocks.exclude(regime="").order_by("id"):
            rows.setdefault((clock.regime, clock.stage), []).append(clock)
        for duty in duties:
            mine = rows.pop((duty.regime, duty.stage), [])
            if not mine or _is_owed_anew(mine[-1]):
                self._start(duty, len(mine))
            elif mine[-1].is_open:
                self._adjust(mine[-1], duty)
        self._doubt([some[-1] for some in rows.values()])

    def write(self, actor: Person | None) -> None:
        """Two statements for what is new and two for what changed, none where nothing did."""
        due = [*self.new, *self.started, *(clock for clock, _ in self.moved)]
        if due:
            policy = policies.of(NudgePolicy.What.LEGAL_DUTY)
            for clock in due:
                nudges.schedule(clock, policy, at=self.at)
        if self.new:
            bulk_create_with_history(
                self.new, LegalClock, default_user=actor, default_date=self.at
            )
        if self.changed:
            bulk_update_with_history(
                list(self.changed.values()), LegalClock, _WRITTEN,
                default_user=actor, default_date=self.at,
            )  # fmt: skip

    def _start(self, duty: Duty, rounds: int) -> None:
        suffix = f"-{rounds + 1}" if rounds else ""
        clock = LegalClock(
            incident=self.incident,
            kind=f"{duty.kind[: LONGEST_KIND - len(suffix)]}{suffix}",
            regime=duty.regime,
            stage=duty.stage,
            title=duty.title,
            recipients=list(duty.recipients),
            confidence=duty.confidence,
            basis=duty.basis,
        )
        _set(clock, duty)
        self.new.append(clock)
        self.started.append(clock)

    def _adjust(self, clock: LegalClock, duty: Duty) -> None:
        was = clock.due_at
        if any(getattr(clock, name) != getattr(duty, name) for name in _MOVING):
            _set(clock, duty)
            self.changed[clock.pk] = clock
            if clock.due_at != was:
                self._note_move(clock, was)
        if clock.doubted_at is not None:
            clock.doubted_at, clock.doubt = None, ""
            self.changed[clock.pk] = clock
            self.called_again.append(clock)

    def _note_move(self, clock: LegalClock, was: datetime | None) -> None:
        if was is None:
            self.started.append(clock)
        else:
            self.moved.append((clock, was))

    def _doubt(self, clocks: Iterable[LegalClock]) -> None:
        """What counsel keeps is not doubted again: the facts were before counsel."""
        open_ones = [one for one in clocks if one.is_open and one.doubted_at is None]
        kept = _kept(self.incident) if open_ones else set()
        doubted = [one for one in open_ones if (one.regime, one.stage) not in kept]
        because = self._because() if doubted else {}
        for clock in doubted:
            clock.doubted_at = self.at
            clock.doubt = because.get(clock.regime) or why_not(
                self.reading.pack, clock.regime, clock.stage, self.reading.case
            )
            self.changed[clock.pk] = clock
            self.doubted.append(clock)

    def _because(self) -> dict[str, str]:
        """Of each regime that stands otherwise since this act, which facts made it so."""
        if self.was is None:
            return {}
        before = legal_case.case_before(self.reading, self.was)
        found = changes(self.reading.pack, before, self.reading.case, is_holiday)
        return {each.regime: " ".join(each.because) for each in found}


def _is_owed_anew(last: LegalClock) -> bool:
    """Whether it was stood down because facts did not call for it, which now do."""
    return last.outcome == LegalClock.Outcome.STOOD_DOWN and bool(last.doubt)


def _set(clock: LegalClock, duty: Duty) -> None:
    for name in _MOVING:
        setattr(clock, name, getattr(duty, name))


def _kept(incident: Incident) -> set[tuple[str, str]]:
    rows = LegalDecision.objects.filter(incident=incident, kind=LegalDecision.Kind.KEEP)
    return set(rows.order_by().values_list("regime", "stage"))


def settle(
    clocks: Iterable[LegalClock],
    outcome: str,
    *,
    settled_at: datetime,
    answer: str = "",
    late_reason: str = "",
    actor: Person | None,
    at: datetime,
) -> None:
    """These clocks are over, for this reason, and nobody is reminded of them any more."""
    rows = list(clocks)
    for clock in rows:
        clock.outcome, clock.settled_at, clock.settled_by = outcome, settled_at, actor
        clock.answer, clock.late_reason = answer, late_reason
        clock.next_nudge_at = None
    bulk_update_with_history(rows, LegalClock, _SETTLED, default_user=actor, default_date=at)


def stop_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """What was no incident owes nothing: open clocks are void, and stay to be read."""
    clocks = incident.legal_clocks.filter(settled_at=None)
    settle(clocks, LegalClock.Outcome.VOID, settled_at=at, actor=actor, at=at)
