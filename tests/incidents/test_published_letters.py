"""What strangers get: Markdown made harmless, public words, one click to leave, and webhooks that say more."""

import pytest

from incidents.channels import deliver
from incidents.channels.letters import as_mail
from incidents.models import Customer, OutboxMessage
from incidents.operations import broadcasts, places
from tests import factories
from tests.deliveries import incident
from tests.factories import NOW
from tests.publishing import place, published, subscriber
from tests.receivers import Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(settings) -> None:
    settings.SITE_URL, settings.STATUS_URL = "https://in.example", "https://status.example"
    settings.ORGANISATION_NAME = "Northwind"


def mail_to_a_subscriber(**fields):
    subscriber("reader@example.org")
    broadcasts.ask(published(incident(reference="INC-7"), **fields), at=NOW)
    broadcasts.sweep(NOW)
    return as_mail(OutboxMessage.objects.get())


def html_of(mail) -> str:
    return str(mail.alternatives[0][0])


def test_a_subscriber_leaves_with_one_click() -> None:
    mail = mail_to_a_subscriber()
    link = mail.extra_headers["List-Unsubscribe"].strip("<>")
    assert link.startswith("https://in.example/subscribe/stop/")
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in mail.body
    assert f'<a href="{link}"' in html_of(mail)


def test_a_subscriber_is_led_to_the_status_page_and_never_into_the_house() -> None:
    mail = mail_to_a_subscriber()
    for text in (mail.body, html_of(mail)):
        assert "https://status.example/incidents/inc-7.html" in text
        assert "/admin/" not in text
        assert "incident governance" not in text
        assert "addressed to you" not in text


def test_markdown_is_shown_and_nothing_else_comes_through() -> None:
    mail = mail_to_a_subscriber(text="We **know**. <script>alert(1)</script> [x](javascript:1)")
    html = html_of(mail)
    assert "<strong>know</strong>" in html
    assert "<script>" not in html
    assert 'href="javascript' not in html
    assert "**know**" in mail.body


def test_a_customer_cannot_unsubscribe_and_is_told_why() -> None:
    cards = factories.service("cards")
    acme = Customer.objects.create(slug="a", name="Acme", contact_email="ops@acme.example")
    acme.services.add(cards)
    broadcasts.ask(published(audience="customers", services=("cards",)), at=NOW)
    broadcasts.sweep(NOW)
    mail = as_mail(OutboxMessage.objects.get())
    assert "List-Unsubscribe" not in mail.extra_headers
    assert "where updates about the services you use are sent" in mail.body


def test_a_place_within_the_house_is_led_to_the_incident() -> None:
    place(audience="internal")
    update = published(incident(reference="INC-7"), audience="internal")
    places.compose(update, at=NOW)
    mail = as_mail(OutboxMessage.objects.get())
    page = f"https://in.example/admin/incidents/incident/{update.incident_id}/change/"
    assert page in mail.body
    assert "INC-7" in html_of(mail)


def test_a_webhook_is_told_what_the_update_is(settings) -> None:
    settings.WEBHOOK_HOSTS, settings.WEBHOOK_SECRET = ["127.0.0.1"], "secret"
    first = published(services=("cards",), impact="major")
    update = published(
        first.incident,
        services=("cards",),
        impact="partial",
        stage="identified",
        corrects=first,
    )
    with Receiver() as receiver:
        place(channel="webhook", address=f"{receiver.url}/hook")
        places.compose(update, at=NOW)
        assert deliver(NOW, channel="webhook").sent == 1
        [request] = receiver.requests
    assert request.json["subject"] == "Cards: partial outage"
    assert request.json["body"].startswith("Correction of our update of 2026-11-23 09:00 UTC")
    assert request.json["update"] == {
        "id": update.pk,
        "audience": "public",
        "stage": "identified",
        "impact": "partial",
        "services": [{"name": "Cards"}],
        "corrects": first.pk,
        "text": update.text,
    }


@pytest.mark.parametrize(("audience", "services"), [
    ("public", [{"name": "Card payments"}]),
    ("customers", [{"name": "Card payments"}]),
    ("support", [{"slug": "acq-eu-3", "name": "Card payments"}, {"slug": "ledger", "name": ""}]),
])  # fmt: skip
def test_a_webhook_of_strangers_reads_no_name_of_the_house(
    settings, audience, services
) -> None:
    settings.WEBHOOK_HOSTS, settings.WEBHOOK_SECRET = ["127.0.0.1"], "secret"
    update = published(audience=audience, named={"acq-eu-3": "Card payments", "ledger": ""})
    with Receiver() as receiver:
        place(channel="webhook", address=f"{receiver.url}/hook", audience=audience)
        places.compose(update, at=NOW)
        assert deliver(NOW, channel="webhook").sent == 1
        [request] = receiver.requests
    assert request.json["update"]["services"] == services
