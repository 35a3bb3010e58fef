"""Where a matrix resolved to people has gaps: nobody, only one, nobody here, the same person twice.

Sources: R05 (maker and checker are two persons), R16 (every role resolves to somebody and a
deputy), R17 (nobody is the only one for command and another role), R30 (away, left, deactivated).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from incidents.rules.acts import ACTS
from incidents.rules.candidates import Candidate, absence_of, day
from incidents.rules.exclusions import Exclusions
from incidents.rules.findings import Level
from incidents.rules.matrix_people import Answer, Known, People, RolePeople
from incidents.rules.roles import COMMANDER, DOMAIN_OWNER

NAMED = 5  # people are named up to so many, the rest is a number
_ORDER = tuple(Level)


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap as people read it; `role` and `activity` are "" where it is not about one."""

    code: str
    level: Level
    message: str
    role: str = ""
    activity: str = ""


def gaps(people: People, known: Known) -> tuple[Gap, ...]:
    """Every gap, the gravest first, then in the order of the columns."""
    if people.is_register_empty:
        return (_EMPTY_REGISTER,)
    found = [
        *(gap for role in people.roles for gap in _of_role(role, people, known)),
        *_two_roles(people, known.exclusions),
        *_own_work(people),
    ]
    return tuple(sorted(found, key=lambda gap: _ORDER.index(gap.level)))


_EMPTY_REGISTER = Gap(
    "register_empty",
    Level.ERROR,
    "No qualification is recorded for any of these roles: record first who is qualified for what.",
)


def _of_role(role: RolePeople, people: People, known: Known) -> Iterator[Gap]:
    if role.role == DOMAIN_OWNER:
        yield from _of_owners(role)
        return
    if all(answer.username for answer in role.answers):
        yield from _thin(role)
    else:
        yield _nobody(role, people, known)
        return
    yield from _besides(role, known)


def _nobody(role: RolePeople, people: People, known: Known) -> Gap:
    """Why nobody takes the role: what stands nearest to being mended is said first."""
    level = Level.ERROR if role.works else Level.WARNING
    pool, gone = role.pool, known.gone.get(role.role, ())
    if pool.free:
        code, message = _taken(role, people)
    elif pool.away:
        code, message = "all_away", f"{_everybody(role)} is away: {_absences(pool.away)}."
    elif pool.lapsed:
        code = "all_lapsed"
        message = f"Nobody is qualified as {role.name} any more: {_lapses(role)}. Renew one."
    elif gone:
        code = "all_deactivated"
        message = f"{_everybody(role)} is deactivated ({_listed(gone)}): qualify somebody."
    else:
        code, message = "empty_pool", f"Nobody is qualified as {role.name}: qualify somebody."
    return Gap(code, level, message, role.role)


def _taken(role: RolePeople, people: People) -> tuple[str, str]:
    """Somebody is here and qualified, but commands elsewhere or holds what excludes it."""
    if role.role == COMMANDER:
        busy = (f"{one.name} {one.commands}" for one in role.pool.free)
        message = f"Everybody who can command commands already: {_listed(list(busy))}."
        return "all_command", message
    held = {
        one.name: [
            other.name
            for other in people.roles
            if one.username in other.usernames and other.role != role.role
        ]
        for one in role.pool.free
    }
    said = [f"{name} would be {' and '.join(roles)}" for name, roles in held.items() if roles]
    message = (
        f"Nobody is left as {role.name}: {_listed(said or list(held))}, and nobody may be both. "
        "Qualify somebody else."
    )
    return "same_person", message


def _thin(role: RolePeople) -> Iterator[Gap]:
    """R16: one person is no pool."""
    ready, free = role.pool.ready, role.pool.free
    if len(ready) == 1:
        level = Level.WARNING if role.works else Level.INFORMATION
        message = f"Only one person can {_do(role)}: {ready[0].name}. Qualify another."
        yield Gap("single_point", level, message, role.role)
    elif len(free) == 1:
        message = f"Only {free[0].name} can {_do(role)} now: {_absences(role.pool.away)}."
        level = Level.WARNING if role.works else Level.INFORMATION
        yield Gap("only_one_here", level, message, role.role)


