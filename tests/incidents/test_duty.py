"""Who is on shift is asked first at declaration, under the same law as everybody."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Absence, Incident, Person, Shift
from incidents.operations.candidates import candidates
from incidents.operations.declaration import declare
from incidents.rules.assignment import fill
from incidents.rules.candidates import Candidate
from incidents.rules.plan import Need
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests.factories import NOW, allow, law, person, role, service

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
UNTIL = datetime(2026, 11, 23, 18, tzinfo=UTC)


def on_shift(who: Person | None, slug: str = COMMANDER, **fields) -> Shift:
    return Shift.objects.create(
        rota=f"{slug}-rota", role=role(slug), person=who, band=fields.pop("band", "day"),
        starts_at=fields.pop("starts_at", NOW - HOUR), ends_at=UNTIL, published_at=NOW - DAY,
        **fields,
    )  # fmt: skip


def declared() -> Incident:
    law()
    declarer = allow(person("dora"), "incidents.declare_incident")
    return declare(
        title="Payments fail", services=[service()], facts={}, actor=declarer, at=NOW
    )


def holder(incident: Incident, slug: str = COMMANDER) -> tuple[str, str]:
    one = incident.assignments.select_related("person").get(role=slug)
    return one.person.username, one.reason


@pytest.mark.django_db
def test_who_is_on_shift_commands_and_who_is_off_comes_after() -> None:
    person("ada", qualified=(COMMANDER,))
    on_shift(person("zoe", qualified=(COMMANDER,)))
    incident = declared()
    assert holder(incident) == (
        "zoe", "On shift as Incident commander until 18:00 UTC on 23 Nov 2026",
    )  # fmt: skip
    rejected = incident.assignments.get(role=COMMANDER).rejected
    assert rejected[0] == {"username": "ada", "reason": "never commanded"}


@pytest.mark.django_db
def test_the_voice_on_shift_is_asked_first_too() -> None:
    person("ada", qualified=(COMMANDER,))
    person("ben", qualified=(COMMUNICATIONS,))
    on_shift(person("zoe", qualified=(COMMUNICATIONS,)), COMMUNICATIONS)
    assert holder(declared(), COMMUNICATIONS)[0] == "zoe"


@pytest.mark.django_db
def test_a_shift_gives_no_right_that_a_qualification_would() -> None:
    person("ada", qualified=(COMMANDER,))
    on_shift(person("zoe"))
    assert holder(declared())[0] == "ada"


@pytest.mark.django_db
def test_who_is_on_shift_and_away_is_named_with_why() -> None:
    person("ada", qualified=(COMMANDER,))
    zoe = person("zoe", qualified=(COMMANDER,))
    Absence.objects.create(person=zoe, starts_at=NOW - HOUR, ends_at=NOW + HOUR)
    on_shift(zoe)
    incident = declared()
    assert holder(incident)[0] == "ada"
    assert incident.assignments.get(role=COMMANDER).rejected[0]["reason"] == (
        "on shift as Incident commander until 18:00 UTC on 23 Nov 2026, "
        "but away until 23 Nov 2026 10:00 UTC"
    )


@pytest.mark.django_db
def test_a_gap_a_shift_that_is_over_and_one_still_to_come_change_nothing() -> None:
    person("ada", qualified=(COMMANDER,))
    zoe = person("zoe", qualified=(COMMANDER,))
    on_shift(None)
    on_shift(zoe, band="later", starts_at=NOW + HOUR)
    assert holder(declared())[0] == "ada"


@pytest.mark.django_db
def test_shifts_cost_no_statement_of_their_own() -> None:
    for number in range(5):
        on_shift(person(qualified=(COMMANDER,)), band=f"band {number}")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = candidates([COMMANDER], [], at=NOW)
    assert {one.on_shift.get(COMMANDER) for one in found} == {UNTIL}
    assert len(asked) == 4
    assert sum("incidents_shift" in each["sql"] for each in asked) == 1


def test_a_shift_is_ones_hours_whatever_the_clock_says() -> None:
    asleep = Candidate(
        "zoe", "Zoe", "payments", frozenset({COMMANDER}),
        outside="03:10 in Asia/Tokyo, outside 09:00 to 18:00", on_shift={COMMANDER: UNTIL},
    )  # fmt: skip
    awake = Candidate("ada", "Ada", "payments", frozenset({COMMANDER}))
    need = [Need(COMMANDER, "because")]
    assert fill(need, [awake, asleep]).assignments[0].username == "zoe"
    assert fill(need, [awake, asleep._replace(on_shift={})]).assignments[0].username == "ada"


def test_who_commands_another_incident_is_not_asked_however_much_on_shift() -> None:
    busy = Candidate(
        "zoe", "Zoe", "payments", frozenset({COMMANDER}), commands="INC-7",
        on_shift={COMMANDER: UNTIL},
    )  # fmt: skip
    free = Candidate("ada", "Ada", "payments", frozenset({COMMANDER}))
    (chosen,) = fill([Need(COMMANDER, "because")], [busy, free]).assignments
    assert chosen.username == "ada"
    assert chosen.rejected[0].reason.endswith("but commands INC-7 already")


def test_who_is_on_shift_is_not_passed_over_for_an_exercise() -> None:
    practises = Candidate(
        "zoe", "Zoe", "payments", frozenset({COMMANDER}), commands="EX-7", open_roles=2,
        on_shift={COMMANDER: UNTIL}, is_practising=True, in_exercises=2,
    )  # fmt: skip
    free = Candidate("ada", "Ada", "payments", frozenset({COMMANDER}))
    (chosen,) = fill([Need(COMMANDER, "because")], [free, practises]).assignments
    assert (chosen.username, chosen.leaves) == ("zoe", "EX-7")
    assert chosen.reason == (
        "On shift as Incident commander until 18:00 UTC on 23 Nov 2026; leaves the exercise EX-7"
    )


def test_who_is_on_shift_and_holds_two_roles_elsewhere_is_asked_in_turn() -> None:
    speaks = frozenset({COMMUNICATIONS})
    need = [Need(COMMUNICATIONS, "because")]
    zoe = Candidate(
        "zoe", "Zoe", "payments", speaks, open_roles=1, on_shift={COMMUNICATIONS: UNTIL}
    )
    free = Candidate("ada", "Ada", "payments", speaks)
    assert fill(need, [free, zoe]).assignments[0].username == "zoe"
    (chosen,) = fill(need, [free, zoe._replace(open_roles=2)]).assignments
    assert chosen.username == "ada"
    assert chosen.rejected[0].reason == (
        "on shift as Communications lead until 18:00 UTC on 23 Nov 2026, open roles: 2"
    )
