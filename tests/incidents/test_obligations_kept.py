"""What is owed in the books of other apps: kept here by them, and reminded of like the rest."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from incidents.models import AuditEvent, NudgePolicy, Obligation, OutboxMessage
from incidents.operations import obligations
from incidents.operations.sweeps import sweep
from incidents.rules.owed import INVITATION, ROTA_GAP, Owed
from tests.factories import NOW, allow, person

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def gap(number: int, due_at: datetime, title: str = "A shift that nobody has") -> Owed:
    return Owed(str(number), title, f"/shifts/{number}/", due_at, None)


def told() -> list[tuple[str, str]]:
    rows = OutboxMessage.objects.order_by("id").values_list("recipient__username", "subject")
    return list(rows)


def leader() -> None:
    allow(person("lea"), "incidents.lead_incident")


def test_what_is_kept_opens_moves_and_is_settled_with_one_audit_line_each() -> None:
    first, second = gap(1, NOW + 20 * DAY), gap(2, NOW + 21 * DAY)
    assert obligations.keep(ROTA_GAP, [first, second], at=NOW) == {"opened": 2}
    assert obligations.keep(ROTA_GAP, [first, second], at=NOW) == {}
    moved = gap(2, NOW + 30 * DAY)
    assert obligations.keep(ROTA_GAP, [moved], at=NOW + HOUR) == {"changed": 1, "settled": 1}
    row = Obligation.objects.open().get()
    assert (row.what, row.subject_type, row.due_at) == (
        "rota_gap", "incidents.shift", NOW + 30 * DAY,
    )  # fmt: skip
    assert AuditEvent.objects.filter(verb="look_for_owed").count() == 2


def test_rows_of_another_table_are_known_by_the_name_that_is_given() -> None:
    mine = Owed("7:3", "Your answer", "/answer/", NOW + DAY, person("ben").pk)
    obligations.keep(INVITATION, [mine], at=NOW, about="training.gameday")
    assert Obligation.objects.get().subject_type == "training.gameday"


def test_the_look_at_our_own_books_leaves_what_others_keep_alone() -> None:
    obligations.keep(ROTA_GAP, [gap(1, NOW + 10 * DAY)], at=NOW)
    sweep(NOW + 4 * DAY)  # its reminder is due by then: its keepers send it, nobody else
    assert Obligation.objects.open().count() == 1
    assert told() == []


def test_what_is_kept_is_reminded_of_along_its_own_ladder() -> None:
    leader()
    obligations.keep(ROTA_GAP, [gap(1, datetime(2026, 12, 20, tzinfo=NOW.tzinfo))], at=NOW)
    said: list[str] = []
    obligations.nudge(ROTA_GAP, datetime(2026, 12, 14, tzinfo=NOW.tzinfo), said.append)
    assert told() == [("lea", "A shift that nobody has begins on 20 December 2026")]
    assert said == ["A shift that nobody has: due-7d to lea"]


def test_tending_asks_once_an_hour_and_again_before_anybody_is_reminded() -> None:
    leader()
    asked: list[datetime] = []
    rows = [gap(1, NOW + 8 * DAY)]

    def find(at: datetime, ahead: timedelta) -> Iterator[Owed]:
        assert ahead >= 60 * DAY
        asked.append(at)
        return iter(rows)

    def tend(at: datetime) -> None:
        obligations.tend(ROTA_GAP, find, at=at)

    tend(NOW)
    tend(NOW + HOUR / 2)
    assert asked == [NOW]
    tend(NOW + 25 * HOUR)  # a week before
    assert len(told()) == 1
    rows.clear()
    asked.clear()
    tend(NOW + 7 * DAY)  # the hourly look settles it: nobody hears of it
    assert (len(told()), asked) == (1, [NOW + 7 * DAY])


def test_a_changed_policy_books_anew_what_others_keep() -> None:
    obligations.keep(ROTA_GAP, [gap(1, NOW + 8 * DAY)], at=NOW)
    NudgePolicy.objects.filter(what=ROTA_GAP).update(changed_at=NOW + HOUR, is_active=False)
    obligations.tend(ROTA_GAP, lambda _at, _ahead: [gap(1, NOW + 8 * DAY)], at=NOW + 2 * HOUR)
    assert Obligation.objects.get().next_nudge_at is None
