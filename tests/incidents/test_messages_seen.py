"""Of messages, too, nobody reads what an incident hides from them."""

import pytest

from incidents.models import Incident, OutboxMessage
from incidents.operations import outbox
from tests.deliveries import incident, letter
from tests.incidents.admin_room import member

pytestmark = pytest.mark.django_db


def test_a_message_about_it_is_hidden_and_so_is_a_digest_that_told_of_it_before() -> None:
    lea, olga = member("lea", "leadership"), member("olga", "responder")
    topic = incident(is_private=True).reference
    digest, other = letter(lea, subject="Your digest"), letter(lea)
    part = letter(lea, topic=topic, status="gathered", digest=digest)
    rows = OutboxMessage.objects.all()
    assert set(outbox.seen_by(rows, olga)) == {other}
    Incident.objects.update(is_private=False)
    assert set(outbox.seen_by(rows, olga)) == {digest, other, part}
