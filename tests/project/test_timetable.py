"""The timetable, the queues, and a scheduler that a set clock or an unread queue cannot stop."""

import logging
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as live
from kombu import Connection, Producer
from pytest_django.fixtures import Settings

from raci_project import beat, queues
from raci_project.beat import Ticks
from raci_project.celery import app, route, timetable


@pytest.fixture
def broker() -> Any:
    """A broker in memory, empty."""
    with Connection("memory://", transport_options={"polling_interval": 0}) as connection:
        channel = connection.default_channel
        for queue in queues.QUEUES:
            app.amqp.queues[queue].bind(channel).declare()
            channel.queue_purge(queue)
        yield connection


@pytest.fixture
def ticks() -> Ticks:
    made = Ticks(app)
    made.schedule = {
        name: entry for name, entry in made.schedule.items() if "deliver email" in name
    }
    return made


def test_every_scheduled_task_exists_and_its_ticks_expire() -> None:
    app.loader.import_default_modules()
    entries = app.conf.beat_schedule.values()
    assert {entry["task"] for entry in entries} <= app.tasks.keys()
    assert all(
        max(entry["schedule"].total_seconds(), 60) == entry["options"]["expires"]
        for entry in entries
    )


def test_every_channel_set_up_has_two_ticks_and_its_pages_come_first(
    settings: Settings,
) -> None:
    settings.CHANNELS = ("email", "sms")
    deliveries = [tick for tick in timetable().values() if tick.task == "incidents.deliver"]
    assert [(tick.kwargs["channel"], tick.kwargs["urgent"]) for tick in deliveries] == [
        ("email", True), ("email", False), ("sms", True), ("sms", False),
    ]  # fmt: skip
    assert {tick.every for tick in deliveries if tick.kwargs["urgent"]} == {settings.PAGE_EVERY}


def test_pages_and_the_sweep_that_composes_them_have_a_queue_of_their_own() -> None:
    queue = {name: entry["options"]["queue"] for name, entry in app.conf.beat_schedule.items()}
    assert queue["incidents.deliver email urgent"] == "urgent"
    assert queue["incidents.sweep"] == "urgent"
    assert queue["incidents.deliver email"] == queue["training.sweep"] == "default"
    assert queue["raci_project.tidy"] == "bulk"
    assert set(queue.values()) == set(queues.QUEUES)


def test_what_is_asked_for_by_hand_goes_the_same_way() -> None:
    assert route("incidents.deliver", (), {"urgent": True}) == {"queue": "urgent"}
    assert route("incidents.deliver", (), None) == {"queue": "default"}


def test_a_worker_asks_the_urgent_queue_first() -> None:
    assert list(app.amqp.queues) == ["urgent", "default", "bulk"]
    assert [queue.routing_key for queue in app.amqp.queues.values()] == list(queues.QUEUES)


def test_a_task_is_given_back_later_than_any_may_last(settings: Settings) -> None:
    longest = live.DELIVER_AT_MOST + timedelta(seconds=4 * live.EMAIL_TIMEOUT)
    assert longest.total_seconds() < live.CELERY_TASK_TIME_LIMIT
    assert live.CELERY_WORKER_PREFETCH_MULTIPLIER == 1


def send(ticks: Ticks, broker: Connection, times: int) -> dict[str, int]:
    """Each of the scheduler's ticks so many times; how long the queues are then."""
    producer = Producer(broker.default_channel, auto_declare=False)
    for _ in range(times):
        for entry in list(ticks.schedule.values()):
            ticks.apply_entry(entry, producer=producer)
    return dict(queues.lengths(broker))


def test_a_tick_goes_onto_its_queue(ticks: Ticks, broker: Connection) -> None:
    assert send(ticks, broker, 3) == {"urgent": 3, "default": 3, "bulk": 0}


def test_a_queue_that_nobody_reads_does_not_grow_for_ever(
    ticks: Ticks, broker: Connection, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(beat, "FULL", 5)
    with caplog.at_level(logging.WARNING, "raci_project.beat"):
        assert send(ticks, broker, 9) == {"urgent": 5, "default": 5, "bulk": 0}
    assert "no worker reads urgent" in caplog.text


def test_a_queue_nobody_ever_used_has_no_length(broker: Connection) -> None:
    assert queues.length(broker.default_channel, "nobody") == 0


class Clock:
    """The wall clock, which somebody sets."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic()


def ticked(ticks: Ticks) -> float:
    """All that is due is sent; how long the scheduler would sleep then, in seconds."""
    while not (wait := ticks.tick()):
        pass
    return wait


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ticks that were sent, by name."""
    names: list[str] = []
    monkeypatch.setattr(
        Ticks, "apply_entry", lambda self, entry, producer=None: names.append(entry.name)
    )
    monkeypatch.setattr(Ticks, "producer", None)
    return names


def test_a_scheduler_that_starts_asks_for_everything_at_once(
    ticks: Ticks, sent: list[str]
) -> None:
    assert 0 < ticked(ticks) <= live.PAGE_EVERY.total_seconds()
    assert sorted(sent) == ["incidents.deliver email", "incidents.deliver email urgent"]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_silences_nothing(
    ticks: Ticks, sent: list[str], monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    clock, shift, real_now = Clock(), timedelta(hours=hours), app.now
    monkeypatch.setattr(beat, "time", clock)
    ticked(ticks)
    sent.clear()

    clock.ahead = shift.total_seconds()
    monkeypatch.setattr(app, "now", lambda: real_now() + shift)
    assert ticked(ticks) <= live.PAGE_EVERY.total_seconds(), "it would have slept for an hour"
    assert sorted(sent) == ["incidents.deliver email", "incidents.deliver email urgent"]
    assert 0 < ticked(ticks) <= live.PAGE_EVERY.total_seconds()
