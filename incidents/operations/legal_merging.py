"""What the law asked because of a duplicate goes on where it is merged into: the earlier hour holds."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from simple_history.utils import bulk_create_with_history

from incidents.models.incident import Incident
from incidents.models.legal import FactSaid, Filing, LegalClock
from incidents.models.nudging import NudgePolicy
from incidents.models.people import Person
from incidents.operations import legal, legal_case, nudges, policies, severity
from incidents.operations.law import law_of
from incidents.rules.legal_facts import total_facts
from incidents.rules.merging import known_of_both
from incidents.rules.reasons import Invalid
from incidents.rules.said import names

_FILED = (LegalClock.Outcome.MET, LegalClock.Outcome.LATE)
_DECISIONS = ("classification", "assessment_complete", "materiality_determination")
_FIRST = ("discovery", "awareness")  # of these the earlier holds, whoever said it last
# Of a filing the columns that go along; the file itself stays where it was recorded.
_SENT = (
    "sent_at", "sent_by_id", "recipient", "reference", "late_reason", "file_name", "file_type",
    "sha256", "recorded_by_id", "recorded_at",
)  # fmt: skip
_OWED = (
    "kind", "regime", "stage", "title", "recipients", "confidence", "basis", "clock",
    "is_assumed", "is_fixed", "zone", "started_at", "due_at", "permitted_until",
)  # fmt: skip
_SETTLED = ("outcome", "settled_at", "settled_by_id", "answer", "late_reason")


def take_over(
    into: Incident,
    duplicate: Incident,
    clocks: Sequence[LegalClock],
    *,
    actor: Person,
    at: datetime,
) -> None:
    """The facts, answers, filings and running clocks of a duplicate, as far as they are news.

    `clocks` are the duplicate's as they stood before it ended. Severity is judged anew and the
    law followed. What was filed because of it was filed: it was the same trouble.
    """
    before = dict(into.facts)
    into.facts = known_of_both(into.facts, duplicate.facts, lambda facts: _stands(into, facts))
    _copy_answers(into, duplicate, before, actor=actor, at=at)
    severity.judge_anew(into, at=at, saving=["facts"])
    _copy_filings(into, [clock for clock in clocks if clock.outcome in _FILED], actor, at)
    counsel = legal.follow(into, actor=actor, at=at).counsel
    open_ones = [clock for clock in clocks if clock.is_open]
    for clock in open_ones:
        if clock.kind == legal.COUNSEL_CLOCK:
            _keep_hour(into, clock, counsel, at)
    if _carry_on(into, [clock for clock in open_ones if clock.regime], actor, at):
        # What the facts here do not call for is put before counsel at once.
        legal.follow(into, actor=actor, at=at)


def _stands(into: Incident, facts: Mapping[str, Any]) -> bool:
    """Whether the law here can read these facts."""
    law = law_of(into)
    if not facts.keys() <= names(law[0] if law else None).facts:
        return False
    try:
        if law is not None:
            pack = law[0]
            total_facts(pack, {name: facts[name] for name in facts if name in pack.facts})
    except Invalid:
        return False
    return True


def _copy_answers(
    into: Incident,
    duplicate: Incident,
    before: Mapping[str, Any],
    *,
    actor: Person,
    at: datetime,
) -> None:
    """Who said what is news here, as it was said there; an earlier awareness is said anew."""
    ours = {(row.kind, row.name): row for row in legal_case.last_said(into)}
    fact = FactSaid.Kind.FACT
    copies = []
    for row in legal_case.last_said(duplicate):
        known = ours.get((row.kind, row.name))
        is_news = into.facts.get(row.name) != before.get(row.name)
        if row.is_unknown or (row.kind == fact and not is_news):
            continue
        source = f"{duplicate.reference}: {row.source}"[: legal_case.SOURCE_LENGTH]
        is_earlier = known and row.name in _FIRST and str(row.value) < str(known.value)
        if known is None:
            copies.append(_answer(into, row, source, row.said_by, row.said_at))
        elif row.kind == fact or known.is_unknown or is_earlier:
            said = f"{duplicate.reference}, said there by {row.said_by}"
            copies.append(_answer(into, row, said, actor, at))
    copies += _earlier(into, duplicate, [*ours.values(), *copies], actor=actor, at=at)
    FactSaid.objects.bulk_create(copies)


def _earlier(
    into: Incident,
    duplicate: Incident,
    rows: Sequence[FactSaid],
    *,
    actor: Person,
    at: datetime,
) -> Iterator[FactSaid]:
    """Who decided knew of it: awareness and discovery, said later in one of the two, are no later."""
    clocks = {row.name: row for row in rows if row.kind == FactSaid.Kind.CLOCK}
    latest = {name: str(row.value) for name, row in clocks.items() if not row.is_unknown}
    bounds = [latest[name] for name in _DECISIONS if name in latest]
    for name in reversed(_FIRST):
        bound = min(bounds, default="")
        if name in latest and bound and bound < latest[name]:
            source = f"{duplicate.reference}: both together say so"
            yield _answer(into, clocks[name], source, actor, at, value=bound)
        bounds += [latest[name]] if name in latest else []


def _answer(
    into: Incident, row: FactSaid, source: str, by: Person, at: datetime, *, value: Any = None
) -> FactSaid:
    return FactSaid(
        incident=into, kind=row.kind, name=row.name, value=value or row.value, source=source,
        said_by=by, said_at=at,
    )  # fmt: skip


def _copy_filings(
    into: Incident, filed: Sequence[LegalClock], actor: Person, at: datetime
) -> None:
    """What was filed there counts here: the stage's clock is settled as it was."""
    if not filed:
        return
    ours = {(clock.regime, clock.stage): clock for clock in into.legal_clocks.order_by("id")}
    new, settled = [], {}
    for clock in filed:
        mine = ours.get((clock.regime, clock.stage))
        if mine is None:
            mine = _copied(into, clock, (*_OWED, *_SETTLED))
            new.append(mine)
        elif mine.is_open:
            legal.settle(
                [mine], clock.outcome, settled_at=clock.settled_at or at,
                answer=clock.answer, late_reason=clock.late_reason, actor=actor, at=at,
            )  # fmt: skip
        else:
            continue
        settled[clock.pk] = mine
    bulk_create_with_history(new, LegalClock, default_user=actor, default_date=at)
    there = Filing.objects.filter(clock__in=settled).select_related("clock__incident")
    Filing.objects.bulk_create(
        Filing(
            clock=LegalClock.objects.get(incident=into, kind=settled[row.clock_id].kind),
            note=f"As recorded in {row.clock.incident.reference}.",
            **{name: getattr(row, name) for name in _SENT},
        )
        for row in there.defer("file")
    )


