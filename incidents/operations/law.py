"""Which versions of the law are in force at an instant, and what an approved one says.

An approved version never changes, which the database itself guards (incidents.models.triggers):
each process reads it once and keeps it. Only what it says is kept. Whether it is in force is asked
every time, for another may be approved, or this one withdrawn, at any moment; and drafts, which
do change, are read anew every time.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from incidents.models.incident import Incident
from incidents.models.law_pack import LawPack, LegalProfile
from incidents.models.matrix import Activity, MatrixVersion
from incidents.models.severity import (
    EscalationStep,
    SeverityLevel,
    SeverityScheme,
    UpdateCadence,
)
from incidents.operations.grids import grid_of
from incidents.operations.prepared import Prepared
from incidents.rules import law_pack, legal_profile
from incidents.rules.cadence import Cadence
from incidents.rules.calling import Step
from incidents.rules.law_pack import Pack
from incidents.rules.layers import ANY_CASE, Case, holding, resolve
from incidents.rules.legal_profile import Profile
from incidents.rules.raci import Grid, Place
from incidents.rules.severity import Criterion, Level

_KEPT = 8  # versions: the one in force, and those of incidents still open under an older one


@dataclass(frozen=True, slots=True)
class LevelLaw:
    """What a scheme says of one level; cadences by audience, steps the earliest first."""

    rule: Level
    cadences: Mapping[str, Cadence]
    escalation: tuple[Step, ...]
    row: SeverityLevel

    def of(self, scheme: SeverityScheme) -> SeverityLevel:
        """A row of the caller's own: what is kept is shared by every thread."""
        mine = copy(self.row)
        mine.scheme = scheme
        return mine


def matrix_in_force(at: datetime) -> MatrixVersion | None:
    """The approved matrix version that took effect last at or before `at`; None if there is none."""
    return MatrixVersion.objects.select_related("matrix").in_force(at)


def scheme_in_force(at: datetime) -> SeverityScheme | None:
    """The approved severity scheme that took effect last; None if there is none."""
    return SeverityScheme.objects.in_force(at)


def law_pack_in_force(at: datetime) -> LawPack | None:
    """The approved law pack that took effect last, without its document; None if there is none."""
    return LawPack.objects.defer("document").in_force(at)


def pack_in_force(at: datetime) -> Pack | None:
    """What the law pack in force says, without its row; None if there is none."""
    found = _pack_in_force(at)
    return _pack(found[0][0]) if found else None


_pack_in_force = Prepared(
    lambda at: LawPack.objects.effective(at).values_list("pk")[:1],
    datetime(1815, 12, 10, tzinfo=UTC),
)


def legal_profile_in_force(at: datetime) -> LegalProfile | None:
    """The approved legal profile that took effect last; None if there is none."""
    return LegalProfile.objects.in_force(at)


def pack_of(row: LawPack) -> Pack:
    """The whole pack of this version, ready to be evaluated."""
    read = _pack if row.is_enacted else _pack.__wrapped__
    return read(row.pk)


def pinned_pack(pack_id: int) -> Pack:
    """The whole pack of a version that was in force once: it never changes, so no row is asked."""
    return _pack(pack_id)


def profile_of(row: LegalProfile, pack: Pack) -> Profile:
    """What this version says we are, read against this pack."""
    return legal_profile.read_profile(row.document, pack)


def law_of(incident: Incident) -> tuple[Pack, Profile] | None:
    """The duties pinned to it that could ever concern us, and what we are; None without either.

    No query once this process has read both versions: what is pinned was law, and never changes.
    """
    if incident.law_pack_id is None or incident.legal_profile_id is None:
        return None
    return _law(incident.law_pack_id, incident.legal_profile_id)


def confidence_of(incident: Incident, regime: str) -> str:
    """How sure the pinned pack is of this regime: high, medium or low; "" where it has none such.

    No query once this process has read the pack.
    """
    pack = _pack(incident.law_pack_id) if incident.law_pack_id else None
    found = pack.regimes.get(regime) if pack else None
    return found.confidence if found else ""


