"""Does practice show: exercises beside real incidents, practised commanders beside the others."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from incidents.models import Assignment, Incident
from incidents.rules.roles import COMMANDER
from raci_project.practice_page import had_practised, left_out, quarters
from reviews.metrics.practice import by_practice, by_quarter
from tests.factories import NOW, allow, law, person, role
from tests.training.factories import running
from training.models import Evidence, GameDay

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FIRSTS = quarters(NOW.date())


def incident(
    minutes: int, *, commander=None, kind: str = "incident", ago: int = 30
) -> Incident:
    """Closed, with command taken after so many minutes."""
    began = NOW - ago * DAY
    made = Incident.objects.create(
        reference=f"X-{Incident.objects.count()}", title="Slow", state="closed", kind=kind,
        declared_at=began, detected_at=began, closed_at=NOW,
        commander_assigned_at=began + timedelta(minutes=minutes),
    )  # fmt: skip
    if commander:
        Assignment.objects.create(
            incident=made, role=role(COMMANDER), person=commander, reason="",
            assigned_at=began, ended_at=NOW,
        )  # fmt: skip
    return made


def test_exercises_stand_beside_real_incidents_and_compressed_ones_do_not():
    incident(30)
    incident(4, kind="exercise")
    fast = incident(1, kind="exercise")
    found = by_quarter(FIRSTS, Incident.objects.exclude(pk=fast.pk))
    last = found[-1]
    assert last.starts_on.isoformat() == "2026-10-01"
    assert last.real["time_to_commander"].median_minutes == 30
    assert last.practised["time_to_commander"].median_minutes == 4
    assert last.practised["time_to_commander"].n == 1


def test_who_had_practised_is_told_apart_and_few_give_no_figure():
    ada, ben = person("ada"), person("ben")
    Evidence.objects.create(
        person=ada, role=role(COMMANDER), kind="played", title="", recorded_at=NOW,
        happened_on=(NOW - 90 * DAY).date(),
    )  # fmt: skip
    for _ in range(8):
        incident(3, commander=ada)
    incident(3, commander=ada, ago=300)  # long after she had practised last
    incident(20, commander=ben)
    without, practised = by_practice(FIRSTS, had_practised())
    assert (
        practised["time_to_commander"].n,
        practised["time_to_commander"].median_minutes,
    ) == (8, 3)
    assert (without["time_to_commander"].n, without["time_to_commander"].median_minutes) == (
        2,
        None,
    )


@pytest.mark.parametrize(
    ("before", "counts"), [(-1, False), (0, False), (1, True), (180, True), (181, False)]
)
def test_practice_counts_from_the_day_after_for_half_a_year(before, counts):
    ada = person("ada")
    one = incident(3, commander=ada)
    shown = Evidence.objects.create(
        person=ada, role=role(COMMANDER), kind="led", title="", recorded_at=NOW,
        happened_on=(one.declared_at - before * DAY).date(),
    )  # fmt: skip
    assert Incident.objects.filter(had_practised()).exists() is counts
    Evidence.objects.filter(pk=shown.pk).update(withdrawn_at=NOW)
    assert not Incident.objects.filter(had_practised()).exists()


def test_only_exercises_of_the_quarters_shown_are_said_to_be_left_out():
    law()
    day = running()
    GameDay.objects.filter(pk=day.pk).update(pace="by_hand", status="completed")
    assert left_out(quarters(day.starts_at.date())) == 1
    assert left_out(quarters((day.starts_at + 900 * DAY).date())) == 0


def test_the_page_is_for_who_may_see_both_and_asks_a_fixed_number_of_times(
    client, django_assert_max_num_queries
):
    for number in range(12):
        incident(number, commander=person(f"p{number}"))
    url = reverse("practice")
    client.force_login(person("dan", is_staff=True))
    assert client.get(url).status_code == 403
    seer = allow(
        person("vera", is_staff=True), "incidents.view_incident", "training.view_gameday"
    )
    client.force_login(seer)
    with time_machine.travel(NOW), django_assert_max_num_queries(24):
        page = client.get(url).content.decode()
    assert "No exercise that ran in real time has ended yet" in page
    assert "Time to first internal update" in page
