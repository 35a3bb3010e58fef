"""One incident as people live it: an alert, a severity that changes, command handed over, the end.

Three browsers: whoever accepts the alert, the first commander, the second.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.product import Product, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.processes]
SOON = 30_000  # milliseconds; an open page asks every five seconds

ALERT = {
    "source": "grafana",
    "external_id": "portal-slow",
    "title": "The merchant portal is slow",
    "services": ["merchant-portal"],
    "facts": {"customers_affected": 12},
}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(tmp_path_factory.mktemp("product")).running() as running:
        yield running


@pytest.fixture(scope="module")
def alert(product: Product) -> dict[str, Any]:
    """What the program that watches hands in."""
    with product.api("elif") as api:
        answer = api.post("/alerts", json=ALERT)
    assert answer.status_code == 201, answer.text
    handed_in: dict[str, Any] = answer.json()
    return handed_in


def big_button(who: Visitor, label: str) -> None:
    """What the page holds to be sensible next."""
    expect(who.page.locator(".verb-big", has_text=label)).to_be_visible(timeout=SOON)


def begin(visitor: Visitor, alert: dict[str, Any]) -> str:
    """Accept the alert; the address of the incident it became."""
    visitor.open("/admin/incidents/alert/")
    visitor.follow(alert["title"])
    visitor.follow("Accept: declare an incident")
    visitor.photograph("20-alert")
    visitor.press("Accept: declare an incident")
    visitor.sees(alert["title"])
    visitor.follow_matching(r"^INC-\d+")
    return visitor.page.url.removeprefix(visitor.product.url)


def change_severity(commander: Visitor, page: str) -> None:
    """The facts change, a level is proposed, the commander sets it."""
    commander.open(page)
    commander.follow("Record facts")
    commander.fill(customers_affected="5000")
    commander.choose(functionality_lost="major")
    commander.press("Record facts")
    commander.sees("SEV2 high")
    big_button(commander, "Decide: SEV2 high is proposed")
    commander.photograph("22-proposed")
    commander.follow_matching("Decide: SEV2 high is proposed")
    expect(commander.page.locator("#id_level_code")).to_have_value("sev2")
    commander.press("Classify")
    expect(commander.page.locator(".headline .tag-sev2").first).to_be_visible()


def hand_over(giver: Visitor, successor: Visitor, page: str) -> None:
    """Offered with a briefing; the other's open page shows it without being loaded anew."""
    successor.open(page)
    giver.open(page)
    giver.follow("Hand over command")
    giver.find("to", "Ben")
    giver.fill(note="The portal's cache is being warmed.", open_questions="Why since noon?")
    giver.press("Hand over command")
    giver.sees("Ben Okafor")
    big_button(successor, "Accept command")
    successor.photograph("23-command-offered")
    successor.follow("Accept command")
    successor.sees("Why since noon?")
    successor.press("Accept command")
    successor.sees("Command handed over from Ada Lindqvist to Ben Okafor")


def test_from_an_alert_to_its_closing_with_a_hand_over_and_a_severity_change(
    browser: Browser, product: Product, alert: dict[str, Any]
) -> None:
    elif_ = Visitor(browser, product, "elif")
    ada, ben = Visitor(browser, product, "ada"), Visitor(browser, product, "ben")

    page = begin(elif_, alert)
    ada.open(page)
    ada.act("Acknowledge")
    ada.photograph("21-acknowledged")
    change_severity(ada, page)
    hand_over(ada, ben, page)

    # Ada's page, which nobody touched, has learnt that she commands no more.
    advance = ada.page.get_by_role("link", name="Advance", exact=True)
    expect(advance).to_have_count(0, timeout=SOON)
    ben.act("Advance")
    for verb in ("Mark contained", "Mark mitigated", "Mark resolved"):
        big_button(ben, verb)
        ben.act(verb)
    ben.act("Close", note="The cache was warmed again; the portal answers as ever.")
    ben.sees("Closed")
    ben.photograph("24-closed")

    with product.api("ben") as api:
        listed = api.get("/incidents", params={"q": alert["title"]}).json()["items"]
        closed = api.get(f"/incidents/{listed[0]['reference']}").json()
    assert closed["phase"] == "closed"
    assert [one["person"] for one in closed["former_assignments"] if one["role"] == (
        "incident_commander"
    )] == ["ada", "ben"]  # fmt: skip
    assert "intact" in product.manage("verify_audit").lower()
    assert elif_.problems == ada.problems == ben.problems == []
