"""The first page: what burns, what is due, what is uncovered, and to whom it is shown."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.models import (
    Absence,
    Assignment,
    HoldingStatement,
    Incident,
    LegalClock,
    Person,
    Scenario,
    UpdateClock,
)
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, DEPUTY
from raci_project import coverage, dashboard
from reviews.models import ActionItem, Review
from tests import factories
from tests.customers import owed as owed_notice
from tests.factories import NOW
from tests.incidents import lawful
from training.models import ExerciseScenario, GameDay

pytestmark = pytest.mark.django_db

_numbers = count(1)


def incident(title: str = "Slow", **fields) -> Incident:
    fields.setdefault("declared_at", NOW)
    return Incident.objects.create(reference=f"INC-{next(_numbers)}", title=title, **fields)


def update_clock(of: Incident, audience: str, minutes: int) -> None:
    due_at = NOW + timedelta(minutes=minutes)
    UpdateClock.objects.create(incident=of, audience=audience, due_at=due_at)


def owed_review(of: Incident, *, due_at=NOW, **fields) -> Review:
    owner = factories.person()
    return Review.objects.create(incident=of, owner=owner, due_at=due_at, **fields)


def action_item(review: Review, *, due_at=NOW, **fields) -> ActionItem:
    return ActionItem.objects.create(
        reference=f"AI-{next(_numbers)}", review=review, title="Write a test", kind="prevent",
        owner=factories.person(), due_on=due_at.date(), original_due_on=due_at.date(), due_at=due_at,
        **fields,
    )  # fmt: skip


def cover(*roles: str) -> None:
    """Two people for each role."""
    for role in roles:
        for _ in range(coverage.ENOUGH):
            factories.person(qualified=(role,))


def every_law() -> None:
    """Matrix, severity, law pack and legal profile in force."""
    factories.law()
    lawful.pack()
    lawful.profile()


def anybody() -> Person:
    """Who sees whatever is not private, and is on no list of people."""
    return Person(pk=0)


def texts(at=NOW) -> list[str]:
    return [hole.text for hole in coverage.holes(anybody(), at)]


def shown_to(who: Person) -> dict[str, object]:
    request = RequestFactory().get("/admin/")
    request.user = who
    return dashboard.context(request, {})


def viewer(username: str = "ada") -> Person:
    return factories.allow(factories.person(username, is_staff=True), "incidents.view_incident")


# --- What burns


def test_what_burns_is_open_the_gravest_and_then_the_newest_first():
    grave, mild = factories.severity_scheme().levels.order_by("rank")
    incident("Old and mild", level=mild, declared_at=NOW - timedelta(hours=2))
    incident("New and mild", level=mild)
    incident("Old and grave", level=grave, declared_at=NOW - timedelta(days=1))
    incident("Over", level=grave, state="closed", closed_at=NOW)
    titles = [one.title for one in dashboard.burning(anybody())]
    assert titles == ["Old and grave", "New and mild", "Old and mild"]


def test_what_burns_knows_its_commander_and_the_next_instant_due():
    one = incident()
    elif_ = factories.person("elif")
    Assignment.objects.create(
        incident=one, role=factories.role(COMMANDER), person=elif_, assigned_at=NOW
    )
    update_clock(one, "internal", 20)
    update_clock(one, "public", 5)
    (burning,) = dashboard.burning(anybody())
    assert [held.person for held in burning.command] == [elif_]
    assert burning.next_due_at == NOW + timedelta(minutes=5)


# --- What is due


def test_every_register_tells_what_is_due_by_whom_and_where_it_is_done():
    one = incident("Payments fail")
    update_clock(one, "public", 5)
    LegalClock.objects.create(
        incident=one,
        kind="counsel",
        title="Engage counsel within the hour",
        basis="Counsel",
        started_at=NOW,
        due_at=NOW,
    )
    owed_notice(one)
    review = owed_review(one)
    item = action_item(review)
    scenario = ExerciseScenario.objects.create(slug="leak", title="Leak")
    day = GameDay.objects.create(
        title="Leak", starts_at=NOW, organiser=factories.person(), exercise_scenario=scenario
    )
    owed = {debt.what: debt for debt in dashboard.debts(anybody())}
    assert list(owed) == [
        f"{one.reference}: public update",
        f"{one.reference}: Engage counsel within the hour",
        f"{one.reference}: notice to Acme",
        f"Review of {one.reference}",
        str(item),
        f"Game day: {day}",
    ]
    assert owed[f"{one.reference}: notice to Acme"].who == "communications lead"
    assert owed[str(item)].who == str(item.owner)
    assert owed[str(item)].url == f"/admin/reviews/actionitem/{item.pk}/change/"


def test_what_is_done_is_not_due():
    one = incident()
    UpdateClock.objects.create(incident=one, audience="public", due_at=None)
    LegalClock.objects.create(
        incident=one,
        kind="counsel",
        basis="Counsel",
        started_at=NOW,
        due_at=NOW,
        settled_at=NOW,
        outcome="met",
    )
    review = owed_review(one, status="published", published_at=NOW)
    action_item(review, status="done", finished_at=NOW)
    assert list(dashboard.debts(anybody())) == []


def test_the_page_shows_the_soonest_of_all_registers():
    review = owed_review(incident(), due_at=NOW + timedelta(days=3))
    for day in range(dashboard.SHOWN + 3):
        action_item(review, due_at=NOW + timedelta(days=day))
    debts = shown_to(viewer())["debts"]
    assert isinstance(debts, list)
    assert len(debts) == dashboard.SHOWN + 1  # so many of one register, and the review
    assert [debt.due_at for debt in debts] == sorted(debt.due_at for debt in debts)


# --- What is uncovered


def test_nothing_is_uncovered_where_law_roles_services_and_scenarios_are():
    every_law()
    cover(*coverage.CRITICAL_ROLES)
    factories.service()
    assert texts() == []


def test_without_law_what_is_missing_is_said_and_what_stops_a_declaration_is_grave():
    found = coverage.holes(anybody(), NOW)
    assert [hole.text for hole in found if not hole.is_grave] == [
        "No law pack is in force: no duty to notify is known.",
        "No legal profile is in force: only the clock of counsel ever starts.",
    ]
    assert [hole.text for hole in found if hole.is_grave] == [
        "No RACI matrix is in force: import one and have it approved.",
        "No severity scheme is in force: incidents cannot be declared.",
    ]


def test_a_role_that_one_or_nobody_could_take_is_a_hole():
    every_law()
    cover(DEPUTY, COMMUNICATIONS)
    only = factories.person(qualified=(COMMANDER,))
    factories.role(COUNSEL)
    assert texts() == [
        "Nobody could be legal counsel now.",
        "Only one person could be incident commander now.",
    ]
    Absence.objects.create(
        person=only, starts_at=NOW, ends_at=NOW + timedelta(hours=1), reason="Leave"
    )
    assert "Nobody could be incident commander now." in texts()


def test_an_unfilled_role_of_an_open_incident_is_named_and_grave():
    every_law()
    cover(*coverage.CRITICAL_ROLES)
    one = incident(unfilled=[{"role": COMMANDER, "service": None, "reasons": ["Nobody"]}])
    incident(state="closed", closed_at=NOW, unfilled=one.unfilled)
    (hole,) = coverage.holes(anybody(), NOW)
    assert hole.text == f"{one.reference}: nobody holds Incident commander."
    assert hole.is_grave


def test_a_service_whose_owner_left_or_is_away_is_a_hole():
    every_law()
    cover(*coverage.CRITICAL_ROLES)
    gone = factories.person("gone", is_active=False)
    away = factories.person("away")
    factories.service("ledger", owner=gone, tier=1)
    factories.service("payouts", owner=away, tier=2)
    Absence.objects.create(
        person=away, starts_at=NOW, ends_at=NOW + timedelta(hours=1), reason="Leave"
    )
    assert [(hole.text, hole.is_grave) for hole in coverage.holes(anybody(), NOW)] == [
        ("Ledger: its owner Gone was deactivated.", True),
        ("Payouts: its owner Away is away.", False),
    ]
    assert len(texts(NOW + timedelta(hours=1))) == 1  # back at the end of the absence


def test_a_scenario_without_public_words_is_a_hole_until_they_are_approved():
    every_law()
    cover(*coverage.CRITICAL_ROLES)
    scenario = Scenario.objects.create(slug="leak", name="Data leaked")
    assert texts() == ["No public holding statement is usable for “Data leaked”."]
    HoldingStatement.objects.create(
        title="First word", scenario=scenario, audience="public", text="We look into it.",
        status="approved", maker=factories.person(), approver=factories.person(), approved_at=NOW,
        expires_on=NOW.date() + timedelta(days=30),
    )  # fmt: skip
    assert texts() == []


# --- Who sees it, and at what price


def test_whoever_may_not_view_incidents_is_shown_nothing_and_told_whom_to_ask(client: Client):
    incident("A secret breach")
    client.force_login(factories.person("dan", is_staff=True))
    page = client.get("/admin/").content.decode()
    assert "Ask ops leadership" in page
    assert "A secret breach" not in page
    client.force_login(viewer())
    assert "A secret breach" in client.get("/admin/").content.decode()


def test_an_empty_installation_says_what_to_do_first(client: Client):
    first = factories.person("first", team=None, is_staff=True, is_superuser=True)
    client.force_login(first)
    page = client.get("/admin/").content.decode()
    assert "Nothing is set up yet." in page
    steps = [
        page.index(each)
        for each in (
            "severity scheme",
            "duties to notify",
            "public name",
            "words that ship",
            "where updates go",
        )
    ]
    assert steps == sorted(steps)
    factories.service()
    assert "Nothing is set up yet." not in client.get("/admin/").content.decode()


def statements(client: Client) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get("/admin/").status_code == 200
    return len(asked)


def test_the_page_asks_as_often_for_many_rows_as_for_few(client: Client):
    factories.law()
    client.force_login(viewer())

    def more() -> None:
        one = incident(detected_at=timezone.now() - timedelta(hours=1))
        update_clock(one, "public", 5)
        factories.service(f"service-{one.pk}", owner=factories.person(is_active=False))
        action_item(owed_review(one))

    more()
    few = statements(client)
    for _ in range(20):
        more()
    assert statements(client) == few


def test_what_the_law_asks_is_not_crowded_out_by_what_is_long_overdue():
    hour = timedelta(hours=1)
    late = [dashboard.Debt(f"item {n}", "ada", NOW - (20 - n) * hour, "") for n in range(20)]
    duty = dashboard.Debt("INC-1: notify", "counsel", NOW + hour, "", is_grave=True)
    shown = dashboard.foremost([*late, duty])
    assert shown[-1] == duty
    assert shown[:-1] == late[: dashboard.LINES - 1]