def ours(pack: LawPack, profile: LegalProfile) -> tuple[Pack, Profile]:
    """The same of two approved versions, whether or not an incident pins them."""
    return _law(pack.pk, profile.pk)


def levels(scheme: SeverityScheme) -> Mapping[str, LevelLaw]:
    """The levels of a scheme by code, the highest first."""
    read = _levels if scheme.is_enacted else _levels.__wrapped__
    return read(scheme.pk)


def level_law(level: SeverityLevel | None) -> LevelLaw | None:
    """What the scheme of this level says of it; None of no level."""
    return levels(level.scheme)[level.code] if level else None


def grid(matrix: MatrixVersion) -> Grid:
    """What this version says, its variations beside its base."""
    return _grid(matrix.pk) if matrix.is_enacted else grid_of(matrix)


def pinned_grid(version_id: int) -> Grid:
    """What a version says that was in force once: it never changes, so its row is not asked."""
    return _grid(version_id)


def activity_keys(version_id: int) -> Mapping[Place, int]:
    """The keys of the rows of such a version, by phase and name."""
    return _activity_keys(version_id)


def holding_roles(matrix: MatrixVersion | None, case: Case = ANY_CASE) -> frozenset[str]:
    """The roles that answer or act while an incident of this case is open; none without a matrix."""
    if matrix is None:
        return frozenset()
    return holding(resolve(grid(matrix), case).grid)


def forget() -> None:
    """Read everything anew: for tests, whose rolled back versions come again with the same key."""
    _levels.cache_clear()
    _grid.cache_clear()
    _activity_keys.cache_clear()
    _pack.cache_clear()
    _law.cache_clear()


@lru_cache(maxsize=_KEPT)
def _pack(pack_id: int) -> Pack:
    return law_pack.read(LawPack.objects.values_list("document", flat=True).get(pk=pack_id))


@lru_cache(maxsize=_KEPT)
def _law(pack_id: int, profile_id: int) -> tuple[Pack, Profile]:
    pack = _pack(pack_id)
    profile = profile_of(LegalProfile.objects.get(pk=profile_id), pack)
    return legal_profile.in_use(pack, profile), profile


@lru_cache(maxsize=_KEPT)
def _levels(scheme_id: int) -> Mapping[str, LevelLaw]:
    rows = SeverityLevel.objects.filter(scheme=scheme_id).order_by("rank")
    parts = rows.prefetch_related("criteria", "cadences", "escalation")
    return {row.code: _level_law(row) for row in parts}


def _level_law(row: SeverityLevel) -> LevelLaw:
    criteria = tuple(Criterion(each.name, each.predicate) for each in row.criteria.all())
    return LevelLaw(
        rule=Level(row.code, row.rank, row.name, criteria),
        cadences={each.audience: _cadence(each) for each in row.cadences.all()},
        escalation=tuple(step_of(each) for each in row.escalation.all()),
        row=row,
    )


def step_of(row: EscalationStep) -> Step:
    """The row as the rules know it."""
    return Step(
        row.role_id, row.within_minutes, row.channel, row.repeat_minutes, row.repeats,
        row.next_role_id,
    )  # fmt: skip


def _cadence(row: UpdateCadence) -> Cadence:
    return Cadence(
        row.first_minutes, row.every_minutes, row.until_minutes, row.then_every_minutes
    )


@lru_cache(maxsize=_KEPT)
def _grid(version_id: int) -> Grid:
    return grid_of(MatrixVersion(pk=version_id))


@lru_cache(maxsize=_KEPT)
def _activity_keys(version_id: int) -> Mapping[Place, int]:
    rows = Activity.objects.filter(version=version_id)
    return {(phase, name): pk for pk, phase, name in rows.values_list("pk", "phase", "name")}
