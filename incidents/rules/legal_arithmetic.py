"""How the end of a period was counted, in one sentence that can be checked by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.rules import legal_words
from incidents.rules.law_pack import Cap, Deadline, Pack, Regime, Stage, Unit
from incidents.rules.legal_engine import Due
from incidents.rules.legal_facts import Case

_UNITS = {
    Unit.HOURS: "hours",
    Unit.CALENDAR_DAYS: "days",
    Unit.BUSINESS_DAYS: "business days",
    Unit.MONTHS: "months",
}
# What the day count does that a reader would not expect.
_COUNTED = {
    "us_sec_8k": "until 17:30 in New York",
    "jp_appi_inclusive": "the first day counts as day 1",
}
_ROUNDED = "Reg. 1182/71 art. 3(1): the hour of the event is not counted"
_LATER = {
    "eu_1182_71": "Reg. 1182/71 art. 3(4): the last day is no working day",
    "eu_dora_301": "Del. Reg. 2025/301 art. 5: noon of the next working day",
    "jp_appi_inclusive": "the last day is no working day in Japan",
}


def stage_sentence(pack: Pack, case: Case, regime: str, stage: str, due: Due | None) -> str:
    """How this stage of this duty is counted; `due` is what the engine found, None if nothing.

    Instants are in the zone of the facts. KeyError if the pack has no such regime or stage.
    """
    law = pack.regimes[regime]
    step = law.stage(stage)
    if step.deadline is None:
        return _without_number(step)
    if due is None:
        return _pending(law, step, step.deadline)
    zone = ZoneInfo(case.facts["clock_timezone"])
    return "; ".join([_counted(law, step, due, zone), *_remarks(law, step, case, due)]) + "."


def period(deadline: Deadline) -> str:
    """A period as people say it: "72 hours", "1 month"."""
    unit = _UNITS[deadline.unit]
    return f"{deadline.value} {unit.removesuffix('s') if deadline.value == 1 else unit}"


def instant(at: datetime) -> str:
    """An instant on the wall of its own zone: "10 Feb 2026 09:20 CET"."""
    return f"{at.day} {at:%b %Y %H:%M} {at.tzname()}"


def counted_from(deadline: Deadline) -> str:
    """With what it counts from: "72 hours from awareness"."""
    return f"{period(deadline)} from {legal_words.clock_called(deadline.clock)}"


def _without_number(stage: Stage) -> str:
    target = stage.planning_target
    ours = f" Our own target, not law: {counted_from(target)}." if target else ""
    return f"Without undue delay: the law sets no number.{ours}"


def _pending(law: Regime, stage: Stage, deadline: Deadline) -> str:
    if deadline.clock == "previous_stage":
        names = " or ".join(f"“{law.stage(each).name}”" for each in stage.after)
        return f"{period(deadline)} from the submission of {names}, which is not sent yet."
    cap = f", at most {counted_from(stage.cap)}" if stage.cap else ""
    return f"{counted_from(deadline)}{cap}: it runs once that instant is known."


def _counted(law: Regime, stage: Stage, due: Due, zone: ZoneInfo) -> str:
    limit = _limit(stage, due)
    lead = "At most " if isinstance(limit, Cap) else ""
    begun = instant(due.started_at.astimezone(zone))
    counted = _COUNTED.get(law.computation, "") if limit.unit is not Unit.HOURS else ""
    how = f", {counted}" if counted else ""
    return f"{lead}{counted_from(limit)} ({begun}){how}: {instant(due.due_at)}"


def _limit(stage: Stage, due: Due) -> Deadline:
    main, cap = stage.deadline, stage.cap
    if cap is not None and (main is None or due.clock != main.clock):
        return cap
    if main is None:
        raise ValueError(f"{stage.id} has no period, so it cannot be due.")
    return main


def _remarks(law: Regime, stage: Stage, case: Case, due: Due) -> Iterator[str]:
    limit = _limit(stage, due)
    if limit is stage.deadline and stage.cap and _is_past(stage.cap, case, due):
        yield f"the limit of {counted_from(stage.cap)} had passed before and drops out"
    if limit is stage.cap and stage.deadline:
        yield f"it comes before {counted_from(stage.deadline)}, or that is not known yet"
    if due.permitted_until is not None:
        is_rounded = law.computation == "eu_1182_71" and limit.unit is Unit.HOURS
        basis = _ROUNDED if is_rounded else _LATER.get(law.computation, "")
        yield f"the law allows until {_later(due)}{f' ({basis})' if basis else ''}"


def _later(due: Due) -> str:
    later = due.permitted_until or due.due_at
    return f"{later:%H:%M}" if later.date() == due.due_at.date() else instant(later)


def _is_past(cap: Cap, case: Case, due: Due) -> bool:
    """Whether a cap in hours had passed when the deadline's clock started."""
    begun = case.clocks.get(cap.clock)
    if not cap.waived_when or begun is None or cap.unit is not Unit.HOURS:
        return False
    return begun.astimezone(UTC) + timedelta(hours=cap.value) < due.started_at
