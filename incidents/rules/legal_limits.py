"""Which limit of a stage runs, since when, and how it is counted: deadline, cap, year's end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from incidents.rules.law_pack import Deadline, Pack, Regime, Stage
from incidents.rules.legal_deadlines import (
    Calendars,
    Reckoning,
    due_at,
    permitted_until,
    year_end,
)
from incidents.rules.legal_facts import Case

WAIVED_AFTER_CAP = "main_clock_starts_after_cap"
MEMBER_STATE = "EU-MEMBER-STATE"


@dataclass(frozen=True, slots=True)
class Running:
    """A limit whose clock has started: `started_at` in UTC, the others in the zone of the facts."""

    limit: Deadline
    started_at: datetime
    due_at: datetime
    permitted_until: datetime | None


@dataclass(frozen=True, slots=True)
class Setting:
    """What the limits of one case are counted by."""

    case: Case
    calendars: Calendars
    zone: ZoneInfo
    relief_excluded: tuple[frozenset[str], frozenset[str]]

    @classmethod
    def of(cls, pack: Pack, case: Case, calendars: Calendars) -> "Setting":
        """The setting of this case under this pack."""
        zone = ZoneInfo(case.facts["clock_timezone"])
        return cls(case, calendars, zone, pack.relief_excluded)


def running(regime: Regime, stage: Stage, setting: Setting) -> Running | None:
    """The limit of this stage that counts; None while no clock of it has started.

    The earlier of deadline and cap. With the deadline's own event still open the cap alone
    stands: the safe direction. A cap drops out where the pack waives it for a late event.
    """
    by = _reckoning(regime, stage, setting)
    main = _begun(stage.deadline, regime, stage, setting)
    cap = _begun(stage.cap, regime, stage, setting)
    if main is None or cap is None:
        found = main or cap
        return None if found is None else _counted(*found, by)
    first, second = _counted(*main, by), _counted(*cap, by)
    if _is_waived(stage, first, second):
        return first
    return min(first, second, key=lambda each: each.due_at.astimezone(UTC))


def _begun(
    limit: Deadline | None, regime: Regime, stage: Stage, setting: Setting
) -> tuple[Deadline, datetime] | None:
    start = None if limit is None else _started(limit, regime, stage, setting)
    return None if limit is None or start is None else (limit, start)


def _started(
    limit: Deadline, regime: Regime, stage: Stage, setting: Setting
) -> datetime | None:
    """When the event was from which this limit counts; None while nobody knows."""
    case = setting.case
    if limit.clock == "previous_stage":
        sent = (case.submitted.get(f"{regime.id}/{each}") for each in stage.after)
        return min((each for each in sent if each is not None), default=None)
    if limit.clock == "calendar_year_end":
        discovery = case.clocks.get("discovery")
        return None if discovery is None else year_end(discovery, setting.zone)
    return case.clocks.get(limit.clock)


def _counted(limit: Deadline, start: datetime, by: Reckoning) -> Running:
    due = due_at(limit, start, by)
    return Running(limit, start.astimezone(UTC), due, permitted_until(limit, start, due, by))


def _is_waived(stage: Stage, main: Running, cap: Running) -> bool:
    if stage.cap is None or stage.cap.waived_when != WAIVED_AFTER_CAP:
        return False
    return main.started_at > cap.due_at.astimezone(UTC)


def _reckoning(regime: Regime, stage: Stage, setting: Setting) -> Reckoning:
    facts: Mapping[str, object] = setting.case.facts
    entities, stages = setting.relief_excluded
    calendar = facts["holiday_calendar"] if regime.calendar == MEMBER_STATE else regime.calendar
    return Reckoning(
        profile=regime.computation,
        zone=setting.zone,
        is_holiday=partial(setting.calendars, str(calendar)) if calendar else _never,
        rolls=stage.rolls,
        relieved=stage.id not in stages
        or entities.isdisjoint(setting.case.facts["entity_types"]),
    )


def _never(_day: date) -> bool:
    return False
