"""Which roles an incident needs filled, and by whom: why this person and not that one.

Filled once, at declaration; whatever changes later is suggested. A role nobody can fill is shown
and never blocks. Sources: FEMA ICS (one commander), PagerDuty incident response (the commander is
no resolver).
"""

from collections.abc import Iterable, Mapping, Sequence

from incidents.rules.candidates import Candidate, Pool, Register, Service
from incidents.rules.exclusions import SHIPPED, Exclusions
from incidents.rules.filling import NAMED, Filling, Holds
from incidents.rules.plan import Chosen, Need, Plan, Rejected, Unfilled
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DOMAIN_OWNER

__all__ = [
    "ALWAYS", "NAMED", "Chosen", "Need", "Plan", "Rejected", "Unfilled",
    "fill", "fill_also", "fill_from", "needs", "shares_an_owner",
]  # fmt: skip

# Every incident has them, whatever its matrix says.
ALWAYS = {
    COMMANDER: "Every incident has one commander",
    COMMUNICATIONS: "Every incident has one voice",
}
_IN_MATRIX = "Accountable or responsible in the matrix"


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


def shares_an_owner(one: Service, other: Service) -> bool:
    """Whether one domain owner answers for both."""
    return _owner(one) == _owner(other)


def fill(
    needs: Sequence[Need],
    candidates: Iterable[Candidate],
    exclusions: Exclusions = SHIPPED,
    holds: Holds | None = None,
) -> Plan:
    """Answer every need exactly once; the order of the candidates does not matter.

    `holds` says which roles people have here already, by username.
    """
    register = Register(candidates, (need.role for need in needs))
    return fill_from(register, needs, exclusions, holds)


def fill_from(
    register: Register,
    needs: Sequence[Need],
    exclusions: Exclusions = SHIPPED,
    holds: Holds | None = None,
) -> Plan:
    """The same, from people who are asked about more than one incident."""
    return _plan(Filling(register, needs, exclusions, holds or {}).answers(needs))


def fill_also(
    needs: Sequence[Need],
    also: Sequence[Need],
    candidates: Iterable[Candidate],
    exclusions: Exclusions = SHIPPED,
) -> tuple[Plan, Mapping[str, Pool]]:
    """The same plan and, answered after it from who is left, what is needed `also`.

    Beside it the pools by role, as they were before anybody was chosen.
    """
    register = Register(candidates, (need.role for need in (*needs, *also)))
    filling = Filling(register, needs, exclusions, {})
    return _plan([*filling.answers(needs), *filling.answers(also)]), register.pools


def _plan(ordered: Sequence[Chosen | Unfilled]) -> Plan:
    chosen = tuple(answer for answer in ordered if isinstance(answer, Chosen))
    unfilled = tuple(answer for answer in ordered if isinstance(answer, Unfilled))
    return Plan(chosen, unfilled)


def _owner_needs(services: Iterable[Service]) -> list[Need]:
    shared: dict[tuple[str | None, str], list[Service]] = {}
    for service in services:
        shared.setdefault(_owner(service), []).append(service)
    if not shared:
        return [Need(DOMAIN_OWNER, _IN_MATRIX)]
    named = ((", ".join(one.name for one in group), group[0]) for group in shared.values())
    return [Need(DOMAIN_OWNER, f"Affected: {names}", first) for names, first in named]


def _owner(service: Service) -> tuple[str | None, str]:
    return service.owner, "" if service.owner else service.team
