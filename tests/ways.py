"""Plain functions for tests of ways: a person's ways as they stand in the table, a message to them."""

from datetime import datetime

from incidents.models import ContactWay, OutboxMessage, Person
from incidents.operations import composing
from incidents.operations.composing import Message
from tests.factories import NOW

ALL = ("email", "sms", "voice", "slack", "webhook")
PAGE = OutboxMessage.Priority.PAGE


def way(
    who: Person, channel: str, address: str = "", wait: int | None = None, purpose: str = "page"
) -> ContactWay:
    """One more way, after those there are."""
    return ContactWay.objects.create(
        person=who,
        purpose=purpose,
        position=ContactWay.objects.filter(person=who, purpose=purpose).count(),
        channel=channel,
        address=address,
        wait_minutes=wait,
    )


def composed(who: Person, key: str = "one", *, at: datetime = NOW, **fields) -> OutboxMessage:
    """A message composed for this person; a page where nothing else is said."""
    fields = {
        "kind": "test", "subject": "Look", "body": "Please look.", "priority": PAGE, **fields,
    }  # fmt: skip
    composing.compose([Message(key=key, to=who, **fields)], at=at)
    return OutboxMessage.objects.get(dedupe_key=key)
