"""Contacts: an address counts once it was shown to reach the person, and while it stays the same."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.core.signing import Signer
from django.db import transaction
from django.db.models import Max

from incidents.models.people import Channel, ContactProof, Person
from incidents.operations import composing, records, standing, ways
from incidents.operations.composing import Message
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused

# A code holds for the stretch it was made in and the next: half an hour at least, an hour at most.
STRETCH = timedelta(minutes=30)
_SALT = "incidents.contacts"
_DIGITS = 8

Proofs = Mapping[tuple[int, str], datetime]
Where = tuple[str, str]  # a channel and an address


def address(person: Person, channel: str) -> str:
    """Where this person is reached by this channel without a way of its own; empty: nowhere."""
    return ways.own(person).of(channel)


def shortfall(channel: str) -> str:
    """Why a call does not go the way its step says; empty where it does."""
    if ways.is_set_up(channel):
        return ""
    return f"by e-mail: no {Channel(channel).label} channel is set up"


def proofs(people: Iterable[Person]) -> Proofs:
    """When each address of these people was last shown to reach them; one query."""
    rows = ContactProof.objects.filter(person__in=[person.pk for person in people]).order_by()
    last = rows.values_list("person", "address").annotate(last=Max("proved_at"))
    return {(person, where): at for person, where, at in last}


def last_proof(shown: Iterable[ContactProof], address: str) -> datetime | None:
    """When this address was last shown to reach whom these proofs are about; no query."""
    return max((one.proved_at for one in shown if one.address == address), default=None)


@transaction.atomic
def send_code(
    person: Person,
    *,
    channel: str = Channel.EMAIL,
    address: str = "",
    actor: Person,
    at: datetime,
) -> Person:
    """Send this person a code by this channel, to this address of theirs; only they ask for it.

    Without an address it goes to the first of theirs by this channel. Refuses `no_address`,
    `not_your_address` and `channel_not_set_up`. The code is kept nowhere: it follows from
    person, address and time.
    """
    _require_oneself(person, actor)
    where = _where(person, channel, address)
    code = _code(person, where, at)
    link = f"{composing.page_of(person).removesuffix('change/')}verb/give_code/"
    minutes = int(STRETCH.total_seconds() // 60)
    message = Message(
        key=f"code:{person.pk}:{channel}:{at.isoformat()}",
        kind="contact-code",
        to=person,
        channel=where[0],
        address=where[1],
        subject="Show that this address reaches you",
        body=f"Your code is {code}. Give it within {minutes} minutes on your own page. If you "
        "did not ask for it, somebody else did: do nothing.",
        link=f"{link}?{urlencode({'code': code})}",
    )
    composing.compose([message], at=at)
    records.audit("send_code", person, actor=actor, at=at, channel=channel)
    return person


@transaction.atomic
def give_code(person: Person, *, code: str, actor: Person, at: datetime) -> ContactProof:
    """The code came back: exactly the address it was sent to reaches them. Invalid `wrong_code`.

    A code sent to an address that is theirs no longer, or more than an hour ago, is wrong.
    """
    _require_oneself(person, actor)
    given = "".join(code.split())
    for where in ways.addresses(person):
        if given in (_code(person, where, at), _code(person, where, at - STRETCH)):
            means = ContactProof.Means.CODE
            return _prove(person, where, means, verb="give_code", actor=actor, at=at)
    message = (
        "This is not the code of an address of yours, or it is too old: ask for a new one."
    )
    raise Invalid.because("wrong_code", message, "code")


@transaction.atomic
def confirm_spoken(person: Person, *, actor: Person, at: datetime) -> ContactProof:
    """Somebody else spoke to them on their phone: the number reaches them.

    Refuses `about_oneself` and `no_address`.
    """
    standing.permit_to(actor, "incidents.prove_person")
    if reason := not_spoken(person, actor):
        raise Refused(reason)
    means = ContactProof.Means.SPOKEN
    where = (Channel.VOICE, person.phone)
    return _prove(person, where, means, verb="confirm_spoken", actor=actor, at=at)


def not_oneself(person: Person, actor: Person) -> Reason | None:
    """Why a code is nothing for this actor: only the person can read what is sent to them."""
    if person.pk == actor.pk:
        return None
    message = f"Only {person} can ask for a code and give it: ask them to."
    return Reason("not_yourself", message)


def not_spoken(person: Person, actor: Person) -> Reason | None:
    """Why this actor cannot say that they spoke to the person."""
    if person.pk == actor.pk:
        message = "Nobody says this of themselves: ask another leader to call you."
        return Reason("about_oneself", message)
    if not person.phone:
        return Reason("no_address", f"{person} has no phone number: enter it first.")
    return None


def _require_oneself(person: Person, actor: Person) -> None:
    standing.permit_to(actor, "incidents.verify_person")
    if reason := not_oneself(person, actor):
        raise NotPermitted(reason)


def _where(person: Person, channel: str, address: str) -> Where:
    """The channel and address asked for, which must be theirs and deliverable here."""
    theirs = [pair for pair in ways.addresses(person) if pair[0] == channel]
    found = next((pair for pair in theirs if address in ("", pair[1])), None)
    if found is None and address:
        message = "This is no address of yours: have it entered, or name it as a way first."
        raise Refused.because("not_your_address", message, "address")
    if found is None:
        what = "e-mail address" if channel == Channel.EMAIL else f"address for {channel}"
        raise Refused.because("no_address", f"You have no {what}: have it entered first.")
    if not ways.is_set_up(channel):
        message = (
            f"No {Channel(channel).label} channel is set up here: no code can be sent by it."
        )
        raise Refused.because("channel_not_set_up", message, "address")
    return found


def _code(person: Person, where: Where, at: datetime) -> str:
    """Signed with the secret of this installation: nobody can make one, nothing is stored."""
    stretch = int(at.timestamp() // STRETCH.total_seconds())
    channel, address = where
    signature = Signer(salt=_SALT).signature(f"{person.pk}:{channel}:{address}:{stretch}")
    number = int.from_bytes(hashlib.sha256(signature.encode()).digest(), "big")
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def _prove(
    person: Person, where: Where, means: str, *, verb: str, actor: Person, at: datetime
) -> ContactProof:
    channel, address = where
    proof = ContactProof.objects.create(
        person=person,
        channel=channel,
        address=address,
        means=means,
        proved_at=at,
        proved_by=actor,
    )
    records.audit(verb, person, actor=actor, at=at, channel=channel)
    return proof
