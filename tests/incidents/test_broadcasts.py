"""Broadcasts: the many are written to once each, some at a time, whoever is killed meanwhile."""

import pytest

from incidents.models import Broadcast, Customer, NoticeClause, NoticeClock, OutboxMessage
from incidents.operations import broadcasts
from tests import factories
from tests.deliveries import acts, incident
from tests.factories import NOW
from tests.publishing import published, subscriber

pytestmark = pytest.mark.django_db


@pytest.fixture
def cards():
    return factories.service("cards")


def written() -> list[str]:
    return list(OutboxMessage.objects.order_by("address").values_list("address", flat=True))


def told(update) -> list[str]:
    broadcasts.ask(update, at=NOW)
    broadcasts.sweep(NOW)
    return written()


def customer(name: str, *services, **fields) -> Customer:
    fields.setdefault("contact_email", f"ops@{name.lower()}.example")
    made = Customer.objects.create(slug=name.lower(), name=name, **fields)
    made.services.set(services)
    return made


# --- subscribers


def test_who_listens_to_a_service_or_to_all_is_told(cards) -> None:
    subscriber("all@example.org")
    subscriber("cards@example.org").services.add(cards)
    both = subscriber("both@example.org")
    both.services.add(cards, factories.service("payouts"))
    subscriber("payouts@example.org").services.add(factories.service("other"))
    subscriber("unconfirmed@example.org", confirmed_at=None)
    subscriber("left@example.org", unsubscribed_at=NOW)
    update = published(services=("cards",))
    assert told(update) == ["all@example.org", "both@example.org", "cards@example.org"]
    one = OutboxMessage.objects.get(address="both@example.org")
    assert one.dedupe_key == f"update:{update.pk}:sub:{both.pk}"
    assert (one.kind, one.is_optional, one.recipient) == ("published", True, None)


def test_asking_writes_to_nobody_and_asking_twice_asks_once() -> None:
    subscriber()
    update = published()
    broadcasts.ask(update, at=NOW)
    broadcasts.ask(update, at=NOW)
    assert Broadcast.objects.count() == 1
    assert written() == []


@pytest.mark.parametrize("audience", ["internal", "executive", "support"])
def test_no_other_audience_has_a_crowd(audience: str) -> None:
    subscriber()
    assert told(published(audience=audience)) == []
    assert not Broadcast.objects.exists()


@pytest.mark.parametrize("of", [{"kind": "exercise"}, {"is_private": True}])
def test_an_exercise_or_a_private_incident_is_told_to_no_subscriber(of: dict) -> None:
    subscriber()
    assert told(published(incident(**of))) == []
    assert not Broadcast.objects.exists()


# --- customers


def test_customers_who_use_a_service_are_written_to_by_name(cards) -> None:
    customer("Acme", cards, contact_name="Jo Doe")
    customer("Other", factories.service("other"))
    customer("Gone", cards, is_active=False)
    customer("Mute", cards, contact_email="")
    assert told(published(audience="customers", services=("cards",))) == ["ops@acme.example"]
    [message] = OutboxMessage.objects.all()
    assert message.body.startswith("Acme, Jo Doe\n\nSome card payments")
    assert not message.is_optional


def test_the_one_customer_named_is_the_only_one_written_to(cards) -> None:
    customer("Acme", cards)
    other = customer("Other")
    update = published(audience="customers", services=("cards",), customer=other)
    assert told(update) == ["ops@other.example"]


def test_whom_a_clause_names_is_written_to_as_well_and_nobody_twice(cards) -> None:
    update = published(audience="customers", services=("cards",))
    acme = customer("Acme", cards)
    for name, email in (("Legal", "law@acme.example"), ("Ops", "OPS@acme.example"), ("No", "")):
        clause = NoticeClause.objects.create(
            customer=acme, title=name, hours=4, content="What", contact_email=email
        )
        NoticeClock.objects.create(incident=update.incident, clause=clause, started_at=NOW)
    assert told(update) == ["law@acme.example", "ops@acme.example"]


# --- many, and killed meanwhile


def test_the_many_are_written_to_in_chunks_and_counted(monkeypatch) -> None:
    monkeypatch.setattr(broadcasts, "CHUNK", 2)
    for _ in range(5):
        subscriber()
    broadcasts.ask(published(), at=NOW)
    [said] = acts(broadcasts.sweep, NOW)
    assert said.endswith("5 messages composed")
    [one] = Broadcast.objects.all()
    assert (one.composed, one.finished_at) == (5, NOW)
    assert acts(broadcasts.sweep, NOW) == []
    assert len(written()) == 5


def test_whoever_is_killed_loses_nobody_and_writes_to_nobody_twice(monkeypatch) -> None:
    monkeypatch.setattr(broadcasts, "CHUNK", 2)
    for _ in range(5):
        subscriber()
    broadcasts.ask(published(), at=NOW)
    key = Broadcast.objects.get().pk
    assert broadcasts._chunk(key, NOW) == 2  # and killed here
    assert len(written()) == 2

    class KilledError(BaseException):
        """Nothing catches it, as nothing catches a kill."""

    def killed(*_args: object, **_kwargs: object) -> None:
        raise KilledError

    with monkeypatch.context() as within, pytest.raises(KilledError):
        within.setattr(Broadcast, "save", killed)
        broadcasts.sweep(NOW)
    assert len(written()) == 2
    broadcasts.sweep(NOW)
    assert len(written()) == len(set(written())) == 5
    assert Broadcast.objects.get().composed == 5


def test_one_that_fails_stops_no_other_and_is_tried_again(monkeypatch) -> None:
    subscriber()
    poisoned, sound = published(services=("a",)), published(services=("b",))
    for update in (poisoned, sound):
        broadcasts.ask(update, at=NOW)
    title = broadcasts.places.title

    def title_of(update) -> str:
        if update.pk == poisoned.pk:
            raise RuntimeError("broken")
        return title(update)

    with monkeypatch.context() as within:
        within.setattr(broadcasts.places, "title", title_of)
        broadcasts.sweep(NOW)
    [left] = Broadcast.objects.filter(finished_at=None)
    assert left.update_id == poisoned.pk
    assert OutboxMessage.objects.count() == 1
    broadcasts.sweep(NOW)
    assert OutboxMessage.objects.count() == 2


def test_what_goes_to_a_crowd_leaves_after_what_people_at_work_need() -> None:
    subscriber()
    told(published())
    assert OutboxMessage.objects.get().priority == OutboxMessage.Priority.DIGEST
