"""The whole life of a matrix: written as a grid, published as a statute, governing an incident."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from incidents.models import Incident, MatrixVersion, Person, Role
from incidents.operations import roles
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, NAMES
from raci_project import groups
from tests import factories

pytestmark = pytest.mark.browser

LIST = "incidents/matrixversion/"
Opened = Callable[[str, str], Page]


@pytest.fixture
def company(committing: None) -> None:
    """Two leaders, two people ready for each role, one service, severity criteria; no matrix yet."""
    groups.sync()
    factories.severity_scheme()
    roles.make(NAMES)
    for number in (1, 2):
        for slug in NAMES:
            factories.person(f"{slug}-{number}", qualified=(slug,), phone="+44 20 7946 0000")
    for name in ("ada", "ben"):
        leader = factories.person(name, is_staff=True)
        leader.groups.set(Group.objects.filter(name__in=["leadership", "responder"]))
    factories.service("payments", owner=Person.objects.get(username="domain_owner-1"))
    responders = Group.objects.get(name="responder")
    for person in Person.objects.filter(username__endswith="-1"):
        person.is_staff = True
        person.save()
        person.groups.add(responders)


@pytest.fixture
def opened(browser: Browser, live_server: Any, company: None) -> Iterator[Opened]:
    """Opens an address under /admin/ as somebody, each in one browser of their own."""
    pages: dict[str, Page] = {}
    errors: list[str] = []

    def open_page(username: str, path: str) -> Page:
        if username not in pages:
            client = Client()
            client.force_login(Person.objects.get(username=username))
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            session = client.cookies["sessionid"].value
            context.add_cookies(
                [{"name": "sessionid", "value": session, "url": live_server.url}]
            )
            pages[username] = context.new_page()
            pages[username].on("pageerror", lambda error: errors.append(str(error)))
        pages[username].goto(f"{live_server.url}/admin/{path}")
        return pages[username]

    yield open_page
    for page in pages.values():
        page.context.close()
    assert errors == []


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def act(page: Page, verb: str, **fields: str) -> None:
    """One verb page: open it, say what is asked and must be said, press its button."""
    page.get_by_role("main").get_by_role("link", name=verb, exact=True).first.click()
    expect(page.get_by_role("button", name=verb, exact=True)).to_be_visible()
    for field, text in fields.items():
        if page.locator(f"#id_{field}").count():
            page.fill(f"#id_{field}", text)
    press(page, verb)


def sees(page: Page, text: str) -> None:
    expect(page.get_by_text(text).first).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator("#status")).to_have_text(re.compile(r"^Saved \d\d:\d\d:\d\d, "))


def version(number: int) -> MatrixVersion:
    return MatrixVersion.objects.get(number=number)


def page_of(number: int) -> str:
    return f"{LIST}{version(number).pk}/change/"


def cell(page: Page, activity: str, role: str) -> Any:
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=activity))
    return row.locator(f"td[data-role={role}]")


# Django 6.0 changes what a URL without a scheme means; the forms of services take whole ones.
@pytest.mark.filterwarnings("ignore:The default scheme will be changed")
def test_a_matrix_is_written_checked_published_changed_and_obeyed(opened: Opened) -> None:
    # Written: an empty installation offers the starting matrix, which opens as a grid.
    ada = opened("ada", LIST)
    sees(ada, "There is no matrix yet")
    press(ada, "Begin with the starting matrix")
    expect(ada.get_by_role("grid")).to_be_visible()

    # Checked while it is typed: nobody accountable is an error beside the cell; an undo mends it.
    closing = cell(ada, "Stand down", COMMANDER)
    closing.click()
    ada.keyboard.press("Escape")
    ada.keyboard.press("Delete")
    saved(ada)
    sees(ada, "Nobody is accountable")
    ada.keyboard.press("Control+z")
    expect(ada.get_by_text("Nobody is accountable")).to_have_count(0)
    saved(ada)

    # Submitted by its maker, approved by another, who sees what it is; then it is in force.
    ada = opened("ada", page_of(1))
    act(ada, "Submit", warnings_reason="We are few; we train more people this quarter.")
    sees(ada, "Submit: done.")
    ada.goto(ada.url.replace("change/", "verb/approve/"))
    press(ada, "Approve")
    sees(ada, "another leader")
    ben = opened("ben", page_of(1))
    act(ben, "Approve")
    sees(ben, "in force")

    # Resolved to people, and put on a wall with the names of maker and checker.
    follow(ben, "Who would it be?")
    sees(ben, "Next in rotation")
    ben = opened("ben", page_of(1))
    follow(ben, "Wall chart")
    sees(ben, "Ada")
    sees(ben, "Ben")

    # Changed: the next version differs in one letter, and the checker reads whom that concerns.
    ada = opened("ada", page_of(1))
    act(ada, "New draft from it", note="Counsel hears of it when we close.")
    expect(ada.get_by_role("grid")).to_be_visible()
    cell(ada, "Stand down", "legal_counsel").click()
    ada.keyboard.press("Escape")
    ada.keyboard.press("i")
    saved(ada)
    ada = opened("ada", page_of(2))
    act(ada, "Submit", warnings_reason="As before.")
    ben = opened("ben", page_of(2))
    follow(ben, "What it changes")
    sees(ben, "Legal counsel")
    ben = opened("ben", page_of(2))
    act(ben, "Approve")
    sees(ben, "in force")
    ben = opened("ben", page_of(1))
    sees(ben, "superseded")

    # An emergency takes effect at once and is declined: the version before is law again.
    ada = opened("ada", page_of(2))
    act(ada, "New draft from it", note="Tonight only.")
    expect(ada.get_by_role("grid")).to_be_visible()
    ada = opened("ada", page_of(3))
    act(ada, "Enact as emergency", reason="Nobody else is awake.", warnings_reason="As before.")
    sees(ada, "approval owed")
    ben = opened("ben", page_of(3))
    act(ben, "Decline", reason="We were awake.")
    ben = opened("ben", page_of(2))
    sees(ben, "in force")
    ben = opened("ben", "incidents/emergencychange/")
    sees(ben, "Nobody else is awake.")

    # Obeyed: the incident pins it, and only whom it makes accountable may act.
    ada = opened("ada", "incidents/incident/verb/declare/")
    ada.fill("#id_title", "Card payments are declined")
    ada.locator("#id_services + .select2").click()
    ada.keyboard.type("Pay")
    expect(ada.get_by_role("option", name="Payments")).to_be_visible()
    ada.keyboard.press("Enter")
    press(ada, "Declare")
    sees(ada, "Who decides what")
    incident = Incident.objects.get()
    assert incident.matrix_version == version(2)
    holders = dict(incident.assignments.values_list("role", "person__username"))
    home = f"incidents/incident/{incident.pk}/change/"
    commander = opened(holders[COMMANDER], home)
    act(commander, "Acknowledge")
    voice = opened(holders[COMMUNICATIONS], home.replace("change/", "verb/classify/"))
    sees(voice, "makes the incident commander accountable")

    # Measured: who did what, and what nobody did yet.
    ada = opened("ada", home)
    follow(ada, "Adherence")
    sees(ada, "as the matrix says")
    sees(ada, Person.objects.get(username=holders[COMMANDER]).name)
    assert Role.objects.filter(pk=COMMANDER).exists()
