"""What people are told of a game day: once when they are asked, again before, and when it changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from incidents.models import Person
from incidents.models.people import Channel
from incidents.operations import nudges, policies
from incidents.operations.composing import Message
from incidents.operations.recipients import Recipients
from incidents.rules import hours
from incidents.rules.nudges import DueStep
from incidents.rules.policy import Policy
from training import calendars
from training.calendars import Entry, Method, Party
from training.models import Answer, GameDay

# What `parts` reads, brought along for many game days at once.
CAST = ("roles__role", "roles__person__manager", "staff__person__manager")
_RINGS_BEFORE = (timedelta(days=1), timedelta(minutes=15))
_SAID = {
    "": calendars.NEEDS_ACTION,
    "accepted": calendars.ACCEPTED,
    "declined": calendars.DECLINED,
}


@dataclass(slots=True)
class Taking:
    """One person's parts in one game day, in words."""

    plays: list[str] = field(default_factory=list)
    shadows: list[str] = field(default_factory=list)
    helps: list[str] = field(default_factory=list)
    answers: set[str] = field(default_factory=set)

    @property
    def is_declined(self) -> bool:
        """Whether every part of it was declined."""
        return self.answers == {Answer.DECLINED}

    def said(self, *, of_others: bool = False) -> str:
        """“play Scribe and shadow Counsel”; of others “plays Scribe and shadows Counsel”."""
        s = "s" if of_others else ""
        named = (
            (f"play{s}", self.plays),
            (f"shadow{s}", self.shadows),
            (f"help{s} as", self.helps),
        )
        return " and ".join(f"{verb} {' and '.join(what)}" for verb, what in named if what)


def parts(game_day: GameDay) -> dict[Person, Taking]:
    """Each player, shadow and helper once, with all of their parts."""
    found: dict[Person, Taking] = defaultdict(Taking)
    for part in game_day.roles.all():
        taking = found[part.person]
        (taking.shadows if part.is_shadow else taking.plays).append(part.role.name)
        taking.answers.add(part.answer)
    for duty in game_day.staff.all():
        found[duty.person].helps.append(duty.get_duty_display().lower())
        found[duty.person].answers.add(duty.answer)
    return dict(found)


