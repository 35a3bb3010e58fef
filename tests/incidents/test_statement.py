"""Holding statements: agreed by two people in calm, offered where they fit."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.models import HoldingStatement, Person, Scenario
from incidents.models.calendar import today
from incidents.operations import agreeing, library, statement
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMUNICATIONS
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import (
    LATER,
    Scene,
    again,
    hold,
    incident_under,
    last_act,
    refused,
    scene,
)

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
TOMORROW = date(2026, 11, 24)


@pytest.fixture
def writer() -> Person:
    return factories.allow(
        factories.person("wanda", manager=factories.person("marta")),
        "incidents.add_holdingstatement",
        "incidents.change_holdingstatement",
        "incidents.approve_holdingstatement",
    )


@pytest.fixture
def second() -> Person:
    """Another who writes and approves."""
    return factories.allow(
        factories.person("sue", manager=factories.person("mick")),
        "incidents.change_holdingstatement",
        "incidents.approve_holdingstatement",
    )


@pytest.fixture
def checker() -> Person:
    return factories.allow(
        factories.person("carl"),
        "incidents.approve_holdingstatement",
        "incidents.retire_holdingstatement",
    )


@pytest.fixture
def dan() -> Person:
    return factories.person("dan")


@pytest.fixture
def outage() -> Scenario:
    return Scenario.objects.create(slug="outage", name="Outage")


def drafted(writer: Person, **fields) -> HoldingStatement:
    given = {"title": "Outage", "text": "{service} is down.", "audience": "internal"}
    return library.write(None, **(given | fields), actor=writer, at=NOW)


def rewritten(one: HoldingStatement, writer: Person, **fields) -> HoldingStatement:
    given = {"title": "Outage", "text": "We look into it.", "audience": "internal"}
    return library.write(one, **(given | fields), actor=writer, at=LATER)


def approve(one: HoldingStatement, checker: Person, **fields) -> HoldingStatement:
    given = {"expires_on": TOMORROW, "actor": checker, "at": LATER}
    return agreeing.approve(one, **(given | fields))


def usable(writer: Person, **fields) -> HoldingStatement:
    """Approved, whatever the rules would have said."""
    made = drafted(writer, **({"audience": "public"} | fields))
    made.status, made.approver, made.approved_at = "approved", made.maker.manager, NOW
    made.save()
    return made


# --- drafting


def test_a_draft_has_a_maker_and_may_not_be_used(writer) -> None:
    row = again(drafted(writer, severity="sev1"))
    assert (row.status, row.maker, row.severity) == ("draft", writer, "sev1")
    assert last_act().verb == "draft_statement"


@pytest.mark.parametrize(("wrong", "code"), [
    ({"text": " "}, "text_missing"),
    ({"text": "{nobody} knows."}, "blank_unknown"),
    ({"text": "An open { brace."}, "brace_unbalanced"),
    ({"title": ""}, "title_missing"),
    ({"title": "x" * 121}, "title_too_long"),
    ({"audience": "everybody"}, "unknown_audience"),
])  # fmt: skip
def test_words_that_cannot_be_used_are_not_kept(writer, wrong, code) -> None:
    with refused(code, Invalid):
        drafted(writer, **wrong)
    assert not HoldingStatement.objects.exists()


def test_drafting_is_a_standing_permission(dan) -> None:
    with refused("no_permission", NotPermitted):
        drafted(dan)


def test_a_day_that_has_come_is_no_expiry(writer) -> None:
    with refused("expired_already", Invalid):
        drafted(writer, expires_on=TODAY)
    assert drafted(writer, expires_on=TOMORROW).expires_on == TOMORROW


def test_a_draft_is_written_again_and_says_by_whom(writer, second) -> None:
    made = drafted(writer, severity="sev1")
    rewritten(made, second, expires_on=TOMORROW)
    row = again(made)
    assert (row.text, row.severity, row.maker) == ("We look into it.", "", second)
    assert row.expires_on == TOMORROW
    assert (last_act().verb, last_act().actor) == ("write_statement", second)
    assert last_act().detail == {"text": "We look into it.", "audience": "internal"}


def test_writing_again_is_a_standing_permission_too(writer, checker) -> None:
    made = drafted(writer)
    with refused("no_permission", NotPermitted):
        rewritten(made, checker)
    assert again(made).text == "{service} is down."


def test_what_is_approved_is_written_no_more(writer, checker) -> None:
    made = approve(drafted(writer), checker)
    with refused("not_a_draft"):
        rewritten(made, writer)
    assert again(made).text == "{service} is down."


# --- approving


def test_another_person_approves_until_a_day(writer, checker) -> None:
    row = again(approve(drafted(writer), checker))
    assert (row.status, row.approver, row.approved_at) == ("approved", checker, LATER)
    assert row.expires_on == TOMORROW
    assert last_act().detail == {"expires_on": "2026-11-24", "emergency_reason": ""}


def test_nobody_approves_what_they_wrote(writer, checker) -> None:
    made = drafted(writer)
    with refused("maker_is_checker"):
        approve(made, writer)
    assert approve(made, checker).status == "approved"


def test_nobody_approves_what_they_wrote_a_part_of(writer, second, checker) -> None:
    made = drafted(writer)
    rewritten(made, second)
    for author in (writer, second):
        with refused("maker_is_checker"):
            approve(made, author)
    assert approve(made, checker).status == "approved"


def test_who_wrote_a_version_by_another_way_does_not_approve_either(
    writer, second, checker
) -> None:
    made = drafted(writer)
    made._history_user = second
    made.save()
    with refused("maker_is_checker"):
        approve(made, second)
    assert approve(made, checker).status == "approved"


@pytest.mark.parametrize("change", [
    {"text": "We are sorry."},
    {"title": "Other"},
    {"audience": "executive"},
    {"purpose": "over"},
    {"forbidden": "All is well"},
])  # fmt: skip
def test_what_changed_since_it_was_read_is_not_approved(writer, checker, change) -> None:
    made = drafted(writer, text="We look into it.")
    seen = agreeing.fingerprint(made)
    rewritten(again(made), writer, **change)
    with refused("changed_meanwhile"):
        approve(made, checker, seen=seen)
    assert approve(made, checker, seen=agreeing.fingerprint(again(made))).approver == checker


def test_approving_is_a_standing_permission(writer, dan) -> None:
    made = drafted(writer)
    with refused("no_permission", NotPermitted):
        approve(made, dan)


def test_only_a_draft_is_approved(writer, checker) -> None:
    made = approve(drafted(writer), checker)
    with refused("not_a_draft"):
        approve(made, checker)


def test_an_expiry_lies_ahead(writer, checker) -> None:
    made = drafted(writer)
    with refused("expired_already", Invalid):
        approve(made, checker, expires_on=TODAY)
    assert approve(made, checker, expires_on=None).expires_on is None


def test_an_expiry_written_in_the_draft_stands(writer, checker) -> None:
    made = drafted(writer)
    HoldingStatement.objects.update(expires_on=TOMORROW)
    assert approve(made, checker, expires_on=None).expires_on == TOMORROW


def test_a_draft_spoilt_since_is_not_approved(writer, checker) -> None:
    made = drafted(writer)
    HoldingStatement.objects.update(text="{nobody} knows.")
    with refused("blank_unknown", Invalid):
        approve(made, checker)


def test_words_are_not_agreed_while_they_are_needed_unless_a_reason_is_given(
    writer, checker, outage
) -> None:
    incident_under(factories.severity_scheme(), "sev2", scenario=outage)
    made = drafted(writer, scenario=outage)
    with refused("incident_of_scenario_open") as caught:
        approve(made, checker)
    assert "INC-1" in str(caught.value)
    approve(made, checker, emergency_reason="The regulator asks.")
    assert last_act().detail["emergency_reason"] == "The regulator asks."


def test_who_does_not_see_the_incident_learns_no_more_than_that_there_is_one(
    writer, checker, outage
) -> None:
    hidden = incident_under(
        factories.severity_scheme(), "sev2", scenario=outage, is_private=True
    )
    made = drafted(writer, scenario=outage)
    with refused("incident_of_scenario_open") as caught:
        approve(made, checker)
    assert hidden.reference not in str(caught.value)
    hold(hidden, checker, COMMUNICATIONS)
    with refused("incident_of_scenario_open") as caught:
        approve(made, checker)
    assert hidden.reference in str(caught.value)


@pytest.mark.parametrize("calm", [
    {"state": "closed", "closed_at": NOW},
    {"state": "cancelled"},
    {"kind": "exercise"},
])  # fmt: skip
def test_what_is_over_or_played_does_not_stop_an_approval(
    writer, checker, outage, calm
) -> None:
    incident_under(factories.severity_scheme(), "sev2", scenario=outage, **calm)
    assert approve(drafted(writer, scenario=outage), checker).status == "approved"


def test_an_incident_of_another_scenario_does_not_stop_an_approval(
    writer, checker, outage
) -> None:
    other = Scenario.objects.create(slug="breach", name="Breach")
    incident_under(factories.severity_scheme(), "sev2", scenario=outage)
    assert approve(drafted(writer, scenario=other), checker).status == "approved"
    assert approve(drafted(writer), checker).status == "approved"


# --- retiring


def test_retired_words_are_offered_no_more(writer, checker) -> None:
    made = usable(writer)
    library.retire(made, reason="Wrong number.", actor=checker, at=LATER)
    assert again(made).status == "retired"
    assert not HoldingStatement.objects.usable(TODAY).exists()
    assert last_act().detail == {"reason": "Wrong number."}


def test_retiring_needs_a_reason_a_permission_and_happens_once(writer, checker) -> None:
    made = usable(writer)
    with refused("reason_missing", Invalid):
        library.retire(made, reason="", actor=checker, at=LATER)
    with refused("no_permission", NotPermitted):
        library.retire(made, reason="Old.", actor=writer, at=LATER)
    library.retire(made, reason="Old.", actor=checker, at=LATER)
    with refused("already_retired"):
        library.retire(made, reason="Old.", actor=checker, at=LATER)


# --- matching


@pytest.fixture
def here(outage) -> Scene:
    return scene(scenario=outage)


def titles(here: Scene, audience: str = "public", at: datetime = NOW) -> list[str]:
    found = statement.fitting(here.incident, at=at)
    return [one.title for one in found if one.audience == audience]


def test_the_closest_words_come_first(here, writer, outage) -> None:
    usable(writer, title="any")
    usable(writer, title="level", severity="sev2")
    usable(writer, title="scenario", scenario=outage)
    usable(writer, title="both", scenario=outage, severity="sev2")
    assert titles(here) == ["both", "scenario", "level", "any"]


def test_words_for_something_else_are_not_offered(here, writer) -> None:
    usable(writer, title="scenario", scenario=Scenario.objects.create(slug="x", name="X"))
    usable(writer, title="level", severity="sev1")
    usable(writer, title="audience", audience="internal")
    drafted(writer, title="draft")
    assert titles(here) == []
    assert titles(here, audience="internal") == ["audience"]


def test_words_are_offered_until_the_day_they_expire(here, writer) -> None:
    made = usable(writer, title="until tomorrow")
    made.expires_on = TOMORROW
    made.save()
    assert titles(here) == ["until tomorrow"]
    assert titles(here, at=NOW + timedelta(days=1)) == []


def test_without_a_scenario_only_general_words_are_offered(writer, outage) -> None:
    usable(writer, title="general")
    usable(writer, title="scenario", scenario=outage)
    assert titles(scene()) == ["general"]


def test_a_day_begins_at_midnight_in_the_organisations_zone(settings) -> None:
    assert today(NOW.replace(hour=23)) == TODAY
    settings.ORGANISATION_ZONE = ZoneInfo("Europe/Berlin")
    assert today(NOW.replace(hour=23)) == TOMORROW
