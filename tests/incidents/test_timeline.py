"""The timeline: what people saw, in the order it happened, and what acts left of themselves."""

from datetime import datetime

import pytest

from incidents.operations import timeline
from incidents.rules.reasons import Invalid, NotPermitted
from tests.factories import NOW
from tests.incidents.scene import LATER, MINUTE, Scene, acts, last_act, refused, scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


def test_a_note_tells_who_saw_what_and_when(here) -> None:
    entry = timeline.note(
        here.incident, text=" Errors fall. ", happened_at=NOW + MINUTE, actor=here.ben, at=LATER
    )
    assert (entry.text, entry.author, entry.source) == ("Errors fall.", here.ben, "human")
    assert (entry.at, entry.recorded_at) == (NOW + MINUTE, LATER)
    assert acts() == ["note"]
    assert last_act().detail["entry"] == entry.pk


def test_a_note_is_about_now_unless_it_says_otherwise(here) -> None:
    assert timeline.note(here.incident, text="Now.", actor=here.ada, at=LATER).at == LATER


def test_notes_stand_in_the_order_of_what_happened(here) -> None:
    timeline.note(here.incident, text="second", actor=here.ada, at=LATER)
    timeline.note(here.incident, text="first", happened_at=NOW, actor=here.ada, at=LATER)
    assert [entry.text for entry in here.incident.timeline.all()] == ["first", "second"]


def test_a_note_says_something_that_has_happened(here) -> None:
    with refused("text_missing", Invalid):
        timeline.note(here.incident, text=" ", actor=here.ada, at=LATER)
    with refused("instant_in_the_future", Invalid):
        timeline.note(
            here.incident, text="Soon.", happened_at=LATER + MINUTE, actor=here.ada, at=LATER
        )
    naive = datetime(2026, 11, 23, 9)  # noqa: DTZ001
    with refused("instant_without_offset", Invalid):
        timeline.note(here.incident, text="When?", happened_at=naive, actor=here.ada, at=LATER)
    assert not here.incident.timeline.exists()


def test_notes_are_for_those_with_a_role_and_for_leadership(here) -> None:
    with refused("not_your_role", NotPermitted):
        timeline.note(here.incident, text="Me too.", actor=here.cleo, at=LATER)
    with refused("no_permission", NotPermitted):
        timeline.note(here.incident, text="Me too.", actor=here.dan, at=LATER)
    assert timeline.note(here.incident, text="Watching.", actor=here.lea, at=LATER)


def test_what_is_over_takes_no_note() -> None:
    made = scene(state="cancelled")
    with refused("wrong_state"):
        timeline.note(made.incident, text="Late.", actor=made.lea, at=LATER)


def test_an_act_leaves_an_entry_that_may_tell_of_an_earlier_time(here) -> None:
    entry = timeline.record(
        here.incident, "Contained", at=LATER, author=here.ada, happened_at=NOW
    )
    assert (entry.at, entry.recorded_at, entry.source) == (NOW, LATER, "act")
    assert timeline.record(here.incident, "Nudged", at=LATER).author is None
