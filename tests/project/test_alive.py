"""Processes say that they live, and say goodbye; a delivery ends between two messages."""

import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from incidents import channels
from incidents.channels import stopping
from incidents.models import Heartbeat
from incidents.tasks import sweep
from raci_project import alive
from raci_project.tasks import tidy
from tests.deliveries import letter
from tests.factories import NOW

MOMENT = 0.02


def eventually(what: Callable[[], object]) -> None:
    """Returns when it is true; fails when it is not within ten seconds."""
    give_up_at = time.monotonic() + 10
    while not what():
        assert time.monotonic() < give_up_at
        time.sleep(MOMENT)


def beats() -> dict[str, object]:
    return dict(Heartbeat.objects.values_list("name", "at"))


@pytest.mark.usefixtures("committing")
def test_a_process_beats_over_and_over_and_is_gone_when_it_ends() -> None:
    beating = alive.Beating("worker:celery@here:7", every=MOMENT)
    beating.start()
    eventually(lambda: "worker:celery@here:7" in beats())
    first = beats()["worker:celery@here:7"]
    eventually(lambda: beats()["worker:celery@here:7"] != first)
    beating.stop()
    eventually(lambda: beats() == {})
    beating.stop()  # a second goodbye is no harm


@pytest.mark.django_db
def test_a_database_that_is_away_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def fail(name: str, at: object) -> None:
        tried.append(name)
        raise ConnectionError("postgres://raci:secret@db")

    monkeypatch.setattr(alive, "note", fail)
    beating = alive.Beating("beat:here:7", every=MOMENT)
    monkeypatch.setattr(beating, "_try", lambda write, of=beating._try: of(fail_or(write)))
    beating.start()
    eventually(lambda: len(tried) > 2)
    beating.stop()
    assert "no heartbeat written: ConnectionError" in caplog.text
    assert "secret" not in caplog.text


def fail_or(write: Callable[[], object]) -> Callable[[], object]:
    """The goodbye needs a database too: here it has none."""
    return write if "note" in write.__code__.co_names else lambda: None


@pytest.mark.django_db
def test_a_name_longer_than_its_column_is_cut() -> None:
    assert len(alive.Beating("worker:" + "x" * 300).name) == 120


@pytest.mark.django_db
def test_to_note_a_part_is_one_statement(django_assert_num_queries) -> None:
    alive.note("sweep", NOW)
    with django_assert_num_queries(1):
        alive.note("sweep", NOW + timedelta(seconds=1))
    assert beats() == {"sweep": NOW + timedelta(seconds=1)}


@pytest.mark.django_db
def test_processes_of_yesterday_are_forgotten_and_parts_are_not() -> None:
    now = timezone.now()
    for name, hours in (
        ("worker:a:1", 25), ("beat:a:2", 25), ("sweep", 25), ("worker:a:3", 23)
    ):  # fmt: skip
        alive.note(name, now - timedelta(hours=hours))
    tidy()
    assert sorted(beats()) == ["sweep", "worker:a:3"]


@pytest.mark.django_db
def test_a_sweep_that_came_to_its_end_is_noted_by_the_clock_and_no_other_task_is() -> None:
    before = timezone.now()
    alive.sweep_ended(sender=sweep)
    alive.sweep_ended(sender=tidy)
    assert list(beats()) == ["sweep"]
    assert Heartbeat.objects.get().at >= before


@pytest.mark.django_db
def test_worker_and_scheduler_are_named_as_they_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(alive, "_begin", begun.append)
    alive.worker_began(sender=SimpleNamespace(hostname="urgent@here"))
    alive.beat_began()
    assert begun[0].startswith("worker:urgent@here:")
    assert begun[1].startswith("beat:")


@pytest.fixture
def asked() -> object:
    yield
    stopping.go_on()


@pytest.mark.django_db
@pytest.mark.usefixtures("asked")
def test_a_worker_that_is_asked_to_stop_finishes_what_is_in_hand_and_gives_back_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, third = letter(), letter(), letter()
    real = channels.delivering.outbox.settle

    def settle(message: object, *, at: object) -> bool:
        alive.worker_ends()
        return real(message, at=at)  # type: ignore[arg-type]

    monkeypatch.setattr(channels.delivering.outbox, "settle", settle)
    assert channels.deliver(NOW).sent == 1
    for message in (first, second, third):
        message.refresh_from_db()
    assert [message.status for message in (first, second, third)] == [
        "sent", "pending", "pending",
    ]  # fmt: skip
    assert second.claim == third.claim == ""
    soon = NOW + timedelta(minutes=1)
    assert channels.deliver(soon).sent == 0
    monkeypatch.undo()
    stopping.go_on()
    assert channels.deliver(soon).sent == 2


@pytest.mark.django_db
def test_a_delivery_ends_by_its_limit_and_the_next_goes_on(settings) -> None:
    settings.DELIVER_AT_MOST = timedelta(0)
    letter()
    assert channels.deliver(NOW).sent == 0
    settings.DELIVER_AT_MOST = timedelta(minutes=1)
    assert channels.deliver(NOW).sent == 1
