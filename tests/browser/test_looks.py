"""How the pages look and feel: by keyboard alone, on a phone, in both colour schemes."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from incidents.models import Incident, MatrixVersion, Person, Service, SeverityScheme
from incidents.operations import command, declaration
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY
from tests import factories

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of text with its ground
STYLED = (
    "tag", "tag tag-red", "tag tag-amber", "tag tag-blue", "tag tag-green", "tag tag-sev1", "tag tag-sev2",
    "tag tag-sev3", "notice", "notice notice-warning", "notice notice-error", "notice notice-good",
    "tint-warning", "verb", "verb verb-primary", "verb verb-danger", "verb verb-refused", "faint", "strong",
    "is-late", "letter letter-A", "letter letter-AR", "letter letter-R", "letter letter-C", "letter letter-I",
)  # fmt: skip

# The focused element: what it is called, and whether anything shows that it has the focus.
FOCUSED = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const style = getComputedStyle(it);
  return {
    name: (it.getAttribute("aria-label") || it.textContent || it.name || "").trim().replace(/\\s+/g, " "),
    href: it.getAttribute("href"),
    isShown: (style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none",
  };
}"""

# WCAG contrast of sample texts; a canvas turns every notation of a colour into bytes.
CONTRASTS = """names => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const painted = colours => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const luminance = bytes => bytes.slice(0, 3).reduce((sum, byte, i) => {
    const c = byte / 255;
    return sum + [0.2126, 0.7152, 0.0722][i] * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  }, 0);
  const grounds = it => it ? [...grounds(it.parentElement), getComputedStyle(it).backgroundColor] : ["white"];
  return names.map(name => {
    const it = document.createElement("span");
    it.className = name;
    it.textContent = "Sample";
    document.querySelector(".panel").append(it);
    const under = grounds(it), [a, b] = [painted([...under, getComputedStyle(it).color]), painted(under)]
      .map(luminance).sort((one, other) => other - one);
    it.remove();
    return [name, (a + 0.05) / (b + 0.05)];
  });
}"""


# How far anything moved in the next three seconds (the Layout Instability score).
SHIFTED = """() => new Promise(tell => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(one => { sum += one.value; }))
    .observe({ type: "layout-shift" });
  setTimeout(() => tell(sum), 3000);
})"""


@pytest.fixture
def ada(committing: None) -> Person:
    """A leader who commands INC-1, under a law, with people enough to fill its roles."""
    factories.law()
    leader = factories.person(
        "ada",
        qualified=(COMMANDER,),
        is_staff=True,
        is_superuser=True,
        time_zone="Europe/Berlin",
    )
    for role in (COMMANDER, DEPUTY, COMMUNICATIONS):
        factories.person(qualified=(role,))
    incident = declaration.declare(
        title="Card payments are declined by one acquirer out of two since this morning",
        services=[factories.service("payments", owner=factories.person("olga"))],
        facts={"customers_affected": 4000},
        actor=leader,
        at=timezone.now(),
    )
    commander = incident.assignments.get(role_id=COMMANDER, ended_at=None).person
    command.acknowledge(incident, actor=commander, at=timezone.now())
    return leader


@pytest.fixture
def opened(browser: Browser, live_server: Any, ada: Person) -> Iterator[Callable[..., Page]]:
    """Opens an address under /admin/ as Ada, in a browser of the wanted size and scheme."""
    contexts: list[BrowserContext] = []
    client = Client()
    client.force_login(ada)

    def open_page(path: str = "", viewport: dict[str, int] = DESK, **options: Any) -> Page:
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


def pages() -> Iterator[str]:
    """The main pages, under /admin/: lists, forms, verbs, rows and their history."""
    lists = (
        "incidents/incident", "incidents/update", "incidents/legalclock", "incidents/matrixversion",
        "incidents/holdingstatement", "incidents/service", "incidents/person", "reviews/review",
        "reviews/actionitem", "training/gameday", "incidents/auditevent", "incidents/outboxmessage",
    )  # fmt: skip
    forms = (
        "incidents/incident/verb/declare", "incidents/holdingstatement/verb/draft", "incidents/person/import",
        "incidents/person/export", "training/gameday/verb/plan",
    )  # fmt: skip
    rows = [model.objects.get() for model in (Incident, MatrixVersion, SeverityScheme, Service)]
    yield from ("", *(f"{path}/" for path in (*lists, *forms)))
    for row in (*rows, Person.objects.get(username="ada")):
        yield f"incidents/{row._meta.model_name}/{row.pk}/change/"
        yield f"incidents/{row._meta.model_name}/{row.pk}/history/"
    for verb in ("acknowledge", "hand_over", "draft_update", "close"):
        yield f"incidents/incident/INC-1/verb/{verb}/"


