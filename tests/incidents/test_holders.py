"""What a killed process held is sent by the next; what a living one holds is left to it."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from incidents.channels import delivering, holders
from incidents.models import OutboxMessage
from incidents.operations import outbox
from tests.deliveries import letter
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db
LEASE = timedelta(minutes=2)


def ended() -> int:
    """The number of a process that lives no longer."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def held_by(number: int) -> OutboxMessage:
    place = holders.name().partition("-")[0]
    message = letter(person("ada"))
    outbox.claim(NOW, limit=10, lease=LEASE, holder=f"{place}-{number}.")
    return message


def test_what_a_dead_process_held_is_due_again_as_it_was() -> None:
    message = held_by(ended())
    assert holders.free_the_dead() == 1
    message.refresh_from_db()
    assert (message.claim, message.next_attempt_at) == ("", NOW)
    assert [one.pk for one in outbox.claim(NOW, limit=10, lease=LEASE)] == [message.pk]


def test_what_a_living_process_holds_stays_with_it() -> None:
    held_by(os.getpid())
    assert holders.free_the_dead() == 0
    assert outbox.claim(NOW, limit=10, lease=LEASE) == []


def test_nobody_is_declared_dead_from_elsewhere() -> None:
    letter(person("ada"))
    outbox.claim(NOW, limit=10, lease=LEASE, holder=f"elsewhere-{ended()}.")
    assert holders.free_the_dead() == 0


def test_a_claim_without_a_signature_waits_for_its_lease() -> None:
    letter(person("ada"))
    outbox.claim(NOW, limit=10, lease=LEASE)
    assert holders.free_the_dead() == 0


def test_what_is_claimed_to_be_sent_bears_the_name_of_the_process(monkeypatch) -> None:
    names = list[str]()
    claim = outbox.claim

    def noting(*args, **kwargs):
        taken = claim(*args, **kwargs)
        names.extend(message.claim for message in taken)
        return taken

    monkeypatch.setattr(outbox, "claim", noting)
    letter(person("ada"))
    assert delivering.deliver(NOW).sent == 1
    assert names[0].startswith(holders.name())
    assert len(names[0]) <= OutboxMessage._meta.get_field("claim").max_length


def test_a_worker_whose_claim_was_lost_leaves_the_rest_to_who_has_it_now(monkeypatch) -> None:
    """As when the clock is set on: every lease is over at once."""
    ada = person("ada")
    for _ in range(3):
        letter(ada)
    settle, others = outbox.settle, list[OutboxMessage]()

    def too_late(message: OutboxMessage, *, at) -> bool:
        if not others:
            others.extend(outbox.claim(at + timedelta(hours=1), limit=10, lease=LEASE))
        return settle(message, at=at)

    monkeypatch.setattr(outbox, "settle", too_late)
    assert delivering.deliver(NOW).sent == 1
    assert len(others) == 3
    assert set(outbox.claims()) == {others[0].claim}