def when(starts_at: datetime, reader: Person) -> str:
    """The start as the reader's own clock shows it, with the zone's name."""
    local = starts_at.astimezone(hours.zone(reader.time_zone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({local.tzinfo})"


def invitation(
    game_day: GameDay,
    person: Person,
    taking: Taking,
    *,
    at: datetime,
    was: datetime | None = None,
) -> Message:
    """You have this part, then and there, and are asked to say whether you come.

    With `was` it began at that instant before, and is asked for anew.
    """
    moved = f"It began {when(was, person)} before.\n" if was else ""
    body = (
        f"You {taking.said()} in the exercise “{game_day}”.\n"
        f"When: {when(game_day.starts_at, person)}, {game_day.duration_minutes} minutes\n{moved}"
        f"Organiser: {game_day.organiser}\n\n{_about(game_day)}"
        "Please accept or decline: where you cannot come, somebody else takes your part."
    )
    subject = f"Moved: {game_day}" if was else f"You {taking.said()}: {game_day}"
    what = "moved" if was else "invited"
    return _message(
        game_day, person, what, subject, body, at,
        link=answer_address(game_day), calendar=_entry(game_day, person, taking, "REQUEST", at),
    )  # fmt: skip


def release(game_day: GameDay, person: Person, *, at: datetime) -> Message:
    """Somebody else has every part this person had."""
    body = f"Somebody else has your part in the exercise “{game_day}”. You need not come."
    return _message(
        game_day, person, "released", f"Your part is recast: {game_day}", body, at,
        calendar=_entry(game_day, person, Taking(), "CANCEL", at),
    )  # fmt: skip


def cancellation(
    game_day: GameDay, person: Person, taking: Taking, reason: str, *, at: datetime
) -> Message:
    """It does not take place, and why."""
    body = (
        f"The exercise “{game_day}” of {when(game_day.starts_at, person)} is cancelled.\n"
        f"Why: {reason}"
    )
    return _message(
        game_day, person, "cancelled", f"Cancelled: {game_day}", body, at,
        calendar=_entry(game_day, person, taking, "CANCEL", at),
    )  # fmt: skip


def declined(
    game_day: GameDay, person: Person, taking: Taking, note: str, *, at: datetime
) -> Message:
    """The organiser hears that somebody does not come, and why where they said so."""
    why = f"Why: {note}\n" if note else ""
    body = (
        f"{person} was to {taking.said()} in the exercise “{game_day}” of "
        f"{when(game_day.starts_at, game_day.organiser)}, and declined.\n{why}\n"
        "Recast the part, or have the plan of the year fill it."
    )
    key = f"{game_day._meta.label_lower}:{game_day.pk}:declined:{at.isoformat()}:{person.pk}"
    return Message(
        key=key, kind="game_day_declined", to=game_day.organiser,
        subject=f"{person} declined: {game_day}", body=body, link=_address(game_day),
    )  # fmt: skip


def comes(game_day: GameDay, person: Person, taking: Taking, *, at: datetime) -> Message:
    """The organiser hears that somebody who had declined comes after all."""
    key = f"{game_day._meta.label_lower}:{game_day.pk}:comes:{at.isoformat()}:{person.pk}"
    return Message(
        key=key, kind="game_day_declined", to=game_day.organiser,
        subject=f"{person} comes after all: {game_day}",
        body=f"{person} had declined to {taking.said()} in “{game_day}”, and now comes.",
        link=_address(game_day),
    )  # fmt: skip


def reminders(
    game_day: GameDay, step: DueStep, *, policy: Policy, desk: Recipients
) -> Iterable[Message]:
    """What one step says to who comes, and to whom else it means; its owners are the former."""
    cast = {who: taking for who, taking in parts(game_day).items() if not taking.is_declined}
    for person, _ in desk.told(step.step, owner=[(player, "") for player in cast]):
        starts = when(game_day.starts_at, person)
        yield Message(
            key=nudges.key(game_day, step, person),
            kind="game_day_reminder",
            to=person,
            subject=f"Game day on {starts}: {game_day}",
            body=f"{_playing(person, cast)} in the exercise “{game_day}”.\nWhen: {starts}",
            link=_address(game_day),
            **policies.manner(policy, step.step),
        )


def entry(game_day: GameDay, taking: Taking, *, stamp: datetime) -> Entry:
    """It as it stands in the calendar of who takes part."""
    part = f" ({taking.said()})" if taking.said() else ""
    link = f"{settings.SITE_URL}{answer_address(game_day)}"
    return Entry(
        uid=f"gameday-{game_day.pk}@{host()}",
        summary=f"EXERCISE: {game_day}{part}",
        stamp=stamp,
        starts_at=game_day.starts_at,
        ends_at=game_day.ends_at,
        sequence=game_day.sequence,
        description=f"An exercise: nothing in it is real.\nAccept or decline: {link}",
        url=link,
        remind_before=_RINGS_BEFORE,
        is_busy=not taking.is_declined,
    )


def host() -> str:
    """What makes the UID of a calendar entry the world's only one (RFC 7986, 5.3)."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def answer_address(game_day: GameDay) -> str:
    """Where people accept and decline their own part."""
    return reverse("admin:training_gameday_answer", args=[game_day.pk])


def _about(game_day: GameDay) -> str:
    """What players may read beforehand; which story it is would tell them what awaits them."""
    summary = game_day.exercise_scenario.summary
    return f"{summary}\n\n" if summary else ""


def _entry(
    game_day: GameDay, person: Person, taking: Taking, method: Method, at: datetime
) -> str:
    organiser = game_day.organiser
    asks = Party(str(organiser), organiser.email or settings.DEFAULT_FROM_EMAIL)
    said = min(taking.answers, default="")  # of several answers the open one
    asked = Party(str(person), person.email, _SAID[said])
    made = entry(game_day, taking, stamp=at)
    if method == "CANCEL":  # nothing is left to answer, or to be rung for
        said = "An exercise: nothing in it is real.\nYou need not come any more."
        made = replace(made, description=said, remind_before=())
    return calendars.invitation(made, method=method, to=asked, by=asks)


def _playing(reader: Person, cast: Mapping[Person, Taking]) -> str:
    if reader in cast:
        return f"You {cast[reader].said()}"
    return "; ".join(f"{who} {taking.said(of_others=True)}" for who, taking in cast.items())


def _message(
    game_day: GameDay,
    person: Person,
    what: str,
    subject: str,
    body: str,
    at: datetime,
    *,
    link: str = "",
    calendar: str = "",
) -> Message:
    # A person may be released and invited again: the instant tells the acts apart.
    key = f"{game_day._meta.label_lower}:{game_day.pk}:{what}:{at.isoformat()}:{person.pk}"
    return Message(
        key=key,
        kind=f"game_day_{what}",
        to=person,
        subject=subject,
        body=body,
        link=link or _address(game_day),
        # Calendar entries travel by e-mail alone: it comes first, whatever else reaches them.
        channel=Channel.EMAIL if person.email else "",
        calendar=calendar if person.email else "",
    )


def _address(game_day: GameDay) -> str:
    return reverse("admin:training_gameday_change", args=[game_day.pk])
