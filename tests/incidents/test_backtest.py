"""A version of the criteria over past incidents: counted, compared, and shown only to whom it may be."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Dependency, Incident, Person, Service, SeverityScheme
from incidents.operations import backtest
from incidents.operations.services import derived_facts
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import member, signed_in, text_of
from tests.incidents.criteria import address, stricter
from tests.incidents.scene import incident_under

pytestmark = pytest.mark.django_db

ENDED = {"state": "closed", "closed_at": NOW + timedelta(hours=2)}


@pytest.fixture
def law() -> SeverityScheme:
    return factories.severity_scheme()


@pytest.fixture
def lea(law) -> Person:
    return member("lea", "leadership")


@pytest.fixture
def draft(lea) -> SeverityScheme:
    return stricter(lea)


def ended(law: SeverityScheme, code: str, **fields: Any) -> Incident:
    return incident_under(law, code, **(ENDED | fields))


def run(version: SeverityScheme, reader: Person, **which: Any) -> backtest.Backtest:
    return backtest.run(version, backtest.closed(**which), reader=reader, at=NOW)


# --- the operation


def test_each_incident_is_judged_by_its_facts_and_compared(law, lea, draft) -> None:
    low = ended(law, "sev2", facts={"customers_affected": 60})
    ended(law, "sev1", facts={"customers_affected": 5})
    ended(law, "sev1", facts={"customers_affected": 5000})
    found = run(draft, lea)
    assert (len(found.had.rows), found.had.graver, found.had.lighter) == (3, 1, 1)
    assert found.had.matrix == {("sev2", "sev1"): 1, ("sev1", "sev2"): 1, ("sev1", "sev1"): 1}
    [row] = [row for row in found.had.changed if row.key == low.pk]
    assert (
        found.why(row) == "sev1, Fifty customers: customers affected is 60, at least 50 needed"
    )


def test_a_draft_is_compared_with_the_scheme_in_force_on_the_same_facts(
    law, lea, draft
) -> None:
    ended(law, "sev1", facts={"customers_affected": 60})  # set by hand: the law says sev2
    found = run(draft, lea)
    assert found.had.changed == ()
    assert [(row.before, row.now) for row in found.law.changed] == [("sev2", "sev1")]
    assert run(law, lea).law is None


def test_only_closed_real_incidents_count(law, lea, draft) -> None:
    ended(law, "sev2", kind="exercise")
    ended(law, "sev2", state="cancelled")
    incident_under(law, "sev2")
    assert run(draft, lea).found == 0
    ended(law, "sev2")
    assert run(draft, lea).found == 1


def test_what_was_imported_without_level_or_facts_is_said_to_be_unjudged(
    law, lea, draft
) -> None:
    ended(
        law, "sev2", level=None, source="statuspage", external_id="1", facts={"impact": "major"}
    )
    ended(law, "sev2", facts={"impact": "major"})
    ended(law, "sev2")
    found = run(draft, lea)
    assert (found.taken, found.unjudged, len(found.had.rows), len(found.law.rows)) == (
        3,
        2,
        1,
        1,
    )


def test_the_filters_narrow(law, lea, draft) -> None:
    ended(law, "sev2")
    ended(law, "sev1", declared_at=NOW + timedelta(days=1))
    assert run(draft, lea, severity="sev1").found == 1
    assert run(draft, lea, since=NOW + timedelta(hours=1)).found == 1
    assert run(draft, lea, until=NOW).found == 0
    assert run(draft, lea, until=NOW + timedelta(hours=1)).found == 1


def test_how_long_it_lasted_counts_until_it_was_mitigated(law, lea) -> None:
    hour = {"field": "minutes_running", "operator": "gte", "value": 60}
    version = stricter(lea, [{"name": "An hour", "predicate": hour}])
    ended(law, "sev2", mitigated_at=NOW + timedelta(minutes=59))
    ended(law, "sev2", mitigated_at=NOW + timedelta(minutes=60))
    ended(law, "sev2", impact_started_at=NOW - timedelta(hours=1), mitigated_at=NOW)
    assert run(version, lea).had.graver == 2


def test_the_catalogue_says_the_same_of_many_as_of_one(law, lea) -> None:
    made = [factories.service(f"s{number}", tier=1 + number % 4) for number in range(6)]
    for up, down in ((0, 1), (1, 2), (2, 0), (2, 3), (4, 3)):
        Dependency.objects.create(upstream=made[up], downstream=made[down])
    for number in range(6):
        ended(law, "sev2").services.set(made[number % 3 :: 2])
    found = run(law, lea)
    assert len(found.past) == 6
    for key, past in found.past.items():
        services = list(Service.objects.filter(incidents=key))
        assert past.derived == {**derived_facts(services), "minutes_running": 120}


def test_a_private_incident_is_counted_and_shown_only_to_whom_it_may_be(
    law, lea, draft
) -> None:
    ended(law, "sev2", facts={"customers_affected": 60}, is_private=True)
    found = run(draft, lea)
    assert (len(found.had.changed), found.shown) == (1, {})
    group = Group.objects.create(name="the few")
    Incident.objects.get().seen_by.add(group)
    lea.groups.add(group)
    assert len(run(draft, lea).shown) == 1
    reader = factories.person("nobody")  # who may not see incidents at all
    assert run(draft, reader).shown == {}


def test_more_incidents_cost_no_more_queries(law, lea, draft) -> None:
    service = factories.service()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            run(draft, lea)
        return len(queries)

    def more(count: int) -> None:
        for number in range(count):
            ended(law, "sev2", is_private=number % 2 == 0).services.add(service)

    more(2)
    cost()  # the law in force is read once
    before = cost()
    more(20)
    assert cost() == before


def test_only_the_newest_are_judged(law, lea, draft, monkeypatch) -> None:
    monkeypatch.setattr(backtest, "NEWEST", 2)
    for day in range(3):
        ended(law, "sev2", declared_at=NOW + timedelta(days=day))
    found = run(draft, lea)
    assert (found.found, found.taken) == (3, 2)
    assert min(one.declared_at for one in found.shown.values()) == NOW + timedelta(days=1)


# --- the page


def test_the_page_says_how_many_would_change_and_which(law, lea, draft) -> None:
    ended(law, "sev2", title="Slow search", facts={"customers_affected": 60})
    ended(law, "sev2", facts={"customers_affected": 6})
    page = signed_in(lea).get(address(draft, "back-test"))
    text = text_of(page)
    assert "1 of 2 would change" in text
    assert "Severity scheme v1, in force, says of the same facts" in text
    assert "1 graver, 0 less grave" in text
    assert "Slow search" in text
    assert "Fifty customers: customers affected is 60" in text
    had = text_of(signed_in(lea).get(address(draft, "back-test"), {"beside": "had"}))
    assert "called too low: 1; called too high: 0" in had


def test_the_page_of_the_law_compares_with_what_they_had(law, lea) -> None:
    ended(law, "sev1", facts={"customers_affected": 6})
    text = text_of(signed_in(lea).get(address(law, "back-test")))
    assert "Compared with the levels they had in the end" in text
    assert "called too low: 0; called too high: 1" in text


def test_the_page_counts_a_private_one_and_does_not_name_it(law, lea, draft) -> None:
    ended(law, "sev2", title="Secret", facts={"customers_affected": 60}, is_private=True)
    text = text_of(signed_in(lea).get(address(draft, "back-test")))
    assert "1 of 1 would change" in text
    assert "1 counted above is not shown: you may not see it" in text
    assert "Secret" not in text


def test_the_page_says_plainly_what_could_not_be_judged(law, lea, draft) -> None:
    ended(law, "sev2", level=None, facts={"impact": "major"})
    text = text_of(signed_in(lea).get(address(draft, "back-test")))
    assert "1 could not be judged" in text
    assert "0 of 0 would change" in text
    assert "There is nothing to judge yet." in text


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"since": "soon"}, "Declared from: Enter a valid date."),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "ends before it begins"),
        ({"until": "9999-12-31"}, "less than or equal to"),
        ({"severity": "sev9"}, "Select a valid choice"),
    ],
)
def test_a_filter_that_cannot_be_is_said_and_nothing_is_judged(
    lea, draft, query, problem
) -> None:
    page = signed_in(lea).get(address(draft, "back-test"), query)
    assert page.status_code == 422
    assert problem in text_of(page)
    assert "would change" not in text_of(page)


def test_the_days_of_the_filter_are_both_included(law, lea, draft) -> None:
    ended(law, "sev2")
    client = signed_in(lea)
    for day, count in (("2026-11-22", 0), ("2026-11-23", 1), ("2026-11-24", 0)):
        page = client.get(address(draft, "back-test"), {"since": day, "until": day})
        assert f"of {count} would change" in text_of(page)


@pytest.mark.parametrize("page", ["back-test", "try"])
def test_whoever_may_not_see_the_scheme_sees_neither(draft, page) -> None:
    assert signed_in(member("dan")).get(address(draft, page)).status_code == 403
    reader = signed_in(member("cleo", "auditor"))
    assert reader.get(address(draft, page)).status_code == 200
    assert reader.get(address(draft, page).replace(str(draft.pk), "999")).status_code == 404


def test_the_page_of_a_version_leads_to_both(lea, draft) -> None:
    shown = signed_in(lea).get(f"/admin/incidents/severityscheme/{draft.pk}/change/").content
    assert address(draft, "back-test").encode() in shown
    assert address(draft, "try").encode() in shown
