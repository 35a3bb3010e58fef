"""How long to wait before trying again: a message that failed, and a provider that is away.

Waits follow from what failed and how often, not from chance: a test, and whoever reads the row,
can foresee them; and what failed together still does not come back together.
"""

import zlib
from dataclasses import dataclass
from datetime import timedelta

MAX_ATTEMPTS = 10
SPREAD = 4  # up to a quarter is added
_MOST_DOUBLINGS = 20  # more would leave what a timedelta holds


@dataclass(frozen=True, slots=True)
class Pace:
    """First and longest wait: of one message, and of a whole channel whose provider is away."""

    message: tuple[timedelta, timedelta]
    provider: tuple[timedelta, timedelta]


def _pace(*seconds: int) -> Pace:
    first, longest, first_away, longest_away = (timedelta(seconds=one) for one in seconds)
    return Pace((first, longest), (first_away, longest_away))


# Mail may be greylisted for an hour; ten attempts take some three. What wakes somebody is of no
# use an hour late, and its next way is tried once it is dead: ten attempts take half an hour.
_MAIL = _pace(30, 3600, 30, 120)
_CHAT = _pace(30, 1800, 30, 300)
_CALL = _pace(15, 300, 15, 60)
PACES = {
    "email": _MAIL,
    "sms": _CALL,
    "voice": _CALL,
    "pagerduty": _CALL,
    "opsgenie": _CALL,
    "webhook": _CHAT,
    "slack": _CHAT,
    "teams": _CHAT,
    "discord": _CHAT,
    "atlassian": _CHAT,
}


def of_message(channel: str, key: int, attempts: int) -> timedelta:
    """How long this message waits after so many failed attempts (from 1)."""
    return _wait(*_of(channel).message, attempts, f"{key}:{attempts}")


def of_provider(channel: str, failures: int) -> timedelta:
    """How long the channel is left alone once it could not be reached so often in a row (from 1)."""
    return _wait(*_of(channel).provider, failures, f"{channel}:{failures}")


def _of(channel: str) -> Pace:
    return PACES.get(channel, _CHAT)


def _wait(first: timedelta, longest: timedelta, count: int, seed: str) -> timedelta:
    """Twice as long each time up to the longest, and up to a quarter more by the seed."""
    doubled: timedelta = first * 2 ** min(max(count - 1, 0), _MOST_DOUBLINGS)
    spread: float = zlib.crc32(seed.encode()) / 2**32 / SPREAD
    return min(doubled, longest) * (1 + spread)
