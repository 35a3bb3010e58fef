"""Counsel is engaged by a verb of its own: once, by name, in time or late with how it was."""

import pytest

from incidents.models import Incident
from incidents.operations.counsel import engage_counsel
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COUNSEL
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    hold,
    last_act,
    refused,
    responder,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db

HOW = "Called her; she comes to the bridge"


@pytest.fixture
def here() -> Scene:
    """The counsel clock runs since NOW, and nobody could be found."""
    made = scene(facts={"personal_data_exposure": "possible"})
    made.incident.legal_clocks.create(
        kind="counsel",
        basis="Ours",
        started_at=NOW,
        due_at=NOW + 60 * MINUTE,
        next_nudge_at=NOW,
    )
    return made


@pytest.fixture
def cora(here):
    return responder(factories.person("cora", qualified=(COUNSEL,)))


def engage(here: Scene, person, **fields):
    said = {"how": HOW, "actor": here.ben, "at": LATER} | fields
    return engage_counsel(here.incident, person=person, **said)


def test_who_was_reached_is_kept_takes_the_role_and_the_clock_stops(here, cora) -> None:
    clock = again(engage(here, cora))
    assert (clock.outcome, clock.settled_at, clock.settled_by) == ("met", LATER, here.ben)
    assert (clock.answer, clock.late_reason) == (f"Cora was engaged. {HOW}", "")
    assert (clock.due_at, clock.next_nudge_at) == (NOW + 60 * MINUTE, None)
    held = here.incident.assignments.open().get(role=COUNSEL)
    assert (held.person, held.assigned_by) == (cora, here.ben)
    assert told("assigned") == ["cora"]
    assert "Counsel engaged: Cora, 2026-11-23 09:10 UTC" in timeline(here.incident)
    assert last_act().detail["in_time"] is True


def test_who_was_reached_relieves_whoever_held_the_role(here, cora) -> None:
    una = responder(factories.person("una", qualified=(COUNSEL,)))
    hold(here.incident, una, COUNSEL)
    engage(here, cora)
    assert here.incident.assignments.open().get(role=COUNSEL).person == cora
    assert told("relieved") == ["una"]
    assert last_act().detail["ended"] == ["legal_counsel: una"]


def test_who_holds_the_role_already_keeps_it(here) -> None:
    hold(here.incident, here.cleo, COUNSEL)
    assert engage(here, here.cleo).outcome == "met"
    assert here.incident.assignments.filter(role=COUNSEL).count() == 1
    assert told("assigned") == []


def test_the_hour_ends_at_its_last_minute(here, cora) -> None:
    late = engage(here, cora, at=NOW + 60 * MINUTE)
    assert (late.outcome, late.late_reason) == ("late", HOW)
    assert last_act().detail["in_time"] is False


def test_what_is_recorded_later_counts_from_when_they_were_reached(here, cora) -> None:
    clock = engage(here, cora, engaged_at=NOW + 59 * MINUTE, at=NOW + 90 * MINUTE)
    assert (clock.outcome, clock.settled_at) == ("met", NOW + 59 * MINUTE)


def test_who_was_there_before_the_clock_counts_from_its_start(here, cora) -> None:
    clock = engage(here, cora, engaged_at=NOW - 30 * MINUTE)
    assert (clock.outcome, clock.settled_at) == ("met", NOW)
    assert last_act().detail["engaged_at"] == "2026-11-23T08:30:00Z"


def test_counsel_is_engaged_once(here, cora) -> None:
    engage(here, cora)
    with refused("counsel_engaged") as why:
        engage(here, cora, at=LATER + MINUTE)
    assert "2026-11-23 09:10 UTC, Ben recorded it" in str(why.value)


def test_only_counsel_is_engaged_as_counsel(here, cora) -> None:
    with refused("not_counsel") as why:
        engage(here, here.cleo)
    assert why.value.reasons[0].field == "person"
    cora.is_active = False
    cora.save()
    with refused("not_counsel"):
        engage(here, cora)
    assert again(here.incident.legal_clocks.get()).is_open


def test_the_commander_is_never_counsel_too(here) -> None:
    factories.qualify(here.ada, COUNSEL)
    with refused("holds_another_role"):
        engage(here, here.ada)


def test_where_nothing_asks_for_counsel_nothing_is_engaged(here, cora) -> None:
    here.incident.legal_clocks.update(kind="another")
    with refused("no_counsel_clock"):
        engage(here, cora)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"how": " "}, "how_missing"),
        ({"engaged_at": LATER + MINUTE}, "instant_in_the_future"),
        ({"engaged_at": LATER.replace(tzinfo=None)}, "instant_without_offset"),
    ],
)
def test_what_cannot_be_is_refused(here, cora, wrong, code) -> None:
    with refused(code, Invalid):
        engage(here, cora, **wrong)


def test_whoever_takes_part_records_it_and_leadership(here, cora) -> None:
    with refused("not_your_role", NotPermitted):
        engage(here, cora, actor=here.cleo)
    with refused("no_permission", NotPermitted):
        engage(here, cora, actor=here.dan)
    assert engage(here, cora, actor=here.lea).settled_by == here.lea


def test_after_closing_it_is_recorded_and_no_role_is_given(here, cora) -> None:
    Incident.objects.update(state="closed", closed_at=LATER)
    engage(here, cora, actor=here.lea)
    assert not here.incident.assignments.filter(role=COUNSEL).exists()


def test_what_was_called_off_engages_nobody(here, cora) -> None:
    Incident.objects.update(state="cancelled")
    with refused("wrong_state"):
        engage(here, cora)
