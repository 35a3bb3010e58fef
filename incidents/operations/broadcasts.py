"""Broadcasts: a published update composed to the many who asked for it, some at a time, by a sweep."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.models.audience import Subscriber
from incidents.models.broadcast import Broadcast, NoticeClock
from incidents.models.catalogue import Service
from incidents.models.customer import Customer
from incidents.models.outbox import OutboxMessage
from incidents.models.severity import Audience
from incidents.models.update import Update
from incidents.operations import places

# Recipients a transaction: some tenths of a second, after which others may write.
CHUNK = 1_000
_CROWDS = {
    Audience.PUBLIC.value: Broadcast.To.SUBSCRIBERS,
    Audience.CUSTOMERS.value: Broadcast.To.CUSTOMERS,
}

Say = Callable[[str], object]

logger = logging.getLogger(__name__)


def ask(update: Update, *, at: datetime) -> None:
    """Keep that a published update is to be composed to the many, in the transaction of its act.

    The public has subscribers, customers have a contact each; no other audience has a crowd, and
    an exercise has none at all.
    """
    to = _CROWDS.get(update.audience)
    if to is not None and places.is_heard(update):
        Broadcast.objects.get_or_create(update=update, to=to, defaults={"asked_at": at})


def customers(update: Update) -> QuerySet[Customer]:
    """Whom an update to customers speaks to: the one it names, else all who use what it names."""
    rows = Customer.objects.filter(is_active=True)
    if update.customer_id is not None:
        return rows.filter(pk=update.customer_id)
    uses = Customer.services.through.objects.filter(customer=OuterRef("pk"))
    return rows.filter(Exists(uses.filter(service__in=_services(update).values("pk"))))


def sweep(at: datetime, say: Say | None = None) -> None:
    """Compose what is open, the oldest first, until nothing is; `say` hears one line each.

    Killed between two chunks it goes on after the last; killed within one, that one is composed
    anew. What fails is left open and stops no other.
    """
    unfinished = Broadcast.objects.filter(finished_at=None).order_by("pk")
    for key in list(unfinished.values_list("pk", flat=True)):
        try:
            written = _compose(key, at)
        except Exception as error:  # one that cannot be composed must not stop the others
            logger.exception("broadcast %s not composed: %s", key, type(error).__name__)
            continue
        if say and written:
            say(f"broadcast {key}: {written:,} messages composed")


def _compose(key: int, at: datetime) -> int:
    total = 0
    while (written := _chunk(key, at)) is not None:
        total += written
    return total


@transaction.atomic
def _chunk(key: int, at: datetime) -> int | None:
    """The next so many recipients; None once it is finished, or while another worker has it."""
    rows = Broadcast.objects.select_for_update(skip_locked=True, of=("self",))
    one = rows.filter(pk=key, finished_at=None).first()
    if one is None:
        return None
    update = Update.objects.select_related("incident", "corrects").get(pk=one.update_id)
    is_public = one.to == Broadcast.To.SUBSCRIBERS
    compose = _to_subscribers if is_public else _to_customers
    letters, last = compose(update, one)
    OutboxMessage.objects.bulk_create(letters, ignore_conflicts=True)
    one.composed += len(letters)
    if last is None:
        one.finished_at = at
    else:
        one.after = last
    one.save(update_fields=["after", "composed", "finished_at"])
    return len(letters)


# Letters, and the key of the last recipient; None where there was no further one.
_Composed = tuple[list[OutboxMessage], int | None]


def _to_subscribers(update: Update, one: Broadcast) -> _Composed:
    chosen = Subscriber.services.through.objects.filter(subscriber=OuterRef("pk"))
    of_these = chosen.filter(service__in=_services(update).values("pk"))
    rows = (
        Subscriber.objects.listening()
        .filter(~Exists(chosen) | Exists(of_these), pk__gt=one.after)
        .order_by("pk")
    )
    found = list(rows.values_list("pk", "email")[:CHUNK])
    write = _Writer(update, one)
    letters = [
        write.letter(f"update:{update.pk}:sub:{key}", email, is_optional=True)
        for key, email in found
    ]
    return letters, found[-1][0] if found else None


def _to_customers(update: Update, one: Broadcast) -> _Composed:
    found = list(customers(update).filter(pk__gt=one.after).order_by("pk")[:CHUNK])
    write = _Writer(update, one)
    letters = [
        write.letter(f"update:{update.pk}:{key}", email, head=head)
        for key, email, head in _contacts(update, found)
    ]
    return letters, found[-1].pk if found else None


def _contacts(update: Update, customers: Sequence[Customer]) -> Iterator[tuple[str, str, str]]:
    """Key, address and how the letter begins: each customer's own, and those its clauses name."""
    named = {customer.pk: customer for customer in customers}
    written = set()
    for customer in customers:
        if customer.contact_email:
            written.add((customer.pk, customer.contact_email.casefold()))
            yield (
                f"customer:{customer.pk}", customer.contact_email,
                _head(customer.name, customer.contact_name),
            )  # fmt: skip
    for clock in _clocks(update, named):
        clause = clock.clause
        place = (clause.customer_id, clause.contact_email.casefold())
        if place not in written:
            written.add(place)
            head = _head(named[clause.customer_id].name, clause.contact_name)
            yield f"clause:{clause.pk}", clause.contact_email, head


def _clocks(update: Update, named: dict[int, Customer]) -> QuerySet[NoticeClock]:
    """Those of the incident whose clause names whom to write to; given ones as well."""
    clocks = NoticeClock.objects.filter(
        ~Q(clause__contact_email=""),
        incident=update.incident_id,
        clause__customer__in=list(named),
    )
    return clocks.select_related("clause").order_by("pk")


def _head(*names: str) -> str:
    """To whom it is; no more than names, which are the same in every language."""
    return ", ".join(name for name in names if name)


def _services(update: Update) -> QuerySet[Service]:
    """As they were named when it was published."""
    slugs = [one["slug"] for one in update.services]
    return Service.objects.filter(slug__in=slugs).order_by()


class _Writer:
    """The letters of one broadcast: its words are put together once."""

    def __init__(self, update: Update, one: Broadcast) -> None:
        self.pattern = places.letter(
            update, key="", address="", priority=places.CROWD, at=one.asked_at
        )

    def letter(
        self, key: str, address: str, *, head: str = "", is_optional: bool = False
    ) -> OutboxMessage:
        """To this address."""
        one = self.pattern
        return OutboxMessage(
            dedupe_key=key,
            kind=one.kind,
            priority=one.priority,
            channel=one.channel,
            address=address,
            subject=one.subject,
            body=f"{head}\n\n{one.body}" if head else one.body,
            link=one.link,
            topic=one.topic,
            is_optional=is_optional,
            created_at=one.created_at,
            due_at=one.due_at,
            next_attempt_at=one.next_attempt_at,
        )