def _keep_hour(
    into: Incident, theirs: LegalClock, ours: LegalClock | None, at: datetime
) -> None:
    """Counsel's hour began when the first of the two knew; what called counsel there does here."""
    ours = ours or legal.start_counsel_clock(into, why=theirs.basis, at=at)
    if ours is None or ours.settled_at or not (ours.due_at and theirs.due_at):
        return
    if theirs.due_at < ours.due_at:
        ours.started_at, ours.due_at = theirs.started_at, theirs.due_at
        nudges.schedule(ours, policies.of(NudgePolicy.What.LEGAL_CLOCK), at=at)
        ours.save()


def _carry_on(
    into: Incident, theirs: Sequence[LegalClock], actor: Person, at: datetime
) -> bool:
    """What ran there and has no clock here yet runs on: counsel says when it need not."""
    if not theirs:
        return False
    here = set(into.legal_clocks.values_list("regime", "stage"))
    new = [
        _copied(into, clock, _OWED)
        for clock in theirs
        if (clock.regime, clock.stage) not in here
    ]
    if new:
        policy = policies.of(NudgePolicy.What.LEGAL_DUTY)
        for clock in new:
            nudges.schedule(clock, policy, at=at)
        bulk_create_with_history(new, LegalClock, default_user=actor, default_date=at)
    return bool(new)


def _copied(into: Incident, clock: LegalClock, names: Sequence[str]) -> LegalClock:
    return LegalClock(incident=into, **{name: getattr(clock, name) for name in names})
