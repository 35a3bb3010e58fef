"""A stranger in support finds the right words at once, and takes them with one press."""

import time

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from incidents.models import Scenario, StatementCopy
from raci_project import groups
from tests import factories
from tests.incidents.scene import incident_under
from tests.incidents.test_support import published, words

pytestmark = pytest.mark.browser

SIZES = [(1440, 900), (390, 844)]
TEXT = "{service} fails since {time}. We are at work on it; your payments are safe."
ENOUGH = 10  # seconds


@pytest.fixture
def incident(committing: None):
    outage = Scenario.objects.create(slug="outage", name="Checkout outage")
    scheme = factories.severity_scheme(effective_from=timezone.now())
    made = incident_under(
        scheme, "sev2", scenario=outage, impact_started_at=factories.NOW,
        declared_at=timezone.now(), detected_at=factories.NOW,
    )  # fmt: skip
    made.services.add(factories.service("checkout", public_name="Checkout"))
    words("Checkout is down", text=TEXT, scenario=outage)
    other = Scenario.objects.create(slug="sign-in", name="Sign-in unavailable")
    words("Sign-in is down", text="Nobody can sign in.", scenario=other)
    published(made, "public", "Checkout is down.\n\nWe look into it.")
    return made


def stranger(browser: Browser, live_server, client, width: int, height: int, **options) -> Page:
    """Somebody of support who was never here, signed in and on the first page."""
    groups.sync()
    sam = factories.person("sam", is_staff=True)
    sam.groups.set(Group.objects.filter(name="auditor"))
    client.force_login(sam)
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/")
    return page


def clipboard(page: Page) -> str:
    return page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_two_presses_lead_from_the_first_page_to_the_words_in_the_clipboard(
    browser: Browser, live_server, client, incident, width: int, height: int
) -> None:
    page = stranger(browser, live_server, client, width, height)
    began = time.monotonic()
    page.get_by_role("main").get_by_role("link", name="What may I say?").click()
    button = page.get_by_role("button", name="Copy “Checkout is down”").first
    expect(button).to_be_in_viewport()  # without scrolling
    button.click()
    expect(page.locator("[data-copied-says]")).to_have_text("Copied")
    assert time.monotonic() - began < ENOUGH
    assert clipboard(page) == (
        "Checkout fails since 2026-11-23 09:00 UTC. We are at work on it; your payments are safe."
    )
    expect(button).to_contain_text("Copied")
    for _ in range(50):
        if StatementCopy.objects.filter(incident=incident, person__username="sam").exists():
            break
        page.wait_for_timeout(100)
    assert StatementCopy.objects.count() == 1
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    page.context.close()


def test_the_keyboard_alone_takes_what_was_published(
    browser: Browser, live_server, client, incident
) -> None:
    page = stranger(browser, live_server, client, 1440, 900)
    page.get_by_role("main").get_by_role("link", name="What may I say?").press("Enter")
    page.get_by_role("button", name="Copy what was published").press("Enter")
    expect(page.locator("[data-copied-says]")).to_have_text("Copied")
    assert clipboard(page) == "Checkout is down.\n\nWe look into it."
    assert not StatementCopy.objects.exists()  # no statement was taken
    page.context.close()


def test_typing_narrows_the_words_and_a_count_that_fails_breaks_nothing(
    browser: Browser, live_server, client, incident
) -> None:
    page = stranger(browser, live_server, client, 1440, 900)
    page.goto(f"{live_server.url}/admin/incidents/holdingstatement/say/")
    page.route("**/say/copied/", lambda route: route.abort())
    library = page.get_by_role("region", name="All words for support")
    page.get_by_label("Search the words").fill("sign NOBODY")
    expect(page.get_by_text("1 found")).to_be_visible()
    expect(page.get_by_role("region", name="Checkout is down")).to_be_hidden()
    expect(library.get_by_role("button", name="Copy “Checkout is down”")).to_be_hidden()
    library.get_by_role("button", name="Copy “Sign-in is down”").click()
    expect(page.locator("[data-copied-says]")).to_have_text("Copied")
    assert clipboard(page) == "Nobody can sign in."
    page.get_by_label("Search the words").fill("payments")
    library.get_by_role("button", name="Copy “Checkout is down”").click()
    expect(page.locator("[data-copied-says]")).to_have_text(
        "Copied. Still to be filled in: service, time"
    )
    page.get_by_label("Search the words").fill("zebra")
    expect(page.get_by_text("0 found")).to_be_visible()
    page.get_by_label("Search the words").fill("")
    expect(page.get_by_role("region", name="Checkout is down")).to_be_visible()
    page.context.close()


def test_where_the_clipboard_is_closed_the_older_way_takes_them(
    browser: Browser, live_server, client, incident
) -> None:
    page = stranger(browser, live_server, client, 1440, 900)
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    page.goto(f"{live_server.url}/admin/incidents/holdingstatement/say/")
    page.get_by_role("button", name="Copy “Sign-in is down”").first.click()
    expect(page.locator("[data-copied-says]")).to_have_text("Copied")
    assert clipboard(page) == "Nobody can sign in."
    page.context.close()


def test_without_scripts_the_words_stand_in_fields_to_be_selected(
    browser: Browser, live_server, client, incident
) -> None:
    page = stranger(browser, live_server, client, 1440, 900, java_script_enabled=False)
    page.goto(f"{live_server.url}/admin/incidents/holdingstatement/say/")
    field = page.get_by_label("Sign-in is down, to be copied").first
    expect(field).to_have_value("Nobody can sign in.")
    assert page.get_by_role("button", name="Copy “Sign-in is down”").count() == 0
    page.context.close()
