"""Alerts in the admin: what waits comes first, what came in is shown safely, verbs decide."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Alert, Incident, Person
from incidents.operations import alerts
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, said, signed_in, text_of
from tests.incidents.scene import MINUTE, again

pytestmark = pytest.mark.django_db

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def ada() -> Person:
    factories.law()
    factories.service()
    return member("ada", "responder", qualified=(COMMANDER,))


def receive(actor: Person, name: str = "a-1", **more) -> Alert:
    given = {
        "title": f"Card payments fail {name}",
        "services": ["payments"],
        "facts": {"customers_affected": 5000, "safety_risk": True},
        "payload": {"labels": EVIL},
    }
    alert, _ = alerts.receive(
        source="grafana", external_id=name, actor=actor, at=NOW, **(given | more)
    )
    return alert


def test_what_waits_comes_first_and_is_counted(ada) -> None:
    for number in range(3):
        receive(ada, f"a-{number}")
    alerts.dismiss(Alert.objects.get(external_id="a-2"), reason="A test", actor=ada, at=NOW)
    page = signed_in(ada).get(list_of(Alert))
    words = text_of(page)
    assert "2 alerts wait for somebody to accept or dismiss them." in words
    assert words.index("fail a-1") < words.index("fail a-0") < words.index("fail a-2")
    assert "A test" in words


def test_an_empty_list_says_what_to_do_first(ada) -> None:
    assert "No alert yet." in text_of(signed_in(ada).get(list_of(Alert)))


def test_dismissals_are_found_by_the_filter_for_auditors(ada) -> None:
    receive(ada, "a-1")
    alerts.dismiss(receive(ada, "a-2"), reason="A test", actor=ada, at=NOW)
    auditor = signed_in(member("audrey", "auditor"))
    words = text_of(auditor.get(list_of(Alert), {"status__exact": "dismissed"}))
    assert "fail a-2" in words
    assert "fail a-1" not in words


def test_a_list_costs_the_same_however_many(ada) -> None:
    client = signed_in(ada)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(list_of(Alert))
        return len(queries)

    alerts.accept(receive(ada, "a-0"), facts={}, actor=ada, at=NOW)
    few = cost()
    for number in range(1, 25):
        alert = receive(ada, f"a-{number}")
        if number % 2:
            alerts.accept(alert, title=f"T{number}", facts={}, actor=ada, at=NOW)
    assert cost() == few


def test_what_came_in_is_shown_escaped(ada) -> None:
    alert = receive(
        ada, title=EVIL, services=["payments", EVIL], url="https://example.com/?a=<b>"
    )
    page = signed_in(ada).get(page_of(alert))
    assert EVIL not in page.content.decode()
    words = page.content.decode()
    assert "&lt;script&gt;" in words
    assert 'href="https://example.com/?a=&lt;b&gt;"' in words
    assert "is not in the service catalogue" in text_of(page)


def test_accepting_declares_what_the_form_says(ada) -> None:
    alert = receive(ada)
    client, address = signed_in(ada), page_of(alert, "accept")
    form = client.get(address).context["form"]
    assert form.initial["title"] == alert.title
    assert (form.initial["customers_affected"], form.initial["safety_risk"]) == (5000, True)
    body = {
        "title": "Search is slow", "services": [factories.service("search").pk],
        "customers_affected": "3",
    }  # fmt: skip
    page = client.post(address, body)
    made = Incident.objects.get()
    assert (page.status_code, page.url) == (302, page_of(made))
    assert (made.title, made.facts) == ("Search is slow", {"customers_affected": 3})
    assert [each.slug for each in made.services.all()] == ["search"]
    assert made.detected_at == again(alert).detected_at
    assert made.reference in text_of(client.get(page_of(alert)))


def test_what_is_accepted_may_be_private_from_the_first(ada) -> None:
    alert = receive(ada)
    services = [each.pk for each in alert.services.all()]
    body = {"title": "Somebody is in", "services": services, "is_private": "on"}
    signed_in(ada).post(page_of(alert, "accept"), body)
    assert Incident.objects.get().is_private


def test_attaching_offers_what_is_open_real_and_seen(ada) -> None:
    alert = receive(ada)
    shown = alerts.accept(receive(ada, "a-2"), actor=ada, at=NOW)
    for name, change in (
        ("a-3", {"state": "cancelled"}),
        ("a-4", {"kind": "exercise"}),
        ("a-5", {"is_private": True, "declared_by": None}),
    ):
        other = alerts.accept(receive(ada, name), actor=ada, at=NOW)
        other.assignments.update(ended_at=NOW)
        Incident.objects.filter(pk=other.pk).update(**change)
        if change.get("is_private"):
            other.assignments.update(person=factories.person("otto"))
    client, address = signed_in(ada), page_of(alert, "attach")
    offered = client.get(address).context["form"].fields["into"].queryset
    assert list(offered) == [shown]
    page = client.post(address, {"into": shown.pk})
    assert (page.status_code, page.url) == (302, page_of(shown))
    assert again(alert).incident == shown


def test_dismissing_wants_a_reason(ada) -> None:
    alert = receive(ada)
    client, address = signed_in(ada), page_of(alert, "dismiss")
    assert client.post(address, {"reason": ""}).status_code == 409
    assert again(alert).status == "proposed"
    page = client.post(address, {"reason": "A test of the probe"})
    assert (page.status_code, said(page)) == (302, ["Dismiss: done."])
    assert again(alert).reason == "A test of the probe"


def test_once_decided_the_page_says_by_whom(ada) -> None:
    alert = receive(ada)
    alerts.dismiss(alert, reason="A test", actor=ada, at=NOW + MINUTE)
    words = text_of(signed_in(ada).get(page_of(alert, "accept")))
    assert "Ada dismissed it, 2026-11-23 09:01 UTC" in words


def test_who_may_not_sees_no_act_and_is_refused(ada) -> None:
    alert = receive(ada)
    auditor, dan = signed_in(member("audrey", "auditor")), signed_in(member("dan"))
    assert "Dismiss" not in text_of(auditor.get(page_of(alert)))
    for verb, body in (
        ("accept", {"title": "x"}),
        ("attach", {}),
        ("dismiss", {"reason": "No"}),
    ):
        assert auditor.post(page_of(alert, verb), body).status_code == 403
        assert dan.post(page_of(alert, verb), body).status_code == 403
    assert dan.get(list_of(Alert)).status_code == 403
    assert again(alert).status == "proposed"
