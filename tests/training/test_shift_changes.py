"""Shifts given away, swapped and overridden: what is refused beside what it mirrors."""

from datetime import timedelta

import pytest

from incidents.models import Absence, AuditEvent, OutboxMessage, Person, Qualification, Shift
from incidents.rules.reasons import NotPermitted, Refused
from tests.factories import NOW, allow, person
from tests.training.rotas import able, learner, planner, published
from training.models import ShiftChange
from training.operations import shift_changes

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def shifts() -> list[Shift]:
    """Ada serves the first week around the clock, ben the second, cleo the third."""
    return published(*(able(each) for each in ("ada", "ben", "cleo")), most_percent=100)


def who(username: str) -> Person:
    return Person.objects.get(username=username)


def codes(call, *args, **kwargs) -> set[str]:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {reason.code for reason in caught.value.reasons}


def server(shift: Shift) -> str:
    return Shift.objects.get(pk=shift.pk).person.username


def offered(shift: Shift, to: str, other: Shift | None = None) -> ShiftChange:
    return shift_changes.offer(
        shift, to=who(to), other=other, reason="A wedding", actor=who("ada"), at=NOW
    )


def test_a_shift_changes_hands_once_it_is_accepted_and_both_are_told(shifts) -> None:
    change = offered(shifts[2], "cleo")
    assert server(shifts[2]) == "ada"
    asked = OutboxMessage.objects.get(kind="shift_offer")
    assert asked.recipient == who("cleo")
    assert "Wed 2 Dec 09:00 to Thu 3 Dec 09:00 (UTC)" in asked.body
    shift_changes.accept(change, actor=who("cleo"), at=NOW + HOUR)
    assert server(shifts[2]) == "cleo"
    told = OutboxMessage.objects.filter(kind="shift_answer")
    assert {each.recipient.username for each in told} == {"ada", "cleo"}
    verbs = list(AuditEvent.objects.order_by("sequence").values_list("verb", flat=True))
    assert verbs[-2:] == ["offer_shift", "accept_shift"]
    assert Shift.history.filter(id=shifts[2].pk).count() == 2


def test_a_swap_moves_both(shifts) -> None:
    change = offered(shifts[2], "cleo", shifts[16])
    shift_changes.accept(change, actor=who("cleo"), at=NOW)
    assert (server(shifts[2]), server(shifts[16])) == ("cleo", "ada")


def test_what_was_offered_further_is_free_again_once_it_changed_hands(shifts) -> None:
    change = offered(shifts[2], "cleo", shifts[16])
    further = shift_changes.offer(shifts[16], to=who("ben"), actor=who("cleo"), at=NOW)
    shift_changes.accept(change, actor=who("cleo"), at=NOW)
    further.refresh_from_db()
    assert (further.status, further.answered_at) == ("withdrawn", NOW)
    told = OutboxMessage.objects.filter(kind="shift_answer", recipient=who("ben"))
    assert told.get().subject.startswith("No answer is wanted any more")
    mine = Shift.objects.get(pk=shifts[16].pk)
    assert shift_changes.offer(mine, to=who("ben"), actor=who("ada"), at=NOW).to == who("ben")


def test_declined_or_taken_back_it_stays(shifts) -> None:
    shift_changes.decline(offered(shifts[2], "cleo"), actor=who("cleo"), at=NOW)
    shift_changes.withdraw(offered(shifts[2], "ben"), actor=who("ada"), at=NOW)
    assert server(shifts[2]) == "ada"
    assert set(ShiftChange.objects.values_list("status", flat=True)) == {
        "declined", "withdrawn",
    }  # fmt: skip
    assert OutboxMessage.objects.filter(kind="shift_answer").count() == 2


def test_only_who_serves_offers_and_only_who_is_asked_answers(shifts) -> None:
    with pytest.raises(NotPermitted) as caught:
        shift_changes.offer(shifts[2], to=who("cleo"), actor=who("ben"), at=NOW)
    assert caught.value.has("not_your_shift")
    change = offered(shifts[2], "cleo")
    for verb, by in (
        (shift_changes.accept, "ada"), (shift_changes.decline, "ben"),
        (shift_changes.withdraw, "cleo"),
    ):  # fmt: skip
        with pytest.raises(NotPermitted) as caught:
            verb(change, actor=who(by), at=NOW)
        assert caught.value.has("not_yours")


def test_who_has_no_right_to_swap_does_nothing(shifts) -> None:
    dan = person("dan")
    Shift.objects.filter(pk=shifts[0].pk).update(person=dan)
    change = offered(shifts[2], "cleo")
    for call, subject, said in (
        (shift_changes.offer, shifts[0], {"to": who("ben")}),
        (shift_changes.accept, change, {}),
        (shift_changes.decline, change, {}),
        (shift_changes.withdraw, change, {}),
        (shift_changes.override, shifts[0], {"person": dan, "reason": "x"}),
    ):
        with pytest.raises(NotPermitted) as caught:
            call(subject, **said, actor=dan, at=NOW)
        assert caught.value.has("no_permission")


