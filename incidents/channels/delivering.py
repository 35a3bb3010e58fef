"""Delivering: claim what is due of one channel, hand it over one by one, settle each at once."""

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from incidents.channels import stopping
from incidents.channels.carriers import carrier
from incidents.channels.carrying import AwayError, Carrier, RefusedError
from incidents.models import Channel, OutboxMessage
from incidents.operations import outbox

BATCH = 20
LIMIT = 1000
# Of a lease the first half is for beginning to send; the second must suffice for the last one:
# sender, recipient, data and the final dot may each take one EMAIL_TIMEOUT.
TIMEOUTS_A_LEASE = 8
SERVER_PAUSE = timedelta(seconds=30)

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

    `urgent`: pages alone, or all but pages; None: all. Call it outside a transaction. A crash
    hands over again at most the one message that was accepted and not yet settled.
    """
    clock, lease = _clock(at), _lease()
    ends_at = at + settings.DELIVER_AT_MOST
    outcomes: Counter[str] = Counter()
    with carrier(channel) as carries:
        while _goes_on(carries, clock, ends_at) and (room := limit - outcomes.total()) > 0:
            claimed = outbox.claim(
                clock(), channel=channel, urgent=urgent, limit=min(BATCH, room), lease=lease
            )
            if not claimed:
                break
            until = min(clock() + lease / 2, ends_at)
            outcomes.update(_work(claimed, carries, clock, until))
    return DeliveryReport(
        outcomes[OutboxMessage.Status.SENT],
        outcomes[OutboxMessage.Status.PENDING],
        outcomes[OutboxMessage.Status.DEAD],
    )


def _lease() -> timedelta:
    return timedelta(seconds=max(settings.EMAIL_TIMEOUT, 1) * TIMEOUTS_A_LEASE)


def _clock(at: datetime) -> Clock:
    """Time as it passes from `at` on: a lease must not be shorter for what is claimed late."""
    started = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - started)


def _goes_on(carries: Carrier, clock: Clock, until: datetime) -> bool:
    return carries.answers and clock() < until and not stopping.is_asked()


def _work(
    claimed: Sequence[OutboxMessage], carries: Carrier, clock: Clock, until: datetime
) -> Iterator[str]:
    """Try what was claimed while the lease lasts; give back the rest. Yields each new status."""
    waiting = deque(claimed)
    while waiting and _goes_on(carries, clock, until):
        try:
            yield _attempt(waiting[0], carries, clock)
        except AwayError as away:
            logger.warning("%s away: %s", waiting[0].channel, type(away.__cause__).__name__)
            outbox.release(waiting, error=str(away), at=clock() + SERVER_PAUSE)
            yield from [OutboxMessage.Status.PENDING] * len(waiting)
            return
        waiting.popleft()
    outbox.release(waiting, at=clock())


def _attempt(message: OutboxMessage, carries: Carrier, clock: Clock) -> str:
    try:
        carries.hand_over(carries.prepare(message))
    except AwayError:
        raise
    except Exception as error:  # one message that cannot be sent must not stop the others
        logger.warning("message %s not accepted: %s", message.pk, type(error).__name__)
        permanent = isinstance(error, RefusedError | ValueError)
        return outbox.fail(message, error=str(error), permanent=permanent, at=clock())
    outbox.settle(message, at=clock())
    return OutboxMessage.Status.SENT
