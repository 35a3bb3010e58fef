"""What pages of practice are called: the same in the tab, above the page and in the menu."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.models import Person, Shift
from incidents.rules.roles import COMMANDER
from raci_project.theme import NAVIGATION
from tests.factories import NOW, person, role
from training.models import ShiftChange

pytestmark = pytest.mark.django_db
LISTS = ("evidence", "rolestandard", "gameday", "exercisescenario", "rota", "yearplan")


@pytest.fixture
def ada(client) -> Person:
    made = person("ada", is_staff=True, is_superuser=True)
    client.force_login(made)
    return made


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_called_in_its_tab_what_the_menu_calls_it(client, ada, name):
    where = reverse(f"admin:training_{name}_changelist")
    titles = {str(item["link"]): item["title"] for room in NAVIGATION for item in room["items"]}
    shown = client.get(where).context["title"]
    assert "to view" not in shown
    if name != "yearplan":  # the menu speaks of the one plan that is in force
        assert shown == titles[where]


def test_a_shift_that_was_never_offered_has_no_heading_over_nothing(client, ada):
    shift = Shift.objects.create(
        rota="r", role=role(COMMANDER), person=ada, band="day", starts_at=NOW,
        ends_at=NOW + timedelta(hours=8), published_at=NOW,
    )  # fmt: skip
    where = reverse("admin:incidents_shift_change", args=[shift.pk])
    assert "changed hands" not in client.get(where).content.decode().lower()
    ShiftChange.objects.create(
        shift=shift, asked_by=ada, to=person("ben"), asked_at=NOW, reason="Ill"
    )
    assert "changed hands" in client.get(where).content.decode().lower()
