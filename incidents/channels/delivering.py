"""Delivering: claim what is due of one channel, hand it over one by one, settle each at once."""

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from incidents.channels import holders, stopping
from incidents.channels.carriers import carrier
from incidents.channels.carrying import AwayError, Carrier, LooksAhead, RefusedError
from incidents.models import Channel, OutboxMessage
from incidents.operations import outbox, outlets

BATCH = 100
LIMIT = 1000
# Of a lease the first half is for beginning to send; the second must suffice for the last one:
# sender, recipient, data and the final dot may each take one EMAIL_TIMEOUT.
TIMEOUTS_A_LEASE = 8
BROKE_OFF = "It broke off twice in a row."

Clock = Callable[[], datetime]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of the messages tried: accepted, to be tried again, given up."""

    sent: int = 0
    failed: int = 0
    dead: int = 0


def deliver(
    at: datetime,
    *,
    channel: str = Channel.EMAIL,
    urgent: bool | None = None,
    limit: int = LIMIT,
) -> DeliveryReport:
    """Hand over what is due by this channel, at most `limit`, each settled as soon as it is accepted.

    `urgent`: pages alone; otherwise all of it, pages first. Call it outside a transaction. A crash
    hands over again at most the one message that was accepted and not yet settled.
    """
    clock, lease = _clock(at), _lease()
    ends_at = at + settings.DELIVER_AT_MOST
    outcomes: Counter[str] = Counter()
    with carrier(channel) as carries:
        while _goes_on(carries, clock, ends_at) and (room := limit - outcomes.total()) > 0:
            claimed = outbox.claim(
                clock(), channel=channel, urgent=urgent, limit=min(BATCH, room), lease=lease,
                holder=holders.name(),
            )  # fmt: skip
            if not claimed:
                break
            until = min(clock() + lease / 2, ends_at)
            batch = _Batch(channel, carries, clock, until, was_sent=outcomes["sent"] > 0)
            outcomes.update(batch.work(claimed))
    return DeliveryReport(outcomes["sent"], outcomes["pending"], outcomes["dead"])


def _lease() -> timedelta:
    return timedelta(seconds=max(settings.EMAIL_TIMEOUT, 1) * TIMEOUTS_A_LEASE)


def _clock(at: datetime) -> Clock:
    """Time as it passes from `at` on: a lease must not be shorter for what is claimed late."""
    started = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - started)


def _goes_on(carries: Carrier, clock: Clock, until: datetime) -> bool:
    return carries.answers and clock() < until and not stopping.is_asked()


@dataclass
class _Batch:
    """One claim of messages: tried one by one while the lease lasts; the rest is given back."""

    channel: str
    carries: Carrier
    clock: Clock
    until: datetime
    was_sent: bool  # by this delivery, already
    behind: list[OutboxMessage] = field(default_factory=list)
    stuck: set[outbox.Lane | None] = field(default_factory=set)
    away: str = ""
    is_lost: bool = False  # the lease ended: somebody else has the rest
    waiting: deque[OutboxMessage] = field(default_factory=deque)
    ahead: dict[int, Any] = field(default_factory=dict)

    def work(self, claimed: Sequence[OutboxMessage]) -> Iterator[str]:
        """Yields each new status."""
        self.waiting.extend(claimed)
        if isinstance(self.carries, LooksAhead):
            self.carries.meanwhile = self._look_ahead
        while self.waiting and not (self.away or self.is_lost) and self._goes_on():
            message = self.waiting.popleft()
            if outbox.lane(message) in self.stuck:
                self.behind.append(message)  # it must not overtake
            elif status := self._tried(message):
                yield status
        rest = [*self.behind, *self.waiting]
        outbox.release(rest, error=self.away)
        if self.away or not self.carries.answers:
            outlets.pause(self.channel, error=self.away or BROKE_OFF, at=self.clock())
        if self.away:
            yield from [OutboxMessage.Status.PENDING] * len(rest)

    def _goes_on(self) -> bool:
        return _goes_on(self.carries, self.clock, self.until)

    def _look_ahead(self) -> None:
        """Prepare the next one, if it can be; what is wrong with it is said when it is its turn."""
        if self.waiting:
            following = self.waiting[0]
            with suppress(Exception):
                self.ahead[following.pk] = self.carries.prepare(following)

    def _announce_next(self) -> None:
        """So that the provider is at work on it while what it just accepted is settled."""
        if not (isinstance(self.carries, LooksAhead) and self.waiting and self._goes_on()):
            return
        following = self.waiting[0]
        ready = self.ahead.get(following.pk)
        if ready and outbox.lane(following) not in self.stuck:
            self.carries.announce(ready)

    def _tried(self, message: OutboxMessage) -> str:
        """The new status; empty where the provider was away and no attempt was made."""
        try:
            status = self._attempt(message)
        except AwayError as away:
            logger.warning("%s away: %s", self.channel, type(away.__cause__ or away).__name__)
            self.away = str(away)
            self.behind.append(message)
            return ""
        if outbox.holds_up(message, status) and (lane := outbox.lane(message)):
            self.stuck.add(lane)
        return status

    def _attempt(self, message: OutboxMessage) -> str:
        try:
            ready = self.ahead.pop(message.pk, None) or self.carries.prepare(message)
            self.carries.hand_over(ready)
        except AwayError:
            raise
        except Exception as error:  # one message that cannot be sent must not stop the others
            logger.warning("message %s not accepted: %s", message.pk, type(error).__name__)
            permanent = isinstance(error, RefusedError | ValueError)
            return outbox.fail(message, error=str(error), permanent=permanent, at=self.clock())
        self._announce_next()
        self.is_lost = not outbox.settle(message, at=self.clock())
        if self.is_lost:
            logger.warning(
                "message %s: the claim was lost while it was handed over", message.pk
            )
        if not self.was_sent:
            self.was_sent = True
            outlets.answered(self.channel)
        return OutboxMessage.Status.SENT
