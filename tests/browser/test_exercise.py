"""An exercise compressed to two minutes: three people in three browsers, and nobody else hears of it."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.product import Product, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.processes]
SOON = 30_000  # milliseconds; an open page asks every five seconds
FACTOR = "20"

# Cleo commands, ada facilitates, ben evaluates; quinn speaks without a browser.
LAID_OUT = """
from datetime import timedelta
from django.utils import timezone
from incidents.models import Person, Role, Service
from training.models import ExerciseScenario, Inject, Objective
from training.operations import crew, game_day
now = timezone.now()
people = {one.username: one for one in Person.objects.all()}
story = ExerciseScenario.objects.create(
    slug="two-minutes", title="The bad route", summary="A provider fails.",
    background="The acquirer pushed a bad route.", facts={"customers_affected": 40},
)
command = Objective.objects.create(
    exercise_scenario=story, number=1, capability="Command", target="within 5 minutes",
    text="Command is taken and said aloud",
)
for number, minute, fields in (
    (1, 0, {"title": "Authorisations time out", "method": "alert", "sender": "Monitoring",
            "text": "Half of all authorisations take 20 seconds.",
            "expected_action": "Say who commands"}),
    (2, 5, {"title": "Switch over?", "method": "call", "sender": "Operations", "is_gate": True,
            "text": "Shall we switch to the second acquirer?"}),
    (3, 6, {"title": "A journalist asks", "method": "mail", "sender": "The press",
            "text": "Were customers charged twice?"}),
    (4, 30, {"title": "The end", "text": "The acquirer has recovered."}),
    (5, 0, {"title": "Support is silent", "kind": "contingency", "text": "What may we say?",
            "trigger": "Nobody has told support"}),
):
    made = Inject.objects.create(
        exercise_scenario=story, number=number, offset_minutes=minute, **fields
    )
    made.objectives.add(command)
day = game_day.plan(
    title="Two minutes", exercise_scenario=story, starts_at=now + timedelta(minutes=10),
    roles={"incident_commander": people["cleo"], "communications_lead": people["quinn"]},
    services=list(Service.objects.filter(is_active=True)[:1]), actor=people["ada"], at=now,
)
for duty, who in (("facilitator", "ada"), ("lead_evaluator", "ben")):
    crew.name_staff(day, duty=duty, person=people[who], actor=people["ada"], at=now)
print("game day", day.pk)
"""

# Another, which has begun: anton commands, cleo keeps the notes.
BEGUN = """
from datetime import timedelta
from django.utils import timezone
from incidents.models import Person, Service
from training.models import ExerciseScenario
from training.operations import crew, game_day
now = timezone.now()
people = {one.username: one for one in Person.objects.all()}
day = game_day.plan(
    title="Two minutes again", exercise_scenario=ExerciseScenario.objects.get(slug="two-minutes"),
    starts_at=now + timedelta(minutes=20), services=[], actor=people["ada"], at=now,
    roles={"incident_commander": people["anton"], "communications_lead": people["quinn"],
           "scribe": people["cleo"]},
)
for duty, who in (("facilitator", "ada"), ("lead_evaluator", "ben")):
    crew.name_staff(day, duty=duty, person=people[who], actor=people["ada"], at=now)
game_day.run(day, actor=people["ada"], at=now)
print("game day", day.pk)
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(tmp_path_factory.mktemp("product")).running() as running:
        yield running


@pytest.fixture(scope="module")
def day(product: Product) -> str:
    """Where the game day is: planned, cast and staffed."""
    return laid_out(product, LAID_OUT)


@pytest.fixture(scope="module")
def people(browser: Browser, product: Product) -> dict[str, Visitor]:
    return {name: Visitor(browser, product, name) for name in ("ada", "ben", "cleo")}


def laid_out(product: Product, script: str) -> str:
    said = product.manage("shell", "-c", script)
    found = re.search(r"game day (\d+)", said)
    assert found, said
    return f"/admin/training/gameday/{found[1]}"


def eventually(what: Callable[[], object], seconds: float = 45) -> None:
    give_up_at = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < give_up_at, f"not within {seconds} s"
        time.sleep(0.5)