def _besides(role: RolePeople, known: Known) -> Iterator[Gap]:
    if role.pool.lapsed:
        message = f"Lapsed as {role.name}: {_lapses(role)}."
        yield Gap("lapsed", Level.INFORMATION, message, role.role)
    if gone := known.gone.get(role.role):
        message = f"Qualified as {role.name} but deactivated: {_listed(gone)}."
        yield Gap("deactivated", Level.INFORMATION, message, role.role)


def _of_owners(role: RolePeople) -> Iterator[Gap]:
    """An owner answers for his service; beside him only his team can."""
    for answer in role.answers:
        if not answer.service:
            message = f"Name the affected services: their owners answer as {role.name}."
            yield Gap("no_service", Level.INFORMATION, message, role.role)
        elif not answer.username:
            why = answer.reasons[1] if len(answer.reasons) > 1 else answer.reasons[0]
            message = f"Nobody answers for {answer.service.name}: {why}."
            yield Gap("no_owner_here", Level.ERROR, message, role.role)
        elif not answer.others:
            yield Gap("single_point", Level.WARNING, _only_owner(role, answer), role.role)


def _only_owner(role: RolePeople, answer: Answer) -> str:
    team = answer.service.team if answer.service else ""
    service = answer.service.name if answer.service else ""
    return (
        f"Only one person can answer for {service}: {answer.name}. "
        f"Qualify somebody of team {team} as {role.name}."
    )


def _two_roles(people: People, exclusions: Exclusions) -> Iterator[Gap]:
    """R17: one person in two roles, for want of another."""
    held: dict[str, list[RolePeople]] = {}
    names: dict[str, str] = {}
    for role in people.roles:
        for answer in role.answers:
            if answer.username and role not in held.get(answer.username, ()):
                held.setdefault(answer.username, []).append(role)
                names[answer.username] = answer.name
    for username, roles in held.items():
        if len(roles) > 1:
            yield _both(names[username], roles, exclusions)


def _both(name: str, roles: Sequence[RolePeople], exclusions: Exclusions) -> Gap:
    said = " and ".join(role.name for role in roles)
    held = [one.role for one in roles]
    is_forbidden = any(exclusions.conflicts(held, role) for role in held)
    if is_forbidden:
        message = f"{name} would be {said}, and nobody may be both: qualify somebody else."
        return Gap("roles_exclude", Level.ERROR, message, roles[-1].role)
    message = f"{name} would be {said}: nobody else is free for the second."
    return Gap("two_roles", Level.WARNING, message, roles[-1].role)


def _own_work(people: People) -> Iterator[Gap]:
    """R05: who approves is not who prepared it, after resolving roles to persons."""
    for line in people.lines:
        act = ACTS.get(line.activity.act)
        if not act or not act.approval:
            continue
        for answers in line.accountable:
            for does in line.responsible:
                both = answers.role.usernames & does.role.usernames
                if does.role.role != answers.role.role and both:
                    names = _listed([a.name for a in does.role.answers if a.username in both])
                    message = (
                        f"{names} would approve their own work, as {answers.role.name} and "
                        f"{does.role.name}: qualify somebody else for one of them."
                    )
                    yield Gap(
                        "own_work", Level.ERROR, message, does.role.role, line.activity.name
                    )


def _everybody(role: RolePeople) -> str:
    return f"Everybody qualified as {role.name}"


def _do(role: RolePeople) -> str:
    return "command" if role.role == COMMANDER else f"be {role.name}"


def _absences(people: Iterable[Candidate]) -> str:
    """Who is back first stands first."""
    back = sorted(people, key=lambda one: (one.away_until is None, one.away_until, one.name))
    return _listed([f"{one.name} {absence_of(one)}" for one in back])


def _lapses(role: RolePeople) -> str:
    latest = sorted(role.pool.lapsed, key=lambda one: one.lapsed[role.role], reverse=True)
    return _listed([f"{one.name} since {day(one.lapsed[role.role])}" for one in latest])


def _listed(said: Sequence[str]) -> str:
    if len(said) <= NAMED:
        return ", ".join(said)
    return f"{', '.join(said[:NAMED])} and {len(said) - NAMED:,} more"
