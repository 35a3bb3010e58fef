"""What an open incident lacks now: a holder who is gone, a role that nobody holds.

Only said here; whom the rules would ask instead is theirs to say, and a person accepts it or not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from incidents.rules.assignment import shares_an_owner
from incidents.rules.candidates import Service, name_of
from incidents.rules.plan import Need
from incidents.rules.roles import COMMANDER, DEPUTY, DOMAIN_OWNER

# Which role, and of which service where it is a domain owner's.
Key = tuple[str, str | None]


class Held(NamedTuple):
    """A role somebody holds here; `trouble` says why they can no longer, "" while they can."""

    key: int
    role: str
    person: str
    service: Service | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Lack:
    """A role to be given to somebody, what changed, and whose place it is.

    `if_found`: that nobody can be found is known already and not said again.
    """

    need: Need
    why: str
    instead_of: int | None = None
    if_found: bool = False

    @property
    def key(self) -> Key:
        """There is one lack a key."""
        return self.need.role, self.need.service.slug if self.need.service else None


def lacks(
    needs: Sequence[Need],
    held: Sequence[Held],
    unfilled: Iterable[Key],
    was_deputy: Iterable[str],
) -> list[Lack]:
    """Each once: whose holder cannot any more, then what is needed and held by nobody.

    `was_deputy`: the people who were deputy here before; the one who commands now left a gap.
    """
    found: dict[Key, Lack] = {}
    for lack in (*_troubled(held), *_unheld(needs, held, unfilled), *_deputy(held, was_deputy)):
        found.setdefault(lack.key, lack)
    return list(found.values())


def _troubled(held: Sequence[Held]) -> Iterator[Lack]:
    able = [one for one in held if not one.trouble]
    for one in held:
        if one.trouble and not any(_stands_for(other, one) for other in able):
            yield Lack(Need(one.role, one.trouble, one.service), one.trouble, one.key)


def _stands_for(other: Held, one: Held) -> bool:
    """Whether somebody else does the same work here."""
    if other.role != one.role:
        return False
    if other.service is None or one.service is None:
        return True
    return shares_an_owner(other.service, one.service)


def _unheld(
    needs: Sequence[Need], held: Sequence[Held], unfilled: Iterable[Key]
) -> Iterator[Lack]:
    known = set(unfilled)
    for need in needs:
        if need.role == DOMAIN_OWNER and need.service is None:
            continue  # no service, no owner to look for
        if any(_answers(one, need) for one in held):
            continue
        key = need.role, need.service.slug if need.service else None
        if key in known:
            yield Lack(need, "Nobody could be found for it before", if_found=True)
        else:
            yield Lack(need, f"It is needed now, and nobody holds it. {need.why}")


def _answers(one: Held, need: Need) -> bool:
    if one.role != need.role:
        return False
    if need.service is None or one.service is None:
        return True
    return shares_an_owner(one.service, need.service)


def _deputy(held: Sequence[Held], was_deputy: Iterable[str]) -> Iterator[Lack]:
    if any(one.role == DEPUTY for one in held):
        return
    before = set(was_deputy)
    for one in held:
        if one.role == COMMANDER and one.person in before:
            why = f"{one.person} took command and is {name_of(DEPUTY).lower()} no more"
            yield Lack(Need(DEPUTY, why), why)
