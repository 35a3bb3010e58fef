"""The grid editor as people use it: by keyboard alone, by two at once, on a phone, out of reach."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from incidents.models import MatrixVersion, Person
from incidents.operations import matrix_edit
from incidents.operations.grids import grid_of
from incidents.rules.raci import Activity, Grid, Letter
from incidents.rules.roles import COMMANDER, DEPUTY, SCRIBE
from tests import factories

pytestmark = pytest.mark.browser

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
Opened = Callable[..., Page]


@pytest.fixture
def draft(committing: None) -> MatrixVersion:
    """Three activities, three roles, and two leaders who may edit them."""
    factories.severity_scheme()
    ada, _ = (
        factories.person(name, is_staff=True, is_superuser=True) for name in ("ada", "ben")
    )
    source = Grid(
        (
            Activity("detection", "Declare it", {COMMANDER: Letter.AR}, key="declare"),
            Activity("triage", "Judge it", {COMMANDER: Letter.AR}, key="judge"),
            Activity("triage", "Look at it", {DEPUTY: Letter.R}, key="look"),
        ),
        (COMMANDER, DEPUTY, SCRIBE),
    )
    return matrix_edit.start("Law", source=source, actor=ada, at=timezone.now())


@pytest.fixture
def opened(browser: Browser, live_server: Any, draft: MatrixVersion) -> Iterator[Opened]:
    """Opens the editor of the draft as this person; a page that complains fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(
        username: str = "ada", viewport: dict[str, int] = DESK, **options: Any
    ) -> Page:
        client = Client()
        client.force_login(Person.objects.get(username=username))
        context = browser.new_context(
            viewport=viewport, permissions=["clipboard-read", "clipboard-write"], **options
        )
        contexts.append(context)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{live_server.url}/admin/incidents/matrixversion/{draft.pk}/edit/")
        expect(page.locator("td").first).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def cell(page: Page, key: str, role: str) -> Locator:
    return page.locator(f"td[data-key={key}][data-role={role}]")


