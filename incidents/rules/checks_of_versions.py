"""R26 and R27: what time, and other people's work, do to the version in force."""

from collections.abc import Iterator

from incidents.rules.findings import Matter, Spot


def law_without_approval(matter: Matter) -> Iterator[Spot]:
    """R26, error: what is law was approved by another person than made it (DORA; ISO A.5.3)."""
    force = matter.known.force
    if force is None or not force.is_unapproved:
        return
    until = force.owed_until
    owed = f", owed until {until:%-d %b %Y %H:%M} UTC" if until else ""
    late = " and overdue" if force.is_overdue else ""
    yield Spot(
        f"It is in force as an emergency and its approval is missing{owed}{late}: a leader who "
        "did not make it approves or declines it."
    )


def not_looked_at_for_long(matter: Matter) -> Iterator[Spot]:
    """R27, warning: a matrix is looked at again within N days (Smith & Erwin; GDS, 6 months)."""
    force, most = matter.known.force, matter.limits.review_days
    if force is not None and force.days_since_looked_at > most:
        yield Spot(
            f"Nobody approved or confirmed it for {force.days_since_looked_at} days, more than "
            f"{most}: confirm that it is still right, or draft the next version."
        )


def changed_around(matter: Matter) -> Iterator[Spot]:
    """R27, warning: and after every change of the teams and roles it speaks of (Smith & Erwin)."""
    force = matter.known.force
    if force is not None and force.changed_since:
        yield Spot(
            f"Since somebody last looked at it, {', '.join(force.changed_since)} changed: "
            "confirm that it is still right, or draft the next version."
        )
