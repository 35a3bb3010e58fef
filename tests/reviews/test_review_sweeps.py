"""Time passes: what is owed is opened, what is late is said, once a step."""

from datetime import timedelta

import pytest

from incidents.models import Incident, OutboxMessage
from incidents.operations.composing import Message
from reviews.models import Review
from reviews.operations import review as reviews
from reviews.operations.action_item import finish
from reviews.operations.due import how_late
from reviews.operations.sweeps import sweep
from reviews.tasks import sweep as task
from tests.deliveries import acts
from tests.factories import NOW, person
from tests.reviews.rows import item, leader, owed, review, writer

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def nudges(kind: str = "action-item-nudge") -> list[tuple[str, str]]:
    rows = OutboxMessage.objects.filter(kind=kind).order_by("id")
    return [(row.recipient.username, row.subject) for row in rows]


def test_a_sweep_opens_what_is_owed_and_says_so():
    row = owed(writer("ada"))
    assert acts(sweep, NOW) == [f"review of {row.reference} opened for ada"]
    assert acts(sweep, NOW) == []


def test_an_incident_that_cannot_be_opened_stops_neither_the_others_nor_the_reminders(
    monkeypatch, caplog
):
    ben = writer("ben")
    late = review(ben)
    poisoned, sound = owed(writer("ada")), owed(writer("cleo"))
    tell = reviews._opened

    def fail(opened: Review) -> Message:
        if opened.incident == poisoned:
            raise ValueError("Ada's number is 555")
        return tell(opened)

    monkeypatch.setattr(reviews, "_opened", fail)
    sweep(late.due_at)
    assert [one.incident for one in Review.objects.exclude(pk=late.pk)] == [sound]
    assert "ben" in [who for who, _ in nudges("review-nudge")]
    assert f"incident {poisoned.pk}: ValueError" in caplog.text
    assert "555" not in caplog.text
    monkeypatch.undo()
    assert [one.incident for one in reviews.open_owed(late.due_at)] == [poisoned]


def test_an_action_item_is_nudged_once_a_step_and_its_manager_after_a_week():
    boss = person("boss")
    ben = writer("ben", manager=boss)
    made = item(review(ben), ben, ben)
    expected = []
    for later, late, who in (
        (timedelta(), "less than an hour late", ["ben"]),
        (3 * DAY, "3 days late", ["ben"]),
        (7 * DAY, "7 days late", ["ben", "boss"]),
        (14 * DAY, "14 days late", ["ben", "boss"]),
    ):
        for _ in range(2):
            sweep(made.due_at + later)
        expected += [(name, f"AI-1 is {late}: Check values") for name in who]
        assert nudges() == expected


def test_a_sweep_names_only_whom_it_can_tell():
    ben = writer("ben", manager=person("boss"))
    made = item(review(ben), ben, ben)
    ben.is_active = False
    ben.save()
    assert acts(sweep, made.due_at)[-1] == "action item AI-1: due to boss"


def test_a_nudge_says_what_is_wanted_and_where():
    ben = writer("ben")
    made = item(review(ben), ben, ben)
    assert acts(sweep, made.due_at) == [
        f"review of {made.review.incident.reference}: due to ben",
        "action item AI-1: due to ben",
    ]
    message = OutboxMessage.objects.get(kind="action-item-nudge")
    assert "it was due at the end of 27 November 2026" in message.body
    assert "finish it and say what was done, or reschedule it" in message.body
    assert message.link.endswith(f"/reviews/actionitem/{made.pk}/change/")
    assert message.topic == made.review.incident.reference


def test_what_is_finished_is_nudged_no_more():
    ben = writer("ben")
    made = item(review(ben), ben, ben)
    finish(made, status="done", outcome="Done.", actor=ben, at=NOW)
    sweep(made.due_at + 30 * DAY)
    assert nudges() == []


def test_a_review_is_nudged_before_and_after_it_is_due():
    ben = writer("ben", manager=person("boss"))
    draft = review(ben)
    reference = draft.incident.reference
    sweep(draft.due_at - 2 * DAY)
    sweep(draft.due_at)
    sweep(draft.due_at + 2 * DAY)
    assert nudges("review-nudge") == [
        ("ben", f"Review of {reference} is due in 2 days"),
        ("ben", f"Review of {reference} is less than an hour late"),
        ("ben", f"Review of {reference} is 2 days late"),
        ("boss", f"Review of {reference} is 2 days late"),
    ]


def test_a_review_is_not_asked_for_while_its_incident_is_open_again():
    ben = writer("ben")
    draft = review(ben)
    Incident.objects.update(state="mitigation", closed_at=None)
    sweep(draft.due_at)
    assert nudges("review-nudge") == []
    Incident.objects.update(state="closed", closed_at=NOW)
    sweep(draft.due_at)
    assert [who for who, _ in nudges("review-nudge")] == ["ben"]


def test_where_the_owner_has_left_their_manager_hears_and_else_leadership():
    ada = leader("ada")
    boss = person("boss")
    ben, lone = writer("ben", manager=boss), writer("lone")
    draft = review(ben)
    first, second = item(draft, ben, ben), item(draft, lone, ben, title="Other")
    for left in (ben, lone):
        left.is_active = False
        left.save()
    sweep(first.due_at)
    assert nudges() == [
        (boss.username, "AI-1 is less than an hour late: Check values"),
        (ada.username, f"{second.reference} is less than an hour late: Other"),
    ]


def test_a_sweep_of_many_items_takes_no_more_queries(django_assert_max_num_queries):
    ben = writer("ben", manager=person("boss"))
    draft = review(ben)
    for _ in range(40):
        made = item(draft, ben, ben)
    with django_assert_max_num_queries(40):
        sweep(made.due_at + 8 * DAY)
    assert len(nudges()) == 80


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (-3 * DAY, "due in 3 days"),
        (-timedelta(hours=2), "due in 2 hours"),
        (-timedelta(minutes=1), "due in less than an hour"),
        (timedelta(), "less than an hour late"),
        (timedelta(hours=25), "1 day late"),
    ],
)
def test_lateness_is_said_in_whole_units(passed, words):
    assert how_late(NOW, NOW + passed) == words


def test_the_task_sweeps_as_of_now():
    owed(writer("ada"))
    task()
    assert OutboxMessage.objects.filter(kind="review-opened").count() == 1
    assert task.name == "reviews.sweep"
