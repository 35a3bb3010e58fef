"""Who may play what on a game day: the rules of rotation, before anybody is invited.

Sources: HSEEP (roles before the day, lessons after it), PagerDuty "Failure Friday" (everybody's turn).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from incidents.models import Person, Role
from incidents.rules.reasons import Invalid, Reason
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from training.models import GameDay

Cast = Mapping[str, Person]

_NEEDED = {
    COMMANDER: Reason("no_commander", "Name the person who commands the exercise.", COMMANDER),
    COMMUNICATIONS: Reason(
        "no_communications_lead", "Name the person who speaks for the exercise.", COMMUNICATIONS
    ),
}


def require(cast: Cast, starts_at: datetime, *, but: GameDay | None = None) -> None:
    """Return only if these people may play these roles then; `but` is the day being recast."""
    reasons = [
        *_missing(cast),
        *_unknown(cast),
        *_inactive(cast),
        *_command(cast, starts_at, but),
    ]
    if reasons:
        raise Invalid(*reasons)


def _missing(cast: Cast) -> Iterable[Reason]:
    return (reason for role, reason in _NEEDED.items() if role not in cast)


def _unknown(cast: Cast) -> Iterable[Reason]:
    known = set(Role.objects.filter(slug__in=cast).values_list("slug", flat=True))
    for slug in sorted(cast.keys() - known):
        yield Reason("role_unknown", f"There is no role {slug}: add it, or leave it out.", slug)


def _inactive(cast: Cast) -> Iterable[Reason]:
    for slug, person in cast.items():
        if not person.is_active:
            yield Reason(
                "player_inactive", f"{person} is deactivated: name somebody else.", slug
            )


def _command(cast: Cast, starts_at: datetime, but: GameDay | None) -> Iterable[Reason]:
    commander = cast.get(COMMANDER)
    if commander is None:
        return
    for slug, person in cast.items():
        if slug != COMMANDER and person == commander:
            message = f"{person} commands, and the commander plays no other role: name another."
            yield Reason("commander_has_other_role", message, slug)
    for day in _neighbours(starts_at, but):
        if day.roles.filter(role=COMMANDER, person=commander).exists():
            message = (
                f"{commander} commands “{day}” too, the game day before or after this one: "
                "let somebody else practise."
            )
            yield Reason("commanded_neighbouring_game_day", message, COMMANDER)


def _neighbours(starts_at: datetime, but: GameDay | None) -> Iterable[GameDay]:
    """The game days just before and just after: planned out of order, both make the rotation."""
    held = GameDay.objects.exclude(
        status__in=[GameDay.Status.CANCELLED, GameDay.Status.PROPOSED]
    )
    others = held.exclude(pk=but.pk) if but else held
    before = others.filter(starts_at__lte=starts_at).order_by("-starts_at", "-pk").first()
    after = others.filter(starts_at__gt=starts_at).order_by("starts_at", "pk").first()
    return (day for day in (before, after) if day is not None)
