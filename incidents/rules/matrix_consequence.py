"""What would be otherwise if one matrix were law instead of another: who answers, who carries more.

Foreseen from who is ready for each role today; a letter is shared by all who are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from incidents.rules.matrix_facts import Facts, loads
from incidents.rules.matrix_pairing import paired
from incidents.rules.raci import Activity, Grid

_FELT = 0.005  # less than this of a letter is nothing anybody carries


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for one activity: the roles by name, and the people ready for them."""

    roles: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handover:
    """One activity whose accountable role is another; an empty side says it is new or gone."""

    phase: str
    activity: str
    before: Answering
    after: Answering


@dataclass(frozen=True, slots=True)
class LoadChange:
    """One person's expected A and R letters, before and after."""

    username: str
    name: str
    before: float
    after: float

    @property
    def rise(self) -> float:
        """How much more; negative is less."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class RoleLoad:
    """How many activities one role answers for and does, before and after."""

    name: str
    accountable: tuple[int, int]
    responsible: tuple[int, int]

    @property
    def rise(self) -> int:
        """How many letters more; negative is fewer."""
        return sum(after - before for before, after in (self.accountable, self.responsible))


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A role that answers or acts and that nobody is ready for; `is_new` if it does not today."""

    name: str
    letters: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Consequence:
    """Everything foreseen; loads and roles with the greatest rise first."""

    handovers: tuple[Handover, ...]
    loads: tuple[LoadChange, ...]
    roles: tuple[RoleLoad, ...]
    unfilled: tuple[Unfilled, ...]


def foresee(before: Grid, after: Grid, facts: Facts) -> Consequence:
    """What becomes otherwise from one resolved matrix to the other, given who is ready."""
    return Consequence(
        tuple(_handovers(before, after, facts)),
        tuple(sorted(_loads(before, after, facts), key=lambda one: (-one.rise, one.name))),
        tuple(sorted(_roles(before, after, facts), key=lambda one: -one.rise)),
        tuple(_unfilled(before, after, facts)),
    )


def _handovers(before: Grid, after: Grid, facts: Facts) -> Iterator[Handover]:
    for was, now in paired(before.activities, after.activities):
        where = now or was
        old, new = (set(one.accountable) if one else set() for one in (was, now))
        if where and old != new:
            yield Handover(
                where.phase, where.name, _answering(was, facts), _answering(now, facts)
            )


def _answering(activity: Activity | None, facts: Facts) -> Answering:
    if activity is None:
        return Answering()
    roles = activity.accountable
    ready = (one for role in roles if role in facts.roles for one in facts.roles[role].ready)
    names = tuple(dict.fromkeys(one.name for one in ready))
    return Answering(tuple(facts.name(role) for role in roles), names)


def _loads(before: Grid, after: Grid, facts: Facts) -> Iterator[LoadChange]:
    names = {one.username: one.name for role in facts.roles.values() for one in role.holders}
    today, tomorrow = loads(before, facts), loads(after, facts)
    for username in {**today, **tomorrow}:
        change = LoadChange(
            username, names[username], today.get(username, 0.0), tomorrow.get(username, 0.0)
        )
        if abs(change.rise) > _FELT:
            yield change


def _roles(before: Grid, after: Grid, facts: Facts) -> Iterator[RoleLoad]:
    for role in dict.fromkeys((*after.roles, *before.roles)):
        held = [grid.letters_of(role) for grid in (before, after)]
        answers = [sum(one.is_accountable for one in some) for some in held]
        acts = [sum(one.is_responsible for one in some) for some in held]
        if answers[0] != answers[1] or acts[0] != acts[1]:
            yield RoleLoad(facts.name(role), (answers[0], answers[1]), (acts[0], acts[1]))


def _unfilled(before: Grid, after: Grid, facts: Facts) -> Iterator[Unfilled]:
    for role in after.roles:
        letters, today = _carried(after, role), _carried(before, role)
        is_empty = role not in facts.roles or not facts.roles[role].ready
        if letters and is_empty:
            yield Unfilled(facts.name(role), letters, is_new=not today)


def _carried(grid: Grid, role: str) -> int:
    """In how many activities the role answers or acts."""
    held = grid.letters_of(role)
    return sum(one.is_accountable or one.is_responsible for one in held)
