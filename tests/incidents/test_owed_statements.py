"""What is owed about holding statements: words to be written, reviewed, approved anew."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.models import Obligation, OutboxMessage, Person
from incidents.operations import obligations
from incidents.rules import owed
from incidents.rules.owed import FIRST_TIME, Debt
from tests.factories import NOW
from tests.incidents.test_obligations import known, words

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = NOW.date()


def the() -> Obligation:
    return Obligation.objects.open().get()


def found(at: datetime = NOW) -> list[str]:
    obligations.look(at)
    return list(Obligation.objects.open().order_by("pk").values_list("title", flat=True))


def draft(**fields):
    given = {"status": "draft", "approver": None, "approved_at": None, "lasts": None}
    return words(**(given | fields))


def test_a_draft_with_a_day_is_owed_by_who_is_to_write_it() -> None:
    draft(review_on=TODAY + 14 * DAY)
    assert found() == ["Words of the holding statement “Payments fail”"]
    assert the().owner == known("maria")
    assert the().due_at == datetime(2026, 12, 7, tzinfo=UTC)


def test_a_draft_without_a_day_is_owed_by_nobody() -> None:
    draft()
    assert found() == []


def test_a_draft_whose_maker_left_is_leaderships() -> None:
    draft(review_on=TODAY)
    Person.objects.filter(username="maria").update(is_active=False)
    obligations.look(NOW)
    assert the().owner is None


def test_approved_words_are_owed_a_review() -> None:
    words(lasts=None, review_on=TODAY + 5 * DAY)
    assert found() == ["Review of the holding statement “Payments fail”"]
    assert the().owner == known("maria")


def test_what_comes_first_is_owed_and_a_statement_is_owed_once() -> None:
    row = words(lasts=20, review_on=TODAY + 5 * DAY)
    assert found() == ["Review of the holding statement “Payments fail”"]
    row.review_on = TODAY + 25 * DAY
    row.save()
    assert found() == ["Holding statement “Payments fail”"]


def test_words_whose_approver_left_are_owed_a_new_approval() -> None:
    words(lasts=None)
    assert found() == []
    Person.objects.filter(username="paul").update(is_active=False)
    assert found() == ["A new approval of the holding statement “Payments fail”"]
    assert the().owner == known("maria")
    assert the().due_at == NOW + FIRST_TIME
    Person.objects.filter(username="maria").update(is_active=False)
    obligations.look(NOW + DAY)
    assert the().owner is None
    assert the().due_at == NOW + FIRST_TIME  # and no later for being found again


def test_words_for_progress_do_not_replace_a_first_word() -> None:
    words(lasts=20)
    words(lasts=300, purpose="progress")
    assert found() == ["Holding statement “Payments fail”"]


def test_what_is_done_is_owed_no_more() -> None:
    row = draft(review_on=TODAY)
    assert len(found()) == 1
    row.status = "retired"
    row.save()
    assert found() == []


def test_the_reminder_says_what_is_asked_and_by_when() -> None:
    draft(review_on=TODAY + 10 * DAY)
    obligations.sweep(NOW)
    assert not OutboxMessage.objects.exists()
    obligations.sweep(NOW + 4 * DAY)
    (message,) = OutboxMessage.objects.all()
    assert message.recipient == known("maria")
    assert message.subject == (
        "Words of the holding statement “Payments fail” are due on 3 December 2026"
    )
    assert "have another person approve them" in message.body


@pytest.mark.parametrize("debt", Debt)
def test_each_reason_is_said_in_its_own_words(debt: Debt) -> None:
    title = debt.titled("This")
    soon = owed.subject_line(owed.STATEMENT, title, TODAY, is_late=False)
    late = owed.subject_line(owed.STATEMENT, title, TODAY, is_late=True)
    assert soon != late
    others = {owed.to_do(owed.STATEMENT, each.titled("This")) for each in Debt}
    assert len(others) == len(Debt)
    assert owed.to_do(owed.STATEMENT, title) in others
