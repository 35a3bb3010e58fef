"""R20 and R31: whom the roles report to while an incident runs."""

from collections.abc import Iterator

from incidents.rules.findings import Matter, Spot
from incidents.rules.raci import Letter
from incidents.rules.roles import COMMANDER


def span_of_command(matter: Matter) -> Iterator[Spot]:
    """R20, warning: the commander directs 3 to 7, beyond that a lead between (ICS; PagerDuty).

    Fewer are no fault of the matrix where no more are at work at all.
    """
    least, most = matter.limits.span_least, matter.limits.span_most
    for phase in matter.grid.phases:
        at_work = _at_work(matter, phase)
        if COMMANDER not in at_work:
            continue
        count = sum(matter.superior(role) == COMMANDER for role in at_work)
        if count < least < len(at_work):
            advice = "take out the lead between"
        elif count > most:
            advice = "let some report to a lead between"
        else:
            continue
        yield Spot(
            f"In {phase}, {count} of the roles at work report to "
            f"{matter.name(COMMANDER)}, not {least} to {most}: {advice}.",
            role=COMMANDER,
            phase=phase,
        )


def reporting_in_a_circle(matter: Matter) -> Iterator[Spot]:
    """R31, error: escalating along the reporting lines comes to an end (duty ladders; ICS)."""
    for role in matter.grid.roles:
        line = [role]
        while (above := matter.superior(line[-1])) and above not in line:
            line.append(above)
        if above == role:
            yield Spot(
                f"Escalation goes in a circle ({matter.names((*line, role))}): let one of them "
                "report to nobody.",
                role=role,
            )


def _at_work(matter: Matter, phase: str) -> frozenset[str]:
    """The roles with more than an I in this phase, and the commander with any letter."""
    return frozenset(
        role
        for activity in matter.grid.in_phase(phase)
        for role, letter in activity.letters.items()
        if letter is not Letter.I or role == COMMANDER
    )
