"""A bucket of tokens: never more than so many messages in any minute, however they come."""

from dataclasses import dataclass
from datetime import datetime
from math import floor

MINUTE = 60.0  # seconds
BURST_SHARE = 10  # a tenth of what a minute allows may go at once
_GRAIN = 1e-6  # of a token: what adding up floats may lose


@dataclass(frozen=True, slots=True)
class Bucket:
    """What might go at once then; `at` None: nothing went yet, the bucket is full."""

    tokens: float
    at: datetime | None


def burst(rate_per_minute: int) -> int:
    """How many may go at once after a rest; at least one."""
    return max(1, rate_per_minute // BURST_SHARE)


def filled(bucket: Bucket, rate_per_minute: int, at: datetime) -> Bucket:
    """The bucket at `at`: it grows so slowly that a whole burst and a minute keep to the rate.

    A clock that went back takes nothing away and adds nothing.
    """
    most = float(burst(rate_per_minute))
    if bucket.at is None:
        return Bucket(most, at)
    per_second = (rate_per_minute - most + 1) / MINUTE
    grown = max((at - bucket.at).total_seconds(), 0.0) * per_second
    return Bucket(min(bucket.tokens + grown, most), at)


def room(bucket: Bucket) -> int:
    """How many whole messages may go."""
    return max(floor(bucket.tokens + _GRAIN), 0)


def taken(bucket: Bucket, count: int) -> Bucket:
    """The bucket once so many went."""
    return Bucket(max(bucket.tokens - count, 0.0), bucket.at)
