"""What is offered for an incident: the closest words of each audience, filled with what it knows."""

from datetime import timedelta

import pytest

from incidents.models import HoldingStatement, Scenario
from incidents.operations import statement
from incidents.rules.reasons import Invalid
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import LATER, MINUTE, Scene, refused, scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def outage() -> Scenario:
    return Scenario.objects.create(slug="outage", name="Outage")


@pytest.fixture
def here(outage) -> Scene:
    made = scene(scenario=outage)
    made.incident.services.add(
        factories.service("payments", public_name="Card payments"), factories.service("ledger")
    )
    return made


def usable(here: Scene, text: str = "{service} fails.", **fields) -> HoldingStatement:
    given = {
        "title": "Outage", "audience": "public", "text": text, "status": "approved",
        "maker": here.ada, "approver": here.lea, "approved_at": NOW,
    }  # fmt: skip
    return HoldingStatement.objects.create(**(given | fields))


def titles(here: Scene, purpose: str = "first", **asked) -> list[str]:
    found = statement.fitting(here.incident, at=NOW, **asked)
    return [one.title for one in found if purpose in ("", one.purpose)]


def test_words_are_matched_by_their_purpose(here) -> None:
    usable(here, title="still")
    usable(here, title="nothing new", purpose="no_news")
    usable(here, title="over", purpose="over")
    assert titles(here) == ["still"]
    assert titles(here, purpose="no_news") == ["nothing new"]
    assert titles(here, purpose="") == ["still", "nothing new"]
    here.incident.resolved_at = NOW
    assert titles(here, purpose="") == ["still", "over"]


def test_words_in_the_language_asked_for_come_first(here, outage) -> None:
    usable(here, title="deutsch", language="de", scenario=outage)
    usable(here, title="english")
    assert titles(here) == ["english", "deutsch"]
    assert titles(here, language="de") == ["deutsch", "english"]


def test_each_audience_is_offered_its_best_match(here, outage) -> None:
    usable(here, title="any")
    best = usable(here, title="best", scenario=outage, severity="sev2")
    colleagues = usable(here, title="colleagues", audience="internal")
    usable(here, title="quiet", audience="support", purpose="no_news")
    found = statement.offered(here.incident, at=LATER)
    assert [one.statement for one in found] == [colleagues, best]


def test_an_offer_is_filled_with_what_the_incident_knows(here) -> None:
    here.incident.impact_started_at = NOW - 5 * MINUTE
    usable(here, "{company}: {service} since {time}. {reference}, {severity}.")
    (one,) = statement.offered(here.incident, at=LATER)
    assert one.text == (
        "Northwind Pay: Ledger, Card payments since 2026-11-23 08:55 UTC. INC-1, Severity 2."
    )
    assert one.missing == ()


def test_what_nobody_knows_yet_stays_a_blank_and_is_named(here) -> None:
    usable(here, "{service}: {impact} See {link}.")
    (one,) = statement.offered(here.incident, at=LATER)
    assert one.text == "Ledger, Card payments: {impact} See {link}."
    assert one.missing == ("impact", "link")


def test_the_next_update_is_the_one_the_cadence_asks_for(here) -> None:
    usable(here, "Next update by {next_update}.", audience="internal")
    usable(here, "Next update by {next_update}.", audience="executive")
    colleagues, board = statement.offered(here.incident, at=LATER)
    cadence = here.incident.level.cadences.get(audience="internal")
    due = LATER + timedelta(minutes=cadence.every_minutes)
    assert colleagues.text == f"Next update by {due:%Y-%m-%d %H:%M} UTC."
    assert board.missing == ("next_update",)  # no cadence asks for it at this level


def test_nothing_more_is_promised_once_it_is_resolved(here) -> None:
    here.incident.resolved_at = NOW
    usable(here, "Next update by {next_update}.", audience="internal")
    (one,) = statement.offered(here.incident, at=LATER)
    assert one.missing == ("next_update",)


def test_since_when_is_the_best_the_incident_knows(here) -> None:
    here.incident.detected_at = None
    assert statement.known(here.incident, LATER)["time"] == LATER
    here.incident.detected_at = NOW
    assert statement.known(here.incident, LATER)["time"] == NOW
    here.incident.impact_started_at = NOW - MINUTE
    assert statement.known(here.incident, LATER)["time"] == NOW - MINUTE


def test_words_whose_approver_left_are_offered_with_a_flag(here) -> None:
    usable(here)
    (one,) = statement.offered(here.incident, at=LATER)
    assert not one.needs_approval_anew
    here.lea.is_active = False
    here.lea.save()
    (one,) = statement.offered(here.incident, at=LATER)
    assert one.needs_approval_anew


def test_offering_costs_the_same_however_many_words_there_are(
    here, django_assert_num_queries
) -> None:
    for number in range(30):
        for audience in ("public", "internal", "support", "executive", "customers"):
            usable(
                here, title=f"{number}", audience=audience, text="{service} by {next_update}"
            )
    incident = type(here.incident).objects.select_related("level__scheme").get()
    statement.offered(incident, at=LATER)
    with django_assert_num_queries(2):
        assert len(statement.offered(incident, at=LATER)) == 5


# --- filled by hand


def test_a_service_said_is_one_of_those_affected_as_customers_call_it(here) -> None:
    words = usable(here)
    assert statement.fill_in(words, here.incident, {"service": "Card payments"}, LATER) == (
        "Card payments fails."
    )
    for strange in ("payments", "Payroll", "Card payments and your salary"):
        with refused("service_not_affected", Invalid):
            statement.fill_in(words, here.incident, {"service": strange}, LATER)


@pytest.mark.parametrize("name", ["company", "reference", "severity"])
def test_what_the_incident_knows_for_certain_is_not_said_otherwise(here, name) -> None:
    words = usable(here, f"{{{name}}}")
    as_known = statement.known(here.incident, LATER)[name]
    assert statement.fill_in(words, here.incident, {name: as_known}, LATER) == as_known
    with refused("blank_is_known", Invalid) as caught:
        statement.fill_in(words, here.incident, {name: "Somebody else"}, LATER)
    assert caught.value.reasons[0].field == name


def test_markup_in_a_value_is_text(here) -> None:
    words = usable(here, "{impact}")
    said = statement.fill_in(words, here.incident, {"impact": "<b>All</b> of it"}, LATER)
    assert said == "<b>All</b> of it"
