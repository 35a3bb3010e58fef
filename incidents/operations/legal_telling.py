"""What is said of legal clocks: on the timeline, and to counsel, privacy and command."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from incidents.models.incident import Incident
from incidents.models.legal import LegalClock
from incidents.operations import composing, escalation, moves, timeline
from incidents.operations.composing import Message
from incidents.operations.escalation import NOTICE, PAGE, Told
from incidents.operations.recipients import holders
from incidents.rules.legal_duties import in_both_zones
from incidents.rules.roles import COMMANDER, COUNSEL, PRIVACY

# What is due this soon wakes people.
SOON = timedelta(hours=24)
_LISTED = 12  # duties on the timeline; more are counted

Moved = Sequence[tuple[LegalClock, datetime]]


def tell(
    incident: Incident,
    *,
    started: Sequence[LegalClock] = (),
    moved: Moved = (),
    doubted: Sequence[LegalClock] = (),
    called_again: Sequence[LegalClock] = (),
    at: datetime,
) -> None:
    """Announce new duties, keep what moved, and propose to counsel what may end; each once."""
    if started:
        composing.compose(_announced(incident, started, at), at=at)
    if moved:
        lines = [
            f"{clock.title}: now {due(clock)}, was due {moves.clock(was)}{doubts(clock)}"
            for clock, was in moved
        ]
        timeline.record(incident, f"Legal clocks moved. {_listed(lines)}.", at=at)
    if called_again:
        titles = _listed([clock.title for clock in called_again])
        timeline.record(incident, f"The facts call for it again: {titles}.", at=at)
    if doubted:
        composing.compose(_proposed(incident, doubted, at), at=at)


def due(clock: LegalClock) -> str:
    """By when a clock is due, as a sentence ends: in UTC, and where it is reckoned."""
    if clock.due_at is None:
        if clock.is_fixed:
            return f"its time starts with {clock.event}"
        return "without undue delay, the law names no number"
    said = f"due {in_both_zones(clock.due_at, clock.zone)}"
    return said if clock.is_fixed else f"{said} by our own target, the law names no number"


def doubts(clock: LegalClock) -> str:
    """What makes a clock uncertain, as a sentence of its own; "" where nothing does."""
    parts = []
    if clock.confidence == "low":
        parts.append("low confidence: have counsel confirm it")
    if clock.is_assumed:
        parts.append(f"{clock.event} is assumed, nobody said when")
    return f" ({'; '.join(parts)})" if parts else ""


def reminder(clock: LegalClock) -> str:
    """What a reminder of a duty says: what, to whom, by when here and there, how sure it is."""
    to = ", ".join(each.replace("_", " ") for each in clock.recipients)
    lines = [clock.title, f"To: {to}" if to else "", due(clock)[:1].upper() + due(clock)[1:]]
    if clock.permitted_until is not None:
        until = in_both_zones(clock.permitted_until, clock.zone)
        lines.append(f"The law allows until {until}")
    said = ".\n".join(filter(None, lines))
    return (
        f"{said}.{doubts(clock)}\n\n{clock.basis}\n\nRecord the filing, or have counsel stand it "
        "down with a reason."
    )


def _announced(
    incident: Incident, started: Sequence[LegalClock], at: datetime
) -> Iterator[Message]:
    """New duties, and those whose time has begun: to counsel, privacy and command at once."""
    lines = [f"- {clock.title}: {due(clock)}{doubts(clock)}." for clock in started]
    rows = "\n".join([*lines[:_LISTED], *_more(lines)])
    entry = timeline.record(incident, f"By what is known the law asks for:\n{rows}", at=at)
    is_soon = any(clock.due_at and clock.due_at <= at + SOON for clock in started)
    number = "a duty" if len(started) == 1 else f"{len(started)} duties"
    every = "\n".join(lines)
    yield from escalation.about(
        incident, _told(incident, COUNSEL, PRIVACY, COMMANDER),
        key=f"legal-duty:{entry.pk}", kind="legal-duty",
        subject=f"the law asks for {number} to notify",
        body=f"{every}\n\nFile each and record it, or have counsel stand it down.",
        priority=PAGE if is_soon else NOTICE,
    )  # fmt: skip


def _proposed(
    incident: Incident, doubted: Sequence[LegalClock], at: datetime
) -> Iterator[Message]:
    """What the facts do not call for any more; it runs on until counsel says so."""
    lines = [f"{clock.title}{doubts(clock)}. {clock.doubt}" for clock in doubted]
    text = f"The facts do not call for it any more, counsel decides: {_listed(lines)}"
    entry = timeline.record(incident, text, at=at)
    every = "\n".join(f"- {line}" for line in lines)
    yield from escalation.about(
        incident, _told(incident, COUNSEL), key=f"legal-doubt:{entry.pk}", kind="legal-doubt",
        subject="the facts do not call for a legal duty any more",
        body=f"{every}\n\nThe clock runs on: stand it down with a reason, or keep it.",
    )  # fmt: skip


def _told(incident: Incident, *roles: str) -> list[Told]:
    """Who holds these roles here or held them to the end, in this order; else leadership."""
    return holders(incident, *roles) or escalation.leadership(incident)


def _listed(lines: Sequence[str]) -> str:
    return "; ".join([*lines[:_LISTED], *_more(lines)])


def _more(lines: Sequence[str]) -> list[str]:
    return [f"and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
