"""Subscribers: an address asks for public updates, confirms by a mail, and leaves by one click.

Whoever brings the link of a mail is its recipient: the link is signed with the secret of this
installation and can do nothing else. No audit line and no link bears an address.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q, QuerySet

from incidents.models.audience import Subscriber
from incidents.models.catalogue import Service
from incidents.models.outbox import OutboxMessage
from incidents.models.people import Channel, Person
from incidents.operations import records, standing
from incidents.operations.composing import PUBLISHED
from incidents.rules import fitting
from incidents.rules.reasons import Invalid, Refused

KIND = "subscribe"  # of the mail that asks to confirm
CONFIRM_WITHIN = timedelta(days=3)
KEPT_AFTER_LEAVING = timedelta(days=30)
# Nobody's mailbox is filled by a stranger: one mail an address, and few in all, in this time.
ONE_MAIL_IN = timedelta(minutes=10)
MAILS_IN_ALL = 300
FORGOTTEN_AT_ONCE = 100  # a sweep; in ten minutes more than may ask in them
MOST_SERVICES = 20  # more do not fit into a link; who wants more wants all
ERASED = "erased"
REMOVE = "incidents.remove_subscriber"
_CONFIRM, _LEAVE = "incidents.subscribers.confirm", "incidents.subscribers.leave"
_OF_SUBSCRIBER = re.compile(r"update:\d+:sub:(\d+)")

Status = OutboxMessage.Status


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link to confirm says: who asked, for which services (none: all), and when."""

    subscriber: Subscriber
    services: tuple[Service, ...]
    at: datetime


def offered() -> QuerySet[Service]:
    """The services one may choose, by the names the public knows."""
    rows = Service.objects.filter(is_active=True).exclude(public_name="")
    return rows.order_by("public_name")


def listens(subscriber: Subscriber | None) -> bool:
    """Whether anything is sent to them."""
    if subscriber is None:
        return False
    return subscriber.confirmed_at is not None and subscriber.unsubscribed_at is None


@transaction.atomic
def subscribe(*, email: str, services: Collection[Service] = (), at: datetime) -> None:
    """Send the address a mail that asks to confirm; nothing is changed before that.

    Whether the address was known before, nobody learns. Within ten minutes it gets no second
    mail. Refuses `too_many_now` while strangers fill mailboxes; Invalid `too_many_services`.
    """
    if len(services) > MOST_SERVICES:
        message = f"Choose at most {MOST_SERVICES} services, or none to hear of all."
        raise Invalid.because("too_many_services", message, "services")
    subscriber, is_new = Subscriber.objects.select_for_update().get_or_create(
        email=email.strip().lower(), defaults={"asked_at": at}
    )
    if not is_new:
        if subscriber.asked_at > at - ONE_MAIL_IN:
            return
        subscriber.asked_at = at
        subscriber.save(update_fields=["asked_at"])
    _require_calm(at)
    OutboxMessage.objects.bulk_create(
        [_letter(subscriber, services, at)], ignore_conflicts=True
    )
    records.audit("subscribe", subscriber, actor=None, at=at, services=_slugs(services))


def _require_calm(at: datetime) -> None:
    """The new ones alone are counted: they are in an index of their own, and soon forgotten."""
    since = at - ONE_MAIL_IN
    asked = Subscriber.objects.filter(confirmed_at=None, asked_at__gt=since)
    if asked[: MAILS_IN_ALL + 1].count() > MAILS_IN_ALL:
        message = "Too many people subscribe at this moment: try again in ten minutes."
        raise Refused.because("too_many_now", message)


def _letter(
    subscriber: Subscriber, services: Collection[Service], at: datetime
) -> OutboxMessage:
    names = ", ".join(sorted(service.public_name for service in services))
    organisation = settings.ORGANISATION_NAME
    body = (
        f"Somebody, probably you, asked {organisation} to send updates on its incidents to this "
        f"address: {f'on {names}' if names else 'on every service'}.\n\n"
        "Open the link and press the button, within three days. If it was not you, do nothing: "
        "you get no more mail, and this address is forgotten."
    )
    return OutboxMessage(
        dedupe_key=f"{_key(subscriber)}{int(at.timestamp())}",
        kind=KIND,
        channel=Channel.EMAIL,
        address=subscriber.email,
        subject=fitting.subject(f"Confirm updates from {organisation}"),
        body=fitting.body(body),
        link=f"/subscribe/confirm/{_token(subscriber, services, at)}/",
        created_at=at,
        due_at=at,
        next_attempt_at=at,
    )


def _key(subscriber: Subscriber) -> str:
    return f"{KIND}:{subscriber.pk}:"


def _token(subscriber: Subscriber, services: Collection[Service], at: datetime) -> str:
    said = [subscriber.pk, int(at.timestamp()), sorted(service.pk for service in services)]
    return Signer(salt=_CONFIRM).sign_object(said, compress=True)


def asked_by(token: str, *, at: datetime) -> Asked:
    """What this link asks to confirm. Refuses `no_such_link`.

    One refusal for a link that was cut off, made up, is older than three days, or from before the
    address left: a stranger learns nothing.
    """
    try:
        key, second, services = Signer(salt=_CONFIRM).unsign_object(token)
        asked_at = datetime.fromtimestamp(second, UTC)
    except (BadSignature, ValueError, TypeError):
        raise _no_such_link() from None
    subscriber = Subscriber.objects.filter(pk=key).first()
    if subscriber is None or asked_at <= at - CONFIRM_WITHIN:
        raise _no_such_link()
    if subscriber.unsubscribed_at and asked_at < subscriber.unsubscribed_at:
        raise _no_such_link()
    found = Service.objects.filter(pk__in=services).order_by("public_name")
    return Asked(subscriber, tuple(found), asked_at)


