"""Who fills the roles of a newly declared incident, and why this person and not that one.

Suggestions happen once, at declaration; a role nobody can fill is shown and never blocks.
Sources: FEMA ICS (one commander), PagerDuty incident response (the commander is no resolver).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from incidents.rules.candidates import (
    Candidate,
    Pool,
    Service,
    absence_of,
    day,
    load,
    name_of,
    pools,
)
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DOMAIN_OWNER, RESPONDER

TECHNICAL = frozenset({DOMAIN_OWNER, RESPONDER})
ROLES_PER_PERSON = 2
NAMED = 10  # of each kind of rejection so many people are named, the rest are one number

# Every incident has them, whatever its matrix says.
ALWAYS = {
    COMMANDER: "Every incident has one commander",
    COMMUNICATIONS: "Every incident has one voice",
}
_IN_MATRIX = "Accountable or responsible in the matrix"
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Need:
    """One role to fill, why, and for a domain owner the service he answers for."""

    role: str
    why: str
    service: Service | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A person not chosen and why; without a username the reason counts several people."""

    username: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The person for one need, the sentence why, and who else was weighed."""

    role: str
    username: str
    reason: str
    service: Service | None = None
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A need nobody can answer, with the sentences why."""

    role: str
    reasons: tuple[str, ...]
    service: Service | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Every need once, in the order of the needs: chosen or unfilled."""

    assignments: tuple[Chosen, ...]
    unfilled: tuple[Unfilled, ...]


def excludes(role: str, other: str) -> bool:
    """Whether one person never holds both: command and anything, the voice and the hands."""
    pair = {role, other}
    return COMMANDER in pair or (COMMUNICATIONS in pair and not TECHNICAL.isdisjoint(pair))


def needs(roles: Iterable[str], services: Iterable[Service]) -> tuple[Need, ...]:
    """Commander and communications lead always, then the matrix's A and R `roles` in order.

    A domain owner is needed once per distinct owner of the services; ownerless ones per team.
    """
    found = [Need(role, why) for role, why in ALWAYS.items()]
    for role in dict.fromkeys(roles):
        if role == DOMAIN_OWNER:
            found.extend(_owner_needs(services))
        elif role not in ALWAYS:
            found.append(Need(role, _IN_MATRIX))
    return tuple(found)


def _owner_needs(services: Iterable[Service]) -> list[Need]:
    shared: dict[tuple[str | None, str], list[Service]] = {}
    for service in services:
        key = (service.owner, "" if service.owner else service.team)
        shared.setdefault(key, []).append(service)
    if not shared:
        return [Need(DOMAIN_OWNER, _IN_MATRIX)]
    named = ((", ".join(one.name for one in group), group[0]) for group in shared.values())
    return [Need(DOMAIN_OWNER, f"Affected: {names}", first) for names, first in named]


def fill(needs: Sequence[Need], candidates: Iterable[Candidate]) -> Plan:
    """Answer every need exactly once; the order of the candidates does not matter."""
    return fill_also(needs, (), candidates)[0]


def fill_also(
    needs: Sequence[Need], also: Sequence[Need], candidates: Iterable[Candidate]
) -> tuple[Plan, Mapping[str, Pool]]:
    """The same plan and, answered after it from who is left, what is needed `also`.

    Beside it the pools by role, as they were before anybody was chosen.
    """
    filling = _Filling(needs, candidates, also)
    ordered = [*filling.answers(needs), *filling.answers(also)]
    chosen = tuple(answer for answer in ordered if isinstance(answer, Chosen))
    unfilled = tuple(answer for answer in ordered if isinstance(answer, Unfilled))
    return Plan(chosen, unfilled), filling.pools


class _Filling:
    """The table while it is filled: who is free for what, and who holds what here already."""

    def __init__(
        self, needs: Sequence[Need], candidates: Iterable[Candidate], also: Sequence[Need]
    ) -> None:
        self.people = {person.username: person for person in sorted(candidates, key=load)}
        roles = frozenset(need.role for need in (*needs, *also))
        self.pools = pools(self.people.values(), roles)
        self.owners = {n.service.owner for n in needs if n.service and n.service.owner}
        self.holds: dict[str, list[str]] = {}

    def answers(self, needs: Sequence[Need]) -> list[Chosen | Unfilled]:
        """One for each need, in their order; the commander is chosen first."""
        found = {i: self.command(n) for i, n in enumerate(needs) if n.role == COMMANDER}
        others = [i for i, need in enumerate(needs) if need.role != COMMANDER]
        # Owners take what is theirs, then the scarcest role chooses: it has the least choice.
        for i in sorted(others, key=lambda i: self.freedom(needs[i])):
            found[i] = self.answer(needs[i])
        return [found[i] for i in range(len(needs))]

    def command(self, need: Need) -> Chosen | Unfilled:
        """The next in rotation who commands nothing else; owners of what burns come last."""
        pool = self.pools[COMMANDER]
        able = sorted((one for one in pool.free if not one.commands), key=self._turn)
        busy = [person for person in pool.free if person.commands]
        rejected = (
            *_named(able[1:], self._rotation, "later in the rotation"),
            *_named(busy, lambda one: f"commands {one.commands} already", "command elsewhere"),
            *self._unable(pool),
        )
        if not able:
            return _unfilled(need, pool, rejected)
        reason = f"Next in rotation: {self._rotation(able[0])}"
        return self._take(need, able[0], reason, *rejected)

    def freedom(self, need: Need) -> int:
        """How many could answer this need; 0 for an owner, whom nobody else replaces."""
        pool = self.pools[need.role]
        if not need.service:
            return len(pool.free)
        return len(pool.of_team(need.service).free) if self._objection(need.service) else 0

    def answer(self, need: Need) -> Chosen | Unfilled:
        """The owner for his service, anybody qualified for every other role."""
        pool, service = self.pools[need.role], need.service
        if need.role != DOMAIN_OWNER:
            return self._qualified(need, pool)
        if not service:
            return Unfilled(need.role, ("No affected service is named; name one.",))
        objection = self._objection(service)
        if service.owner and not objection:
            return self._take(need, self.people[service.owner], f"Owner of {service.name}")
        owner = Rejected(service.owner or "", objection)
        return self._qualified(need, pool.of_team(service), owner)

    def _objection(self, service: Service) -> str:
        """Why the owner cannot answer for the service himself, or ""."""
        if not service.owner:
            return f"{service.name} has no owner"
        if service.owner not in self.people:
            return "owner, but not active"
        if COMMANDER in self.holds.get(service.owner, ()):
            return "owner, but commands this incident"
        absence = absence_of(self.people[service.owner])
        return f"owner, but {absence}" if absence else ""

    def _qualified(self, need: Need, pool: Pool, *before: Rejected) -> Chosen | Unfilled:
        """Somebody without a role here, the least loaded first; else one who may take a second."""
        fresh = [person for person in pool.free if person.username not in self.holds]
        held = [person for person in pool.free if person.username in self.holds]
        able = fresh or [person for person in held if self._may_add(person, need.role)]
        others = [person for person in held if person not in able[:1]]
        rejected = (
            *before,
            *_named(fresh[1:], lambda p: f"free too, open roles: {p.open_roles}", "free too"),
            *_named(others, self._held, "with a role here"),
            *self._unable(pool, *before),
        )
        if not able:
            return _unfilled(need, pool, rejected)
        also = "" if fresh else f"; {self._held(able[0])}, but nobody else is free"
        reason = f"Qualified as {pool.title}, open roles: {able[0].open_roles}{also}"
        return self._take(need, able[0], reason, *rejected)

    def _take(self, need: Need, person: Candidate, reason: str, *rejected: Rejected) -> Chosen:
        self.holds.setdefault(person.username, []).append(need.role)
        return Chosen(need.role, person.username, reason, need.service, rejected)

    def _may_add(self, person: Candidate, role: str) -> bool:
        """Never a third role, and none that his other one excludes."""
        held = self.holds[person.username]
        is_third = len(held) >= ROLES_PER_PERSON
        return not is_third and not any(excludes(role, other) for other in held)

    def _held(self, person: Candidate) -> str:
        return f"already {' and '.join(map(name_of, self.holds[person.username]))} here"

    def _turn(self, person: Candidate) -> tuple[bool, datetime, tuple[bool, int, str]]:
        """The rotation of commanders: the smallest is next."""
        is_owner = person.username in self.owners
        return is_owner, person.last_commanded_at or _NEVER, load(person)

    def _rotation(self, person: Candidate) -> str:
        at = person.last_commanded_at
        tenure = f"last commanded on {day(at.astimezone(UTC))}" if at else "never commanded"
        is_owner = person.username in self.owners
        return f"{tenure}; owns what burns, so asked last" if is_owner else tenure

    def _unable(self, pool: Pool, *named: Rejected) -> Iterable[Rejected]:
        """Those of the pool who are not here or no longer qualified, and the number of the rest."""
        yield from _named(pool.away, absence_of, "away")
        role, lapsed = pool.role, "qualification lapsed"
        yield from _named(pool.lapsed, lambda p: f"{lapsed} on {day(p.lapsed[role])}", lapsed)
        known = sum(map(len, (pool.free, pool.away, pool.lapsed)))
        rest = len(self.people) - known - sum(one.username in self.people for one in named)
        if rest:
            yield Rejected("", f"{rest:,} more: not qualified as {pool.title}")


def _named(
    people: list[Candidate], sentence: Callable[[Candidate], str], summary: str
) -> Iterable[Rejected]:
    """The first few by name, each with his sentence, the others as a number."""
    yield from (Rejected(person.username, sentence(person)) for person in people[:NAMED])
    if len(people) > NAMED:
        yield Rejected("", f"{len(people) - NAMED:,} more: {summary}")


def _unfilled(need: Need, pool: Pool, rejected: Iterable[Rejected]) -> Unfilled:
    first = f"Nobody qualified as {pool.title} is free; leadership may assign somebody."
    others = (": ".join(filter(None, (one.username, one.reason))) for one in rejected)
    return Unfilled(need.role, (first, *others), need.service)
