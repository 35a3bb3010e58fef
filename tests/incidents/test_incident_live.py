"""What a page that stands open asks for: nothing for nothing new, panels for news, no secrets."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.admin import incident_page
from incidents.models import Incident, TimelineEntry
from incidents.operations import timeline
from incidents.operations.records import audit
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import member, page_of, signed_in, text_of
from tests.incidents.scene import MINUTE, Scene, again, scene

pytestmark = pytest.mark.django_db
NOTHING_NEW_QUERIES = 3  # session, person, revision


@pytest.fixture
def stage() -> Scene:
    return scene()


@pytest.fixture
def client() -> Client:
    return signed_in(member("lena", "leadership"))


def live(client: Client, incident: Incident, seen: Any) -> Any:
    return client.get(page_of(incident, "live"), {"seen": seen})


def revision(incident: Incident) -> int:
    return again(incident).revision


def panels_of(page: Any) -> list[str]:
    """The keys of the panels in an answer, each as often as it stands there."""
    return [
        part.split('"')[0]
        for part in page.content.decode().split('id="panel-')[1:]
    ]  # fmt: skip


# --- nothing new


def test_who_has_seen_the_latest_is_answered_with_nothing_at_all(client, stage) -> None:
    audit("note", stage.incident, actor=stage.ada, at=NOW)
    page = live(client, stage.incident, revision(stage.incident))
    assert (page.status_code, page.content) == (204, b"")
    assert "no-store" in page["Cache-Control"]


def test_nothing_new_costs_three_statements_for_a_leader_and_a_responder(client, stage) -> None:
    for each in (client, signed_in(member("rita", "responder"))):
        live(each, stage.incident, 0)
        with CaptureQueriesContext(connection) as sent:
            assert live(each, stage.incident, 0).status_code == 204
        assert len(sent) <= NOTHING_NEW_QUERIES


# --- something new


def test_an_act_sends_every_panel_of_the_page_with_its_revision(client, stage) -> None:
    before = revision(stage.incident)
    timeline.note(stage.incident, text="The cache is cold", actor=stage.ada, at=NOW + MINUTE)
    page = live(client, stage.incident, before)
    assert page.status_code == 200
    assert "The cache is cold" in text_of(page)
    assert f'data-seen="{before + 1}"' in page.content.decode()
    assert live(client, stage.incident, before + 1).status_code == 204
    whole = client.get(page_of(stage.incident))
    assert panels_of(page) == panels_of(whole) != []
    assert len(set(panels_of(page))) == len(panels_of(page))


def test_the_page_begins_with_the_revision_it_shows(client, stage) -> None:
    audit("note", stage.incident, actor=stage.ada, at=NOW)
    page = client.get(page_of(stage.incident)).content.decode()
    assert f'data-seen="{revision(stage.incident)}"' in page
    assert f'data-live="{page_of(stage.incident, "live")}"' in page


@pytest.mark.parametrize("seen", ["", "-1", "x", "9" * 40, "1.0"])
def test_a_revision_nobody_can_have_seen_is_answered_with_the_panels(
    client, stage, seen
) -> None:
    assert live(client, stage.incident, seen).status_code == 200


@pytest.mark.parametrize(("state", "is_over"), [("triage", False), ("closed", True)])
def test_what_is_over_says_that_nothing_more_will_come(client, stage, state, is_over) -> None:
    Incident.objects.filter(pk=stage.incident.pk).update(state=state, closed_at=NOW)
    answer = live(client, stage.incident, "").content.decode().split(">")[0]
    assert ("data-over" in answer) == is_over


def test_the_page_and_its_answers_carry_no_script_of_their_own(client, stage) -> None:
    for page in (client.get(page_of(stage.incident)), live(client, stage.incident, "")):
        incident = page.content.decode().split("data-seen", 1)[1]
        assert "onclick" not in incident
    assert b"<script" not in live(client, stage.incident, "").content


# --- who may


def test_only_who_may_view_incidents_is_answered(client, stage) -> None:
    assert live(client, stage.incident, 0).status_code == 204
    dan = signed_in(member("dana"))
    for seen in (0, 77):
        assert live(dan, stage.incident, seen).status_code == 403
    assert live(Client(), stage.incident, 0).status_code == 302


def test_an_incident_that_does_not_exist_is_not_found(client, stage) -> None:
    for unknown in ("999", "INC-999", "nonsense"):
        address = reverse("admin:incidents_incident_live", args=[unknown])
        assert client.get(address, {"seen": 0}).status_code == 404
    by_reference = reverse("admin:incidents_incident_live", args=[stage.incident.reference])
    assert client.get(by_reference, {"seen": 0}).status_code == 204


@pytest.mark.parametrize("page", ["change", "live", "timeline", "history", "adherence", "note"])
def test_a_private_incident_is_not_there_for_whom_it_does_not_show_itself_to(
    client, stage, page
) -> None:
    Incident.objects.filter(pk=stage.incident.pk).update(is_private=True)
    root = signed_in(member("root", is_superuser=True))
    for stranger in (client, root):
        assert stranger.get(page_of(stage.incident, page), {"seen": 0}).status_code == 404
    ada = factories.allow(
        stage.ada, "incidents.view_incident", "incidents.view_historicalincident"
    )
    ada.is_staff = True
    ada.save()
    status = signed_in(ada).get(page_of(stage.incident, page), {"seen": 0}).status_code
    assert status == (204 if page == "live" else 200)


def test_a_private_incident_says_that_it_is_and_who_sees_it(client, stage) -> None:
    assert "Private" not in text_of(client.get(page_of(stage.incident)))
    Incident.objects.filter(pk=stage.incident.pk).update(is_private=True)
    stage.incident.seen_by.add(Group.objects.get(name="leadership"))
    text = text_of(client.get(page_of(stage.incident)))
    assert (
        "Seen only by whoever takes or took part in it and declared it, and by leadership"
        in text
    )


# --- the whole timeline


def entries(incident: Incident, size: int) -> None:
    TimelineEntry.objects.bulk_create(
        TimelineEntry(
            incident=incident, text=f"entry {n}.", at=NOW + n * MINUTE, recorded_at=NOW
        )
        for n in range(size)
    )


def test_a_long_timeline_shows_its_newest_and_leads_to_the_rest(
    client, stage, django_assert_max_num_queries
) -> None:
    entries(stage.incident, 1000)
    page = client.get(page_of(stage.incident))
    text = text_of(page)
    assert page.content.decode().count("data-entry") == incident_page.TIMELINE_SHOWN
    assert "entry 999." in text and "entry 900." in text and "entry 899." not in text
    assert page_of(stage.incident, "timeline") in page.content.decode()
    with django_assert_max_num_queries(14):
        last = client.get(page_of(stage.incident, "timeline"), {"page": 5})
    assert "entry 0." in text_of(last) and "entry 200." not in text_of(last)


def test_a_short_timeline_is_all_on_the_page(client, stage) -> None:
    entries(stage.incident, 3)
    page = client.get(page_of(stage.incident)).content.decode()
    assert page_of(stage.incident, "timeline") not in page
    assert page.count("data-entry") == 3
