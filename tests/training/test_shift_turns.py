"""The rest of a turn, given away as one shift is: one question, one answer, one mail each way."""

from datetime import timedelta

import pytest

from incidents.models import Absence, AuditEvent, OutboxMessage, Person, Shift
from incidents.rules.reasons import Refused
from tests.factories import NOW
from tests.training.rotas import able, planner, published
from training.models import ShiftChange
from training.operations import shift_changes

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def shifts() -> list[Shift]:
    """Ada serves the first week around the clock, ben the second, cleo the third, ada the fourth."""
    return published(*(able(each) for each in ("ada", "ben", "cleo")), most_percent=100)


def who(username: str) -> Person:
    return Person.objects.get(username=username)


def servers(shifts: list[Shift]) -> str:
    rows = Shift.objects.filter(pk__in=[each.pk for each in shifts]).order_by("starts_at")
    return "".join(row.person.username[0] if row.person else "-" for row in rows)


def offered(shift: Shift, to: str, other: Shift | None = None, **said) -> ShiftChange:
    return shift_changes.offer(
        shift, to=who(to), other=other, reason="A week away", whole_turn=True,
        actor=shift.person, at=NOW, **said,
    )  # fmt: skip


def told(kind: str, to: str) -> list[str]:
    rows = OutboxMessage.objects.filter(kind=kind, recipient=who(to)).order_by("pk")
    return [f"{row.subject}\n{row.body}" for row in rows]


def statuses() -> list[str]:
    return list(ShiftChange.objects.order_by("pk").values_list("status", flat=True))


def test_a_week_away_is_one_question_and_one_answer(shifts) -> None:
    change = offered(shifts[2], "cleo")
    (asked,) = told("shift_offer", "cleo")
    assert "Wed 2 Dec 09:00 to Mon 7 Dec 09:00 (UTC), 5 shifts" in asked
    assert statuses() == ["offered"] * 5
    shift_changes.accept(change, actor=who("cleo"), at=NOW + HOUR)
    assert servers(shifts[:8]) == "aacccccb"
    assert statuses() == ["accepted"] * 5
    (taken,), (answered,) = told("shift_answer", "cleo"), told("shift_answer", "ada")
    assert "Wed 2 Dec 09:00 to Mon 7 Dec 09:00" in taken
    assert "Cleo takes your shifts as Incident commander" in answered
    lines = AuditEvent.objects.order_by("sequence").filter(verb__endswith="_shift")
    assert [(line.verb, line.detail["shifts"]) for line in lines] == [
        ("offer_shift", 5), ("accept_shift", 5),
    ]  # fmt: skip


def test_any_shift_of_it_is_answered_for_all(shifts) -> None:
    offered(shifts[2], "cleo")
    last = ShiftChange.objects.order_by("pk").last()
    shift_changes.decline(last, actor=who("cleo"), at=NOW + HOUR)
    assert statuses() == ["declined"] * 5
    assert servers(shifts[:7]) == "aaaaaaa"
    (answer,) = told("shift_answer", "ada")
    assert "You still serve" in answer
    assert AuditEvent.objects.filter(verb="decline_shift").count() == 1


def test_weeks_are_swapped_day_for_day(shifts) -> None:
    change = offered(
        shifts[0], "ben", shifts[7]
    )  # two turns side by side: rest is between them
    (asked,) = told("shift_offer", "ben")
    assert (
        "In return Ada would serve Mon 7 Dec 09:00 to Mon 14 Dec 09:00 (UTC), 7 shifts" in asked
    )
    shift_changes.accept(change, actor=who("ben"), at=NOW)
    assert servers(shifts[:21]) == "b" * 7 + "a" * 7 + "c" * 7


def test_in_return_no_more_is_taken_than_is_given(shifts) -> None:
    shift_changes.accept(offered(shifts[4], "cleo", shifts[16]), actor=who("cleo"), at=NOW)
    assert servers(shifts[:7]) == "aaaaccc"
    assert servers(shifts[14:21]) == "ccaaacc"


def test_taken_back_or_run_out_it_ends_whole_and_says_so_once(shifts) -> None:
    shift_changes.withdraw(offered(shifts[2], "cleo"), actor=who("ada"), at=NOW)
    offered(shifts[3], "cleo")
    assert shift_changes.lapse(shifts[3].starts_at) == 1
    assert statuses() == ["withdrawn"] * 9
    assert [each.partition("\n")[0] for each in told("shift_answer", "cleo")] == [
        "No answer is wanted any more: shifts as Incident commander"
    ] * 2


def test_what_stands_against_one_day_of_it_is_named_with_the_day(shifts) -> None:
    away = Absence.objects.create(
        person=who("cleo"), starts_at=shifts[5].starts_at, ends_at=shifts[5].ends_at
    )
    with pytest.raises(Refused) as caught:
        offered(shifts[2], "cleo")
    (reason,) = caught.value.reasons
    assert (reason.code, reason.field) == ("cannot_serve", "to")
    assert reason.message.startswith("Cleo, Sat 5 Dec: away until")
    away.delete()
    with pytest.raises(Refused) as caught:
        offered(shifts[2], "ben")  # whose own week begins right after it
    assert [(each.code, each.message[:13]) for each in caught.value.reasons] == [
        ("no_rest", "Ben, Sun 6 De")
    ]


def test_the_share_counts_all_of_it() -> None:
    shifts = published(*(able(each) for each in ("ada", "ben", "cleo")), most_percent=15)
    assert servers(shifts)[:21] == "a" * 7 + "b" * 7 + "c" * 7
    one = shift_changes.offer(shifts[0], to=who("ben"), actor=who("ada"), at=NOW)
    shift_changes.withdraw(one, actor=who("ada"), at=NOW)
    with pytest.raises(Refused) as caught:
        offered(shifts[0], "ben")
    assert caught.value.has("over_share")


def test_what_of_it_is_offered_already_is_named(shifts) -> None:
    shift_changes.offer(shifts[4], to=who("ben"), actor=who("ada"), at=NOW - HOUR)
    with pytest.raises(Refused) as caught:
        offered(shifts[2], "cleo")
    (reason,) = caught.value.reasons
    assert reason.code == "offered_already"
    assert "Fri 4 Dec" in reason.message
    assert ShiftChange.objects.count() == 1


def test_one_day_put_on_by_leadership_ends_only_its_part_of_the_question(shifts) -> None:
    change = offered(shifts[2], "cleo")
    shift_changes.override(
        shifts[2], person=who("ben"), reason="Needed", actor=planner(), at=NOW
    )
    assert [each.count("\n") for each in told("shift_answer", "cleo")] == [1]
    last = ShiftChange.objects.filter(status="offered").first()
    with pytest.raises(Refused) as caught:
        shift_changes.accept(change, actor=who("cleo"), at=NOW)
    assert caught.value.has("answered_already")
    shift_changes.accept(last, actor=who("cleo"), at=NOW)
    assert servers(shifts[:7]) == "aabcccc"