def enter_grid(page: Page) -> None:
    """Tab until the grid has the focus: its first letter."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#grid') !== null"):
            page.keyboard.press("Control+Home")
            return
    raise AssertionError("Tab never came to the grid.")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page: Page) -> None:
    expect(page.locator("#status")).to_have_text(re.compile(r"^Saved \d\d:\d\d:\d\d, "))


def letters(draft: MatrixVersion) -> dict[str, dict[str, str]]:
    return {each.key: dict(each.letters) for each in grid_of(draft).activities}


def test_letters_are_typed_by_keyboard_alone_and_saved_by_themselves(opened, draft):
    page = opened()
    enter_grid(page)
    expect(cell(page, "declare", COMMANDER)).to_be_focused()
    press(page, "Delete", "ArrowRight", "r", "a", "ArrowRight", "i", "ArrowDown", "x")
    expect(cell(page, "judge", SCRIBE)).to_be_focused()
    saved(page)
    expect(cell(page, "declare", DEPUTY)).to_have_text("A/R")
    found = letters(draft)
    assert found["declare"] == {DEPUTY: "A/R", SCRIBE: "I"}
    assert found["judge"] == {COMMANDER: "A/R", SCRIBE: "A/R"}


def test_the_keys_of_a_spreadsheet_go_where_they_go_there(opened):
    page = opened()
    enter_grid(page)
    for key, text in (
        ("End", ("declare", SCRIBE)),
        ("Control+End", ("look", SCRIBE)),
        ("ArrowUp", ("judge", SCRIBE)),
        ("ArrowUp", ("declare", SCRIBE)),
        ("PageDown", ("look", SCRIBE)),
        ("Control+Home", ("declare", COMMANDER)),
    ):
        page.keyboard.press(key)
        expect(cell(page, *text)).to_be_focused()
    page.keyboard.press("Home")
    expect(page.get_by_role("rowheader", name="Declare it")).to_be_focused()
    assert page.locator("#grid [tabindex='0']").count() == 1


def test_choices_open_and_are_taken_by_keyboard(opened, draft):
    page = opened()
    enter_grid(page)
    press(page, "ArrowRight", "Enter")
    expect(page.locator("#choices button").first).to_be_focused()
    press(page, "ArrowRight", "ArrowRight", "ArrowRight", "Enter")
    expect(cell(page, "declare", DEPUTY)).to_be_focused()
    expect(cell(page, "declare", DEPUTY)).to_have_text("C")
    press(page, "F2", "Escape")
    expect(page.locator("#choices")).to_be_hidden()
    saved(page)
    assert letters(draft)["declare"][DEPUTY] == "C"


def test_findings_appear_beside_the_cell_and_lead_back_to_it(opened):
    page = opened()
    row = page.get_by_role("rowheader", name="Declare it")
    expect(row.locator(".badge-error")).to_have_count(0)
    enter_grid(page)
    press(page, "ArrowRight", "a")
    expect(row.locator(".badge-error")).to_be_visible()
    expect(page.locator("#cell-notes")).to_contain_text("Several roles are accountable")
    assert cell(page, "declare", DEPUTY).get_attribute("aria-describedby") == "cell-notes"
    expect(page.locator("#status")).to_contain_text("error")
    press(page, "Control+End")
    page.locator("#found button", has_text="R01").press("Enter")
    expect(row).to_be_focused()
    press(page, "ArrowRight", "ArrowRight", "Delete")
    expect(row.locator(".badge-error")).to_have_count(0)


def test_a_block_is_copied_and_pasted(opened, draft):
    page = opened()
    enter_grid(page)
    press(page, "Shift+ArrowRight", "Shift+ArrowDown", "Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "A/R\t\nA/R\t"
    page.evaluate("navigator.clipboard.writeText('a\\tr\\t\\r\\n\\t\"A/R\"\\ti\\r\\n')")
    press(page, "Control+Home", "Control+v")
    saved(page)
    expect(cell(page, "judge", SCRIBE)).to_have_text("I")
    assert letters(draft)["declare"] == {COMMANDER: "A", DEPUTY: "R"}
    assert letters(draft)["judge"] == {DEPUTY: "A/R", SCRIBE: "I"}


def test_pasted_rubbish_is_told_cell_by_cell_and_changes_nothing(opened, draft):
    page = opened()
    before = letters(draft)
    page.evaluate("navigator.clipboard.writeText('R\\tboss\\n<b>\\tC')")
    enter_grid(page)
    press(page, "Control+v")
    trouble = page.locator("#trouble")
    expect(trouble).to_contain_text("Row 1, column 2 (“Declare it”, Deputy commander)")
    expect(trouble).to_contain_text("“<b>” is not R, A, C, I or A/R")
    expect(trouble.get_by_role("link", name="Import a whole sheet")).to_be_visible()
    assert letters(draft) == before


def test_a_range_is_cleared_undone_and_cleared_again(opened, draft):
    page = opened()
    before = letters(draft)
    enter_grid(page)
    press(page, "Control+a", "Delete")
    saved(page)
    expect(page.locator("td .letter")).to_have_count(0)
    press(page, "Control+z")
    expect(cell(page, "declare", COMMANDER)).to_have_text("A/R")
    assert letters(draft) == before
    press(page, "Control+Shift+z")
    expect(page.locator("td .letter")).to_have_count(0)
    page.get_by_role("button", name="Back to 0").click()
    expect(cell(page, "look", DEPUTY)).to_have_text("R")
    assert letters(draft) == before


def test_rows_are_added_renamed_moved_and_removed_by_keyboard(opened, draft):
    page = opened()
    enter_grid(page)
    press(page, "Home", "ArrowDown", "Enter")
    page.keyboard.type("Contain it")
    press(page, "Enter")
    made = page.get_by_role("rowheader", name="Contain it")
    expect(made).to_be_visible()
    press(page, "Home", "Enter")
    expect(page.get_by_text("Its name suggests “Contain the impact”")).to_be_visible()
    page.get_by_role("button", name="Use it").press("Enter")
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).fill("Judge it")
    page.keyboard.press("Enter")
    error = page.locator("#ask-row [data-error]")
    expect(error).to_contain_text("stands in triage already")
    page.get_by_label("Name", exact=True).fill("Contain the damage")
    page.keyboard.press("Enter")
    made = page.get_by_role("rowheader", name="Contain the damage")
    expect(made).to_be_focused()
    press(page, "Alt+ArrowUp")
    saved(page)
    page.wait_for_function("document.querySelector('#revisions').textContent.includes('moved')")
    names = [each.name for each in grid_of(draft).activities]
    assert names == ["Declare it", "Judge it", "Contain the damage", "Look at it"]
    made.press("Enter")
    page.get_by_role("button", name="Remove").press("Enter")
    expect(made).to_have_count(0)


def test_columns_are_added_and_moved_by_keyboard(opened, draft):
    page = opened()
    factories.role("executive")
    page.reload()
    page.get_by_role("button", name="Role", exact=True).press("Enter")
    page.get_by_role("combobox", name="Role", exact=True).select_option("Executive")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    expect(page.get_by_role("columnheader", name="Executive")).to_be_visible()
    enter_grid(page)
    press(page, "End", "Alt+ArrowLeft", "r")
    saved(page)
    expect(cell(page, "declare", "executive")).to_be_focused()
    page.wait_for_function("document.querySelector('#revisions').textContent.includes('moved')")
    assert grid_of(draft).roles == (COMMANDER, DEPUTY, "executive", SCRIBE)


def test_a_case_that_differs_shows_what_it_takes_from_the_base(opened, draft):
    page = opened()
    page.get_by_role("button", name="Case that differs").press("Enter")
    page.get_by_role("combobox", name="Case", exact=True).select_option("severity sev1")
    page.get_by_label("Why it differs").last.fill("More is at stake")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    expect(page.get_by_text("More is at stake")).to_be_visible()
    inherited = cell(page, "judge", COMMANDER)
    expect(inherited).to_have_class(re.compile("is-inherited"))
    enter_grid(page)
    press(page, "ArrowDown", "-", "ArrowRight", "x")
    expect(inherited).to_have_class(re.compile("is-different"))
    expect(page.locator("#cell-notes")).to_contain_text("differs in Severity")
    saved(page)
    page.wait_for_function(
        "document.querySelector('#revisions').textContent.includes('2 cells')"
    )
    (variation,) = grid_of(draft).variations
    assert variation.letters == {("triage", "Judge it"): {COMMANDER: None, DEPUTY: "A/R"}}
    page.get_by_role("button", name="Base", exact=True).press("Enter")
    expect(inherited).to_have_text("A/R")


def test_the_second_of_two_editors_is_shown_both_and_loses_nothing(opened, draft):
    ada, ben = opened("ada"), opened("ben")
    enter_grid(ada)
    press(ada, "ArrowRight", "i")
    saved(ada)
    enter_grid(ben)
    press(ben, "ArrowRight", "c", "ArrowRight", "r")
    expect(ben.locator("#trouble")).to_contain_text("Ada edited this draft meanwhile")
    clash = ben.locator("#clash")
    expect(clash).to_contain_text("Declare it · Deputy commander")
    expect(clash.get_by_role("button", name="Keep theirs: I")).to_be_visible()
    saved(ben)
    assert letters(draft)["declare"] == {COMMANDER: "A/R", DEPUTY: "I", SCRIBE: "R"}
    clash.get_by_role("button", name="Put mine: C").press("Enter")
    expect(clash).to_be_hidden()
    ben.wait_for_function("document.querySelectorAll('#revisions li').length === 4")
    assert letters(draft)["declare"] == {COMMANDER: "A/R", DEPUTY: "C", SCRIBE: "R"}


def test_what_is_typed_out_of_reach_is_kept_and_sent_later(opened, draft):
    page = opened()
    enter_grid(page)
    page.context.set_offline(True)
    press(page, "ArrowRight", "i")
    expect(page.locator("#trouble")).to_contain_text("1 change is kept here")
    expect(cell(page, "declare", DEPUTY)).to_have_text("I")
    page.context.set_offline(False)
    saved(page)
    expect(page.locator("#trouble")).to_be_empty()
    assert letters(draft)["declare"][DEPUTY] == "I"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_finger_fills_the_grid_on_a_phone(opened, draft, scheme):
    page = opened(viewport=PHONE, has_touch=True, color_scheme=scheme)
    wide = "document.documentElement.scrollWidth > innerWidth"
    cell(page, "look", SCRIBE).tap()
    button = page.locator("#choices button", has_text="A/R")
    box = button.bounding_box()
    assert box is not None and min(box["width"], box["height"]) >= 24
    expect(cell(page, "look", SCRIBE)).to_be_in_viewport()
    assert not page.evaluate(wide)
    button.tap()
    saved(page)
    assert letters(draft)["look"][SCRIBE] == "A/R"
    page.get_by_role("rowheader", name="Look at it").tap()
    expect(page.locator("#ask-row")).to_be_visible()
    assert not page.evaluate(wide)


def test_a_mouse_drawn_over_cells_selects_them(opened, draft):
    page = opened()
    cell(page, "declare", COMMANDER).hover()
    page.mouse.down()
    cell(page, "judge", DEPUTY).hover()
    page.mouse.up()
    expect(page.locator("td.is-selected")).to_have_count(4)
    page.keyboard.press("Delete")
    saved(page)
    assert letters(draft) == {"declare": {}, "judge": {}, "look": {DEPUTY: "R"}}