def never_reloaded(who: Visitor) -> bool:
    return bool(who.page.evaluate("window.neverReloaded === true"))


def test_three_people_live_through_an_exercise_of_two_minutes(product, day, people):
    ada, ben, cleo = people["ada"], people["ben"], people["cleo"]

    # Who plays waits for what comes, and finds no word of the story.
    cleo.open(f"{day}/play/")
    cleo.sees("It has not begun")
    cleo.open(f"{day}/change/")
    expect(cleo.page.locator("body")).not_to_contain_text("bad route")
    assert cleo.page.goto(f"{product.url}{day}/control/").status == 403
    assert cleo.page.goto(f"{product.url}{day}/history/").status == 403
    cleo.problems.clear()

    # The facilitator begins it, twenty times as fast.
    ada.open(f"{day}/change/")
    ada.follow_matching("Run it")
    ada.choose(pace="Compressed")
    ada.fill(pace_factor=FACTOR)
    ada.press("Run it")
    ada.follow_matching("^\\W*tune\\W*Control|Control$")
    expect(ada.page.locator(".exercise-banner")).to_be_visible()
    expect(ada.page.locator("#panel-clock")).to_contain_text("runs")
    ada.page.evaluate("window.neverReloaded = true")

    # The first inject reaches the player by itself, and on the timeline of the incident.
    cleo.open(f"{day}/play/")
    cleo.page.evaluate("window.neverReloaded = true")
    told = cleo.page.locator("#panel-told")
    expect(told).to_contain_text("Half of all authorisations take 20 seconds.", timeout=SOON)
    assert never_reloaded(cleo)
    expect(told).not_to_contain_text("switch to the second acquirer")
    expect(cleo.page.locator("body")).not_to_contain_text("Say who commands")

    # The clock waits at the gate, by itself, until the facilitator says what was decided.
    gate = ada.page.locator("#panel-gates")
    expect(gate).to_contain_text("Shall we switch to the second acquirer?", timeout=SOON)
    expect(ada.page.locator("#panel-clock")).to_contain_text("waits for a decision")
    assert never_reloaded(ada)
    ada.photograph("exercise-control")

    # The player acts under the same law.
    cleo.follow_matching("Act in EX-")
    expect(cleo.page.locator(".exercise-banner")).to_be_visible()
    expect(cleo.page.locator("#panel-timeline")).to_contain_text(
        "Inject 1 (alert from Monitoring)"
    )
    cleo.page.locator("#big").click()
    cleo.page.locator("#verb_form button[type=submit]").click()
    cleo.photograph("exercise-player")

    # The evaluator notes and rates, by what was seen and not above it.
    ben.open(f"{day}/evaluate/")
    ben.fill(text="Cleo said at once that she commands")
    ben.page.get_by_label("Strength").check()
    ben.page.get_by_text("About which objectives and injects").click()
    ben.page.get_by_label("1. Command is taken and said aloud").check()
    ben.press("Keep the note")
    expect(ben.page.locator("#panel-notes")).to_contain_text("Cleo said at once")
    ben.page.locator("#panel-objectives").get_by_role("link", name="Rate").first.click()
    ben.choose(rating="performed without challenges")
    ben.fill(reason="Within two minutes of the story")
    ben.press("Rate an objective")
    expect(ben.page.locator("#panel-objectives")).to_contain_text("Within two minutes")
    ben.photograph("exercise-evaluation")

    # The decision lets the story go on; a contingency comes by hand; the last one is skipped.
    gate.get_by_label("What did the players decide?").fill("We switch over")
    ada.press("They have decided")
    expect(ada.page.locator("#panel-clock")).to_contain_text("runs")
    ada.page.locator("#inject-5").get_by_role("button").click()
    ada.sees("Released: the players have it.")
    ada.page.locator("#inject-4").get_by_role("link", name="Skip").click()
    ada.fill(reason="Time is up")
    ada.press("Skip")
    expect(ada.page.locator("#panel-done")).to_contain_text("Time is up")
    cleo.open(f"{day}/play/")
    for words in ("What may we say?", "Were customers charged twice?"):
        expect(told).to_contain_text(words, timeout=SOON)
    for words in ("The acquirer has recovered", "she commands", "Time is up"):
        expect(cleo.page.locator("body")).not_to_contain_text(words)

    # Nobody outside hears of it.
    assert ada.problems == ben.problems == cleo.problems == []
    about = [one for one in product.mails() if "EX-" in str(one["Subject"])]
    eventually(lambda: any("Authorisations" in str(one["Subject"]) for one in product.mails()))
    inside = {f"{name}@northwind.example" for name in ("ada", "ben", "cleo", "quinn")}
    assert {str(one["To"]) for one in about} <= inside
    assert all("EXERCISE" in str(one["Subject"]) for one in about)