def test_a_shift_is_offered_once_at_a_time_and_only_before_it_begins(shifts) -> None:
    offered(shifts[2], "cleo")
    assert codes(offered, shifts[2], "ben") == {"offered_already"}
    assert codes(
        shift_changes.offer, shifts[3], to=who("cleo"), actor=who("ada"),
        at=shifts[3].starts_at,
    ) == {"begun_already"}  # fmt: skip
    assert codes(offered, shifts[3], "ada") == {"to_yourself"}
    assert codes(offered, shifts[3], "cleo", shifts[8]) == {"not_their_shift"}


def test_the_rules_are_asked_again_when_it_is_accepted(shifts) -> None:
    change = offered(shifts[2], "cleo")
    accept = {"actor": who("cleo"), "at": NOW}
    leave = Absence.objects.create(
        person=who("cleo"), starts_at=shifts[2].starts_at + HOUR, ends_at=shifts[2].ends_at
    )
    assert codes(shift_changes.accept, change, **accept) == {"cannot_serve"}
    leave.delete()
    Qualification.objects.filter(person=who("cleo")).update(expires_on=shifts[2].starts_at)
    assert codes(shift_changes.accept, change, **accept) == {"cannot_serve"}
    Qualification.objects.update(expires_on=None)
    assert shift_changes.accept(change, **accept).status == "accepted"
    assert codes(shift_changes.accept, change, **accept) == {"answered_already"}


def test_nobody_serves_without_rest_or_two_at_once(shifts) -> None:
    assert codes(offered, shifts[6], "ben") == {"no_rest"}  # his own week begins right after it
    other = published(able("zed", "scribe"), name="Scribes", role="scribe", most_percent=100)
    Shift.objects.filter(pk=other[2].pk).update(person=who("cleo"))
    assert codes(offered, shifts[2], "cleo") == {"at_once", "no_rest"}
    assert offered(shifts[4], "cleo").status == "offered"


def test_who_serves_most_already_takes_no_more() -> None:
    shifts = published(*(able(each) for each in ("ada", "ben", "cleo")), most_percent=10)
    mine = [each for each in shifts if each.person == who("ada")]
    assert codes(offered, mine[0], "cleo") == {"over_share"}
    with pytest.raises(NotPermitted):
        shift_changes.override(
            mine[0], person=who("cleo"), reason="x", actor=who("ada"), at=NOW
        )


def test_leadership_puts_somebody_on_with_a_reason_and_offers_end(shifts) -> None:
    offered(shifts[2], "cleo")
    act = {"actor": planner(), "at": NOW}
    with pytest.raises(Refused) as caught:
        shift_changes.override(shifts[2], person=who("ben"), reason=" ", **act)
    assert caught.value.has("reason_missing")
    shift_changes.override(shifts[2], person=who("ben"), reason="Ada is ill", **act)
    assert server(shifts[2]) == "ben"
    told = OutboxMessage.objects.filter(kind="shift_put_on")
    assert {each.recipient.username for each in told} == {"ada", "ben"}
    assert set(ShiftChange.objects.values_list("status", flat=True)) == {
        "withdrawn", "override",
    }  # fmt: skip
    assert codes(shift_changes.override, shifts[2], person=who("ben"), reason="x", **act) == {
        "serves_it_already"
    }


def test_leadership_fills_a_stretch_of_a_turn_and_may_pass_over_rest(shifts) -> None:
    act = {"actor": planner(), "at": shifts[3].starts_at + HOUR}  # it runs already
    held = shift_changes.override(
        shifts[3], person=who("ben"), reason="Ada is ill", through=shifts[5], **act
    )
    assert [each.pk for each in held] == [each.pk for each in shifts[3:6]]
    assert (server(shifts[5]), server(shifts[6])) == ("ben", "ada")
    beyond = codes(
        shift_changes.override,
        shifts[6],
        person=who("ben"),
        reason="x",
        through=shifts[8],
        **act,
    )
    assert beyond == {"not_of_the_turn"}
    begun, following = (Shift.objects.get(pk=each.pk).reason for each in shifts[3:5])
    assert begun == (
        "Put on by Elif (from 3 Dec 10:00 UTC on; until then Ada; all of it counts for Ben): "
        "Ada is ill"
    )
    assert following == "Put on by Elif: Ada is ill"


def test_leadership_puts_nobody_on_who_cannot(shifts) -> None:
    act = {"reason": "Needed", "actor": planner(), "at": NOW}
    assert codes(shift_changes.override, shifts[2], person=person("eve"), **act) == {
        "cannot_serve"
    }
    assert codes(shift_changes.override, shifts[2], person=learner("lea"), **act) == {
        "cannot_serve"
    }
    over = {**act, "at": shifts[2].ends_at}
    assert codes(shift_changes.override, shifts[2], person=who("ben"), **over) == {
        "over_already"
    }
    helper = able("zoe")  # no member, but qualified and free
    assert shift_changes.override(shifts[2], person=helper, **act)[0].person == helper


def test_an_offer_nobody_answered_ends_when_the_shift_begins(shifts) -> None:
    change = offered(shifts[2], "cleo")
    assert shift_changes.lapse(shifts[2].starts_at - HOUR) == 0
    assert shift_changes.lapse(shifts[2].starts_at) == 1
    change.refresh_from_db()
    assert change.status == "withdrawn"
    allow(who("cleo"))
    assert server(shifts[2]) == "ada"
