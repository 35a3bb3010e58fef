"""R26 to R28: what time, and other people's work and words, do to the version in force."""

from collections.abc import Iterator

from incidents.rules.findings import Matter, Spot

_MOST_NAMED = 5


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


def not_attested(matter: Matter) -> Iterator[Spot]:
    """R28, warning: who answers or acts has attested it (periodic recertification, IGA practice)."""
    force = matter.known.force
    if force is not None and force.objecting:
        one = len(force.objecting) == 1
        yield Spot(
            f"{_named(force.objecting)} object{'s' if one else ''} to what it asks of them: talk to "
            "them, and where they are right draft the next version."
        )
    if force is not None and force.unattested:
        yield Spot(
            f"{_named(force.unattested)} did not attest it in time: ask them why, and open the "
            "next campaign."
        )


def _named(names: tuple[str, ...]) -> str:
    shown, more = names[:_MOST_NAMED], len(names) - _MOST_NAMED
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
