"""Ways: where a message to somebody goes first, where next, and the act that says so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from incidents.models.contact import ContactWay
from incidents.models.outbox import OutboxMessage
from incidents.models.people import Channel, Person
from incidents.operations import records, standing
from incidents.rules import ways as rules
from incidents.rules.reasons import Invalid, NotPermitted, Reason
from incidents.rules.ways import Own, Way

OWN = "incidents.reach_person"
ANYBODY = "incidents.change_person"

Purpose = ContactWay.Purpose
# Those by which a person is reached, as a form offers them.
CHANNELS: tuple[Channel, ...] = tuple(one for one in Channel if one in rules.NAMES)
Known = Mapping[tuple[int, str], Sequence[Way]]


# Person, purpose, position, channel, address, minutes to wait.
Row = tuple[int, str, int, str, str, int | None]


@dataclass(frozen=True, slots=True)
class Route:
    """One step on the way to a person: by which channel, to which address, and how long to wait."""

    channel: str
    address: str
    wait_minutes: int | None = None


def purpose_of(priority: int) -> str:
    """What a message of this priority is to the person: a page, a notice or a digest."""
    if priority == OutboxMessage.Priority.PAGE:
        return Purpose.PAGE
    return Purpose.DIGEST if priority == OutboxMessage.Priority.DIGEST else Purpose.NOTICE


def of(people: Iterable[Person], purposes: Iterable[str] = Purpose.values) -> Known:
    """The ways of these people for these purposes, in their order; one query."""
    return gathered(rows(people, purposes))


def rows(people: Iterable[Person], purposes: Iterable[str]) -> QuerySet[ContactWay, Row]:
    """The same as `gathered` reads it: for whoever asks for something else in one statement."""
    asked = ContactWay.objects.filter(
        person__in={person.pk for person in people}, purpose__in=set(purposes)
    )
    return asked.order_by().values_list(
        "person_id", "purpose", "position", "channel", "address", "wait_minutes"
    )


def gathered(found: Iterable[Row]) -> Known:
    """By person and purpose, the first way first."""
    ways: dict[tuple[int, str], list[Way]] = defaultdict(list)
    for person, purpose, _, channel, address, wait_minutes in sorted(found, key=_place):
        ways[person, purpose].append(Way(channel, address, wait_minutes))
    return ways


def _place(row: Row) -> tuple[int, str, int]:
    return row[:3]


def routes(person: Person, ways: Sequence[Way], *, wish: str = "") -> tuple[Route, ...]:
    """Where a message goes, one after the other: as wished, then as the person said, else by e-mail.

    `wish` is the law's own channel; it comes first where it is set up and an address is known.
    What is not set up here, or leads nowhere, is left out. Empty: nothing reaches them.
    """
    mine = [
        Route(way.channel, address, way.wait_minutes)
        for way in ways
        if is_set_up(way.channel) and (address := address_of(person, way))
    ]
    if wish and is_set_up(wish):
        wished = [route for route in mine if route.channel == wish] or _own(person, wish)
        mine = [*wished[:1], *(route for route in mine if route not in wished[:1])]
    return tuple(mine or _own(person, Channel.EMAIL))


def wish_of(step: str) -> str:
    """The channel a step of the law wishes; its e-mail says only that it wishes none other."""
    return "" if step == Channel.EMAIL else step


def first(person: Person, ways: Sequence[Way], *, step: str = "") -> Route:
    """The way a page goes first; where nothing reaches them, e-mail to no address."""
    found = routes(person, ways, wish=wish_of(step))
    return found[0] if found else Route(Channel.EMAIL, "")


def is_set_up(channel: str) -> bool:
    """Whether this installation can deliver by it; what it cannot goes by e-mail."""
    return channel in settings.CHANNELS


def address_of(person: Person, way: Way) -> str:
    """Where this way leads; empty where neither it nor the person names an address."""
    return way.address or own(person).of(way.channel)


def own(person: Person) -> Own:
    """The addresses on the person's own page."""
    return Own(person.email, person.phone)


def addresses(person: Person) -> list[tuple[str, str]]:
    """Every channel and address at which this person may be reached, each once; one query."""
    pairs = [
        (channel, address) for channel in rules.OWN if (address := own(person).of(channel))
    ]
    known = of([person])
    for purpose in Purpose.values:
        pairs += [
            (way.channel, address)
            for way in known.get((person.pk, purpose), ())
            if (address := address_of(person, way))
        ]
    return list(dict.fromkeys(pairs))


