"""What a version of the criteria would have said of the incidents of the past."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.models.catalogue import Dependency, Service
from incidents.models.incident import Incident, IncidentQuerySet
from incidents.models.people import Person
from incidents.models.severity import SeverityScheme
from incidents.operations.law import levels, scheme_in_force
from incidents.operations.services import of_rows
from incidents.rules import backtest as rules
from incidents.rules.backtest import Comparison, Mark, Moved, Past
from incidents.rules.facts import severity_part
from incidents.rules.phases import State
from incidents.rules.severity import Level, minutes_running

NEWEST = 2000
_READ = (
    "reference", "title", "facts", "law_pack", "is_private", "detected_at", "impact_started_at",
    "mitigated_at", "resolved_at", "closed_at", "declared_at", "level__code", "level__name",
    "level__rank",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Backtest:
    """The newest closed incidents before one version of the criteria.

    `had`: compared with the levels they had in the end; `law`: with what the scheme in force says
    of the same facts, None where there is no other in force. `shown` are those that the reader
    may see.
    """

    found: int  # closed incidents, of which at most NEWEST are judged
    taken: int
    had: Comparison
    law: Comparison | None
    levels: tuple[Level, ...]
    past: Mapping[int, Past]
    shown: Mapping[int, Incident]

    @property
    def unjudged(self) -> int:
        """How many could not be judged: imported without a level, or with facts of other words."""
        return self.taken - len(self.had.rows)

    def why(self, row: Moved) -> str:
        """The criterion of this version that decides, in words."""
        return rules.why(self.levels, self.past[row.key])


def closed(
    *, since: datetime | None = None, until: datetime | None = None, severity: str = ""
) -> IncidentQuerySet:
    """Real incidents that are closed, declared in [since, until), of one level by its code."""
    rows = Incident.objects.real().filter(state=State.CLOSED)
    if since:
        rows = rows.filter(declared_at__gte=since)
    if until:
        rows = rows.filter(declared_at__lt=until)
    return rows.filter(level__code=severity) if severity else rows


def run(
    scheme: SeverityScheme, rows: IncidentQuerySet, *, reader: Person, at: datetime
) -> Backtest:
    """Judge the newest of these by this version; nothing is stored.

    The same number of queries however many there are. What the catalogue derives is derived as
    it stands now. A private incident is counted, and shown only to whom it may be.
    """
    taken = list(
        rows.select_related("level").only(*_READ).order_by("-declared_at", "-id")[:NEWEST]
    )
    past = _past(taken)
    mine = tuple(each.rule for each in levels(scheme).values())
    now = rules.judged(mine, past.values())
    before = {one.pk: Mark(one.level.code, one.level.rank) for one in taken if one.level}
    law = scheme_in_force(at)
    is_other = law is not None and law.pk != scheme.pk
    return Backtest(
        found=rows.count(),
        taken=len(taken),
        had=rules.compare(mine, before, now),
        law=rules.compare(mine, _by(law, past, before), now) if law and is_other else None,
        levels=mine,
        past=past,
        shown=_shown(taken, reader),
    )


def _by(
    law: SeverityScheme, past: Mapping[int, Past], before: Mapping[int, Mark]
) -> dict[int, Mark]:
    """What the scheme in force says of the same incidents."""
    theirs = tuple(each.rule for each in levels(law).values())
    return rules.judged(theirs, (past[key] for key in before))


def _past(taken: Sequence[Incident]) -> dict[int, Past]:
    """All that the criteria may ask, in three queries: what is affected, and what needs it."""
    affected: dict[int, list[int]] = defaultdict(list)
    through = Incident.services.through.objects.filter(incident__in=[one.pk for one in taken])
    for incident, service in through.values_list("incident_id", "service_id"):
        affected[incident].append(service)
    known = Service.objects.in_bulk({key for keys in affected.values() for key in keys})
    dependents: dict[int, list[int]] = defaultdict(list)
    for upstream, downstream in Dependency.objects.order_by().values_list(
        "upstream_id", "downstream_id"
    ):
        dependents[upstream].append(downstream)
    catalogue = _Catalogue(known, dependents, {})
    return {
        one.pk: Past(
            one.pk,
            severity_part(one.facts) if one.law_pack_id else one.facts,
            {**catalogue.of(affected[one.pk]), "minutes_running": _minutes(one)},
        )
        for one in taken
    }


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The services and what needs them, read once; the same set of services is asked once."""

    known: Mapping[int, Service]
    dependents: Mapping[int, Sequence[int]]
    asked: dict[frozenset[int], dict[str, Any]]

    def of(self, keys: Sequence[int]) -> dict[str, Any]:
        """What the catalogue says of these, as `services.derived_facts` would."""
        affected = frozenset(keys)
        if affected not in self.asked:
            self.asked[affected] = {
                **of_rows([self.known[key] for key in affected]),
                "dependents_affected": rules.reach(self.dependents, affected),
            }
        return self.asked[affected]


def _minutes(one: Incident) -> int:
    """How long it lasted in the end; of a closed one something always ended it."""
    ended_at = one.mitigated_at or one.resolved_at or one.closed_at or one.declared_at
    return minutes_running(one.impact_started_at or one.detected_at, ended_at, at=ended_at)


def _shown(taken: Sequence[Incident], reader: Person) -> dict[int, Incident]:
    if not reader.has_perm("incidents.view_incident"):
        return {}
    private = [one.pk for one in taken if one.is_private]
    rows = Incident.objects.filter(pk__in=private).visible_to(reader)
    seen = set(rows.values_list("pk", flat=True)) if private else set()
    return {one.pk: one for one in taken if not one.is_private or one.pk in seen}
