"""What players are told of a game day: once when it is planned, again before, and when it changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from incidents.models import Person
from incidents.operations import nudges, policies
from incidents.operations.composing import Message
from incidents.operations.recipients import Recipients
from incidents.rules.nudges import DueStep
from incidents.rules.policy import Policy
from training.models import GameDay


def parts(game_day: GameDay) -> dict[Person, str]:
    """Each player once, with the roles he plays in words."""
    found: dict[Person, list[str]] = defaultdict(list)
    for part in game_day.roles.all():
        found[part.person].append(part.role.name)
    return {person: " and ".join(roles) for person, roles in found.items()}


def when(starts_at: datetime, reader: Person) -> str:
    """The start as the reader's own clock shows it, with the zone's name."""
    local = starts_at.astimezone(ZoneInfo(reader.time_zone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({reader.time_zone})"


def invitation(game_day: GameDay, person: Person, part: str, *, at: datetime) -> Message:
    """You play this role, then and there."""
    body = (
        f"You play {part} on the game day “{game_day}”.\n"
        f"When: {when(game_day.starts_at, person)}\n"
        f"Scenario: {game_day.exercise_scenario}\n"
        f"Organiser: {game_day.organiser}\n\n"
        "Cannot come? Tell the organiser now, so that somebody else takes the part."
    )
    return _message(game_day, person, "invited", f"You play {part}: {game_day}", body, at)


def invitations(game_day: GameDay, *, at: datetime) -> list[Message]:
    """One for each player."""
    return [invitation(game_day, who, part, at=at) for who, part in parts(game_day).items()]


def release(game_day: GameDay, person: Person, *, at: datetime) -> Message:
    """Somebody else plays it."""
    body = f"Somebody else plays your part on the game day “{game_day}”. You need not come."
    return _message(game_day, person, "released", f"Your part is recast: {game_day}", body, at)


def cancellations(game_day: GameDay, reason: str, *, at: datetime) -> list[Message]:
    """It does not take place, and why."""
    return [
        _message(
            game_day,
            person,
            "cancelled",
            f"Cancelled: {game_day}",
            f"The game day “{game_day}” of {when(game_day.starts_at, person)} is cancelled.\n"
            f"Why: {reason}",
            at,
        )
        for person in parts(game_day)
    ]


def reminders(
    game_day: GameDay, step: DueStep, *, policy: Policy, desk: Recipients
) -> Iterable[Message]:
    """What one step says to each player, and to whom else it means; its owners are the players."""
    cast = parts(game_day)
    for person, _ in desk.told(step.step, owner=[(player, "") for player in cast]):
        starts = when(game_day.starts_at, person)
        yield Message(
            key=nudges.key(game_day, step, person),
            kind="game_day_reminder",
            to=person,
            subject=f"Game day on {starts}: {game_day}",
            body=f"{_playing(person, cast)} on the game day “{game_day}”.\nWhen: {starts}\n"
            f"Scenario: {game_day.exercise_scenario}",
            link=_link(game_day),
            **policies.manner(policy, step.step),
        )


def _playing(reader: Person, cast: Mapping[Person, str]) -> str:
    if reader in cast:
        return f"You play {cast[reader]}"
    return "; ".join(f"{player} plays {part}" for player, part in cast.items())


def _message(
    game_day: GameDay, person: Person, what: str, subject: str, body: str, at: datetime
) -> Message:
    # A person may be released and invited again: the instant tells the acts apart.
    key = f"{game_day._meta.label_lower}:{game_day.pk}:{what}:{at.isoformat()}:{person.pk}"
    kind = f"game_day_{what}"
    return Message(
        key=key, kind=kind, to=person, subject=subject, body=body, link=_link(game_day)
    )


def _link(game_day: GameDay) -> str:
    return reverse("admin:training_gameday_change", args=[game_day.pk])
