"""Severity as the scheme and the catalogue compute it, and as a commander may depart from it."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from incidents.models import AuditEvent, Dependency, Incident, OutboxMessage, Person, Service
from incidents.operations.declaration import declare
from incidents.operations.services import derived_facts
from incidents.operations.severity import classify, evaluate
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def ada() -> Person:
    person = factories.person("ada", qualified=(COMMANDER,))
    verbs = ("incidents.declare_incident", "incidents.classify_incident")
    return factories.allow(person, *verbs)


@pytest.fixture
def incident(ada: Person) -> Incident:
    """Declared as sev2, commanded by Ada."""
    factories.law()
    return declare(title="Slow", services=[], facts={}, actor=ada, at=NOW)


def chain(*slugs: str) -> list[Service]:
    """Each service needs the one before it."""
    made = [factories.service(slug) for slug in slugs]
    for upstream, downstream in pairwise(made):
        Dependency.objects.create(upstream=upstream, downstream=downstream)
    return made


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


# --- evaluating


def test_the_criterion_that_holds_is_named_and_nothing_is_stored() -> None:
    factories.severity_scheme()
    high = evaluate([], {"customers_affected": 1000}, at=NOW)
    assert (high.code, evaluate([], {}, at=NOW).code) == ("sev1", "sev2")
    assert "Many customers" in high.reasons[0]
    assert not Incident.objects.exists()


def test_it_needs_a_scheme_and_facts_that_can_be() -> None:
    with pytest.raises(Refused) as refused:
        evaluate([], {}, at=NOW)
    assert codes(refused) == ["no_severity_scheme"]
    factories.severity_scheme()
    with pytest.raises(Invalid) as refused:
        evaluate([], {"customers_affected": "many"}, at=NOW)
    assert codes(refused) == ["fact_has_wrong_type"]


def test_the_catalogue_says_tier_revenue_and_dependents() -> None:
    assert derived_facts([]) == {
        "service_tier": 4,
        "revenue_service_affected": False,
        "dependents_affected": 0,
    }
    vital = factories.service("vital", tier=1, is_revenue_generating=True)
    minor = factories.service("minor", tier=3)
    derived = derived_facts([minor, vital])
    assert (derived["service_tier"], derived["revenue_service_affected"]) == (1, True)


def test_trouble_flows_over_any_number_of_steps_and_no_service_counts_twice() -> None:
    database, orders, _checkout, shop = chain("database", "orders", "checkout", "shop")
    Dependency.objects.create(upstream=database, downstream=shop)
    assert derived_facts([database])["dependents_affected"] == 3
    assert derived_facts([shop])["dependents_affected"] == 0
    assert derived_facts([database, orders])["dependents_affected"] == 2


def test_a_circle_of_dependencies_ends() -> None:
    first, *_, last = chain("one", "two", "three")
    Dependency.objects.create(upstream=last, downstream=first)
    assert derived_facts([first])["dependents_affected"] == 2


def test_the_catalogue_is_asked_once_however_deep_it_is(django_assert_num_queries: Any) -> None:
    first, *_ = chain(*(f"service{number}" for number in range(8)))
    with django_assert_num_queries(1):
        assert derived_facts([first])["dependents_affected"] == 7


# --- classifying


def test_departing_from_the_criteria_needs_a_reason(incident: Incident, ada: Person) -> None:
    with pytest.raises(Invalid) as refused:
        classify(incident, level_code="sev1", reason=" ", actor=ada, at=LATER)
    assert codes(refused) == ["reason_missing"]
    assert "The criteria say Severity 2" in str(refused.value)
    classify(incident, level_code="sev1", reason="The press calls", actor=ada, at=LATER)
    incident.refresh_from_db()
    assert (incident.level.code, incident.computed_level.code) == ("sev1", "sev2")
    assert incident.severity_override_reason == "The press calls"
    line = AuditEvent.objects.first()
    assert line.verb == "classify"
    assert line.detail == {
        "before": "sev2", "level": "sev1", "departs": True, "reason": "The press calls",
        "pages_withdrawn": 1,
    }  # fmt: skip


def test_going_back_to_what_the_criteria_say_needs_none(
    incident: Incident, ada: Person
) -> None:
    classify(incident, level_code="sev1", reason="The press calls", actor=ada, at=LATER)
    classify(incident, level_code="sev2", reason="", actor=ada, at=LATER)
    incident.refresh_from_db()
    assert incident.severity_override_reason == ""
    texts = [entry.text for entry in incident.timeline.all()]
    assert texts[-2:] == [
        "Severity set to Severity 1: The press calls",
        "Severity set to Severity 2",
    ]


def test_the_clocks_and_the_escalation_of_the_new_level_follow(
    incident: Incident, ada: Person
) -> None:
    assert not incident.update_clocks.filter(audience="public").exists()
    classify(incident, level_code="sev1", reason="The press calls", actor=ada, at=LATER)
    due = dict(incident.update_clocks.values_list("audience", "due_at"))
    assert due == {"internal": NOW + timedelta(minutes=15), "public": LATER}
    message = OutboxMessage.objects.get(kind="escalation")
    assert (message.recipient, message.subject) == (ada, "INC-1: Severity 1")
    assert calls(incident) == [("sev2", "withdrawn"), ("sev1", "told")]
    classify(incident, level_code="sev2", reason="", actor=ada, at=LATER)
    assert calls(incident) == [("sev2", ""), ("sev1", "told")]


def calls(incident: Incident) -> list[tuple[str, str]]:
    """Where each call of somebody under its levels stands, in the order they were promised."""
    made = incident.calls.exclude(person=None).order_by("id")
    return list(made.values_list("level__code", "ended"))


def test_a_level_it_has_and_one_that_is_not_are_refused(
    incident: Incident, ada: Person
) -> None:
    with pytest.raises(Refused) as refused:
        classify(incident, level_code="sev2", reason="Sure", actor=ada, at=LATER)
    assert codes(refused) == ["level_unchanged"]
    with pytest.raises(Invalid) as refused:
        classify(incident, level_code="sev9", reason="Sure", actor=ada, at=LATER)
    assert codes(refused) == ["unknown_level"]
    assert "known: sev1, sev2" in str(refused.value)


def test_only_the_commander_classifies(incident: Incident, ada: Person) -> None:
    other = factories.allow(factories.person("zoe"), "incidents.classify_incident")
    with pytest.raises(NotPermitted) as refused:
        classify(incident, level_code="sev1", reason="Sure", actor=other, at=LATER)
    assert codes(refused) == ["not_your_role"]
    assert classify(incident, level_code="sev1", reason="Sure", actor=ada, at=LATER) == incident


def test_it_stays_in_the_scheme_it_was_declared_under(incident: Incident, ada: Person) -> None:
    factories.severity_scheme(effective_from=NOW)
    classify(incident, level_code="sev1", reason="The press calls", actor=ada, at=LATER)
    assert incident.level.scheme == incident.severity_scheme
    assert incident.severity_scheme.number == 1
