"""One incident before the law pinned to it: what is known, who said so, and what is assumed."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Min

from incidents.models.catalogue import Service
from incidents.models.incident import Incident
from incidents.models.legal import FactSaid, Filing
from incidents.models.links import IncidentLink
from incidents.models.people import Person
from incidents.operations import data_map
from incidents.operations.law import (
    law_of,
    law_pack_in_force,
    legal_profile_in_force,
    pack_of,
    pinned_pack,
)
from incidents.operations.legal_reading import EVALUATION_DATE, RECORDED, Reading
from incidents.rules.facts import Vocabulary
from incidents.rules.law_pack import Pack, Regime
from incidents.rules.legal_facts import Case
from incidents.rules.legal_interview import Known
from incidents.rules.legal_profile import PROFILE_FACTS, Profile, in_use
from incidents.rules.reasons import Invalid
from incidents.rules.said import Names, is_known, names, unstorable

__all__ = [
    "EVALUATION_DATE",
    "Origin",
    "Reading",
    "Source",
    "Was",
    "case_before",
    "case_of",
    "check_names",
    "instants",
    "keep_declared",
    "known_of",
    "last_said",
    "provenance",
    "read",
    "require",
    "sayable",
    "sources",
]

SOURCE_LENGTH = 300
_DORA = "eu_dora_301"


class Origin(StrEnum):
    """Where something that is known of an incident comes from."""

    SAID = "said"
    UNKNOWN = "unknown"  # asked, and nobody knows
    PROFILE = "profile"
    DATA_MAP = "data_map"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where one fact, or the instant of one clock, comes from.

    `by` and `at` are null of what nobody said; `how` is what they wrote, or which version or
    assumption it is. `row` is the answer itself, where there is one.
    """

    name: str
    origin: Origin
    value: Any
    by: Person | None = None
    at: datetime | None = None
    how: str = ""
    row: FactSaid | None = None

    def __str__(self) -> str:
        return f"said by {self.by}" if self.by else self.how


def read(incident: Incident, *, at: datetime) -> Reading | None:
    """All that is known, in five queries; None where no law is pinned to it."""
    law = law_of(incident)
    if law is None:
        return None
    pack, profile = _for_this_one(incident, *law)
    services = incident.services.all()
    return Reading(
        incident, pack, profile, last_said(incident), data_map.assumed(services),
        _submitted(incident, pack), _detected_at(incident) or at,
    )  # fmt: skip


def _for_this_one(incident: Incident, pack: Pack, profile: Profile) -> tuple[Pack, Profile]:
    """Where we are something else in this incident than our profile says, other law may concern us."""
    said = {name: incident.facts[name] for name in PROFILE_FACTS if name in incident.facts}
    if all(profile.facts.get(name) == value for name, value in said.items()):
        return pack, profile
    here = replace(profile, facts={**profile.facts, **said})
    return in_use(pinned_pack(incident.law_pack_id or 0), here), profile


@dataclass(frozen=True, slots=True)
class Was:
    """What an act changed, as it was before: the facts of the incident, the services affected."""

    facts: Mapping[str, Any] | None = None
    services: Sequence[Service] | None = None


def case_before(reading: Reading, was: Was) -> Case:
    """The case as it was before the act; one query where services changed."""
    return _before(reading, was).case


def _before(reading: Reading, was: Was) -> Reading:
    incident = copy(reading.incident)
    if was.facts is not None:
        incident.facts = dict(was.facts)
    assumed = reading.assumed_facts
    if was.services is not None:
        assumed = data_map.assumed(was.services)
    return replace(reading, incident=incident, assumed_facts=assumed)


def require(reading: Reading, was: Was | None, *, at: datetime) -> None:
    """Return only if nothing said now makes what is known contradict itself; Invalid by path.

    What did so before the act, such as after a merge, holds up nobody who says something else.
    """
    try:
        reading.require()
    except Invalid as refusal:
        found = list(refusal.reasons)
        if was is not None:
            rows = last_said(reading.incident, before=at)
            known = replace(_before(reading, was), said=rows).contradictions()
            found = [reason for reason in found if reason not in known]
        if found:
            raise Invalid(*found) from refusal


def case_of(incident: Incident, *, at: datetime) -> Case | None:
    """The case as its law sees it; None where no law is pinned to it."""
    found = read(incident, at=at)
    return found.case if found else None


def known_of(incident: Incident, *, at: datetime | None = None) -> Known | None:
    """What a person or the profile said of it, and what nobody knows; None without a law."""
    found = read(incident, at=at or incident.declared_at)
    return found.known if found else None


def provenance(incident: Incident, *, at: datetime | None = None) -> Mapping[str, Source]:
    """Where each fact comes from, in the order of the vocabulary; without a law what was said."""
    found = read(incident, at=at or incident.declared_at)
    return sources(found) if found else _said_sources(incident, last_said(incident), {})