@transaction.atomic
def set_ways(
    person: Person, ways: Mapping[str, Sequence[Way]], *, actor: Person, at: datetime
) -> Person:
    """From now on this person is reached like this; a purpose not named has no ways, so e-mail.

    One's own by a permission of one's own; another person's by whoever may change people.
    Invalid where a way cannot be one, as `rules.ways` says: each reason names its purpose.
    """
    require(person, actor)
    locked = Person.objects.select_for_update().get(pk=person.pk)
    found = tuple(rules.objections(ways, own(locked), hosts=settings.WEBHOOK_HOSTS))
    if found:
        raise Invalid(*found)
    for purpose in Purpose.values:
        _write(locked, purpose, ways.get(purpose, ()))
    said = {purpose: [way.channel for way in some] for purpose, some in ways.items()}
    records.audit("set_ways", person, actor=actor, at=at, ways=said)
    return person


@transaction.atomic
def set_quiet(
    person: Person,
    *,
    quiet_from: time | None = None,
    quiet_until: time | None = None,
    holidays: str = "",
    digest_at: time,
    actor: Person,
    at: datetime,
) -> Person:
    """From now on what can wait does not reach this person in these hours and on these days.

    Local times of the person's zone. Pages come through all the same. One's own, or another
    person's, as with `set_ways`. Invalid where only one hour is given, or the place is unknown.
    """
    require(person, actor)
    locked = Person.objects.select_for_update().get(pk=person.pk)
    locked.quiet_from, locked.quiet_until = quiet_from, quiet_until
    locked.holidays, locked.digest_at = holidays.strip().upper(), digest_at
    try:
        locked.clean_fields(exclude={f.name for f in Person._meta.fields} - {"holidays"})
        locked.validate_constraints()
    except ValidationError as error:
        raise Invalid(*_reasons(error)) from error
    locked.save(update_fields=["quiet_from", "quiet_until", "holidays", "digest_at"])
    records.audit("set_quiet", person, actor=actor, at=at, holidays=locked.holidays)
    return locked


def _reasons(error: ValidationError) -> list[Reason]:
    return [
        Reason("unfit_quiet", message, "" if field == NON_FIELD_ERRORS else field)
        for field, messages in error.message_dict.items()
        for message in messages
    ]


def require(person: Person, actor: Person) -> None:
    """Return only if the actor may say how this person is reached; NotPermitted otherwise."""
    if reason := not_theirs(person, actor):
        raise NotPermitted(reason)


def not_theirs(person: Person, actor: Person) -> Reason | None:
    """Why this actor says nothing of how the person is reached; None where they may."""
    if actor.has_perm(ANYBODY) or (person.pk == actor.pk and actor.has_perm(OWN)):
        return _above(person, actor)
    if person.pk == actor.pk or not actor.has_perm(OWN):
        return standing.missing(actor, OWN)
    message = f"Only {person}, or leadership, says how {person} is reached."
    return Reason("not_yourself", message)


def _above(person: Person, actor: Person) -> Reason | None:
    """Whoever could redirect a superuser's messages would read what only they may."""
    if person.is_superuser and not actor.is_superuser and person.pk != actor.pk:
        return Reason("about_a_superuser", "Only superusers say how a superuser is reached.")
    return None


def _own(person: Person, channel: str) -> list[Route]:
    address = own(person).of(channel)
    return [Route(channel, address)] if address else []


def _write(person: Person, purpose: str, ways: Sequence[Way]) -> None:
    """Row by row, so that row history has it: what stays the same is not written anew."""
    rows = ContactWay.objects.filter(person=person, purpose=purpose)
    there = {row.position: row for row in rows}
    for position, way in enumerate(ways):
        row = there.pop(position, None) or ContactWay(
            person=person, purpose=purpose, position=position
        )
        if row.pk is None or _said(row) != _said(way):
            row.channel, row.address, row.wait_minutes = _said(way)
            row.save()
    for row in there.values():
        row.delete()


def _said(way: ContactWay | Way) -> tuple[str, str, int | None]:
    return way.channel, way.address, way.wait_minutes
