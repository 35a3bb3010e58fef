"""R05, R16, R17, R19, R29 to R32: what the letters mean once roles are people."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from statistics import median

from incidents.rules.checks_of_acts import needs_approval
from incidents.rules.checks_of_cases import in_each_case, spoken
from incidents.rules.findings import Matter, Spot
from incidents.rules.matrix_facts import Holder, loads
from incidents.rules.raci import Activity
from incidents.rules.roles import COMMANDER, RoleKind

_MOST_NAMED = 5
_LEAST_LOADED = 4  # a median of fewer people says nothing
_APART_FROM_COMMAND = frozenset({RoleKind.TECHNICAL, RoleKind.VOICE})


def approved_by_who_prepared(matter: Matter) -> Iterator[Spot]:
    """R05, error: the one who approves is not the one who prepared, as persons (SoD; PagerDuty)."""
    for activity in matter.grid.activities:
        if not needs_approval(activity):
            continue
        said: set[str] = set()
        for case, resolved in in_each_case(matter.grid, activity):
            alone = _prepares_and_approves(matter, resolved)
            if alone is None or alone.username in said:
                continue
            said.add(alone.username)
            label = spoken(case)
            yield Spot(
                f"{f'For {label} ' if label else ''}{alone.name} alone could both prepare and "
                "approve it: qualify a second person for one of the two roles.",
                activity,
                resolved.accountable[0],
                label,
            )


def _prepares_and_approves(matter: Matter, activity: Activity) -> Holder | None:
    """The one person to whom both its A and its preparing Rs come down."""
    preparing = [role for role in activity.responsible if role not in activity.accountable]
    answer = _pool(matter, activity.accountable)
    prepare = _pool(matter, preparing or activity.responsible)
    if len(answer) == 1 and answer.keys() == prepare.keys():
        return next(iter(answer.values()))
    return None


def _pool(matter: Matter, roles: Iterable[str]) -> dict[str, Holder]:
    return {holder.username: holder for role in roles for holder in matter.ready(role)}


def too_few_holders(matter: Matter) -> Iterator[Spot]:
    """R16, error: authority is real: somebody can hold each role, and a deputy (Smith & Erwin)."""
    least = matter.limits.holders
    for role in matter.working_roles:
        name, ready = matter.name(role), matter.ready(role)
        if not ready:
            yield Spot(
                f"Nobody can be {name}: qualify somebody for it, or give its letters to another "
                "role.",
                role=role,
            )
        elif len(ready) < least:
            yield Spot(
                f"Only {_named(ready)} can be {name}, and {least} people should: qualify "
                "a deputy.",
                role=role,
            )


def nobody_registered(matter: Matter) -> Iterator[Spot]:
    """R16, information: before anybody is qualified for anything, empty pools say nothing."""
    if matter.working_roles and not matter.known.is_register_used:
        yield Spot(
            "No qualification is recorded yet, so that nobody knows who can hold these roles: "
            "grant at least two people each of them."
        )


def commander_does_the_work(matter: Matter) -> Iterator[Spot]:
    """R17, error: who commands neither repairs nor speaks for us (PagerDuty, anti-patterns)."""
    commander = matter.only_one(COMMANDER)
    for role in matter.working_roles if commander else ():
        if matter.kind(role) in _APART_FROM_COMMAND and matter.only_one(role) == commander:
            yield Spot(
                f"{matter.name(COMMANDER)} and {matter.name(role)} both come down to "
                f"{_named(matter.ready(role))}: qualify somebody else for one of them.",
                role=role,
            )


def two_reporting_lines(matter: Matter) -> Iterator[Spot]:
    """R19, warning: everyone reports to one role in a phase (NIMS, unity of command)."""
    for phase in matter.grid.phases:
        held: dict[str, list[str]] = defaultdict(list)
        people: dict[str, Holder] = {}
        for role in _at_work(matter, phase):
            if alone := matter.only_one(role):
                people[alone.username] = alone
                held[alone.username].append(role)
        for username, roles in held.items():
            if len({above for role in roles if (above := matter.superior(role))}) > 1:
                yield Spot(
                    f"In {phase} {people[username].name} alone can be "
                    f"{matter.names(tuple(roles))}, which report to different roles: qualify "
                    "somebody else for one of them.",
                    role=roles[-1],
                    phase=phase,
                )


def _at_work(matter: Matter, phase: str) -> tuple[str, ...]:
    activities = matter.grid.in_phase(phase)
    working = {role for each in activities for role in (*each.accountable, *each.responsible)}
    return tuple(role for role in matter.grid.roles if role in working)


def hard_to_reach(matter: Matter) -> Iterator[Spot]:
    """R29, warning: who answers or acts is reached two ways (incident.io, on-call policy)."""
    for role in matter.working_roles:
        ready = matter.ready(role)
        lacking = {
            "an e-mail address": [each for each in ready if not each.has_email],
            "a phone number": [each for each in ready if not each.has_phone],
        }
        said = "; ".join(f"{what} of {_named(who)}" for what, who in lacking.items() if who)
        if said:
            yield Spot(f"For {matter.name(role)} there is missing {said}: add it.", role=role)


def everybody_away(matter: Matter) -> Iterator[Spot]:
    """R30, error: of those who can hold a role at work, somebody is here now (own rule)."""
    for role in matter.working_roles:
        ready = matter.ready(role)
        if ready and not any(each.is_present for each in ready):
            back = min(each.away_until for each in ready if each.away_until)
            yield Spot(
                f"Everybody who can be {matter.name(role)} is away, the first until "
                f"{back:%-d %b %H:%M} UTC: qualify a substitute.",
                role=role,
            )


def no_longer_ready(matter: Matter) -> Iterator[Spot]:
    """R30, information: who has left or whose qualification lapsed counts no more (own rule)."""
    for role in matter.working_roles:
        known = matter.known.roles.get(role)
        gone = [each for each in known.holders if not each.is_ready] if known else []
        if gone:
            yield Spot(
                f"No longer counted as {matter.name(role)}: {_named(gone)}. They left, or the "
                "qualification lapsed: renew it where it should hold.",
                role=role,
            )


def escalates_to_oneself(matter: Matter) -> Iterator[Spot]:
    """R31, warning: who answers escalates to somebody else (duty ladders have distinct levels)."""
    accountable = {role for each in matter.grid.activities for role in each.accountable}
    for role in matter.grid.roles:
        alone, superior = matter.only_one(role), matter.superior(role)
        if role in accountable and superior and alone and matter.only_one(superior) == alone:
            yield Spot(
                f"{matter.name(role)} would escalate to {matter.name(superior)}, and only "
                f"{alone.name} can be either: qualify somebody else.",
                role=role,
            )


def unevenly_loaded(matter: Matter) -> Iterator[Spot]:
    """R32, warning: nobody carries far more letters than others do (vertical analysis by person)."""
    load = loads(matter.grid, matter.known)
    if len(load) < _LEAST_LOADED:
        return
    middle = median(load.values())
    most = matter.limits.load_factor * middle
    above = sorted((name for name in load if load[name] > most), key=lambda name: -load[name])
    if above:
        people = _pool(matter, matter.working_roles)
        said = [f"{people[name].name} ({load[name]:.1f})" for name in above]
        yield Spot(
            f"More than {matter.limits.load_factor:.0%} of the median load, which is {middle:.1f} "
            f"letters, falls on {_some(said)}: qualify more people for their roles."
        )


def _named(people: Iterable[Holder]) -> str:
    return _some([each.name for each in people])


def _some(names: list[str]) -> str:
    """The first few of many."""
    beyond = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {beyond} more" if beyond > 0 else "")