@transaction.atomic
def confirm(token: str, *, at: datetime) -> Asked:
    """From now on the address hears of these services, and of no others. Refuses `no_such_link`.

    Pressed twice it says the same and writes nothing more.
    """
    asked = asked_by(token, at=at)
    one = Subscriber.objects.select_for_update().get(pk=asked.subscriber.pk)
    wanted = {service.pk for service in asked.services}
    if listens(one) and wanted == set(one.services.values_list("pk", flat=True)):
        return asked
    one.confirmed_at, one.unsubscribed_at = one.confirmed_at or at, None
    one.save(update_fields=["confirmed_at", "unsubscribed_at"])
    one.services.set(asked.services)
    records.audit("confirm", one, actor=None, at=at, services=_slugs(asked.services))
    return asked


def unsubscribe_link(message: OutboxMessage) -> str:
    """The path at which its recipient leaves; empty where the message is to no subscriber."""
    found = _OF_SUBSCRIBER.fullmatch(message.dedupe_key)
    if message.kind != PUBLISHED or message.recipient_id is not None or not found:
        return ""
    return f"/subscribe/stop/{_leaving_token(int(found[1]))}/"


def token_to_leave(email: str) -> str:
    """What stands in the link of every mail to this address."""
    return _leaving_token(Subscriber.objects.get(email=email).pk)


def _leaving_token(key: int) -> str:
    return Signer(salt=_LEAVE).sign(str(key))


def leaving(token: str) -> Subscriber | None:
    """Whose link this is; None for who was forgotten meanwhile. Refuses `no_such_link`.

    It holds for ever: whoever finds an old mail may leave by it.
    """
    try:
        key = int(Signer(salt=_LEAVE).unsign(token))
    except (BadSignature, ValueError):
        raise _no_such_link() from None
    return Subscriber.objects.filter(pk=key).first()


@transaction.atomic
def unsubscribe(token: str, *, at: datetime) -> Subscriber | None:
    """No more to this address, not even what waits; a second time changes nothing.

    Refuses `no_such_link`.
    """
    found = leaving(token)
    if found is None:
        return None
    one = Subscriber.objects.select_for_update().get(pk=found.pk)
    if listens(one):
        one.unsubscribed_at = at
        one.save(update_fields=["unsubscribed_at"])
        _withdraw(one)
        records.audit("unsubscribe", one, actor=None, at=at)
    return one


@transaction.atomic
def remove(subscriber: Subscriber, *, actor: Person, at: datetime) -> None:
    """Forget the address, here and in what was sent to it: it asked us to, or it bounces.

    NotPermitted `no_permission`.
    """
    standing.permit_to(actor, REMOVE)
    one = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    _withdraw(one)
    _letters(one).update(address=ERASED, link="", last_error="")
    records.audit("remove", one, actor=actor, at=at)
    one.delete()


@transaction.atomic
def forget_unconfirmed(at: datetime) -> int:
    """Forget who did not confirm within three days, a hundred at once, and where the mail went."""
    late = Subscriber.objects.filter(confirmed_at=None, asked_at__lte=at - CONFIRM_WITHIN)
    found = list(late.order_by("asked_at")[:FORGOTTEN_AT_ONCE])
    if found:
        asked = reduce(or_, (_asked_of(one) for one in found))
        OutboxMessage.objects.filter(asked).update(address=ERASED, link="", last_error="")
        Subscriber.objects.filter(pk__in=[one.pk for one in found]).delete()
    return len(found)


def _asked_of(subscriber: Subscriber) -> Q:
    """The mails that asked it to confirm, as a stretch of keys: a prefix alone is looked for in
    every message by SQLite."""
    key = _key(subscriber)  # digits follow, which sort before letters everywhere
    return Q(dedupe_key__gte=key, dedupe_key__lt=f"{key}a", dedupe_key__startswith=key)


@transaction.atomic
def forget_left(at: datetime) -> int:
    """Forget whoever left thirty days ago, also where the mails went; how many.

    One look through all messages however many they are: for an hourly task, not for a sweep.
    """
    left = Subscriber.objects.filter(unsubscribed_at__lte=at - KEPT_AFTER_LEAVING)
    found = list(left.order_by("unsubscribed_at")[:1000])
    if found:
        sent = OutboxMessage.objects.filter(recipient=None, kind__in=[KIND, PUBLISHED])
        sent.filter(address__in=[one.email for one in found]).update(
            address=ERASED, link="", last_error=""
        )
        Subscriber.objects.filter(pk__in=[one.pk for one in found]).delete()
    return len(found)


def _withdraw(subscriber: Subscriber) -> None:
    """What waits for it is void; what a worker holds at this moment is sent."""
    waiting = OutboxMessage.objects.filter(status=Status.PENDING, claim="")
    waiting.filter(_to(subscriber)).update(status=Status.VOID)


def _letters(subscriber: Subscriber) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(_to(subscriber))


def _to(subscriber: Subscriber) -> Q:
    return Q(recipient=None, kind__in=[KIND, PUBLISHED], address=subscriber.email)


def _slugs(services: Collection[Service]) -> list[str]:
    return sorted(service.slug for service in services)


def _no_such_link() -> Refused:
    return Refused.because("no_such_link", "This link is not valid, or no longer.")


def masked(email: str) -> str:
    """Enough to tell two addresses apart, not enough to write to one: “a…@example.com”."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}" if at else email


def shown(message: OutboxMessage) -> str:
    """The address of a message, as people may read it: a subscriber's is masked."""
    is_to_subscriber = message.kind == KIND or unsubscribe_link(message)
    return masked(message.address) if is_to_subscriber else message.address
