"""Facts tried against a version of the criteria: all is said, nothing is stored."""

from typing import Any

import pytest

from incidents.models import Incident, Person, SeverityScheme
from tests import factories
from tests.incidents.admin_room import member, signed_in, text_of
from tests.incidents.criteria import FIFTY, address, stricter

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea() -> Person:
    factories.severity_scheme()
    return member("lea", "leadership")


@pytest.fixture
def draft(lea) -> SeverityScheme:
    return stricter(lea)


def tried(reader: Person, version: SeverityScheme, **query: Any) -> Any:
    return signed_in(reader).get(address(version, "try"), query)


def test_every_criterion_is_shown_whether_it_holds_or_not(lea) -> None:
    both = [
        *FIFTY,
        {"name": "Harm", "predicate": {"field": "safety_risk", "operator": "is_true"}},
    ]
    text = text_of(tried(lea, stricter(lea, both), customers_affected="60"))
    assert "It would be Severity 1" in text
    assert "yes Fifty customers: customers affected is 60, at least 50 needed" in text
    assert "no Harm: safety risk is not known (counted as no), yes needed" in text
    assert "Severity scheme v1, in force, says Severity 2." in text


def test_services_and_minutes_count_and_nothing_is_stored(lea) -> None:
    hour = {
        "all": [
            {"field": "service_tier", "operator": "lte", "value": 1},
            {"field": "minutes_running", "operator": "gte", "value": 60},
        ]
    }
    version = stricter(lea, [{"name": "An hour", "predicate": hour}])
    vital = factories.service("vital", tier=1)
    assert tried(lea, version, services=vital.pk, minutes="59").context["found"].code == "sev2"
    assert tried(lea, version, services=vital.pk, minutes="60").context["found"].code == "sev1"
    assert tried(lea, version, minutes="60").context["found"].code == "sev2"
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"functionality_lost": "none", "service_unavailability_minutes": "5"}, "service_unavailability_minutes"),
        ({"customers_affected": "-1"}, "customers_affected"),
        ({"customers_affected": "many"}, "customers_affected"),
        ({"services": "999"}, "services"),
        ({"minutes": "-1"}, "minutes"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_on_its_field(lea, draft, query, field) -> None:
    page = tried(lea, draft, **query)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert "It would be" not in text_of(page)


def test_the_page_begins_with_nothing_tried(lea, draft) -> None:
    page = tried(lea, draft)
    assert page.status_code == 200
    assert "Say what would be known" in text_of(page)
