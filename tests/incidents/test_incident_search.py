"""Searching the list of incidents: a whole reference finds its one row, words find titles."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Incident
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def search():
    for n in (1, 12):
        Incident.objects.create(
            reference=f"INC-{n}", title=f"Checkout slow {n}", declared_at=factories.NOW
        )
    browser = Client()
    browser.force_login(factories.person("ada", is_staff=True, is_superuser=True))

    def found(words: str) -> set[str]:
        page = browser.get(reverse("admin:incidents_incident_changelist"), {"q": words})
        return {row.reference for row in page.context["cl"].result_list}

    return found


def test_a_whole_reference_finds_one_incident_and_not_those_that_begin_like_it(search):
    assert search("INC-1") == search(" inc-1 ") == {"INC-1"}


def test_a_part_of_a_reference_finds_all_that_have_it(search):
    assert search("inc-") == {"INC-1", "INC-12"}


def test_words_are_sought_in_titles(search):
    assert search("checkout 12") == {"INC-12"}
    assert search("nothing like it") == set()
