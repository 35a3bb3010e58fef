"""One incident before the law pinned to it: all that may be asked of it, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from incidents.models.incident import Incident
from incidents.models.legal import FactSaid
from incidents.rules import legal as rules
from incidents.rules.law_pack import Pack
from incidents.rules.legal_duties import assumed_instants
from incidents.rules.legal_facts import Case, case, parse_instants
from incidents.rules.legal_interview import Known
from incidents.rules.legal_profile import Profile
from incidents.rules.reasons import Invalid, Reason
from incidents.rules.said import is_known

# These the incident itself has: when service was normal again, and when it was closed.
RECORDED = frozenset({"service_restored", "incident_handled"})
EVALUATION_DATE = "evaluation_date"  # follows from the awareness: nobody types it


@dataclass(frozen=True)
class Reading:
    """All that the law may ask of one incident, read once.

    What contradicts itself is left out rather than refused, the data map's assumptions first: no
    act is held up by what was said before. `require` is how a new answer is refused.
    """

    incident: Incident
    pack: Pack
    profile: Profile
    said: Sequence[FactSaid]  # the last answer to each name
    assumed_facts: Mapping[str, Any]
    submitted: Mapping[str, datetime]
    detected_at: datetime  # here, or in what was merged into it: the earliest

    def knows(self, regime: str, stage: str) -> bool:
        """Whether the law that concerns us here has this stage."""
        law = self.pack.regimes.get(regime)
        return law is not None and any(each.id == stage for each in law.stages)

    @cached_property
    def facts_said(self) -> dict[str, Any]:
        """What people said that this law reads."""
        known = self.incident.facts
        return {name: known[name] for name in known if name in self.pack.facts}

    @cached_property
    def clocks_said(self) -> dict[str, datetime]:
        """The instants people said."""
        rows = [row for row in self.said if row.kind == FactSaid.Kind.CLOCK]
        told = {row.name: row.value for row in rows if not row.is_unknown}
        return parse_instants(
            {name: told[name] for name in told if name in self.pack.clocks}, "clocks"
        )

    @cached_property
    def clocks_assumed(self) -> dict[str, datetime]:
        """The instants nobody said: conservative ones, and what the incident itself knows."""
        incident = self.incident
        sent = min(self.submitted.values(), default=None)
        found = assumed_instants(self.clocks_said, self.detected_at, sent)
        own = {"service_restored": incident.resolved_at, "incident_handled": incident.closed_at}
        found |= {name: at for name, at in own.items() if at and name not in self.clocks_said}
        return {name: at for name, at in found.items() if name in self.pack.clocks}

    @property
    def unsaid(self) -> frozenset[str]:
        """The clocks whose instant rests on an assumption; what the incident records is none."""
        return frozenset(self.clocks_assumed.keys() - RECORDED)

    @property
    def unknown(self) -> frozenset[str]:
        """The names asked for that nobody knows."""
        return frozenset(row.name for row in self.said if row.is_unknown)

    @cached_property
    def findings(self) -> dict[str, Any]:
        """What a person or the approved profile says, and the day that is judged."""
        return {**self.profile.facts, **self.facts_said, EVALUATION_DATE: self._day()}

    @cached_property
    def assumptions(self) -> dict[str, Any]:
        """What the data map says of the affected services and nobody said otherwise."""
        known = {name: v for name, v in self.assumed_facts.items() if name in self.pack.facts}
        fits = rules.fitted(known, self.facts_said)
        return {name: value for name, value in fits.items() if name not in self.findings}

    @cached_property
    def case(self) -> Case:
        """The case the law is asked about."""
        clocks = {**self.clocks_assumed, **self.clocks_said}
        given = rules.without_denial(self.findings)
        try:
            return case(self.pack, {**self.assumptions, **given}, clocks, self.submitted)
        except Invalid:
            return _as_far_as_it_goes(self.pack, given, clocks, dict(self.submitted))

    def require(self) -> None:
        """Return only if what people said can be so; Invalid by path."""
        clocks = {**self.clocks_assumed, **self.clocks_said}
        case(self.pack, self.findings, clocks, self.submitted)

    def contradictions(self) -> tuple[Reason, ...]:
        """What people said that cannot be so."""
        try:
            self.require()
        except Invalid as refusal:
            return refusal.reasons
        return ()

    @property
    def known(self) -> Known:
        """What is known for the interview: the data map is an assumption, never a finding."""
        unknown = (
            name
            for name in self.unknown
            if name.partition(".")[0] in self.pack.facts and not is_known(name, self.facts_said)
        )
        return Known({**self.findings}, frozenset(unknown))

    def _day(self) -> str:
        """The local day of the awareness."""
        facts = {**self.profile.facts, **self.facts_said}
        aware_at = self.clocks_said.get("awareness") or self.clocks_assumed["awareness"]
        return aware_at.astimezone(_zone(facts.get("clock_timezone"))).date().isoformat()


def _zone(name: object) -> tzinfo:
    """The zone of this name; UTC where it is none, which the case refuses by itself."""
    try:
        return ZoneInfo(str(name or "UTC"))
    # A folder of zones ("Europe") and a name longer than a file's are errors of the system.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _as_far_as_it_goes(
    pack: Pack,
    facts: dict[str, Any],
    clocks: dict[str, datetime],
    submitted: dict[str, datetime],
) -> Case:
    """The case without what contradicts itself; each round leaves something out, or it is wrong."""
    parts: dict[str, dict[str, Any]] = {
        "facts": facts, "clocks": clocks, "submitted": submitted,
    }  # fmt: skip
    while True:
        try:
            return case(pack, facts, clocks, submitted)
        except Invalid as refusal:
            named = [reason.field.partition(".") for reason in refusal.reasons]
            wrong = [(part, name) for part, _, name in named if name in parts.get(part, ())]
            if not wrong:
                raise
            for part, name in wrong:
                parts[part].pop(name, None)
