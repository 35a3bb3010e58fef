"""What is done to the program while it owes a thousand messages, each scenario a function."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import redis

from tests.chaos import acts, disk
from tests.chaos.installation import Installation

FALL_DUE_WITHIN = 25.0  # seconds: composed, sent and struck at the same time
WHILE_WORKERS_DIE = 40.0  # each needs some seconds to start before it can be killed at work
HOUR = 3600.0
AFTER_THE_BLOW = 6.0
KILLS_OF_WEB = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scenario knows better than the tables: what was owed, and what must not be."""

    owed: Mapping[str, float]
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One line of the table: what it says there, how the program is set up, what is done to it."""

    name: str
    says: str
    act: Callable[[Installation, int], Outcome]
    setup: Mapping[str, Any] = field(default_factory=dict)


def workers_killed(place: Installation, count: int) -> Outcome:
    """Six times kill -9 of a worker, with whatever it has in hand."""
    owed = place.owe("updates", count, WHILE_WORKERS_DIE)
    for name in ("worker-a", "worker-b") * 3:
        place.kill_at_work(name)
    place.settle(count)
    return Outcome(owed)


def embedded_worker_killed(place: Installation, count: int) -> Outcome:
    """The same on SQLite with the broker in files: four times the only worker there is."""
    owed = place.owe("updates", count, WHILE_WORKERS_DIE)
    for _ in range(4):
        place.kill_at_work("worker-a")
    place.settle(count)
    return Outcome(owed)


def schedulers_killed(place: Installation, count: int) -> Outcome:
    """Two schedulers at once; each is killed, then both, and nothing is asked for twice for it."""
    owed = place.owe("updates", count, FALL_DUE_WITHIN)
    for names in (("beat-0",), ("beat-1",), ("beat-0", "beat-1")):
        time.sleep(6)
        for name in names:
            place.kill(name)
    place.settle(count)
    place.blows.clear()  # no scheduler's death excuses a second copy
    return Outcome(owed)


def web_killed(place: Installation, count: int) -> Outcome:
    """kill -9 of the web processes during acts; who got no answer asks again, or never."""
    wanted = -(-count // acts.MESSAGES_AN_ACT) * 5 // 4  # some are given up unanswered
    told = place.owe("callers", wanted + 20)
    caller = acts.Caller(place.port, told["token"], told["service"])
    made = []
    for act in acts.declare_all(caller, wanted):
        made.append(act)
        if len(made) % max(wanted // KILLS_OF_WEB, 1) == 1:
            place.kill("web")
    place.settle(0)
    place.blows.clear()  # nor does the death of a web process
    owed, problems = acts.promised(place, made)
    unanswered = sum(not act.is_answered for act in made)
    if not any(act.asked > 1 for act in made) and not unanswered:
        problems.append("no act was interrupted: nothing was tried")
    return Outcome(owed, problems)


def redis_lost(place: Installation, count: int) -> Outcome:
    """Flushed twice, away for ten seconds, killed and begun anew without a word of what was."""
    owed = place.owe("updates", count, FALL_DUE_WITHIN)
    server = place.redis
    assert server is not None
    for _ in range(2):
        time.sleep(3)
        with redis.Redis(port=server.port) as client:
            client.flushall()
    server.halt()
    time.sleep(10)
    server.start()
    time.sleep(AFTER_THE_BLOW)
    server.halt(signal.SIGKILL)
    server.start()
    place.settle(count)
    return Outcome(owed)


def postgres_restarted(place: Installation, count: int) -> Outcome:
    """Restarted twice, as for an update: every connection breaks off."""
    return _database(place, count, None)


def postgres_killed(place: Installation, count: int) -> Outcome:
    """kill -9 of the whole database server, twice: what was committed is there."""
    return _database(place, count, signal.SIGKILL)


def _database(place: Installation, count: int, number: int | None) -> Outcome:
    owed = place.owe("updates", count, FALL_DUE_WITHIN)
    server = place.postgres
    assert server is not None
    for _ in range(2):
        time.sleep(AFTER_THE_BLOW)
        with place.blow("the database went away before it could be noted", hands=4):
            server.halt(number)
            time.sleep(2)
            server.start()
    place.settle(count)
    return Outcome(owed)


def mail_refuses(place: Installation, count: int) -> Outcome:
    """Every message 451 for a while, then no connection at all."""
    owed = place.owe("updates", count, FALL_DUE_WITHIN)
    time.sleep(3)
    place.sink.misbehave("busy")
    time.sleep(AFTER_THE_BLOW)
    place.sink.misbehave("accept")
    time.sleep(4)
    place.sink.halt()
    time.sleep(8)
    place.sink.start()
    place.settle(count)
    return Outcome(owed)


def mail_refuses_for_good(place: Installation, count: int) -> Outcome:
    """550 for every recipient of some seconds: dead, visibly; all of them are then sent again."""
    owed = place.owe("updates", count, FALL_DUE_WITHIN)
    time.sleep(6)
    place.sink.misbehave("refuse")
    time.sleep(4)
    place.sink.misbehave("accept")
    place.settle(count)
    dead = [row for row in place.rows() if row.status == "dead"]
    unsaid = [
        f"{row.pk}: dead without an answer" for row in dead if "550" not in row.last_error
    ]
    problems = unsaid if dead else ["no message was refused: nothing was tried"]
    place.owe("resend")
    place.settle(count)
    return Outcome(owed, problems)


def mail_hangs(place: Installation, count: int) -> Outcome:
    """Messages are taken and never answered, for some seconds."""
    return _mail(place, count, "hang")


def mail_dies(place: Installation, count: int) -> Outcome:
    """After DATA the server takes the message and drops the connection, for some seconds."""
    return _mail(place, count, "die")


def _mail(place: Installation, count: int, mode: str) -> Outcome:
    owed = place.owe("updates", count, FALL_DUE_WITHIN)
    for _ in range(2):
        time.sleep(5)
        place.sink.misbehave(mode)
        time.sleep(AFTER_THE_BLOW)
        place.sink.misbehave("accept")
    place.settle(count)
    return Outcome(owed)


def clock_set(place: Installation, count: int) -> Outcome:
    """The clock is set an hour on, back, an hour back, and right again."""
    owed = place.owe("updates", count, FALL_DUE_WITHIN)
    for shift in (HOUR, 0, -HOUR, 0):
        time.sleep(5)
        # An hour that is jumped over ends every lease: what was in hand then, another takes as well.
        with place.blow("the clock was set on while it was in hand", hands=4):
            place.set_clock(shift)
            time.sleep(2)
    # What was composed within the hour that was not waits for that hour: it passes.
    if not place.settle(count, 30):
        place.set_clock(HOUR)
        place.settle(count)
    return Outcome(owed)


# Quiet until 02:30 in Berlin, in nights that have 02:30 twice, or never: the instants (UTC) at
# which messages are composed, and from which on they may leave. Worked out by hand.
ZONE, QUIET_FROM, QUIET_UNTIL = "Europe/Berlin", "22:00", "02:30"
NIGHTS = (
    ("2026-10-25T00:10:00+00:00", "2026-10-25T00:30:00+00:00"),  # the first 02:30
    ("2026-10-25T01:05:00+00:00", "2026-10-25T01:30:00+00:00"),  # the second
    ("2027-03-28T00:10:00+00:00", "2027-03-28T01:00:00+00:00"),  # 02:00 is 03:00 already
)
APPROACH = 8.0  # seconds before the instant to which the clock is set


def nights_of_the_changed_clock(place: Installation, count: int) -> Outcome:
    """Quiet hours that end in the hour which a night has twice, or not at all."""
    owed: dict[str, float] = {}
    problems: list[str] = []
    for told_at, opens_at in NIGHTS:
        place.set_clock(_instant(told_at) - time.time())
        time.sleep(1)
        keys = place.owe("notices", -(-count // len(NIGHTS)), ZONE, QUIET_FROM, QUIET_UNTIL)
        shift = _instant(opens_at) - APPROACH - time.time()
        place.set_clock(shift)
        owed |= dict.fromkeys(keys, _instant(opens_at) - shift)
        place.settle(len(owed), 60)
        problems += _too_early(place, owed)
    return Outcome(owed, sorted(set(problems)))


def _too_early(place: Installation, owed: Mapping[str, float]) -> Iterator[str]:
    keys = {row.pk: row.key for row in place.rows()}
    for arrival in place.arrivals():
        if arrival.at < owed[keys[arrival.pk]]:
            early = owed[keys[arrival.pk]] - arrival.at
            yield f"{keys[arrival.pk]}: {early:.1f} s before the quiet hours ended"


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def disk_full(place: Installation, count: int) -> Outcome:
    """SQLite, broker and logs on a disk that is full for eight seconds, twice."""
    owed = place.owe("updates", count, FALL_DUE_WITHIN)
    for _ in range(2):
        time.sleep(AFTER_THE_BLOW)
        with place.blow("the disk was full before it could be noted"), disk.filled(place):
            time.sleep(8)
    place.settle(count)
    return Outcome(owed)


def many_on_one_row(place: Installation, count: int) -> Outcome:
    """Four more processes ask for what is due without a pause, of which there is little at a time."""
    owed = place.owe("updates", count, FALL_DUE_WITHIN)
    with place.grabbing(4):
        place.settle(count)
    return Outcome(owed)


SCENARIOS = (
    Scenario("worker", "worker killed six times", workers_killed),
    Scenario("beat", "two schedulers, killed", schedulers_killed, {"beats": 2}),
    Scenario("web", "web killed during acts", web_killed, {"has_web": True}),
    Scenario("redis", "Redis flushed, stopped, killed", redis_lost),
    Scenario("postgres", "PostgreSQL restarted twice", postgres_restarted),
    Scenario("postgres-killed", "PostgreSQL killed twice", postgres_killed),
    Scenario("mail-away", "mail server says 451, then is away", mail_refuses),
    Scenario("mail-refuses", "mail server refuses for good", mail_refuses_for_good),
    Scenario("mail-hangs", "mail server hangs", mail_hangs),
    Scenario("mail-dies", "mail server dies after DATA", mail_dies),
    Scenario("clock", "clock set on and back", clock_set, {"shifted": True}),
    Scenario(
        "nights", "nights of 23 and 25 hours", nights_of_the_changed_clock, {"shifted": True}
    ),
    Scenario("row", "six processes on one row", many_on_one_row),
    Scenario("embedded", "embedded, worker killed", embedded_worker_killed, {"embedded": True}),
    Scenario("disk", "embedded, disk full twice", disk_full, {"embedded": True}),
)
