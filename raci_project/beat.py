"""The scheduler: Celery's own, kept in memory, that survives a set clock and an unread queue.

All intervals are short and every task is a sweep, so there is nothing worth keeping in a file,
which could be half written or without a disk to be written on.
"""

import logging
import time
from datetime import timedelta
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from typing_extensions import override

from raci_project import queues

# So many ticks wait where nobody reads: more would only be thrown away, one by one, later.
FULL = 200
LONG_AGO = timedelta(days=1)  # longer than any interval of the timetable
CLOCK_WAS_SET = 1.0  # seconds by which it differs from the time that passed

logger = logging.getLogger(__name__)


class Ticks(Scheduler):
    """Puts each tick onto its queue when it is due."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.passed_from = _offset()
        self._begin_anew()  # one that dies again and again still asks for everything

    @override
    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Celery plans by the wall clock: one set back by an hour would be silent for an hour."""
        offset = _offset()
        if abs(offset - self.passed_from) > CLOCK_WAS_SET:
            self.passed_from = offset
            logger.warning("the clock was set: every interval begins anew")
            self._begin_anew()
        wait: float = super().tick(*args, **kwargs)
        return wait

    @override
    def apply_async(
        self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        """Nothing where the queue is full; the tick counts as done, and the next one tries."""
        queue = (entry.options or {}).get("queue", queues.DEFAULT)
        if self._is_full(producer, queue):
            logger.warning("no worker reads %s: %s left out", queue, entry.name)
            return self.reserve(entry) if advance else None
        return super().apply_async(entry, producer=producer, advance=advance, **kwargs)

    def _is_full(self, producer: Any, queue: str) -> bool:
        try:
            return queues.length(producer.channel, queue) >= FULL
        except (
            Exception
        ):  # a broker that is away is told of, and mended, where the tick is sent
            return False

    def _begin_anew(self) -> None:
        """Everything is due now; Celery finds out when it makes a new heap."""
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - LONG_AGO
        self._heap = None


def _offset() -> float:
    return time.time() - time.monotonic()
