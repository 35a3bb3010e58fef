"""Clauses about personal data: owed once it may be exposed, counted from when we became aware."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import FactSaid, NoticeClock
from incidents.operations import facts, notices
from incidents.rules.notices import Promise, begins_at, is_owed
from tests import factories
from tests.customers import clause, customer
from tests.factories import NOW
from tests.incidents import lawful
from tests.incidents.scene import LATER, MINUTE, Scene, scene, timeline, told

HOUR = timedelta(hours=1)
EXPOSED = {"personal_data_exposure": "possible"}
DPA = {"title": "DPA", "hours": 24, "concerns": "personal_data", "starts": "awareness"}


# --- the rule


@pytest.mark.parametrize(
    ("levels", "level", "is_exposed", "owed"),
    [
        ((), None, True, True),
        (("sev1",), "sev3", True, True),
        ((), "sev1", False, False),
        (("sev1",), "sev1", False, False),
    ],
)
def test_it_is_owed_by_exposure_alone_whatever_the_level(
    levels, level, is_exposed, owed
) -> None:
    promise = Promise(24, levels=levels, is_of_personal_data=True)
    assert is_owed(promise, level, is_exposed=is_exposed) is owed


def test_exposure_makes_no_other_promise_due() -> None:
    assert not is_owed(Promise(24, levels=("sev1",)), "sev3", is_exposed=True)


@pytest.mark.parametrize(
    ("detected_at", "aware_at", "began_at"),
    [
        (NOW, LATER, LATER),
        (LATER, NOW, NOW),
        (NOW, None, NOW),
        (None, None, LATER),
    ],
)
def test_awareness_stands_at_detection_until_somebody_says_when_it_was(
    detected_at, aware_at, began_at
) -> None:
    found = begins_at(
        Promise(24, "awareness"),
        detected_at=detected_at,
        declared_at=LATER,
        aware_at=aware_at,
    )
    assert found == began_at


def test_awareness_is_nothing_to_a_clause_that_counts_from_detection() -> None:
    found = begins_at(Promise(24), detected_at=NOW, declared_at=LATER, aware_at=LATER)
    assert found == NOW


# --- on an incident


@pytest.fixture
def here(db) -> Scene:
    found = scene()
    service = factories.service("payments")
    found.incident.services.add(service)
    clause(customer("acme", service), **DPA)
    return found


def exposed(here: Scene) -> None:
    here.incident.facts = {**here.incident.facts, **EXPOSED}
    here.incident.save()


def aware(here: Scene, since: datetime | None, *, at: datetime) -> None:
    FactSaid.objects.create(
        incident=here.incident,
        kind="clock",
        name="awareness",
        value=since and since.isoformat(),
        is_unknown=since is None,
        said_by=here.ada,
        said_at=at,
    )
    notices.start_clocks(here.incident, actor=here.ada, at=at)


def test_without_exposure_nothing_is_owed_and_nothing_is_asked_of_awareness(here) -> None:
    with CaptureQueriesContext(connection) as sent:
        notices.start_clocks(here.incident, at=LATER)
    assert not NoticeClock.objects.exists()
    assert len(sent) == 1


def test_possible_exposure_starts_it_at_detection(here) -> None:
    exposed(here)
    notices.start_clocks(here.incident, at=LATER)
    clock = NoticeClock.objects.get()
    assert (clock.started_at, clock.due_at) == (NOW, NOW + 24 * HOUR)
    assert told("notices-owed") == ["ben"]


def test_a_clause_of_what_is_not_affected_is_left_alone(here) -> None:
    clause(customer("zenith", factories.service("search")), **DPA)
    exposed(here)
    notices.start_clocks(here.incident, at=LATER)
    assert NoticeClock.objects.get().clause.customer.name == "Acme"


def test_awareness_known_before_is_where_it_starts(here) -> None:
    aware(here, NOW - HOUR, at=LATER)
    exposed(here)
    notices.start_clocks(here.incident, at=LATER + MINUTE)
    assert NoticeClock.objects.get().started_at == NOW - HOUR


@pytest.mark.parametrize("moved_by", [-2 * HOUR, 5 * MINUTE])
def test_an_open_clock_moves_with_awareness_once_it_is_said(here, moved_by) -> None:
    exposed(here)
    notices.start_clocks(here.incident, at=LATER)
    aware(here, NOW + moved_by, at=LATER + MINUTE)
    clock = NoticeClock.objects.get()
    assert (clock.started_at, clock.due_at) == (NOW + moved_by, NOW + moved_by + 24 * HOUR)
    assert clock.history.count() == 2
    assert "We are aware of a breach since" in timeline(here.incident)[-1]
    assert told("notices-moved") == ["ben"]


def test_it_keeps_its_hours_whatever_became_of_the_clause(here) -> None:
    exposed(here)
    notices.start_clocks(here.incident, at=LATER)
    kept = NoticeClock.objects.get().clause
    kept.hours = 72
    kept.save()
    aware(here, NOW - HOUR, at=LATER + MINUTE)
    assert NoticeClock.objects.get().due_at == NOW + 23 * HOUR


def test_that_nobody_knows_moves_nothing_nor_does_repeating_it(here) -> None:
    exposed(here)
    aware(here, NOW - HOUR, at=LATER)
    before = NoticeClock.objects.values().get()
    aware(here, None, at=LATER + MINUTE)
    notices.start_clocks(here.incident, at=LATER + 2 * MINUTE)
    assert NoticeClock.objects.values().get() == before
    assert told("notices-moved") == []


def test_what_was_given_was_given(here) -> None:
    exposed(here)
    notices.start_clocks(here.incident, at=LATER)
    NoticeClock.objects.update(given_at=LATER, given_by=here.ben)
    aware(here, NOW - HOUR, at=LATER + MINUTE)
    assert NoticeClock.objects.get().started_at == NOW


def test_a_clause_that_counts_from_detection_stays_where_it_is(here) -> None:
    clause(customer("zenith", *here.incident.services.all()), **DPA | {"starts": "detected"})
    exposed(here)
    notices.start_clocks(here.incident, at=LATER)
    aware(here, NOW - HOUR, at=LATER + MINUTE)
    zenith = NoticeClock.objects.get(clause__customer__slug="zenith")
    assert zenith.started_at == NOW


# --- by what is said on the incident


def test_facts_start_it_and_awareness_said_later_moves_it(here) -> None:
    here.incident.law_pack, here.incident.legal_profile = lawful.pack(), lawful.profile()
    here.incident.save()
    facts.record_facts(here.incident, facts=EXPOSED, actor=here.ada, at=LATER)
    assert NoticeClock.objects.get().started_at == NOW
    facts.record_facts(
        here.incident, clocks={"awareness": NOW + MINUTE}, actor=here.ada, at=LATER + MINUTE
    )
    assert NoticeClock.objects.get().due_at == NOW + MINUTE + 24 * HOUR
