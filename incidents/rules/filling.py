"""Filling roles, one table at a time: whom to ask first, and in what order the rest.

Each role has a chain: on shift, qualified and within hours, qualified outside hours, somebody with
a compatible role here already; a service its owner before its team, and after its team the lead.
A shift is one's hours, whatever the clock says. Who is on shift and cannot come is named with why.
Who commands an exercise leaves it for a real incident: at once on shift, else before anybody is
called outside their hours.
Where the chain ends, leadership stands in, and the reasons say so in that order.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from incidents.rules.candidates import (
    Candidate,
    Pool,
    Register,
    Service,
    absence_of,
    comes_first,
    day,
    load,
    name_of,
    shift_of,
)
from incidents.rules.exclusions import Exclusions
from incidents.rules.plan import Chosen, Need, Rejected, Unfilled
from incidents.rules.roles import COMMANDER, DOMAIN_OWNER, UNDIVIDED

ROLES_PER_PERSON = 2
NAMED = 10  # of each kind of rejection so many people are named, the rest are one number
_NEVER = datetime.min.replace(tzinfo=UTC)
_NOBODY_WITHIN = "but nobody within hours is free"

Holds = Mapping[str, Sequence[str]]  # username: roles here


class Filling:
    """The table while it is filled: who is free for what, and who holds what here already."""

    def __init__(
        self, register: Register, needs: Sequence[Need], exclusions: Exclusions, holds: Holds
    ) -> None:
        self.people, self.pools = register.people, register.pools
        self.exclusions = exclusions
        self.owners = {n.service.owner for n in needs if n.service and n.service.owner}
        self.holds = {username: list(roles) for username, roles in holds.items()}

    def answers(self, needs: Sequence[Need]) -> list[Chosen | Unfilled]:
        """One for each need, in their order; the commander is chosen first."""
        found = {i: self.command(n) for i, n in enumerate(needs) if n.role == COMMANDER}
        others = [i for i, need in enumerate(needs) if need.role != COMMANDER]
        # Owners take what is theirs, then the scarcest role chooses: it has the least choice.
        for i in sorted(others, key=lambda i: self.freedom(needs[i])):
            found[i] = self.answer(needs[i])
        return [found[i] for i in range(len(needs))]

    def command(self, need: Need) -> Chosen | Unfilled:
        """Who is on shift, else next in rotation, and commands nothing real; owners come last."""
        pool = self.pools[COMMANDER]
        held = [person for person in pool.free if self._hindered(person, COMMANDER)]
        busy = [p for p in pool.free if p.commands and not p.is_practising and p not in held]
        hindered = {person.username for person in (*held, *busy)}
        able = sorted((p for p in pool.free if p.username not in hindered), key=self._turn)
        rejected = (
            *_named(_within(able[1:]), self._asked_later, "later in the rotation"),
            *_outside(able[1:]),
            *_named(busy, _on_shift_but(COMMANDER, _commands), "command elsewhere"),
            *_named(held, _on_shift_but(COMMANDER, self._held), "with a role here"),
            *self._unable(pool),
        )
        if not able:
            return _unfilled(need, pool, rejected)
        reason = _on_shift(able[0], COMMANDER) or (
            f"Next in rotation: {self._rotation(able[0])}{_although(able[0])}"
        )
        return self._take(need, able[0], reason, *rejected)

    def freedom(self, need: Need) -> int:
        """How many could answer this need; 0 for an owner, whom nobody else replaces."""
        pool = self.pools[need.role]
        if not need.service:
            return len(pool.free)
        return len(pool.of_team(need.service).free) if self._objection(need.service) else 0

    def answer(self, need: Need) -> Chosen | Unfilled:
        """The owner for his service, anybody qualified for every other role."""
        if need.role != DOMAIN_OWNER:
            return self._qualified(need, self.pools[need.role])
        if not need.service:
            return Unfilled(need.role, ("No affected service is named; name one.",))
        return self._owner(need, need.service)

    def _owner(self, need: Need, service: Service) -> Chosen | Unfilled:
        """Outside his hours the owner is asked after his team, unless they sleep too."""
        pool, objection = self.pools[need.role].of_team(service), self._objection(service)
        owner = self.people.get(service.owner or "")
        if owner and not objection:
            near = next((p for p in pool.free if p.username not in self.holds), None)
            if not owner.outside:
                return self._take(need, owner, f"Owner of {service.name}")
            if near is None or (near.outside and not comes_first(near, need.role)):
                reason = f"Owner of {service.name}{_although(owner)}"
                return self._take(need, owner, reason, *self._others(pool, owner))
            objection = f"owner, but {owner.outside}"
        return self._qualified(need, pool, Rejected(service.owner or "", objection))

    def _objection(self, service: Service) -> str:
        """Why the owner cannot answer for the service himself, at any hour, or ""."""
        if not service.owner:
            return f"{service.name} has no owner"
        if service.owner not in self.people:
            return "owner, but not active"
        held = self.holds.get(service.owner, ())
        if COMMANDER in held:
            return "owner, but commands this incident"
        if conflicts := self.exclusions.conflicts(held, DOMAIN_OWNER):
            return f"owner, but already {name_of(conflicts[0].other)} here"
        absence = absence_of(self.people[service.owner])
        return f"owner, but {absence}" if absence else ""

    def _qualified(self, need: Need, pool: Pool, *before: Rejected) -> Chosen | Unfilled:
        """Somebody without a role here, the least loaded first; else one who may take a second."""
        fresh = next((p for p in pool.free if p.username not in self.holds), None)
        able = fresh or next((p for p in pool.free if self._may_add(p, need.role)), None)
        if able is None:
            return self._lead(need, pool, *before)
        also = "" if fresh else f"; {self._held(able)}, but nobody else is free"
        reason = _on_shift(able, need.role) or (
            f"Qualified as {pool.title}, open roles: {able.open_roles}{_although(able)}"
        )
        reason += also
        return self._take(need, able, reason, *before, *self._others(pool, able, *before))

    def _lead(self, need: Need, pool: Pool, *before: Rejected) -> Chosen | Unfilled:
        """Where nobody qualified is left for a service, who leads its team; else nobody."""
        rejected = (*before, *self._others(pool, None, *before))
        lead = need.service.lead if need.service else None
        if lead is None or any(one.username == lead for one in rejected):
            return _unfilled(need, pool, rejected)
        person = self.people.get(lead)
        absence = absence_of(person) if person else "not active"
        if person and not absence and not self._hindered(person, need.role):
            reason = f"Leads team {person.team}; nobody qualified as {pool.title} is free"
            return self._take(need, person, reason, *rejected)
        why = absence or (self._held(person) if person else "")
        return _unfilled(need, pool, (*rejected, Rejected(lead, f"leads the team, but {why}")))

    def _take(self, need: Need, person: Candidate, reason: str, *rejected: Rejected) -> Chosen:
        self.holds.setdefault(person.username, []).append(need.role)
        leaves = _leaves(person, need.role)
        if leaves:
            alone = "" if shift_of(person, need.role) else ", for nobody else is free"
            reason += f"; leaves the exercise {leaves}{alone}"
        return Chosen(need.role, person.username, reason, need.service, rejected, leaves)

    def _hindered(self, person: Candidate, role: str) -> bool:
        return person.username in self.holds and not self._may_add(person, role)

    def _may_add(self, person: Candidate, role: str) -> bool:
        """Never a third role, and none that his other one excludes."""
        held = self.holds[person.username]
        is_third = len(held) >= ROLES_PER_PERSON
        return not is_third and not self.exclusions.conflicts(held, role)

    def _held(self, person: Candidate) -> str:
        return f"already {' and '.join(map(name_of, self.holds[person.username]))} here"

    def _turn(self, person: Candidate) -> tuple[bool, bool, bool, bool, datetime, object]:
        """Who is on shift, then the rotation of commanders: the smallest is next."""
        is_owner = person.username in self.owners
        last = person.last_commanded_at or _NEVER
        is_off = not comes_first(person, COMMANDER)
        is_asleep = is_off and bool(person.outside)
        return is_off, is_asleep, is_off and person.is_practising, is_owner, last, load(person)

    def _asked_later(self, person: Candidate) -> str:
        said = shift_of(person, COMMANDER) or _practises(person)
        return said or self._rotation(person)

    def _rotation(self, person: Candidate) -> str:
        at = person.last_commanded_at
        tenure = f"last commanded on {day(at.astimezone(UTC))}" if at else "never commanded"
        is_owner = person.username in self.owners
        return f"{tenure}; owns what burns, so asked last" if is_owner else tenure

    def _others(
        self, pool: Pool, chosen: Candidate | None, *named: Rejected
    ) -> Iterable[Rejected]:
        """Everybody of the pool beside the one chosen, each with why it was not them."""
        fresh = [p for p in pool.free if p.username not in self.holds and p is not chosen]
        held = [p for p in pool.free if p.username in self.holds and p is not chosen]
        yield from _named(_within(fresh), lambda one: _free_too(one, pool.role), "free too")
        yield from _outside(fresh)
        yield from _named(held, _on_shift_but(pool.role, self._held), "with a role here")
        yield from self._unable(pool, *named)

    def _unable(self, pool: Pool, *named: Rejected) -> Iterable[Rejected]:
        """Those of the pool who are not here or no longer qualified, and the number of the rest."""
        role, lapsed = pool.role, "qualification lapsed"

        def ended(person: Candidate) -> str:
            return f"{lapsed} on {day(person.lapsed[role])}"

        yield from _named(pool.away, _on_shift_but(role, absence_of), "away")
        yield from _named(pool.lapsed, _on_shift_but(role, ended), lapsed)
        known = sum(map(len, (pool.free, pool.away, pool.lapsed)))
        rest = len(self.people) - known - sum(one.username in self.people for one in named)
        if rest:
            yield Rejected("", f"{rest:,} more: not qualified as {pool.title}")


def _free_too(person: Candidate, role: str) -> str:
    return f"{shift_of(person, role) or 'free too'}, open roles: {person.open_roles}"


def _commands(person: Candidate) -> str:
    return f"commands {person.commands} already"


def _practises(person: Candidate) -> str:
    """Why somebody is asked after the others whom only an exercise keeps, or ""."""
    if not person.is_practising:
        return ""
    return f"commands the exercise {person.commands}, which goes on while somebody else is free"


def _leaves(person: Candidate, role: str) -> str:
    """The exercise that this person stops commanding for a role which wants all of them, or ""."""
    return (person.commands or "") if person.is_practising and role in UNDIVIDED else ""


def _on_shift(person: Candidate, role: str) -> str:
    """Why the person is asked first, or ""."""
    said = shift_of(person, role)
    return f"{said[0].upper()}{said[1:]}" if said else ""


def _on_shift_but(
    role: str, sentence: Callable[[Candidate], str]
) -> Callable[[Candidate], str]:
    """The sentence, and before it that the person would have been on shift for this role."""

    def said(person: Candidate) -> str:
        shift = shift_of(person, role)
        return f"{shift}, but {sentence(person)}" if shift else sentence(person)

    return said


def _although(person: Candidate) -> str:
    """What is said of somebody chosen at an hour that is not theirs."""
    return f"; {person.outside}, {_NOBODY_WITHIN}" if person.outside else ""


def _within(people: Iterable[Candidate]) -> list[Candidate]:
    return [person for person in people if not person.outside]


def _outside(people: Iterable[Candidate]) -> Iterable[Rejected]:
    """Those whose hours it is not, by name, and the number of the others."""
    off = [person for person in people if person.outside]
    return _named(off, lambda person: person.outside, "outside their hours")


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