def stops(page: Page, most: int = 150) -> Iterator[dict[str, Any]]:
    """Every stop of the Tab key, from the first to where it leaves the page."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            return
        yield focused


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the stop of that name has the focus."""
    met = []
    for stop in stops(page):
        if stop["name"] == name:
            return
        met.append(stop["name"])
    raise AssertionError(f"Tab never came to {name!r}, but to {met}")


def enter(page: Page, name: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Enter")


def test_the_first_stop_skips_to_the_main_landmark(opened):
    page = opened()
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "main"
    page.keyboard.press("Tab")
    assert "What may I say?" in page.evaluate(FOCUSED)["name"]


def test_sidebar_user_menu_and_theme_open_by_keyboard(opened):
    page = opened()
    sidebar = page.get_by_role("link", name="RACI matrices")
    expect(sidebar).to_be_visible()
    enter(page, "A Ada ada@example.com unfold_more")
    enter(page, "dark_mode Dark")
    expect(page.locator("html")).to_have_class("dark")
    enter(page, "Sidebar")
    expect(sidebar).to_be_hidden()


def test_filters_open_and_narrow_the_list_by_keyboard(opened):
    page = opened("incidents/incident/")
    enter(page, "Filters filter_list")
    expect(page.locator("#changelist-filter")).to_be_visible()
    enter(page, "Closed")
    expect(page).to_have_url(re.compile("state__exact=closed"))


def test_every_stop_shows_the_focus_and_every_act_is_a_stop(opened):
    page = opened("incidents/incident/INC-1/change/")
    acts = {
        link.get_attribute("href")
        for link in page.get_by_role("navigation", name="Acts").get_by_role("link").all()
    }
    met = list(stops(page))
    assert acts
    assert acts <= {stop["href"] for stop in met}
    assert [stop["name"] for stop in met if not stop["isShown"]] == []


def test_an_incident_is_declared_by_keyboard_alone(opened):
    page = opened()
    enter(page, "add_alertDeclare an incident")
    expect(page.locator("#id_title")).to_be_focused()
    page.keyboard.type("Refunds fail")
    page.keyboard.press("Tab")
    page.keyboard.type("Pay")
    expect(page.get_by_role("option", name="Payments")).to_be_visible()
    page.keyboard.press("Enter")
    enter(page, "Declare")
    expect(page.get_by_role("heading", name="Refunds fail", exact=True)).to_be_visible()
    assert Incident.objects.get(title="Refunds fail").services.get().slug == "payments"


def test_a_refused_form_puts_the_cursor_where_it_is_wrong(opened):
    page = opened("incidents/incident/verb/declare/")
    page.keyboard.type("Refunds fail")
    enter(page, "Declare")
    expect(page.get_by_text("This field is required.")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('.group').innerText").startswith(
        "Affected services"
    )


# Django 6.0 changes what a URL without a scheme means; the forms of services take whole ones.
@pytest.mark.filterwarnings("ignore:The default scheme will be changed")
def test_main_pages_fit_a_phone_and_keep_the_console_quiet(opened):
    page = opened(viewport=PHONE)
    home, said, wide = page.url, [], []
    page.on("console", lambda line: said.append(f"{page.url}: {line.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    for path in pages():
        answer = page.goto(home + path)
        assert answer is not None and answer.status == 200, path
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    assert said == []
    assert wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_own_classes_are_readable(opened, scheme):
    page = opened(color_scheme=scheme)
    assert ("dark" in (page.locator("html").get_attribute("class") or "")) == (scheme == "dark")
    found = page.evaluate(CONTRASTS, list(STYLED))
    assert len(found) == len(STYLED)
    assert {name: round(ratio, 2) for name, ratio in found if ratio < READABLE} == {}


def test_running_clocks_move_nothing_and_keep_the_absolute_time(opened):
    page = opened("incidents/incident/INC-1/change/")
    clock = page.locator("time[data-since]").first
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)
    assert page.evaluate(SHIFTED) == 0
    titles = page.locator("time[data-since], time[data-until]")
    assert titles.count() >= 2
    assert all(one.get_attribute("title") for one in titles.all())


def test_whoever_wants_less_motion_sees_no_seconds_run(opened):
    page = opened("incidents/incident/INC-1/change/", reduced_motion="reduce")
    expect(page.locator("time[data-since]").first).to_have_text("0 min")
    assert " s" not in "".join(page.locator("time[data-until]").all_inner_texts())
