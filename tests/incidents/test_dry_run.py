"""A dry run says who would be called, when and how, who cannot be, and stores nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import (
    Absence,
    AuditEvent,
    ContactProof,
    EscalationCall,
    OutboxMessage,
    Person,
    SeverityLevel,
)
from incidents.operations import dry_run
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, RESPONDER, TEAM_LEAD
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import member, signed_in, text_of
from tests.incidents.scene import Scene, scene
from tests.incidents.test_paging import URGENT, stepped
from tests.ways import way

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return stepped({COMMANDER: {**URGENT, "next_role": DEPUTY}})


def prove(person: Person, at=NOW) -> None:
    ContactProof.objects.create(
        person=person, channel="email", address=person.email, means="code",
        proved_at=at, proved_by=person,
    )  # fmt: skip


def run(here: Scene, **fields) -> dry_run.DryRun:
    return dry_run.of_incident(here.incident, here.incident.level, at=NOW, **fields)


def test_of_a_running_incident_it_says_who_is_called_when_and_who_is_next(here) -> None:
    factories.person("eve", qualified=(DEPUTY,))
    (course,) = run(here).courses
    said = [
        (place.role, place.minutes, [one.name for one in place.told]) for place in course.places
    ]
    assert said == [
        (COMMANDER, (0, 5, 10), ["Ada"]), (DEPUTY, (15, 20, 25), ["Eve"]), ("", (30, 35, 40), ["Lea"]),
    ]  # fmt: skip
    assert course.given_up_after == 45
    assert course.places[0].told[0].address == "a…@example.com"


def test_where_nobody_can_be_called_nobody_is_waited_for(here) -> None:
    (course,) = run(here).courses
    assert [place.minutes for place in course.places] == [(0, 5, 10), (), (15, 20, 25)]
    assert ("Deputy commander", "nobody holds or is qualified for this role") in run(
        here
    ).unreachable


def test_whoever_was_never_verified_or_too_long_ago_may_not_be_reached(here) -> None:
    prove(here.ada)
    prove(here.lea, NOW - timedelta(days=200))
    unreachable = dict(run(here).unreachable)
    assert "Ada" not in unreachable
    assert "more than 180 days ago" in unreachable["Lea"]
    ContactProof.objects.all().delete()
    assert "never verified" in dict(run(here).unreachable)["Ada"]


def test_whoever_holds_the_role_and_is_on_leave_is_doubted(here) -> None:
    Absence.objects.create(person=here.ada, starts_at=NOW, ends_at=NOW + timedelta(days=1))
    assert "on leave until 2026-11-24 09:00 UTC" in dict(run(here).unreachable)["Ada"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda eve: Person.objects.filter(pk=eve.pk).update(is_active=False), "deactivated"),
        (
            lambda eve: Person.objects.filter(pk=eve.pk).update(email=""),
            "no address for e-mail",
        ),
        (
            lambda eve: Absence.objects.create(
                person=eve, starts_at=NOW, ends_at=NOW + timedelta(days=2)
            ),
            "on leave until 2026-11-25 09:00 UTC",
        ),
        (
            lambda eve: eve.qualifications.update(expires_on=NOW.date()),
            "qualification lapsed on 2026-11-23",
        ),
    ],
)
def test_whoever_would_be_called_but_for_a_reason_is_named_with_it(
    here, change, reason
) -> None:
    change(factories.person("eve", qualified=(DEPUTY,)))
    (course,) = run(here).courses
    assert course.places[1].left_out == (("Eve", reason),)
    assert ("Eve", reason) in run(here).unreachable


def test_a_declaration_that_might_be_is_staffed_as_a_real_one() -> None:
    made = scene()
    factories.matrix_version()
    zoe = factories.person("zoe", qualified=(COMMANDER, DEPUTY))
    level = SeverityLevel.objects.get(scheme=made.incident.severity_scheme, code="sev1")
    found = dry_run.of_level(level, [], is_exercise=False, at=NOW)
    (told,) = found.courses[0].places[0].told
    assert (found.courses[0].step.role, told.name) == (COMMANDER, str(zoe))


def test_team_leads_of_the_services_named_are_called() -> None:
    made = stepped({RESPONDER: {"within_minutes": 0}, TEAM_LEAD: {"within_minutes": 15}})
    payments = factories.team("payments")
    payments.lead = made.cleo
    payments.save()
    service = factories.service(team=payments)
    found = dry_run.of_level(made.incident.level, [service], is_exercise=False, at=NOW)
    told = {course.step.role: course.places[0].told for course in found.courses}
    assert [one.name for one in told[TEAM_LEAD]] == ["Cleo"]
    assert told[RESPONDER] == ()


def test_an_exercise_nobody_was_cast_for_reaches_nobody(here) -> None:
    found = dry_run.of_level(here.incident.level, [], is_exercise=True, at=NOW)
    assert {place.told for course in found.courses for place in course.places} == {()}


def test_a_channel_nobody_set_up_is_named() -> None:
    made = stepped({COMMANDER: {**URGENT, "channel": "voice"}})
    assert run(made).shortfalls == ("by e-mail: no phone call channel is set up",)


def test_whoever_has_ways_of_their_own_is_reached_by_them(here, settings) -> None:
    settings.CHANNELS = ("email", "sms", "slack")
    way(here.ada, "slack", "U0123ADA", wait=5)
    (reached,) = run(here).courses[0].places[0].told
    assert (reached.by, reached.address, reached.is_verified) == ("Slack", "…ADA", False)
    assert reached.doubts == ("the address for Slack was never verified",)
    ContactProof.objects.create(
        person=here.ada, channel="slack", address="U0123ADA", means="code", proved_at=NOW,
        proved_by=here.ada,
    )  # fmt: skip
    (reached,) = run(here).courses[0].places[0].told
    assert (reached.is_verified, reached.doubts) == (True, ())


def test_a_step_s_own_channel_comes_first_where_it_is_set_up(settings) -> None:
    made = stepped({COMMANDER: {**URGENT, "channel": "sms"}})
    way(made.ada, "slack", "U1", wait=5)
    way(made.ada, "sms", "+49301234567")
    settings.CHANNELS = ("email", "sms", "slack")
    (reached,) = run(made).courses[0].places[0].told
    assert (reached.by, reached.address) == ("text message", "…567")
    settings.CHANNELS = ("email", "slack")
    (reached,) = run(made).courses[0].places[0].told
    assert reached.by == "Slack"


def test_it_costs_the_same_however_many_people_there_are(here) -> None:
    with CaptureQueriesContext(connection) as few:
        run(here)
    for number in range(20):
        person = factories.person(f"able{number}", qualified=(DEPUTY, COMMANDER))
        prove(person)
    with CaptureQueriesContext(connection) as many:
        run(here)
    assert len(many) <= len(few) <= 16


# --- the page

PAGE = reverse("admin:incidents_escalationcall_dry_run")


def test_the_page_shows_it_and_stores_nothing(here) -> None:
    reader = signed_in(member("olga", "responder"))
    kept = [kind.objects.count() for kind in (AuditEvent, EscalationCall, OutboxMessage)]
    page = reader.get(PAGE, {"level": here.incident.level.pk, "incident": "inc-1"})
    words = text_of(page)
    assert "At 0, 5, 10 min" in words
    assert "Ada by e-mail, a…@example.com the address for e-mail was never verified" in words
    assert "At 30 min, without an answer: leadership hears" in words
    assert kept == [
        kind.objects.count() for kind in (AuditEvent, EscalationCall, OutboxMessage)
    ]


def test_before_anything_is_asked_it_asks(here) -> None:
    assert "Who would be called?" in text_of(signed_in(member("olga", "auditor")).get(PAGE))


def test_an_incident_that_is_over_private_or_none_is_named_as_unknown(here) -> None:
    reader = signed_in(member("olga", "responder"))
    asked = {"level": here.incident.level.pk, "incident": "INC-77"}
    assert "No open incident INC-77" in text_of(reader.get(PAGE, asked))
    here.incident.is_private = True
    here.incident.save()
    assert "No open incident INC-1" in text_of(reader.get(PAGE, asked | {"incident": "INC-1"}))


def test_whoever_has_no_rights_must_not_see_it(here) -> None:
    assert signed_in(member("dora")).get(PAGE).status_code == 403


def test_the_list_and_page_of_a_call_say_how_it_goes_out(here) -> None:
    call = EscalationCall.objects.create(
        incident=here.incident, level=here.incident.level, step=factories.role(COMMUNICATIONS),
        person=here.ben, channel="sms", due_at=NOW, next_call_at=NOW,
    )  # fmt: skip
    reader = signed_in(member("olga", "auditor"))
    changelist = reverse("admin:incidents_escalationcall_changelist")
    assert "Ben" in text_of(reader.get(changelist))
    row = reverse("admin:incidents_escalationcall_change", args=[call.pk])
    assert "by e-mail: no text message channel is set up" in text_of(reader.get(row))
    assert signed_in(member("dora")).get(changelist).status_code == 403
