"""The interview as somebody woken at night uses it: by keyboard, on a phone, one press an answer."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from incidents.models import FactSaid, Incident, LegalClock, Person
from incidents.operations import command, declaration, facts
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, DEPUTY
from tests import factories
from tests.incidents import lawful

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
LAW = "incidents/incident/INC-1/law/"


@pytest.fixture
def ada(committing: None) -> Person:
    """A leader; INC-1 was declared two hours ago under the law that ships."""
    factories.law()
    lawful.pack()
    lawful.profile()
    leader = factories.person(
        "ada", qualified=(COMMANDER,), is_staff=True, is_superuser=True,
        time_zone="Europe/Berlin",
    )  # fmt: skip
    for role in (COMMANDER, DEPUTY, COMMUNICATIONS, COUNSEL):
        factories.person(qualified=(role,))
    at = timezone.now() - timedelta(hours=2)
    incident = declaration.declare(
        title="A laptop was stolen", services=[factories.service()], facts={}, actor=leader,
        at=at,
    )  # fmt: skip
    commander = incident.assignments.get(role_id=COMMANDER, ended_at=None).person
    command.acknowledge(incident, actor=commander, at=at)
    return leader


@pytest.fixture
def opened(browser: Browser, live_server: Any, ada: Person) -> Iterator[Callable[..., Page]]:
    """Opens an address under /admin/ as Ada, in a browser of the wanted size and scheme."""
    contexts: list[BrowserContext] = []
    client = Client()
    client.force_login(ada)

    def open_page(path: str, viewport: dict[str, int] = DESK, **options: Any) -> Page:
        context = browser.new_context(viewport=viewport, timezone_id="Europe/Berlin", **options)
        contexts.append(context)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/admin/{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()


def said() -> list[str]:
    """The names of what was answered, in the order it was."""
    return list(FactSaid.objects.order_by("pk").values_list("name", flat=True))


def test_answers_are_given_by_number_keys_from_the_question_itself(opened) -> None:
    page = opened(f"{LAW}?ask=personal_data_exposure")
    expect(page.locator("#asked-now")).to_be_focused()
    expect(page.locator("#asked-now")).to_have_text(re.compile("seen or copied personal data"))
    page.keyboard.press("2")
    expect(page.get_by_text("Kept.")).to_be_visible()
    incident = Incident.objects.get(reference="INC-1")
    assert incident.facts["personal_data_exposure"] == "possible"
    assert LegalClock.objects.filter(incident=incident, kind="counsel").exists()
    before = said()
    expect(page.locator("#asked-now")).to_be_focused()
    page.keyboard.press("0")
    expect(page.get_by_text("nobody knows yet", exact=True)).to_be_visible()
    assert len(said()) == len(before) + 1


def test_a_number_typed_into_a_field_answers_nothing_and_enter_presses_no_answer(
    opened,
) -> None:
    page = opened(f"{LAW}?ask=personal_data_exposure")
    field = page.get_by_label("How do we know?")
    field.click()
    page.keyboard.type("2 people saw it")
    page.keyboard.press("Enter")
    expect(field).to_have_value("2 people saw it")
    assert said() == []


def test_the_tab_key_reaches_every_answer_and_enter_gives_it(opened) -> None:
    page = opened(f"{LAW}?ask=personal_data_exposure")
    expect(page.locator("#asked-now")).to_be_focused()
    met = []
    for _ in range(4):
        page.keyboard.press("Tab")
        met.append(page.evaluate("document.activeElement.value"))
    assert met == ['"none"', '"possible"', '"confirmed"', "1"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kept.")).to_be_visible()
    assert FactSaid.objects.get().value == "confirmed"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_everything_fits_and_answers_are_large_enough_for_a_thumb(
    opened, ada, scheme
) -> None:
    incident = Incident.objects.get(reference="INC-1")
    facts.record_facts(
        incident,
        facts={
            "affected_jurisdictions": ["DE", "US-CA"],
            "persons_affected_by_jurisdiction": {"US-CA": 600},
            "data_categories": ["health"],
            "personal_data_exposure": "confirmed",
        },
        actor=ada,
        at=timezone.now(),
    )
    page = opened(LAW, viewport=PHONE, color_scheme=scheme)
    asked = ("", "?ask=affected_jurisdictions", "?ask=personal_data_exposure", "why/")
    for address in asked:
        page.goto(page.url.split("/law/")[0] + f"/law/{address}")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, address
    page.goto(page.url.split("/law/")[0] + "/law/?ask=personal_data_exposure")
    for button in page.locator("button[data-answer]").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    expect(page.get_by_text("EU GDPR", exact=False).first).to_be_visible()


def test_counsels_clock_is_red_before_its_hour_is_over(opened, ada) -> None:
    incident = Incident.objects.get(reference="INC-1")
    facts.record_facts(
        incident, facts={"personal_data_exposure": "possible"}, actor=ada, at=timezone.now()
    )
    page = opened("incidents/incident/INC-1/change/")
    clock = page.locator("#panel-law .law-red time")
    expect(clock).not_to_have_class(re.compile("is-late"))
    soon = timezone.now() + timedelta(minutes=10)
    LegalClock.objects.filter(incident=incident, kind="counsel").update(due_at=soon)
    page.reload()
    expect(clock).to_have_class(re.compile("is-late"))
    expect(clock).to_have_text(re.compile("^in "))
    expect(page.locator("#panel-law .says-red")).to_be_visible()


def test_the_file_is_printed_whole_and_without_what_only_a_screen_needs(opened) -> None:
    page = opened(f"{LAW}why/")
    button = page.get_by_role("button", name="Print for the file")
    sidebar = page.get_by_role("link", name="RACI matrices")
    expect(button).to_be_visible()
    expect(sidebar).to_be_visible()
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(button).to_be_hidden()
    expect(sidebar).to_be_hidden()
    expect(page.get_by_placeholder("Type to search")).to_be_hidden()
    assert page.locator(".law-file details:not([open])").count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".law-file details[open]").count() == 0
