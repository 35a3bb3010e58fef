"""Alerts propose an incident; somebody accepts or dismisses each once, and nothing is lost."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents.models import Absence, Alert, Incident, OutboxMessage, Person
from incidents.operations import alerts
from incidents.operations.declaration import declare
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, RESPONDER
from tests import factories
from tests.factories import NOW
from tests.incidents import scene as records
from tests.incidents.scene import LATER, MINUTE, acts, again, at_once, last_act, refused, told

pytestmark = pytest.mark.django_db

ALERT = ("incidents.receive_alert", "incidents.accept_alert", "incidents.dismiss_alert")


def on_call(username: str, *more: str, **fields: Any) -> Person:
    """Somebody who may do everything with an alert and declare."""
    person = factories.person(username, **fields)
    return factories.allow(person, *ALERT, "incidents.declare_incident", *more)


@pytest.fixture
def ada() -> Person:
    factories.law()
    return on_call("ada", qualified=(COMMANDER,))


def receive(actor: Person, *, at: datetime = NOW, **said: Any) -> Alert:
    given = {"source": "grafana", "external_id": "a-1", "title": "Card payments fail"}
    return alerts.receive(**(given | said), actor=actor, at=at)[0]


# --- Receiving


def test_a_sound_alert_waits_with_all_it_says(ada) -> None:
    payments = factories.service()
    alert = receive(
        ada,
        services=["payments"],
        facts={"customers_affected": 12},
        detected_at=NOW - MINUTE,
        url="https://grafana.example.com/d/1",
        payload={"labels": ["page"]},
    )
    kept = again(alert)
    assert (kept.status, kept.title, kept.problems) == ("proposed", "Card payments fail", [])
    assert (kept.detected_at, kept.received_at, kept.received_by) == (NOW - MINUTE, NOW, ada)
    assert list(kept.services.all()) == [payments]
    assert (kept.facts, kept.payload) == ({"customers_affected": 12}, {"labels": ["page"]})
    assert acts() == ["receive_alert"]
    assert not Incident.objects.exists()


def test_the_same_alert_again_is_the_same_alert_and_tells_nobody_anew(ada) -> None:
    factories.service()
    first, is_new = alerts.receive(
        source="grafana",
        external_id="a-1",
        title="Down",
        services=["payments"],
        actor=ada,
        at=NOW,
    )
    assert is_new
    told_once = OutboxMessage.objects.count()
    second, is_new = alerts.receive(
        source="Grafana", external_id="a-1", title="Still down", actor=ada, at=LATER
    )
    assert (second, is_new, second.title) == (first, False, "Down")
    assert OutboxMessage.objects.count() == told_once
    assert acts() == ["receive_alert"]


def test_another_name_or_another_source_is_another_alert(ada) -> None:
    for said in ({}, {"external_id": "a-2"}, {"source": "datadog"}):
        receive(ada, **said)
    assert Alert.objects.count() == 3


def test_what_cannot_be_used_is_kept_as_a_problem_and_in_the_payload(ada) -> None:
    factories.service("fax", is_active=False)
    raw = {"services": ["fax", "nowhere"], "note": "a\0b"}
    alert = again(
        receive(
            ada,
            title="x" * 300,
            services=raw["services"],
            facts={"customers": 3, "customers_affected": "many", "safety_risk": True},
            detected_at=NOW + timedelta(seconds=90),
            url="javascript:alert(1)",
            payload=raw,
        )
    )
    assert {one["code"] for one in alert.problems} == {
        "title_too_long", "inactive_service", "unknown_service", "unknown_fact",
        "fact_has_wrong_type", "clock_ahead", "url_unusable", "payload_changed",
    }  # fmt: skip
    assert (alert.facts, alert.services.count(), alert.url) == ({"safety_risk": True}, 0, "")
    assert alert.detected_at == NOW
    assert alert.payload == {"services": ["fax", "nowhere"], "note": "a\ufffdb"}
    assert "90 s ahead" in next(
        one["message"] for one in alert.problems if one["code"] == "clock_ahead"
    )


def test_without_a_source_or_a_name_nothing_is_written(ada) -> None:
    with refused("source_unusable", Invalid):
        receive(ada, source="two words")
    with refused("external_id_missing", Invalid):
        receive(ada, external_id=" ")
    with refused("payload_too_large", Invalid):
        receive(ada, payload={"x": "y" * 300_000})
    assert not Alert.objects.exists()
    receive(ada)
    assert Alert.objects.exists()


def test_the_responders_of_the_services_teams_are_told_and_nobody_away(ada) -> None:
    factories.service()
    for name in ("rita", "rob"):
        factories.person(name, qualified=(RESPONDER,))
    factories.person("otto", qualified=(RESPONDER,), team=factories.team("other"))
    factories.person("left", qualified=(RESPONDER,), is_active=False)
    away = factories.person("away", qualified=(RESPONDER,))
    Absence.objects.create(person=away, starts_at=NOW - MINUTE, ends_at=NOW + MINUTE)
    receive(ada, services=["payments"])
    assert told("alert") == ["rita", "rob"]
    message = OutboxMessage.objects.filter(kind="alert")[0]
    assert message.priority == OutboxMessage.Priority.NOTICE
    assert message.link == f"/admin/incidents/alert/{Alert.objects.get().pk}/change/"


def test_of_a_team_without_responders_the_owner_is_told(ada) -> None:
    factories.service()
    factories.service("search", team=factories.team("other"))
    factories.person("rita", qualified=(RESPONDER,))
    receive(ada, services=["payments", "search"])
    assert told("alert") == ["rita", "search-owner"]


def test_of_no_service_we_know_the_first_responders_are_told(ada) -> None:
    for number in range(9):
        factories.person(f"r{number}", qualified=(RESPONDER,))
    receive(ada, services=["nowhere"])
    assert told("alert") == ["r0", "r1", "r2", "r3", "r4"]


# --- Accepting


def test_accepting_declares_an_incident_as_the_alert_says(ada) -> None:
    factories.service()
    alert = receive(
        ada,
        services=["payments"],
        facts={"customers_affected": 5000},
        detected_at=NOW - 3 * MINUTE,
    )
    made = alerts.accept(alert, actor=ada, at=LATER)
    assert (made.title, made.level.code, made.declared_by) == (
        "Card payments fail",
        "sev1",
        ada,
    )
    assert (made.detected_at, made.declared_at) == (NOW - 3 * MINUTE, LATER)
    assert made.provenance["detected_at"] == {
        "source": "auto", "by": "ada", "reason": "alert grafana a-1",
    }  # fmt: skip
    assert [each.slug for each in made.services.all()] == ["payments"]
    entry = made.timeline.get(source="monitoring")
    assert (entry.at, entry.text) == (
        NOW - 3 * MINUTE,
        "Alert of grafana a-1: Card payments fail. Services: Payments.",
    )
    kept = again(alert)
    assert (kept.status, kept.incident, kept.decided_by, kept.decided_at) == (
        "accepted", made, ada, LATER,
    )  # fmt: skip
    assert acts() == ["receive_alert", "declare", "accept_alert"]


def test_whoever_accepts_may_say_it_better(ada) -> None:
    factories.service()
    search = factories.service("search")
    made = alerts.accept(
        receive(ada, services=["payments"], facts={"customers_affected": 5000}),
        title="Search is slow",
        services=[search],
        facts={},
        actor=ada,
        at=LATER,
    )
    assert (made.title, made.level.code) == ("Search is slow", "sev2")
    assert list(made.services.all()) == [search]


def test_an_alert_that_arrived_after_our_clock_was_put_back_is_accepted_all_the_same(
    ada,
) -> None:
    made = alerts.accept(receive(ada), actor=ada, at=NOW - MINUTE)
    assert made.detected_at == made.declared_at == NOW - MINUTE


def test_what_a_declaration_refuses_leaves_the_alert_waiting(ada) -> None:
    payments = factories.service()
    alert = receive(ada, services=["payments"])
    payments.is_active = False
    payments.save()
    with refused("inactive_service", Invalid):
        alerts.accept(alert, actor=ada, at=LATER)
    assert again(alert).status == "proposed"
    assert not Incident.objects.exists()


def test_attaching_puts_it_on_the_timeline_and_tells_who_runs_it(ada) -> None:
    factories.person("ben", qualified=(COMMUNICATIONS,))
    made = declare(title="Down", services=[], facts={}, actor=ada, at=NOW)
    alert = receive(ada)
    assert alerts.accept(alert, into=made, actor=ada, at=LATER) == made
    assert Incident.objects.count() == 1
    assert again(alert).incident == made
    assert "Alert of grafana a-1: Card payments fail." in records.timeline(made)
    assert told("alert-attached") == ["ben"]
    assert last_act().detail == {"incident": made.reference, "attached": True}


def test_an_exposure_the_alert_tells_of_starts_the_hour_of_counsel_once(ada) -> None:
    made = declare(title="Down", services=[], facts={}, actor=ada, at=NOW)
    exposed = {"personal_data_exposure": "possible"}
    for name in ("a-2", "a-3"):
        alert = receive(ada, external_id=name, facts=exposed)
        alerts.accept(alert, into=made, actor=ada, at=LATER)
        made.refresh_from_db()
    assert made.facts["personal_data_exposure"] == "possible"
    clock = made.legal_clocks.get(kind="counsel")
    assert (clock.started_at, clock.due_at - clock.started_at) == (LATER, timedelta(hours=1))
    (said,) = made.facts_said.filter(name="personal_data_exposure")
    assert (said.said_by, said.source) == (ada, "alert grafana a-2")


def test_an_alert_is_attached_only_to_what_is_open_and_real(ada) -> None:
    made, practice = (
        declare(title="Down", services=[], facts={}, kind=kind, actor=ada, at=NOW)
        for kind in ("incident", "exercise")
    )
    alert = receive(ada)
    with refused("alert_in_an_exercise"):
        alerts.accept(alert, into=practice, actor=ada, at=LATER)
    Incident.objects.filter(pk=made.pk).update(state="cancelled")
    with refused("incident_is_over"):
        alerts.accept(alert, into=made, actor=ada, at=LATER)
    Incident.objects.filter(pk=made.pk).update(state="triage")
    alerts.accept(alert, into=made, actor=ada, at=LATER)
    assert again(alert).status == "accepted"


def test_nobody_finds_a_private_incident_by_attaching_to_it(ada) -> None:
    made = declare(title="Down", services=[], facts={}, actor=ada, at=NOW)
    Incident.objects.filter(pk=made.pk).update(is_private=True)
    alert, outsider = receive(ada), on_call("otto")
    with refused("unknown_incident", Invalid):
        alerts.accept(alert, into=made, actor=outsider, at=LATER)
    assert alerts.accept(alert, into=made, actor=ada, at=LATER) == made


# --- Dismissing, and deciding once


def test_a_dismissal_is_kept_with_its_reason(ada) -> None:
    alert = receive(ada)
    alerts.dismiss(alert, reason=" A test of the probe ", actor=ada, at=LATER)
    kept = again(alert)
    assert (kept.status, kept.reason, kept.decided_by, kept.decided_at) == (
        "dismissed", "A test of the probe", ada, LATER,
    )  # fmt: skip
    assert last_act().detail == {"reason": "A test of the probe"}


def test_nothing_is_dismissed_without_a_reason(ada) -> None:
    alert = receive(ada)
    with refused("reason_missing", Invalid):
        alerts.dismiss(alert, reason="  ", actor=ada, at=LATER)
    assert again(alert).status == "proposed"
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.update(status="dismissed", decided_by=ada, decided_at=NOW)


def test_an_alert_is_decided_once_and_the_second_hears_by_whom_and_when(ada) -> None:
    accepted, dismissed = receive(ada), receive(ada, external_id="a-2")
    made = alerts.accept(accepted, actor=ada, at=LATER)
    alerts.dismiss(dismissed, reason="A test", actor=ada, at=LATER)
    for alert, said in (
        (accepted, f"Ada accepted it as {made.reference}, 2026-11-23 09:10 UTC"),
        (dismissed, "Ada dismissed it, 2026-11-23 09:10 UTC"),
    ):
        with refused("already_decided") as why:
            alerts.accept(alert, actor=ada, at=LATER)
        assert said in str(why.value)
        with refused("already_decided"):
            alerts.dismiss(alert, reason="No", actor=ada, at=LATER)


def test_each_act_needs_its_permission(ada) -> None:
    alert = receive(ada)
    reader = factories.allow(factories.person("rita"), "incidents.declare_incident")
    for act in (
        partial(receive, reader, external_id="a-2"),
        partial(alerts.accept, alert, actor=reader, at=NOW),
        partial(alerts.dismiss, alert, reason="No", actor=reader, at=NOW),
    ):
        with refused("no_permission", NotPermitted):
            act()
    assert (Alert.objects.count(), again(alert).status) == (1, "proposed")


def test_whoever_may_not_declare_cannot_by_an_alert(ada) -> None:
    alert = receive(ada)
    only = factories.allow(factories.person("otto"), *ALERT)
    with refused("no_permission", NotPermitted):
        alerts.accept(alert, actor=only, at=LATER)
    assert again(alert).status == "proposed"
    alerts.dismiss(alert, reason="A test", actor=only, at=LATER)


# --- At once


@pytest.mark.usefixtures("committing")
@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins() -> None:
    factories.law()
    ada = on_call("ada")
    for number in range(5):
        alert = receive(ada, external_id=f"a-{number}")
        outcomes = at_once(lambda alert=alert: alerts.accept(again(alert), actor=ada, at=LATER))
        assert sorted(outcomes) == ["already_decided", "done"]
        assert Incident.objects.count() == number + 1


@pytest.mark.usefixtures("committing")
@pytest.mark.django_db(transaction=True)
def test_an_alert_that_arrives_several_times_at_once_is_kept_once() -> None:
    ada = on_call("ada")
    for number in range(5):
        same = partial(receive, ada, external_id=f"a-{number}")
        assert at_once(same, times=4) == ["done"] * 4
        assert Alert.objects.count() == number + 1
        assert acts().count("receive_alert") == number + 1
