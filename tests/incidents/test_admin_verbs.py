"""The page of a verb: it asks on GET, acts once on POST, and says why not on the field."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from incidents.models import AuditEvent, HoldingStatement, Incident, TimelineEntry
from incidents.operations.agreeing import fingerprint
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, said, signed_in, text_of
from tests.incidents.scene import Scene, acts, again, scene

pytestmark = pytest.mark.django_db

YESTERDAY = date(2026, 1, 1)


@pytest.fixture
def stage() -> Scene:
    """An incident in triage that Ada commands; everybody is staff."""
    made = scene()
    for who in (made.ada, made.ben, made.dan):
        who.is_staff = True
        who.save()
    factories.allow(made.ada, "incidents.view_incident")
    factories.allow(made.ben, "incidents.view_incident")
    return made


@pytest.fixture
def words() -> HoldingStatement:
    """A draft of somebody else's."""
    return HoldingStatement.objects.create(
        title="Outage", text="{service} is down.", audience="internal", maker=member("wanda")
    )


def approver():
    return signed_in(member("lea", "leadership"))


def test_asking_shows_the_promise_and_changes_nothing(stage) -> None:
    page = signed_in(stage.ada).get(page_of(stage.incident, "contain"))
    assert page.status_code == 200
    assert "Records when the impact stopped growing." in text_of(page)
    assert acts() == []
    assert again(stage.incident).contained_at is None


def test_an_act_writes_says_so_and_leads_back(stage) -> None:
    page = signed_in(stage.ada).post(page_of(stage.incident, "note"), {"text": "It spreads"})
    assert (page.status_code, page.url) == (302, page_of(stage.incident))
    assert said(page) == ["Add a note: done."]
    assert TimelineEntry.objects.get().text == "It spreads"
    assert acts() == ["note"]


def test_an_act_on_the_list_leads_to_what_it_made(client) -> None:
    factories.law()
    address = list_of(Incident, "declare")
    body = {"title": "Card payments fail", "services": [factories.service().pk]}
    page = signed_in(member("lea", "leadership")).post(address, body)
    made = Incident.objects.get()
    assert (page.status_code, page.url) == (302, page_of(made))
    assert made.title == "Card payments fail"


def test_a_refusal_stands_on_its_field_and_nothing_is_written(words) -> None:
    page = approver().post(
        page_of(words, "approve"), {"seen": fingerprint(words), "expires_on": YESTERDAY}
    )
    assert page.status_code == 409
    assert page.context["form"].errors == {
        "expires_on": ["This day has come: choose a later one, or none."]
    }
    assert said(page) == []
    assert again(words).status == "draft"
    assert acts() == []


def test_the_same_act_with_a_day_to_come_is_done(words) -> None:
    page = approver().post(
        page_of(words, "approve"), {"seen": fingerprint(words), "expires_on": "2099-01-01"}
    )
    assert page.status_code == 302
    assert again(words).status == "approved"


def test_a_refusal_without_a_field_is_said_once(stage) -> None:
    page = signed_in(stage.ada).post(page_of(stage.incident, "close"), {"note": "Over"})
    (sentence,) = page.context["form"].non_field_errors()
    assert page.status_code == 409
    assert text_of(page).count(sentence) == 1
    assert again(stage.incident).state == "triage"


def test_what_stands_against_an_act_is_said_before_it_is_tried(stage) -> None:
    page = signed_in(stage.ada).get(page_of(stage.incident, "close"))
    (reason,) = page.context["reasons"]
    assert text_of(page).count(reason.message) == 1


def test_an_answer_that_is_missing_is_asked_for_again(stage) -> None:
    page = signed_in(stage.ada).post(page_of(stage.incident, "note"), {"text": ""})
    assert page.status_code == 409
    assert page.context["form"].errors["text"] == ["This field is required."]
    assert acts() == []


def test_who_may_ever_but_not_here_is_refused_in_words(stage) -> None:
    page = signed_in(stage.ben).post(page_of(stage.incident, "contain"), {})
    assert page.status_code == 409
    assert page.context["form"].non_field_errors()
    assert acts() == []


def test_who_may_never_gets_no_page(stage) -> None:
    client = signed_in(stage.dan)
    for answer in (client.get, client.post):
        assert answer(page_of(stage.incident, "note"), {"text": "x"}).status_code == 403
    assert acts() == []


def test_who_may_see_but_not_act_gets_no_page(stage) -> None:
    client = signed_in(member("olga", "auditor"))
    assert client.get(page_of(stage.incident)).status_code == 200
    for answer in (client.get, client.post):
        assert answer(page_of(stage.incident, "note"), {"text": "x"}).status_code == 403
    assert acts() == []


def test_who_is_not_signed_in_is_asked_to(client, stage) -> None:
    page = client.post(page_of(stage.incident, "note"), {"text": "x"})
    assert page.status_code == 302
    assert page.url.startswith(reverse("admin:login"))


def test_a_row_that_is_not_there_is_not_found(stage) -> None:
    stage.incident.pk += 1
    assert signed_in(stage.ada).get(page_of(stage.incident, "note")).status_code == 404


def test_a_post_without_its_token_is_refused(stage) -> None:
    client = signed_in(stage.ada)
    client.handler.enforce_csrf_checks = True
    assert client.post(page_of(stage.incident, "note"), {"text": "x"}).status_code == 403
    assert not AuditEvent.objects.exists()


def test_an_act_pressed_twice_is_done_once(stage) -> None:
    client, body = signed_in(stage.ada), {"happened_at_0": "", "happened_at_1": ""}
    first = client.post(page_of(stage.incident, "contain"), body)
    second = client.post(page_of(stage.incident, "contain"), body)
    assert (first.status_code, second.status_code) == (302, 409)
    assert acts() == ["contain"]


def test_a_form_offers_what_is_usable_on_the_day_it_is_asked(stage, words) -> None:
    words.status, words.approver, words.approved_at = "approved", stage.ada, NOW
    words.expires_on = (NOW + timedelta(days=1)).date()
    words.save()
    client = signed_in(stage.ben)

    def offered():
        page = client.get(page_of(stage.incident, "draft_update"))
        return list(page.context["form"].fields["statement"].queryset)

    with pytest.MonkeyPatch.context() as patch:
        clock = "incidents.admin.words_forms.timezone.now"
        patch.setattr(clock, lambda: NOW)
        assert offered() == [words]
        patch.setattr(clock, lambda: NOW + timedelta(days=1))
        assert offered() == []
