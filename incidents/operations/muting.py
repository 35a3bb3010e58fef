"""Muting: a person wants no more of one kind of optional message, and may want them again.

Whoever brings the link of a message is its recipient: the link is signed with the secret of this
installation and can do nothing else, so nobody has to sign in to stop a mail.
"""

from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import QuerySet

from incidents.models.contact import Muted
from incidents.models.outbox import OutboxMessage
from incidents.models.people import Person
from incidents.operations import records
from incidents.rules.reasons import Refused

# As long as a mail is worth anything; a mailbox that is found later stops nothing.
LINK_HOLDS = timedelta(days=180)
_SALT = "incidents.muting"


def link(message: OutboxMessage) -> str:
    """The path at which its recipient stops this kind; empty where it cannot be stopped."""
    if not message.is_optional or message.recipient_id is None or message.pk is None:
        return ""
    return f"/unsubscribe/{Signer(salt=_SALT).sign(str(message.pk))}/"


def message_of(token: str, *, at: datetime) -> OutboxMessage:
    """The optional message this link was sent in, with its recipient. Refuses `no_such_link`.

    One refusal for a link that was cut off, made up or is too old: a stranger learns nothing.
    """
    found = OutboxMessage.objects.select_related("recipient").filter(
        pk=_key(token),
        is_optional=True,
        recipient__isnull=False,
        created_at__gt=at - LINK_HOLDS,
    )
    if message := found.first():
        return message
    raise Refused.because("no_such_link", "This link is not valid, or no longer.")


def is_muted(message: OutboxMessage) -> bool:
    """Whether the recipient wants no more of its kind."""
    return _rows(message).exists()


@transaction.atomic
def mute(message: OutboxMessage, *, at: datetime) -> bool:
    """No more of this kind to its recipient; False where that was said before."""
    _, is_new = Muted.objects.get_or_create(
        person=_recipient(message), kind=message.kind, defaults={"muted_at": at}
    )
    if is_new:
        _audit("mute", message, at)
    return is_new


@transaction.atomic
def unmute(message: OutboxMessage, *, at: datetime) -> bool:
    """This kind again; False where it was not muted."""
    was_muted = _rows(message).delete()[0] > 0
    if was_muted:
        _audit("unmute", message, at)
    return was_muted


def _key(token: str) -> int:
    try:
        return int(Signer(salt=_SALT).unsign(token))
    except (BadSignature, ValueError):
        return 0


def _rows(message: OutboxMessage) -> QuerySet[Muted]:
    return Muted.objects.filter(person=_recipient(message), kind=message.kind)


def _recipient(message: OutboxMessage) -> Person:
    """Refuses `cannot_be_muted`: what must reach them, they cannot stop."""
    if not message.is_optional or message.recipient is None:
        raise Refused.because("cannot_be_muted", "Messages of this kind cannot be stopped.")
    return message.recipient


def _audit(verb: str, message: OutboxMessage, at: datetime) -> None:
    person = _recipient(message)
    records.audit(verb, person, actor=person, at=at, kind=message.kind)
