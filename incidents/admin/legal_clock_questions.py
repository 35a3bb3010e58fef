"""Which instants the interview asks for: those that clocks of open duties run from, or wait for."""

from collections.abc import Iterable, Iterator

from incidents.models import LegalClock
from incidents.operations.legal_case import Reading
from incidents.rules.legal_facts import DERIVED_CLOCKS


def to_ask(
    reading: Reading, clocks: Iterable[LegalClock], *, is_assumed: bool
) -> tuple[str, ...]:
    """The instants nobody said, without those that nobody knew: these are not pressed for.

    `is_assumed`: those on which a running clock depends; else those for which one waits.
    """
    found = (name for one in clocks if one.is_open for name in _lacking(reading, one))
    wanted = (name for name, is_running in found if is_running is is_assumed)
    return tuple(dict.fromkeys(name for name in wanted if name not in reading.unknown))


def nobody_knew(reading: Reading, clocks: Iterable[LegalClock]) -> tuple[str, ...]:
    """Those asked for before that nobody knew, and that still matter."""
    found = {name for one in clocks if one.is_open for name, _ in _lacking(reading, one)}
    return tuple(sorted(found & reading.unknown))


def left(reading: Reading, clocks: Iterable[LegalClock]) -> frozenset[str]:
    """All that is still worth asking, what nobody knew included."""
    return frozenset(
        name for one in clocks if one.is_open for name, _ in _lacking(reading, one)
    )


def started_by(
    reading: Reading, clocks: Iterable[LegalClock], name: str
) -> tuple[LegalClock, ...]:
    """The open clocks that this instant would start or move."""
    return tuple(
        one for one in clocks if one.is_open and name in (one.clock, _own(reading, one))
    )


def _lacking(reading: Reading, clock: LegalClock) -> Iterator[tuple[str, bool]]:
    """Each with whether the clock runs already, on an assumption or on a limit alone."""
    own = _own(reading, clock)
    # What runs on its outer limit is due sooner once the event of its own period is said.
    is_limited = clock.started_at is not None and own != clock.clock
    if is_limited and _may_be_said(reading, own) and own not in reading.clocks_said:
        yield own, True
    if not _may_be_said(reading, clock.clock):
        return
    if clock.is_assumed:
        yield clock.clock, True
    elif clock.started_at is None:
        yield clock.clock, False


def _own(reading: Reading, clock: LegalClock) -> str:
    """The event its own period runs from: while that is not known, an outer limit may run from another."""
    if not reading.knows(clock.regime, clock.stage):
        return clock.clock
    deadline = reading.pack.regimes[clock.regime].stage(clock.stage).deadline
    return deadline.clock if deadline else clock.clock


def _may_be_said(reading: Reading, name: str) -> bool:
    return name in reading.pack.clocks and name not in DERIVED_CLOCKS
