"""One voice, as people live it: from a declaration to a published, corrected and final update.

Four browsers: whoever declares, who speaks, who commands, and a stranger before the status page.
"""

import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.product import Product, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.processes]
SOON = 30_000  # milliseconds; an open page asks every five seconds
TITLE = "Checkout needs a minute to answer"
FIRST = "our checkout page answers slowly"
SLOW = "Checkout answers slowly for some shoppers. Payments that went through are valid."
DOWN = "Checkout answers slowly for most shoppers, not only for some of them."


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(tmp_path_factory.mktemp("product")).running() as running:
        yield running


def declare(who: Visitor) -> str:
    """A scenario somebody prepared for; the address of the incident."""
    who.open("/admin/")
    who.follow("Declare an incident")
    who.fill(title=TITLE, customers_affected="4000")
    who.find("services", "Checkout")
    who.choose(scenario="Checkout slow", functionality_lost="major")
    who.press("Declare")
    who.sees(TITLE)
    return who.page.url.removeprefix(who.product.url)


def holders(product: Product) -> dict[str, str]:
    """User names by role."""
    with product.api("ada") as api:
        found = api.get("/incidents", params={"q": TITLE}).json()["items"][0]
        incident = api.get(f"/incidents/{found['reference']}").json()
    return {
        "reference": incident["reference"],
        **{one["role"]: one["person"] for one in incident["assignments"]},
    }


def approve(who: Visitor, page: str, photograph: str = "") -> None:
    """The newest update on its way, by its page, which shows what it rests on."""
    who.open(page)
    who.page.locator("#panel-updates .act", has_text="Approve").first.click()
    if photograph:
        who.photograph(photograph)
    who.press("Approve")


def publish(who: Visitor, page: str) -> None:
    """What another person approved."""
    who.open(page)
    who.page.locator("#panel-updates .act", has_text="Publish").first.click()
    who.press("Publish")


def status_page(product: Product, reference: str, text: str) -> str:
    """The page of this incident for everybody, once it says this; a file, asked without a session."""
    address = f"{product.url}/status/incidents/{reference.lower()}.html"
    give_up_at = time.monotonic() + 45
    while text not in (said := httpx.get(address).text):
        assert time.monotonic() < give_up_at, said
        time.sleep(0.5)
    return said


def test_from_a_declaration_to_a_published_a_corrected_and_a_final_update(
    browser: Browser, product: Product
) -> None:
    declarer = Visitor(browser, product, "elif")
    page = declare(declarer)
    here = holders(product)
    lead = Visitor(browser, product, here["communications_lead"])
    commander = Visitor(browser, product, here["incident_commander"])
    reference = here["reference"]

    # The best match stands there with its words filled in, and is said by one press.
    lead.open(page)
    lead.sees("Publish: Checkout slow")
    words = lead.page.locator("#say-public blockquote").inner_text()
    assert FIRST in words and "{" not in words
    lead.photograph("30-first-word")
    lead.page.locator("#say-public").get_by_role("button").click()
    lead.sees("It is said.")
    expect(lead.page.locator(".first-word .tag-green")).to_be_visible()
    status_page(product, reference, FIRST)

    # A fact is verified, an update rests on it; another person approves, then it is published.
    commander.open(page)
    commander.follow("Verify facts")
    commander.page.get_by_label("Customers affected").check()
    commander.fill(source="The dashboard of checkouts")
    commander.press("Verify facts")
    lead.open(page)
    lead.page.locator("#panel-updates").get_by_role("link", name="Draft one").click()
    lead.choose(audience="Public")
    lead.fill(text="The server 10.1.2.3 is down.")
    expect(lead.page.locator("#remarks")).to_contain_text("10.1.2.3", timeout=SOON)
    lead.photograph("31-remarks")
    lead.fill(text=SLOW)
    expect(lead.page.locator("#remarks")).not_to_contain_text("10.1.2.3", timeout=SOON)
    lead.page.get_by_label("Customers affected").check()
    lead.press("Draft an update")
    approve(commander, page, "32-approving")
    publish(lead, page)
    status_page(product, reference, SLOW)

    # It was too weak: corrected by a follow-up that says so, by the same two pairs of eyes.
    lead.page.locator("#panel-updates .act", has_text="Correct").first.click()
    lead.fill(text=DOWN)
    lead.press("Draft an update")
    approve(commander, page)
    publish(lead, page)
    expect(lead.page.locator("#panel-updates")).to_contain_text("Corrected at")
    lead.photograph("33-corrected")
    said = status_page(product, reference, DOWN)
    assert "Correction of our update of" in said and SLOW in said

    # It is over, in words approved in calm.
    with product.api(here["incident_commander"]) as api:
        for verb in ("acknowledge", "contain", "mitigate", "resolve"):
            answer = api.post(f"/incidents/{reference}/{verb}")
            assert answer.status_code == 200, answer.text
    lead.open(page)
    lead.page.locator("#say-public").get_by_role("button", name="Say that it is over").click()
    lead.sees("It is said.")
    lead.photograph("34-over")
    said = status_page(product, reference, "is over")
    assert all(each in said for each in (FIRST, SLOW, DOWN)) and "Resolved" in said

    with product.api("ada") as api:
        updates = api.get(f"/incidents/{reference}").json()["updates"]
    public = [one for one in updates if one["audience"] == "public"]
    assert [one["status"] for one in public] == ["published"] * 4
    assert all(one["approved_by"] != one["drafted_by"] for one in public)
    assert "intact" in product.manage("verify_audit").lower()
    assert declarer.problems == lead.problems == commander.problems == []
