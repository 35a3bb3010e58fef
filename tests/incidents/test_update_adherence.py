"""Whether what was due was said: in time, late or never; and the clock of the first word."""

from datetime import timedelta

import pytest

from incidents.models import Customer, Update, UpdateDue
from incidents.operations import cadence, lifecycle, update
from incidents.rules.update_adherence import FirstWord, Kept, Standing, standing
from tests.factories import NOW
from tests.incidents.scene import LATER, MINUTE, Scene, again, refused, scene
from tests.incidents.test_update import approved, drafted, published, raise_to

TARGET = 10 * MINUTE


@pytest.fixture
def here() -> Scene:
    made = scene()
    raise_to(made.incident, "sev1")
    cadence.start_clocks(made.incident, at=NOW)
    return made


def dues() -> list[tuple]:
    """Audience, minutes from declaration, minutes to the answer."""
    return [
        (
            one.audience,
            (one.due_at - NOW) // MINUTE,
            one.answered_at and (one.answered_at - NOW) // MINUTE,
        )
        for one in UpdateDue.objects.all()
    ]


# --- by rule


@pytest.mark.parametrize(
    ("minutes", "colour"),
    [(0, "green"), (4, "green"), (5, "amber"), (10, "amber"), (11, "red")],
)
def test_a_clock_is_green_to_half_its_target_and_red_after_it(minutes, colour) -> None:
    assert standing(minutes * MINUTE, TARGET) == colour
    assert standing(minutes * MINUTE, None) is Standing.NEUTRAL


def test_once_said_the_first_word_stands_still_with_its_verdict() -> None:
    for minutes, colour, words in (
        (8, "green", "within the target of 10 min"),
        (12, "red", "later than the target of 10 min"),
    ):
        said = FirstWord(NOW, NOW + minutes * MINUTE, TARGET)
        for at in (NOW, NOW + timedelta(days=9)):
            assert said.took(at) == minutes * MINUTE
            assert (said.standing(at), said.in_words(at)) == (colour, words)


def test_until_then_it_says_what_the_colour_says() -> None:
    running = FirstWord(NOW, None, TARGET)
    assert running.in_words(NOW + 9 * MINUTE) == "target 10 min"
    assert running.in_words(NOW + 11 * MINUTE) == "target 10 min missed"
    assert FirstWord(NOW, None, None).in_words(NOW) == "not asked for at this level"


def test_a_word_before_detection_kept_nobody_waiting() -> None:
    early = FirstWord(NOW, NOW - MINUTE, TARGET)
    assert (early.took(NOW), early.standing(NOW)) == (timedelta(), "green")


def test_counts_read_as_a_sentence() -> None:
    assert Kept().in_words() == ""
    assert Kept(on_time=1).in_words() == "1 of 1 update on time"
    said = Kept(on_time=3, late=1, missed=1, running_late=1).in_words()
    assert said == "3 of 6 updates on time; 1 late; 1 never said; 1 late now"


# --- what publishing and stopping keep


@pytest.mark.django_db
def test_what_is_said_in_time_and_what_is_late_is_kept_once_each(here) -> None:
    published(here, audience="public", at=NOW + 5 * MINUTE)
    published(here, audience="public", at=NOW + 40 * MINUTE)
    assert dues() == [("public", 5, 5), ("public", 25, 40)]
    assert UpdateDue.objects.first().update == Update.objects.last()
    assert cadence.adherence(here.incident, at=NOW + 41 * MINUTE) == Kept(
        on_time=1, late=1, running_late=1
    )


@pytest.mark.django_db
def test_what_nobody_waited_for_answers_nothing(here) -> None:
    published(here, audience="executive")
    assert dues() == []


@pytest.mark.django_db
def test_a_promise_that_passed_before_it_was_said_is_not_given(here) -> None:
    late = approved(here, audience="public", promised_next_at=LATER + 20 * MINUTE)
    with refused("promise_has_passed"):
        update.publish(late, actor=here.ben, at=LATER + 20 * MINUTE)
    reasons = update.objections("publish_update", late, here.ben, at=LATER + 30 * MINUTE)
    assert [one.code for one in reasons] == ["promise_has_passed"]
    assert again(late).status == "approved"
    done = update.publish(late, actor=here.ben, at=LATER + 19 * MINUTE)
    assert done.status == "published"


