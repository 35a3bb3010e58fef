"""Calling: when somebody is called under a step, how often, who is next in line, who is doubtful."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.rules.ways import NAMES

EMAIL, SMS, VOICE = "email", "sms", "voice"
CHANNELS: dict[str, str] = {EMAIL: "e-mail", SMS: "text message", VOICE: "phone call"}

LEADERSHIP = ""  # in line after the last role: leadership is called in no role
# People change their numbers and their mailboxes fill up: half a year is long.
PROOF_COUNTS_FOR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Step:
    """This role is called within so many minutes of declaration, and again until somebody answers.

    Without `repeat_minutes` it is told once and nobody needs to answer. With them the call is
    repeated `repeats` times; then who is next in line is called in the same way.
    """

    role: str
    within_minutes: int
    channel: str = EMAIL
    repeat_minutes: int | None = None
    repeats: int = 0
    next_role: str | None = None

    def line(self, steps: Mapping[str, "Step"]) -> tuple[str, ...]:
        """Who is called one after the other: the role, those next in line, at last leadership.

        Who is next in line has somebody next in line where the level has a step for that role.
        """
        roles, following = [self.role], self.next_role
        while self.repeat_minutes and following and following not in roles:
            roles.append(following)
            following = steps[following].next_role if following in steps else None
        return (*roles, LEADERSHIP) if self.repeat_minutes else tuple(roles)

    def minutes(self, place: int = 0) -> tuple[int, ...]:
        """Minutes from declaration of the calls to who stands at this place of the line."""
        pace = self.repeat_minutes or 0
        start = self.within_minutes + place * pace * (self.repeats + 1)
        return tuple(start + pace * each for each in range(self.repeats + 1))

    def given_up_after(self, places: int) -> int | None:
        """The minute at which nobody in a line of so many has answered; None: nobody need."""
        return self.minutes(places)[0] if self.repeat_minutes else None


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of how to reach somebody: the address, when it was shown to reach them."""

    name: str
    address: str
    proved_at: datetime | None = None
    away_until: datetime | None = None
    is_active: bool = True
    channel: str = EMAIL  # by which a call goes out to them first

    @property
    def by(self) -> str:
        """That channel, as people call it."""
        return NAMES[self.channel]


def doubts(contact: Contact, at: datetime) -> Iterator[str]:
    """Every reason why a call may not reach this person; none: it was shown to."""
    if not contact.is_active:
        yield "deactivated"
    if not contact.address:
        yield f"no address for {contact.by}"
    elif contact.proved_at is None:
        yield f"the address for {contact.by} was never verified"
    elif not is_proof(contact.proved_at, at):
        yield (
            f"the address for {contact.by} was last verified on "
            f"{contact.proved_at:%Y-%m-%d}, more than {PROOF_COUNTS_FOR.days} days ago"
        )
    if contact.away_until:
        yield f"on leave until {contact.away_until:%Y-%m-%d %H:%M} UTC"


def is_proof(proved_at: datetime | None, at: datetime) -> bool:
    """Whether what was shown then still counts."""
    return proved_at is not None and at - proved_at <= PROOF_COUNTS_FOR


def masked(address: str) -> str:
    """Enough to recognise one's own address by, too little to write to it."""
    name, sign, host = address.partition("@")
    if sign:
        return f"{name[:1]}…@{host}"
    return f"…{address[-3:]}" if address else ""


def in_words(step: Step, names: Mapping[str, str]) -> str:
    """The step as a person reads it, but for the role."""
    when = f"within {step.within_minutes} min" if step.within_minutes else "at once"
    said = f"{when} by {CHANNELS[step.channel]}"
    if not step.repeat_minutes:
        return said
    if step.repeats:
        times = f"{step.repeats} times" if step.repeats > 1 else "once"
        said += f", again every {step.repeat_minutes} min ({times}) until somebody answers"
    following = names.get(step.next_role, step.next_role) if step.next_role else "leadership"
    after = step.repeat_minutes * (step.repeats + 1)
    return f"{said}; without an answer after {after} min: {following}"


@dataclass(frozen=True, slots=True)
class Reached:
    """One person a call would go to, and why it might not arrive."""

    name: str
    address: str
    doubts: tuple[str, ...]
    by: str  # the channel, as people call it
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Who would be called at one place of a line, at which minutes, and who could not be."""

    role: str
    minutes: tuple[int, ...]
    told: tuple[Reached, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Course:
    """What one step would come to where nobody answers."""

    step: Step
    places: tuple[Place, ...]
    given_up_after: int | None


# Whom a role means and how they are reached by a channel; whom it would mean but for a reason.
Meant = Mapping[tuple[str, str], Sequence[Contact]]
LeftOut = Mapping[str, Sequence[tuple[str, str]]]


def courses(
    steps: Sequence[Step], meant: Meant, left_out: LeftOut, at: datetime
) -> tuple[Course, ...]:
    """What all steps of a level would come to at this instant, in their order."""
    by_role = {step.role: step for step in steps}
    return tuple(_course(step, step.line(by_role), meant, left_out, at) for step in steps)


def _course(
    step: Step, line: Sequence[str], meant: Meant, left_out: LeftOut, at: datetime
) -> Course:
    # Where nobody can be called nobody is waited for: the next in line are called at once.
    places, waited = [], 0
    for role in line:
        contacts = meant.get((role, step.channel), ())
        told = tuple(
            Reached(
                one.name,
                masked(one.address),
                tuple(doubts(one, at)),
                one.by,
                bool(one.address) and is_proof(one.proved_at, at),
            )
            for one in contacts
        )
        minutes = step.minutes(waited) if told else ()
        places.append(Place(role, minutes, told, tuple(left_out.get(role, ()))))
        waited += bool(told)
    return Course(step, tuple(places), step.given_up_after(waited))