def test_it_is_closed_judged_and_its_report_names_who_improves_what(day, people):
    ada, cleo = people["ada"], people["cleo"]
    cleo.open(f"{day}/play/")
    cleo.follow_matching("Act in EX-")
    for verb in ("Advance", "Mark contained", "Mark mitigated", "Mark resolved"):
        cleo.act(verb)
    cleo.act("Close", note="The story is told.")
    cleo.sees("Closed")

    ada.open(f"{day}/change/")
    ada.act("Complete", lessons="Command was said aloud; support heard too late.")
    ada.follow_matching("After-action report")
    ada.act("Write the summary", summary="Three people switched over within two minutes.")
    ada.follow("Add an improvement")
    ada.fill(
        issue="Nothing says who tells support.",
        title="Name who tells support",
        due_on="2030-03-01",
    )
    ada.choose(capability="Command")
    ada.page.select_option("#id_element", index=1)
    ada.find("owner", "Ben")
    ada.press("Add an improvement")
    ada.act("Publish the report")
    for words in (
        "Three people switched over within two minutes.",
        "Within two minutes of the story",
        "Cleo said at once that she commands",
        "Name who tells support",
        "minutes of story time from the declaration",
        "20 times as fast as real time",
        "was skipped: Time is up.",
        "AI-",
    ):
        ada.sees(words)
    ada.photograph("after-action-report")
    assert ada.problems == cleo.problems == []


def test_the_stop_word_is_big_red_and_heard_by_everybody(product, people):
    ada, cleo = people["ada"], people["cleo"]
    day = laid_out(product, BEGUN)
    ada.open(f"{day}/control/")
    ada.page.get_by_role("link", name="Stop the exercise").click()
    ada.fill(reason="A real incident has begun")
    ada.press("Stop the exercise")
    cleo.open(f"{day}/play/")
    cleo.sees("The exercise is over (Cancelled).")

    def stopped() -> set[str]:
        return {str(one["To"]) for one in product.mails() if "STOP" in str(one["Subject"])}

    wanted = {f"{name}@northwind.example" for name in ("ada", "ben", "cleo", "quinn", "anton")}
    eventually(lambda: stopped() == wanted)


def test_a_year_is_planned_to_a_proven_optimum_moved_by_hand_and_everybody_invited(
    product, people
):
    ada = people["ada"]
    ada.open("/admin/training/yearplan/")
    ada.follow_matching("Plan a year")
    ada.press("Plan a year")
    proven = ada.page.get_by_text(re.compile("proven to be the best|cannot be done as asked"))
    expect(proven.first).to_be_visible(timeout=90_000)
    ada.photograph("year-plan")
    ada.follow_matching("Publish and invite")
    ada.press("Publish and invite")
    ada.sees("Published: everybody is invited.")

    def invited() -> bool:
        return any(
            "BEGIN:VCALENDAR" in part.get_content()
            for one in product.mails()
            for part in one.walk()
            if part.get_content_type() == "text/calendar"
        )

    eventually(invited)
    assert ada.problems == []


def test_the_report_of_the_last_exercise_can_be_read_printed_and_taken_away(product, people):
    ada = people["ada"]
    ada.open("/admin/training/gameday/")
    ada.follow("Acquirer rehearsal")
    ada.follow_matching("report")
    for heading in (
        "Executive summary",
        "Ratings",
        "Improvement plan",
        "What to practise next",
    ):
        ada.sees(heading)
    address = ada.page.url.rstrip("/")
    text = ada.page.request.get(f"{address}.md").text()
    assert text.startswith("# ")
    assert "Improvement plan" in text
    assert ada.problems == []