@pytest.mark.django_db
def test_nor_is_it_approved(here) -> None:
    late = drafted(here, audience="public", promised_next_at=LATER + MINUTE)
    with refused("promise_has_passed"):
        update.approve(late, actor=here.ada, at=LATER + MINUTE)
    assert update.objections("approve_update", late, here.ada, at=LATER + MINUTE)
    assert update.approve(late, actor=here.ada, at=LATER).approved_by == here.ada


@pytest.mark.django_db
def test_that_it_is_over_is_not_said_once_it_came_back(here) -> None:
    lifecycle.resolve(
        here.incident, actor=here.ada, at=LATER, reason="No mitigation was needed"
    )
    stale, internal = (approved(here, audience=audience) for audience in ("public", "internal"))
    assert update.publish(internal, actor=here.ben, at=LATER).stage == "resolved"
    lifecycle.close(here.incident, actor=here.ada, at=LATER + MINUTE)
    lifecycle.reopen(here.incident, reason="Errors", actor=here.ada, at=LATER + 2 * MINUTE)
    stale = again(stale)
    with refused("reopened_since"):
        update.publish(stale, actor=here.ben, at=LATER + 3 * MINUTE)
    update.redraft(
        stale, text="It is back.", stage="investigating", actor=here.ben, at=LATER + 3 * MINUTE
    )
    update.approve(stale, actor=here.ada, note="So it is", at=LATER + 3 * MINUTE)
    assert update.publish(stale, actor=here.ben, at=LATER + 4 * MINUTE).status == "published"


@pytest.mark.django_db
def test_a_word_to_one_customer_is_no_word_to_all(here) -> None:
    acme = Customer.objects.create(name="Acme")
    published(here, audience="customers", promised_next_at=LATER + MINUTE)
    one = published(here, audience="customers", customer=acme, at=LATER + MINUTE)
    assert (one.customer, dues()) == (acme, [])
    clock = here.incident.update_clocks.get(audience="customers")
    assert clock.due_at == LATER + MINUTE


@pytest.mark.django_db
def test_what_was_never_said_before_resolution_is_missed(here) -> None:
    lifecycle.resolve(here.incident, actor=here.ada, at=NOW + 10 * MINUTE)
    assert dues() == [("public", 5, None)]
    assert cadence.adherence(here.incident, at=NOW + 60 * MINUTE) == Kept(missed=1)


@pytest.mark.django_db
def test_what_fell_due_after_the_resolution_was_owed_by_nobody(here) -> None:
    lifecycle.resolve(
        here.incident, happened_at=NOW + 4 * MINUTE, actor=here.ada, at=NOW + 30 * MINUTE
    )
    assert dues() == []


@pytest.mark.django_db
def test_what_was_no_incident_missed_nothing(here) -> None:
    lifecycle.cancel(here.incident, reason="A drill", actor=here.ada, at=NOW + 60 * MINUTE)
    assert dues() == []
    assert not here.incident.update_clocks.exclude(due_at=None).exists()


@pytest.mark.django_db
def test_a_level_that_falls_does_not_wash_away_what_was_late(here) -> None:
    raise_to(here.incident, "sev2")
    cadence.start_clocks(here.incident, at=NOW + 10 * MINUTE)
    assert dues() == [("public", 5, None)]
    cadence.start_clocks(here.incident, at=NOW + 11 * MINUTE)
    assert len(dues()) == 1


@pytest.mark.django_db
def test_the_next_is_due_by_cadence_and_never_once_resolved(here) -> None:
    assert cadence.next_after(here.incident, "public", at=LATER) == LATER + 20 * MINUTE
    assert cadence.next_after(here.incident, "executive", at=LATER) is None
    lifecycle.resolve(here.incident, actor=here.ada, at=LATER)
    assert cadence.next_after(again(here.incident), "public", at=LATER) is None