def sources(reading: Reading) -> dict[str, Source]:
    """The same of what was read already."""
    incident, version = reading.incident, reading.incident.legal_profile
    profile = str(version) if version else "the legal profile"
    found = {
        name: Source(name, Origin.PROFILE, value, how=profile)
        for name, value in reading.profile.facts.items()
    }
    mapped = "the data map of the affected services"
    for name, value in reading.assumptions.items():
        found[name] = Source(name, Origin.DATA_MAP, value, how=mapped)
    found |= _said_sources(incident, reading.said, reading.pack.facts)
    order = {name: place for place, name in enumerate(reading.pack.facts)}
    return dict(sorted(found.items(), key=lambda each: order.get(each[0], len(order))))


def instants(reading: Reading) -> dict[str, Source]:
    """Where the instant of each clock comes from, in the order of the pack."""
    rows = {row.name: row for row in reading.said if row.kind == FactSaid.Kind.CLOCK}
    found = {}
    for name in reading.pack.clocks:
        if name in reading.clocks_said:
            found[name] = _of_row(rows[name], reading.clocks_said[name])
        elif name in reading.clocks_assumed:
            is_kept = name in RECORDED
            how = "as the incident has it" if is_kept else "assumed, nobody said when"
            found[name] = Source(name, Origin.ASSUMED, reading.clocks_assumed[name], how=how)
        elif name in rows:
            found[name] = _of_row(rows[name], None)
    return found


def check_names(
    incident: Incident,
    facts: Mapping[str, Any],
    unknown: Collection[str] = (),
    clocks: Collection[str] = (),
) -> Names:
    """What may be said of it, if all of these may and can be kept; Invalid by path."""
    law = law_of(incident)
    found = names(law[0] if law else None)
    found.check(facts, unknown, clocks)
    if wrong := unstorable(facts):
        raise Invalid(*wrong)
    return found


def keep_declared(incident: Incident, *, source: str, actor: Person, at: datetime) -> None:
    """The facts given when it was declared, each as an answer of whoever declared it."""
    FactSaid.objects.bulk_create(
        FactSaid(
            incident=incident, name=name, value=value, source=source[:SOURCE_LENGTH],
            said_by=actor, said_at=at,
        )
        for name, value in incident.facts.items()
    )  # fmt: skip


def sayable(facts: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Of facts known elsewhere those that may be said of an incident declared now."""
    law = law_pack_in_force(at)
    profile = legal_profile_in_force(at) if law else None
    may = names(pack_of(law) if law and profile else None)
    return {name: value for name, value in facts.items() if name in may.facts}


def last_said(incident: Incident, *, before: datetime | None = None) -> list[FactSaid]:
    """The last answer to each name, of facts and clocks; one query."""
    rows = FactSaid.objects.filter(incident=incident).select_related("said_by")
    if before is not None:
        rows = rows.filter(said_at__lt=before)
    last = {(row.kind, row.name): row for row in rows.order_by("said_at", "id")}
    return list(last.values())


def _said_sources(
    incident: Incident, said: Sequence[FactSaid], facts: Vocabulary
) -> dict[str, Source]:
    """Each fact somebody said; of those said before this was kept, who declared it."""
    rows = {row.name: row for row in said if row.kind == FactSaid.Kind.FACT}
    found = {
        name: Source(
            name, Origin.SAID, value, incident.declared_by, incident.declared_at,
            "at the declaration",
        )
        for name, value in incident.facts.items()
        if not facts or name in facts
    }  # fmt: skip
    for name, row in rows.items():
        if row.is_unknown and not is_known(name, incident.facts):
            found[name] = _of_row(row, None)
        elif name in found and not row.is_unknown:
            found[name] = _of_row(row, incident.facts[name])
    return found


def _of_row(row: FactSaid, value: Any) -> Source:
    origin = Origin.UNKNOWN if row.is_unknown else Origin.SAID
    return Source(row.name, origin, value, row.said_by, row.said_at, row.source, row)


def _detected_at(incident: Incident) -> datetime | None:
    """When it was detected, be it in a duplicate that was merged into it."""
    merged = incident.linked_from.filter(kind=IncidentLink.Kind.DUPLICATE)
    earlier = merged.aggregate(first=Min("incident__detected_at"))["first"]
    own = incident.detected_at or incident.declared_at
    return min(filter(None, (own, earlier)), default=None)


def _submitted(incident: Incident, pack: Pack) -> dict[str, datetime]:
    """When each stage was first sent; of what is reckoned from its latest version, last."""
    rows = Filing.objects.filter(clock__incident=incident).exclude(clock__regime="")
    found: dict[tuple[str, str], list[datetime]] = {}
    for regime, stage, sent_at in rows.values_list("clock__regime", "clock__stage", "sent_at"):
        if regime in pack.regimes and any(s.id == stage for s in pack.regimes[regime].stages):
            found.setdefault((regime, stage), []).append(sent_at)
    return {
        f"{regime}/{stage}": (max if _counts_last(pack.regimes[regime], stage) else min)(sent)
        for (regime, stage), sent in found.items()
    }


def _counts_last(regime: Regime, stage: str) -> bool:
    """DORA's final report runs from the latest update of the report before it; what follows the
    first notification runs from that one, whatever is added to it (Del. Reg. (EU) 2025/301 art. 5).
    """
    return regime.computation == _DORA and bool(regime.stage(stage).after)
