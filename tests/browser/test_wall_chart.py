"""The wall chart in a real browser: one sheet of paper, readable, to be reached by keyboard."""

import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from incidents.models import MatrixVersion, Role
from incidents.operations import grids
from incidents.rules.raci import Activity, Grid, Letter
from incidents.rules.starting_matrix import GRID
from tests.factories import NOW, allow, matrix_version, person, role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = [(1440, 900), (390, 844)]


def version_of(grid: Grid) -> MatrixVersion:
    version = matrix_version({}, effective_from=None, slug="chart")
    grids.write(version, grid, actor=version.maker, at=NOW)
    return version


def wide(count: int) -> Grid:
    """The starting matrix with so many roles, each line as full as a real one."""
    extra = tuple(f"role-{number}" for number in range(count - len(GRID.roles)))
    for place, slug in enumerate(extra):
        name = f"Regional liaison {place + 1}"
        Role.objects.create(slug=slug, name=name, position=20 + place)
    rows = tuple(
        Activity(
            each.phase,
            each.name,
            {**each.letters, **dict.fromkeys(extra[:6], Letter.I)},
            within=each.within,
            key=each.key,
        )
        for each in GRID.activities
    )
    return Grid(rows, (*GRID.roles, *extra))


def open_chart(
    browser: Browser, live_server, client, version: MatrixVersion, query: str = "", **options
) -> Page:
    reader = allow(
        person("reader", is_staff=True, name="Žofie Ångström"), "incidents.view_matrixversion"
    )
    client.force_login(reader)
    page = browser.new_context(**options).new_page()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.goto(
        f"{live_server.url}/admin/incidents/matrixversion/{version.pk}/wall-chart/{query}"
    )
    return page


def pages_in(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def kept(content: bytes, name: str) -> None:
    """Where SCREENSHOTS names a folder, what the test saw is kept there."""
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder, name).write_bytes(content)


@pytest.mark.parametrize("paper", ["a3", "a4"])
@pytest.mark.parametrize("roles", [9, 20])
def test_sixty_activities_are_one_sheet(
    browser: Browser, live_server, client, roles: int, paper: str
) -> None:
    for slug in GRID.roles:
        role(slug)
    version = version_of(GRID if roles == 9 else wide(roles))
    page = open_chart(browser, live_server, client, version, f"?paper={paper}")
    pdf = page.pdf(format=paper.upper(), landscape=True)
    kept(pdf, f"chart-{roles}-{paper}.pdf")
    assert pages_in(pdf) == 1
    own = page.pdf(prefer_css_page_size=True)
    assert pages_in(own) == 1
    wrapped = page.evaluate(
        "[...document.querySelectorAll('td, th.role')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert wrapped == 0
    page.context.close()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_is_read_on_a_screen_and_left_by_keyboard(
    browser: Browser, live_server, client, width: int, height: int
) -> None:
    for slug in GRID.roles:
        role(slug)
    page = open_chart(
        browser,
        live_server,
        client,
        version_of(GRID),
        "?severity=sev1",
        viewport={"width": width, "height": height},
    )
    kept(page.screenshot(), f"chart-screen-{width}.png")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").startswith("Back to Chart v1")
    assert page.get_by_role("button", name="Print").is_visible()
    page.get_by_label("Service tier").select_option("4")
    page.get_by_role("button", name="Show").press("Enter")
    assert "tier=4" in page.url
    assert page.locator(".case").all_text_contents() == ["severity sev1", "tier 4"]
    page.context.close()
