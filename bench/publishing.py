"""Publishing to ten thousand subscribers: the request itself, and composing to all of them."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http import HTTPStatus

from django.db import connection
from django.test import Client

from bench.company import Company
from bench.declaring import release
from bench.measured import Act, Aim, Effort, Measured, medians, statements
from bench.names import TOKEN
from incidents.models import Broadcast, Destination, Incident, OutboxMessage, Subscriber, Update
from incidents.operations import broadcasts
from incidents.operations.declaration import declare
from incidents.rules.roles import COMMUNICATIONS

SUBSCRIBERS = 10_000
PLACES = 5
NOT_ALL = 4  # every fourth chose a service, and it is affected
LEADER = {"Authorization": f"Bearer {TOKEN}"}
COMPOSED_MS = 10_000


class LostError(AssertionError):
    """Somebody was not written to, or twice."""


def measure(company: Company, database: str, rows: int, effort: Effort) -> Iterator[Measured]:
    """Leaves neither subscribers nor messages behind."""
    _empty(OutboxMessage)
    desk = Desk(company, min(SUBSCRIBERS, rows))
    yield _published(desk, database, rows, effort)
    yield _composed(desk, database, rows, effort)
    for model in (OutboxMessage, Broadcast, Subscriber.services.through, Subscriber):
        _empty(model)
    release()


class Desk:
    """One incident, its subscribers, and as many approved updates as are asked for."""

    def __init__(self, company: Company, count: int) -> None:
        self.company, self.count, self.are_listening = company, count, True
        self.incident = declare(
            title="Checkout fails for everybody",
            services=company.services[:2],
            facts={"customers_affected": 2000},
            actor=company.leader,
            at=company.at,
        )
        speaker = self.incident.assignments.filter(role=COMMUNICATIONS)
        speaker.update(person=company.leader)
        Destination.objects.bulk_create(
            Destination(name=f"List {n}", audience="public", address=f"list{n}@example.com")
            for n in range(PLACES)
        )
        self._subscribe()

    def _subscribe(self) -> None:
        at = self.company.at
        made = Subscriber.objects.bulk_create(
            [
                Subscriber(email=f"reader{n}@example.org", asked_at=at, confirmed_at=at)
                for n in range(self.count)
            ],
            batch_size=1000,
        )
        chosen = Subscriber.services.through
        chosen.objects.bulk_create(
            [
                chosen(subscriber=one, service=self.company.services[0])
                for one in made[::NOT_ALL]
            ],
            batch_size=1000,
        )

    def turn(self) -> None:
        """Everybody leaves, or everybody is back."""
        self.are_listening = not self.are_listening
        left_at = None if self.are_listening else self.company.at
        Subscriber.objects.update(unsubscribed_at=left_at)

    def approved(self) -> Update:
        """One more, waiting to be published."""
        first, second = self.company.people[1:3]
        return Update.objects.create(
            incident=self.incident,
            audience="public",
            text="Some card payments **fail**. We are working on it.\n\nNext update at 10:20 UTC.",
            status=Update.Status.APPROVED,
            drafted_by=first,
            drafted_at=self.company.at,
            approved_by=second,
            approved_at=self.company.at,
        )


def _published(desk: Desk, database: str, rows: int, effort: Effort) -> Measured:
    """The request as a caller makes it, with all of them listening and with nobody."""
    waiting = [desk.approved() for _ in range(2 * (effort.most + 1) + 4)]
    act = partial(_publish, Client(), desk.incident, waiting)
    act()  # what is made once is no statement of the request
    with_all = statements(act)
    desk.turn()
    with_none = statements(act, between=desk.turn)
    if with_all != with_none:
        raise LostError(f"{with_all} statements with subscribers, {with_none} without")
    times = medians(act, act, effort, between=desk.turn)
    return Measured(
        f"publish to {desk.count:,} subscribers, beside none", database, rows, *times,
        statements=with_all, aim=Aim(ratio=1.2),
    )  # fmt: skip


def _publish(caller: Client, incident: Incident, waiting: list[Update]) -> None:
    address = f"/api/v1/incidents/{incident.reference}/updates/{waiting.pop().pk}/publish"
    answer = caller.post(address, headers=LEADER)
    if answer.status_code != HTTPStatus.OK:
        raise RuntimeError(f"{address} answered {answer.status_code}: {answer.content!r}")


def _composed(desk: Desk, database: str, rows: int, effort: Effort) -> Measured:
    """A whole sweep, beside one `bulk_create` of the same rows; a second sweep adds none."""
    _again(desk)
    _sweep(desk)
    ready = list(OutboxMessage.objects.all())
    for row in ready:
        row.pk = None
    ours: Act = partial(_sweep, desk)
    _again(desk)
    least = Effort(effort.seconds, min(effort.least, 3), min(effort.most, 6))
    again = partial(_again, desk)
    median, bare = medians(ours, partial(_insert, ready), least, between=again)
    name = f"compose to {desk.count:,} subscribers, beside plain inserts"
    return Measured(
        name, database, rows, median, bare, p95_ms=median, aim=Aim(p95_ms=COMPOSED_MS)
    )


def _again(desk: Desk) -> None:
    """As it was before: one update was published and nobody written to."""
    _empty(OutboxMessage)
    _empty(Broadcast)
    update = desk.incident.updates.filter(status=Update.Status.PUBLISHED)[0]
    broadcasts.ask(update, at=desk.company.at)


def _sweep(desk: Desk) -> None:
    broadcasts.sweep(desk.company.at)
    broadcasts.sweep(desk.company.at + timedelta(seconds=10))
    found = OutboxMessage.objects.count()
    if found != desk.count:
        raise LostError(f"{found:,} messages to {desk.count:,} subscribers")


def _insert(rows: list[OutboxMessage]) -> None:
    for row in rows:
        row.pk = None
    OutboxMessage.objects.bulk_create(rows, batch_size=1000)


def _empty(model: type[object]) -> None:
    """By SQL: the ORM would read every row to delete it."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")  # type: ignore[attr-defined]
