"""Verified facts: who verified what is known of an incident, how and when; the rest is hearsay."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.update import Update, VerifiedFact
from incidents.operations import moves, records, standing, timeline, words
from incidents.rules.facts import SEVERITY_FACTS
from incidents.rules.reasons import Invalid, Reason

# What `verified` reads of an incident; a page that loads it itself makes it cost no query.
READ = Prefetch("verified_facts", queryset=VerifiedFact.objects.select_related("verified_by"))


@dataclass(frozen=True, slots=True)
class Ground:
    """One fact an update rests on: its value when it was drafted, its value now, who vouches for it."""

    name: str
    value: Any
    now: Any
    verified: VerifiedFact | None

    @property
    def label(self) -> str:
        """The fact as people call it."""
        return label(self.name)

    @property
    def said(self) -> str:
        """Its value as people read it, and as it was when the words were drafted."""
        return said(self.value)

    @property
    def said_now(self) -> str:
        """Its value now."""
        return said(self.now)

    @property
    def is_changed(self) -> bool:
        """Whether it reads otherwise now than when the words were drafted."""
        return bool(self.value != self.now)

    @property
    def is_firm(self) -> bool:
        """Whether it stands as it was drafted, and somebody verified it."""
        return self.verified is not None and not self.is_changed

    def __str__(self) -> str:
        if self.is_changed:
            return (
                f"{self.label} was {said(self.value)} when it was drafted, now {said(self.now)}"
            )
        if self.verified is None:
            return f"{self.label} = {said(self.value)}, which nobody verified"
        when = moves.clock(self.verified.verified_at)
        by = f"verified by {self.verified.verified_by} at {when}"
        return f"{self.label} = {self.said}, {by} ({self.verified.source})"


@transaction.atomic
def verify_facts(
    incident: Incident, *, names: Iterable[str], source: str, actor: Person, at: datetime
) -> list[VerifiedFact]:
    """Keep that these facts are known to be so, as they stand now, and how that is known.

    A fact that is changed later is not verified any more. Invalid: no fact named, one that is not
    recorded (`fact_not_recorded`), no source.
    """
    standing.lock(incident)
    standing.require("verify_facts", incident, actor)
    wanted = list(dict.fromkeys(names))
    if not wanted:
        raise Invalid.because("names_missing", "Name at least one recorded fact.", "names")
    require_recorded(incident, wanted, code="fact_not_recorded", field="names")
    ask = "Write how it is known: a dashboard, a log, who confirmed it."
    source = words.required(source, "source", ask, longest=300)
    made = VerifiedFact.objects.bulk_create(
        VerifiedFact(
            incident=incident, name=name, value=incident.facts[name], source=source,
            verified_by=actor, verified_at=at,
        )
        for name in wanted
    )  # fmt: skip
    values = {name: incident.facts[name] for name in wanted}
    listed = ", ".join(f"{label(name)} = {said(value)}" for name, value in values.items())
    timeline.record(incident, f"Verified: {listed}. {source}", at=at, author=actor)
    records.audit("verify_facts", incident, actor=actor, at=at, verified=values, source=source)
    return made


def verified(incident: Incident) -> Mapping[str, VerifiedFact]:
    """The facts that have the value somebody verified last, by name; one query, or prefetched."""
    known = incident.facts
    return {
        name: row
        for name, row in _last(incident).items()
        if name in known and known[name] == row.value
    }


def rests_on(update: Update) -> tuple[Ground, ...]:
    """The facts an update rests on, as they stand; one query, none where it rests on none."""
    if not update.facts:
        return ()
    firm, known = verified(update.incident), update.incident.facts
    return tuple(
        Ground(one["name"], one["value"], known.get(one["name"]), firm.get(one["name"]))
        for one in update.facts
    )


def _last(incident: Incident) -> dict[str, VerifiedFact]:
    """Of each fact the verification that came last; rows are read last first."""
    prefetch_related_objects([incident], READ)
    found: dict[str, VerifiedFact] = {}
    for row in incident.verified_facts.all():
        found.setdefault(row.name, row)
    return found


def require_recorded(
    incident: Incident, names: Iterable[str], *, code: str, field: str
) -> None:
    """Return only if all of these are recorded; Invalid, naming each that is not."""
    missing = [name for name in names if name not in incident.facts]
    if missing:
        known = ", ".join(sorted(incident.facts)) or "none"
        message = "“{}” is not recorded here: record it first, or choose one of {}."
        raise Invalid(*(Reason(code, message.format(name, known), field) for name in missing))


def label(name: str) -> str:
    """A fact as people call it within a sentence."""
    fact = SEVERITY_FACTS.get(name)
    return fact.label if fact else name.replace("_", " ")


def said(value: object) -> str:
    """A value of a fact as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not known" if value is None else str(value)
