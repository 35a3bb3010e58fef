"""Acts asked for with a key: done once, answered alike ever after.

The key's row is written first and in the act's own transaction, and the answer with it: either
act, key and answer are all kept or none of them is. A crash at any moment leaves nothing that a
repetition could do twice, and whoever asks meanwhile waits at the key's unique constraint.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, OperationalError, connection, transaction

from incidents.models.once import DoneOnce
from incidents.models.people import Person
from incidents.rules.reasons import Invalid, Refused

LONGEST = 200
KEPT = timedelta(hours=24)
# So long PostgreSQL waits for who asked first; SQLite, with one writer at a time, as for any write.
WAIT_MILLISECONDS = 5000
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: a status of HTTP, a body, and the address it led to, if any."""

    status: int
    body: str = ""
    location: str = ""


class Asking:
    """One asking under a key; `before` is the answer where the act was done already."""

    def __init__(self, row: DoneOnce, before: Answer | None) -> None:
        self._row = row
        self.before = before
        self.is_kept = before is not None

    def keep(self, answer: Answer) -> None:
        """The act was done: this is what everybody hears who asks again."""
        row = self._row
        row.status, row.answer, row.location = answer.status, answer.body, answer.location
        row.save(update_fields=["status", "answer", "location"])
        self.is_kept = True


@contextmanager
def asking(person: Person, key: str, *, digest: str, at: datetime) -> Iterator[Asking]:
    """One transaction around the act. What was not kept is undone, and its key is free again.

    So a refused request may be mended and sent under the same key. Invalid
    `key_used_for_another_request`; Refused `still_being_done` where the first takes too long.
    """
    check_key(key)
    with transaction.atomic():
        row, is_new = _claim(person, key, digest, at)
        if row.digest != digest:
            message = "This key was used for another request: take a new key for a new request."
            raise Invalid.because("key_used_for_another_request", message, "Idempotency-Key")
        one = Asking(row, None if is_new else _answer(row))
        yield one
        if not one.is_kept:
            transaction.set_rollback(True)


def before(person: Person, key: str, *, digest: str) -> Answer | None:
    """The answer to this very request, if it was done already; one query, nothing is claimed."""
    rows = DoneOnce.objects.filter(person=person, key=key, digest=digest)
    row = rows.exclude(status=None).first()
    return _answer(row) if row else None


def check_key(key: str) -> None:
    """Invalid `bad_key`: a key is 1 to 200 printable characters of ASCII."""
    if key.isascii() and key.isprintable() and 0 < len(key) <= LONGEST:
        return
    message = f"Give 1 to {LONGEST} printable ASCII characters, such as a random UUID."
    raise Invalid.because("bad_key", message, "Idempotency-Key")


def digest_of(*parts: bytes) -> str:
    """A fingerprint of a request; where one part ends is part of it."""
    said = hashlib.sha256()
    for part in parts:
        said.update(len(part).to_bytes(8, "big") + part)
    return said.hexdigest()


def forget(at: datetime) -> int:
    """Keys of more than a day ago are free again; how many."""
    return DoneOnce.objects.filter(done_at__lt=at - KEPT).delete()[0]


def _claim(person: Person, key: str, digest: str, at: datetime) -> tuple[DoneOnce, bool]:
    """The key's row, and whether this asking is the first."""
    try:
        with transaction.atomic():
            return _write(person, key, digest, at), True
    except IntegrityError:
        return DoneOnce.objects.get(person=person, key=key), False
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        message = "The same request is still being done: ask again in a few seconds."
        raise Refused.because("still_being_done", message, "Idempotency-Key") from error


def _write(person: Person, key: str, digest: str, at: datetime) -> DoneOnce:
    is_postgres = connection.vendor == "postgresql"
    if is_postgres:
        _wait_at_most(f"'{WAIT_MILLISECONDS}ms'")
    row = DoneOnce.objects.create(person=person, key=key, digest=digest, done_at=at)
    if is_postgres:
        _wait_at_most("DEFAULT")
    return row


def _wait_at_most(limit: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout TO {limit}")


def _answer(row: DoneOnce) -> Answer:
    return Answer(row.status or 0, row.answer, row.location)
