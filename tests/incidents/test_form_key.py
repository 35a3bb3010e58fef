"""A form pressed twice, or sent again after going back, acts once and leads where it led before."""

import re

import pytest

from incidents.admin import form_key
from incidents.models import ApiToken, DoneOnce, Incident
from tests import factories
from tests.incidents.admin_room import list_of, member, page_of, said, signed_in, text_of
from tests.incidents.scene import Scene, acts, scene, timeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Scene:
    made = scene()
    for who in (made.ada, made.ben, made.dan):
        who.is_staff = True
        who.save()
        if who is not made.dan:
            factories.allow(who, "incidents.view_incident")
    return made


def key_on(page) -> str:
    (key,) = re.findall(r'name="form_key" value="([\w-]{20,})"', page.content.decode())
    return key


def test_every_form_bears_a_key_of_its_own(stage) -> None:
    ada, address = signed_in(stage.ada), page_of(stage.incident, "note")
    assert key_on(ada.get(address)) != key_on(ada.get(address))


def test_a_form_sent_twice_acts_once_and_leads_where_it_led(stage) -> None:
    ada, address = signed_in(stage.ada), page_of(stage.incident, "note")
    body = {"text": "It spreads", "form_key": key_on(ada.get(address))}
    first, again = ada.post(address, body), ada.post(address, body)
    assert first.status_code == again.status_code == 302
    assert first.url == again.url == page_of(stage.incident)
    assert said(again)[-1] == "This was done already."
    assert acts() == ["note"]


def test_it_is_known_although_the_act_has_left_the_form_without_its_choice(stage) -> None:
    ada, address = signed_in(stage.ada), page_of(stage.incident, "advance")
    body = {"to": "mitigation", "form_key": key_on(ada.get(address))}
    ada.post(address, body)
    again = ada.post(address, body)
    assert (again.status_code, said(again)[-1]) == (302, "This was done already.")
    assert acts() == ["advance"]


def test_a_form_on_the_list_leads_to_what_it_made_the_first_time() -> None:
    factories.law()
    lea, address = signed_in(member("lea", "leadership")), list_of(Incident, "declare")
    body = {"title": "Card payments fail", "services": [factories.service().pk]}
    body["form_key"] = key_on(lea.get(address))
    first, again = lea.post(address, body), lea.post(address, body)
    assert first.url == again.url == page_of(Incident.objects.get())


def test_other_words_under_the_same_key_are_not_lost_but_asked_about(stage) -> None:
    ada, address = signed_in(stage.ada), page_of(stage.incident, "note")
    key = key_on(ada.get(address))
    ada.post(address, {"text": "It spreads", "form_key": key})
    page = ada.post(address, {"text": "It is over", "form_key": key})
    assert page.status_code == 409
    assert "This form was sent before, with other words" in text_of(page)
    assert acts() == ["note"]
    ada.post(address, {"text": "It is over", "form_key": key_on(page)})
    assert timeline(stage.incident) == ["It spreads", "It is over"]


def test_a_refused_form_may_be_mended_and_sent_again(stage) -> None:
    ada, address = signed_in(stage.ada), page_of(stage.incident, "decide")
    key = key_on(ada.get(address))
    assert ada.post(address, {"question": "Roll back?", "form_key": key}).status_code == 409
    body = {"question": "Roll back?", "decision": "Yes", "form_key": key}
    assert ada.post(address, body).status_code == 302
    assert acts() == ["decide"]


def test_a_key_is_of_no_use_to_somebody_else(stage) -> None:
    ada, ben, address = (
        signed_in(stage.ada), signed_in(stage.ben), page_of(stage.incident, "note")
    )  # fmt: skip
    body = {"text": "It spreads", "form_key": key_on(ada.get(address))}
    ada.post(address, body)
    assert said(ben.post(address, body)) == ["Add a note: done."]
    assert signed_in(stage.dan).post(address, body).status_code == 403
    assert acts() == ["note", "note"]


@pytest.mark.parametrize("key", ["", "x" * 300])
def test_without_a_key_that_can_be_one_a_form_acts_as_ever(stage, key) -> None:
    ada, address = signed_in(stage.ada), page_of(stage.incident, "note")
    for _ in range(2):
        ada.post(address, {"text": "It spreads", form_key.FIELD: key})
    assert acts() == ["note", "note"]
    assert not DoneOnce.objects.exists()


def test_a_secret_shown_once_is_not_kept_to_be_shown_again() -> None:
    lea, address = signed_in(member("lea", "leadership")), list_of(ApiToken, "issue")
    body = {"label": "grafana", "form_key": key_on(lea.get(address))}
    assert lea.post(address, body).status_code == 200
    again = lea.post(address, body)
    assert (again.status_code, again.url) == (302, list_of(ApiToken))
    assert ApiToken.objects.count() == 1
    assert DoneOnce.objects.get().answer == ""
