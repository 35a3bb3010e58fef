"""Two people with one incident open: what one does the other sees, and nothing moves meanwhile."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.product import Product, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.processes]
SOON = 30_000  # milliseconds; an open page asks every five seconds
NOTES = 40


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(tmp_path_factory.mktemp("product")).running() as running:
        yield running


@pytest.fixture(scope="module")
def incident(product: Product) -> dict[str, Any]:
    """A fresh one with a timeline longer than a screen."""
    with product.api("ada") as api:
        said = {
            "title": "Exports are slow",
            "services": [],
            "facts": {"customers_affected": 40},
        }
        said["services"] = [api.get("/services").json()["items"][0]["slug"]]
        made: dict[str, Any] = api.post("/incidents", json=said).json()
        for number in range(NOTES):
            note(api, made, f"Step {number} was tried")
    return made


@pytest.fixture(scope="module")
def act(product: Product, incident: dict[str, Any]) -> Iterator[Callable[..., None]]:
    """Somebody else's act, from another place."""
    with product.api("ada") as api:

        def do(verb: str, **said: Any) -> None:
            answer = api.post(f"/incidents/{incident['reference']}/{verb}", json=said)
            assert answer.is_success, answer.text

        yield do


@pytest.fixture(scope="module")
def ada(browser: Browser, product: Product) -> Visitor:
    return Visitor(browser, product, "ada")


@pytest.fixture(scope="module")
def ben(browser: Browser, product: Product) -> Visitor:
    return Visitor(browser, product, "ben")


def note(api: Any, incident: dict[str, Any], text: str) -> None:
    answer = api.post(f"/incidents/{incident['reference']}/note", json={"text": text})
    assert answer.is_success, answer.text


def opened(who: Visitor, incident: dict[str, Any]) -> Page:
    who.open(f"/admin/incidents/incident/{incident['reference']}/change/")
    who.page.evaluate("window.neverReloaded = true")
    return who.page


def top_of(page: Page, selector: str) -> float:
    top: float = page.locator(selector).first.evaluate("e => e.getBoundingClientRect().top")
    return top


def is_still_there(page: Page) -> bool:
    return bool(page.evaluate("window.neverReloaded === true"))


def test_an_act_in_one_browser_appears_in_the_other_without_reloading(ada, ben, incident):
    page = opened(ben, incident)
    opened(ada, incident)
    ada.act("Add a note", text="The disks are full")
    entry = page.locator("#panel-timeline").get_by_text("The disks are full")
    expect(entry).to_be_visible(timeout=SOON)
    expect(page.locator("#live-said")).to_contain_text("1 new entry")
    assert is_still_there(page)
    assert ben.problems == ada.problems == []


def test_what_is_unfolded_waits_until_its_reader_wants_it(ben, incident, act):
    page = opened(ben, incident)
    panel = page.locator("#panel-severity")
    panel.get_by_text("Criteria that did not hold").click()
    page.mouse.move(5, 5)
    act("legal", facts={"customers_affected": 41})
    button = panel.get_by_role("button", name="New: show")
    expect(button).to_be_visible(timeout=SOON)
    expect(panel.locator("details")).to_have_attribute("open", "")
    expect(panel.locator("td").get_by_text("40", exact=True)).to_be_visible()
    button.click()
    expect(panel.locator("td").get_by_text("41", exact=True)).to_be_visible()
    expect(panel.locator("details")).to_have_attribute("open", "")
    expect(button).to_have_count(0)
    assert page.evaluate("document.activeElement.closest('#panel-severity') !== null")


def test_focus_and_what_is_read_stay_where_they_are(ben, incident, act):
    page = opened(ben, incident)
    page.locator("#panel-timeline summary").click()
    entry = page.locator("[data-entry]").nth(30)
    entry.evaluate("e => e.scrollIntoView({block: 'center'})")
    key = f"#{entry.get_attribute('id')}"
    link = page.locator("#panel-due a, #panel-roles a").first
    link.evaluate("e => e.focus({preventScroll: true})")
    before = top_of(page, key)
    act("note", text="Read on, nothing moves")
    offer = page.locator("#panel-timeline").get_by_role("button", name="1 new entry: show")
    expect(offer).to_be_visible(timeout=SOON)
    expect(page.locator("#panel-instants td", has_text="note").first).to_be_attached()
    assert abs(top_of(page, key) - before) <= 1
    assert link.evaluate("e => e === document.activeElement")


def test_the_big_button_is_reached_by_keyboard_alone(ada, incident):
    page = opened(ada, incident)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    big = page.locator("#big")
    expect(big).to_be_focused()
    assert big.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
    for landmark in (page.get_by_role("main"), page.get_by_role("navigation", name="Acts")):
        expect(landmark).to_have_count(1)


def test_a_server_that_does_not_answer_is_said_and_forgotten_once_it_does(ben, incident):
    page = opened(ben, incident)
    lost = page.locator("#live-lost")
    expect(lost).to_be_hidden()
    page.route("**/live/**", lambda route: route.abort())
    expect(lost).to_contain_text("Not live since", timeout=2 * SOON)
    page.unroute("**/live/**")
    expect(lost).to_be_hidden(timeout=2 * SOON)


def test_the_board_shows_what_is_declared_meanwhile(ben, product):
    ben.open("/admin/incidents/incident/board/")
    page = ben.page
    page.evaluate("window.neverReloaded = true")
    with product.api("ada") as api:
        service = api.get("/services").json()["items"][0]["slug"]
        api.post(
            "/incidents", json={"title": "Nobody signs in", "services": [service], "facts": {}}
        )
    row = page.locator("#panel-open tbody tr", has_text="Nobody signs in")
    expect(row).to_be_visible(timeout=SOON)
    assert is_still_there(page)


def test_without_scripts_the_page_is_complete(browser, product, ada, incident):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(ada.page.context.cookies())
    page = context.new_page()
    page.goto(f"{product.url}/admin/incidents/incident/{incident['reference']}/change/")
    words = page.content()
    for heading in ("Due next", "Who holds what", "Acts", "Timeline", "Affected services"):
        assert heading in words
    assert "Step 39 was tried" in words
    context.close()
