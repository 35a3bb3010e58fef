"""Facts: what is known of an incident, who said so, and what follows from knowing it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from incidents.models.incident import Incident
from incidents.models.legal import FactSaid
from incidents.models.people import Person
from incidents.operations import (
    legal,
    legal_case,
    moves,
    notices,
    records,
    severity,
    standing,
    timeline,
    words,
)
from incidents.rules import legal_words
from incidents.rules.legal_facts import parse_instants
from incidents.rules.legal_wording import CLOCKS
from incidents.rules.reasons import Invalid, Reason, Refused
from incidents.rules.said import without

LONG_BEFORE = timedelta(days=366)


@transaction.atomic
def record_facts(
    incident: Incident,
    *,
    facts: Mapping[str, Any] | None = None,
    clocks: Mapping[str, Any] | None = None,
    unknown: Sequence[str] = (),
    source: str = "",
    actor: Person,
    at: datetime,
) -> Incident:
    """Add these facts to those known; a later one replaces an earlier of the same name.

    `clocks` are instants of the law's clocks, as ISO texts or datetimes, none in the future;
    `unknown` names what was asked and nobody knows: it takes back what was said before. Each answer
    is kept with who gave it, when, and `source`: how it is known. Severity is computed anew: a
    level that differs is proposed to the commander, never applied. Duties to notify and the counsel
    clock follow, and notices that contracts promise. Invalid by path: names that neither severity
    nor the pinned law has, what cannot be, what contradicts what is known, and an instant more than
    a year before the detection without a source.
    """
    standing.lock(incident)
    standing.require("record_facts", incident, actor)
    said = _said(incident, facts or {}, clocks or {}, unknown, source, at)
    detail = _keep(incident, said, actor=actor, at=at)
    records.audit("record_facts", incident, actor=actor, at=at, **detail)
    return incident


def feed(
    incident: Incident, *, facts: Mapping[str, Any], source: str, actor: Person, at: datetime
) -> dict[str, Any]:
    """What the story of an exercise makes known, under the same law; what an audit line says of it.

    For an act above that has locked the incident and writes that line itself: who feeds a story
    plays no role in it. Refuses `not_an_exercise`, and Invalid as `record_facts` is.
    """
    if incident.kind != Incident.Kind.EXERCISE:
        message = f"{incident.reference} is real: only those who work on it record facts."
        raise Refused.because("not_an_exercise", message)
    return _keep(incident, _said(incident, facts, {}, (), source, at), actor=actor, at=at)


def _keep(incident: Incident, said: "Said", *, actor: Person, at: datetime) -> dict[str, Any]:
    """Write down what was said and all that follows from it; what the audit line says of it."""
    known = incident.facts
    incident.facts = {**without(known, said.unknown), **said.facts}
    changed = {n: value for n, value in said.facts.items() if known.get(n) != value}
    was = {name: known.get(name) for name in changed}
    FactSaid.objects.bulk_create(said.rows(incident, actor, at))
    if entry := said.entry(changed):
        timeline.record(incident, entry, at=at, author=actor)
    proposed = severity.judge_anew(incident, at=at, saving=["facts"])
    followed = legal.follow(
        incident, was=legal.Was(facts=known), strictly=True, actor=actor, at=at
    )
    notices.start_clocks(incident, actor=actor, at=at)
    return {
        "changed": changed,
        "was": was,
        "proposed": proposed and proposed.code,
        "counsel_due_at": followed.counsel and followed.counsel.due_at,
        **said.detail(),
        **followed.detail(),
    }


@dataclass(frozen=True, slots=True)
class Said:
    """The answers of one act."""

    facts: Mapping[str, Any]
    clocks: Mapping[str, datetime]
    unknown: tuple[str, ...]
    unknown_clocks: frozenset[str]
    source: str

    def rows(self, incident: Incident, actor: Person, at: datetime) -> Iterator[FactSaid]:
        """Each answer as it is kept."""
        fact, clock = FactSaid.Kind.FACT, FactSaid.Kind.CLOCK
        answers: list[tuple[str, str, Any, bool]] = [
            *((fact, name, value, False) for name, value in self.facts.items()),
            *((clock, name, _iso(value), False) for name, value in self.clocks.items()),
            *(
                (clock if name in self.unknown_clocks else fact, name, None, True)
                for name in self.unknown
            ),
        ]
        for kind, name, value, is_unknown in answers:
            yield FactSaid(
                incident=incident, kind=kind, name=name, value=value, is_unknown=is_unknown,
                source=self.source, said_by=actor, said_at=at,
            )  # fmt: skip

    def entry(self, changed: Mapping[str, Any]) -> str:
        """What the timeline says; "" where nothing is new."""
        facts = "; ".join(
            f"{legal_words.called(name)} = {legal_words.label(name, value)}"
            for name, value in changed.items()
        )
        clocks = ", ".join(
            f"{legal_words.clock_called(name)} at {moves.clock(value)}"
            for name, value in self.clocks.items()
        )
        open_ones = "; ".join(map(_called, self.unknown))
        parts = (
            f"Facts: {facts}" if facts else "",
            f"When: {clocks}" if clocks else "",
            f"Nobody knows yet: {open_ones}" if open_ones else "",
        )
        said = ". ".join(filter(None, parts))
        return f"{said} ({self.source})" if said and self.source else said

    def detail(self) -> dict[str, Any]:
        """What the audit line keeps beside the facts."""
        kept = {
            "clocks": dict(self.clocks),
            "unknown": list(self.unknown),
            "source": self.source,
        }
        return {name: value for name, value in kept.items() if value}


def _called(name: str) -> str:
    """A fact or a clock as a sentence has it."""
    return legal_words.clock_called(name) if name in CLOCKS else legal_words.called(name)


def _said(
    incident: Incident,
    facts: Mapping[str, Any],
    clocks: Mapping[str, Any],
    unknown: Sequence[str],
    source: str,
    at: datetime,
) -> Said:
    """What was said, if it can be said at all."""
    if not facts and not clocks and not unknown:
        raise Invalid.because("facts_missing", "Give at least one fact.", "facts")
    unknown = tuple(dict.fromkeys(unknown))
    may = legal_case.check_names(incident, facts, unknown, clocks)
    instants = parse_instants(clocks, "clocks")
    for name, instant in instants.items():
        timeline.happened(instant, at, f"clocks.{name}")
    source = words.optional(source, "source", longest=legal_case.SOURCE_LENGTH)
    if not source:
        _refuse_slips(incident, instants)
    unknown_clocks = frozenset(unknown) & may.clocks - may.facts
    return Said(facts, instants, unknown, unknown_clocks, source)


def _refuse_slips(incident: Incident, instants: Mapping[str, datetime]) -> None:
    """A wrong year makes every clock late at once: what lies so far back has to be known somehow."""
    began_at = incident.detected_at or incident.declared_at
    long_before = [n for n, instant in instants.items() if began_at - instant > LONG_BEFORE]
    if long_before:
        message = (
            "This is more than a year before the incident was detected: correct it, or say how it "
            "is known."
        )
        raise Invalid(
            *(Reason("instant_long_before", message, f"clocks.{n}") for n in long_before)
        )


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
