"""The main job, once, as people do it: from a matrix in a spreadsheet to a nudge in a mailbox."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect

from tests.browser.product import SWEEP_EVERY, Product, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.processes]

DATA = Path(os.environ.get("SHARED_DATA", settings.BASE_DIR.parent / "shared" / "data"))
MATRIX = DATA / "raci" / "pagerduty_major_incident.csv"
HISTORY = DATA / "incident-histories" / "normalised.csv"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(tmp_path_factory.mktemp("product"), fresh=True).running() as running:
        yield running


@pytest.fixture(scope="module")
def as_person(browser: Browser, product: Product) -> Callable[[str], Visitor]:
    """Sign a person in, once."""
    known: dict[str, Visitor] = {}

    def visitor(username: str) -> Visitor:
        if username not in known:
            known[username] = Visitor(browser, product, username)
        return known[username]

    return visitor


def holder(incident: dict[str, Any], role: str) -> str:
    """The user name of whoever holds a role."""
    return next(one["person"] for one in incident["assignments"] if one["role"] == role)


def eventually(what: Callable[[], object], seconds: float = 45) -> object:
    give_up_at = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < give_up_at, f"not within {seconds} s"
        time.sleep(0.5)
    return answer


def test_the_first_page_shows_what_burns_is_due_and_is_uncovered(as_person):
    ada = as_person("ada")
    for heading in ("What burns", "What is due", "What is uncovered", "Repeat rate"):
        expect(ada.page.get_by_role("heading", name=heading)).to_be_visible()
    ada.photograph("01-overview")
    assert ada.problems == []


def test_a_stranger_without_rights_is_told_whom_to_ask_and_shown_nothing(as_person):
    dan = as_person("dan")
    dan.sees("You have no rights here yet.")
    assert dan.page.get_by_text("What burns").count() == 0


def test_a_matrix_is_imported_submitted_and_approved_by_another(as_person):
    if not MATRIX.exists():
        pytest.skip(f"{MATRIX} is not here; set SHARED_DATA")
    ada, ben = as_person("ada"), as_person("ben")
    ada.open("/admin/incidents/matrixversion/")
    ada.follow("Import a matrix")
    ada.page.set_input_files("#id_file", MATRIX)
    ada.press("Read it and go on")
    ada.sees("What do the names in pagerduty_major_incident.csv mean?")
    ada.page.get_by_label("Internal Liaison").select_option(label="Support lead")
    ada.fill(matrix_name="Major incident")
    ada.photograph("02-matrix-mapping")
    ada.press("Make the draft")
    ada.sees("Major incident v1")
    ada.follow("Submit")
    expect(ada.page.get_by_role("button", name="Submit", exact=True)).to_be_visible()
    if ada.page.locator("#id_warnings_reason").count():
        ada.fill(
            warnings_reason="It is the matrix we were trained on; we mend it by the next version."
        )
    ada.press("Submit")
    ada.sees("Submit: done.")
    draft = ada.page.url
    ada.photograph("03-matrix-submitted")

    assert ada.page.get_by_role("link", name="Approve", exact=True).count() == 0
    ada.page.goto(draft.replace("/change/", "/verb/approve/"))
    ada.press("Approve")
    ada.sees("another")  # the maker is told that somebody else must
    ben.page.goto(draft)
    ben.act("Approve")
    ben.sees("in force")
    ben.photograph("04-matrix-in-force")


@pytest.fixture(scope="module")
def incident(as_person, product) -> dict[str, Any]:
    """Declared by Ada in the browser; what the API says of it."""
    ada = as_person("ada")
    ada.open("/admin/")
    ada.follow("Declare an incident")
    ada.fill(title="Card payments are declined", customers_affected="4000")
    ada.find("services", "Pay")
    ada.choose(functionality_lost="major", personal_data_exposure="possible")
    ada.photograph("05-declare")
    ada.press("Declare")
    ada.sees("Card payments are declined")
    ada.photograph("06-declared")
    reference = ada.page.locator("#header-inner").inner_text().split("INC-")[1].split()[0]
    with product.api("ada") as api:
        return api.get(f"/incidents/INC-{reference}").json()


def test_a_declaration_computes_severity_fills_roles_and_engages_counsel(as_person, incident):
    ada = as_person("ada")
    for heading in ("Who holds what", "Severity and law", "Due next", "Affected services"):
        expect(ada.page.get_by_role("heading", name=heading)).to_be_visible()
    assert incident["severity"]["reasons"]
    assert {"incident_commander", "communications_lead", "legal_counsel"} <= {
        one["role"] for one in incident["assignments"]
    }
    assert all(one["reason"] for one in incident["assignments"])
    ada.sees("Next public update")


def test_an_incident_is_commanded_spoken_about_and_closed(as_person, incident, product):
    commander = as_person(holder(incident, "incident_commander"))
    speaker = as_person(holder(incident, "communications_lead"))
    page = f"/admin/incidents/incident/{incident['reference']}/change/"

    commander.open(page)
    commander.act("Acknowledge")
    commander.photograph("07-acknowledged")
    commander.act("Advance")

    speaker.open(page)
    speaker.follow("Draft an update")
    speaker.choose(audience="Public")
    speaker.fill(
        text="Some card payments are declined. We are working on it and write again in 20 minutes."
    )
    speaker.press("Draft an update")
    speaker.sees("Draft an update: done.")
    approve = "Approve the public update"
    assert speaker.page.get_by_role("link", name=approve).count() == 0

    commander.open(page)
    commander.page.get_by_role("link", name=approve).click()
    commander.press("Approve")
    speaker.open(page)
    speaker.page.get_by_role("link", name="Publish the public update").click()
    speaker.press("Publish")
    speaker.photograph("08-update-published")

    commander.open(page)
    for verb in ("Mark contained", "Mark mitigated", "Mark resolved"):
        commander.act(verb)
    commander.act("Close", note="A bad release was rolled back; payments are normal.")
    commander.sees("Closed")
    commander.photograph("09-closed")
    with product.api("ada") as api:
        closed = api.get(f"/incidents/{incident['reference']}").json()
    assert closed["phase"] == "closed"
    assert closed["review_due_at"]


def test_a_closed_incident_owes_a_review_with_an_owned_action_item(
    as_person, incident, product
):
    owner = as_person(holder(incident, "incident_commander"))

    def opened() -> bool:
        owner.open(f"/admin/reviews/review/?q={incident['reference']}")
        return owner.page.get_by_role("link", name=incident["reference"]).count() > 0

    eventually(opened)  # the worker's sweep opens it
    owner.page.get_by_role("link", name=incident["reference"]).first.click()
    owner.follow("Write")
    owner.fill(
        summary="A release changed the retry policy.",
        impact="4,000 customers for half an hour.",
    )
    owner.page.select_option("#id_cause_class", index=1)
    owner.press("Write")
    owner.act(
        "Add a factor", text="The retry policy had no test against the acquirer's limits."
    )
    owner.follow("Add an action item")
    owner.fill(title="Test the retry policy against the acquirer", due_on="2030-03-01")
    owner.find("owner", "Ben")
    owner.press("Add an action item")
    owner.act("Publish")
    owner.sees("Published")
    owner.photograph("10-review")
    with product.api("ada") as api:
        assert api.get(f"/incidents/{incident['reference']}").json()["state"] == "closed"


def test_overdue_owners_are_nudged_by_mail_once_with_a_link(product):
    def nudges() -> list[str]:
        return [mail["Message-ID"] for mail in product.mails() if "AI-" in mail["Subject"]]

    eventually(nudges)
    before, alive_at = nudges(), product.heartbeat()
    eventually(lambda: product.heartbeat() - alive_at >= 3 * SWEEP_EVERY)
    found = nudges()
    assert sorted(found) == sorted(before)  # nobody is told twice
    assert len(found) == len(set(found))
    mail = next(mail for mail in product.mails() if "AI-" in mail["Subject"])
    text = mail.get_body(("plain",))
    assert text is not None
    assert f"{product.url}/admin/reviews/actionitem/" in text.get_content()


def test_a_game_day_is_run_as_an_exercise(as_person):
    elif_ = as_person("ada")
    elif_.open("/admin/training/gameday/?status__exact=planned")
    elif_.page.locator("#result_list tbody a").first.click()
    elif_.photograph("11-game-day")
    elif_.act("Run it")
    elif_.sees("Running")


def test_history_is_imported_and_the_first_page_shows_the_metrics(as_person, product):
    if not HISTORY.exists():
        pytest.skip(f"{HISTORY} is not here; set SHARED_DATA")
    assert "722" in product.manage("import_incidents", str(HISTORY))
    with product.api("ada") as api:
        metrics = api.get("/metrics", params={"from": "2020-01-01", "to": "2026-01-01"}).json()
    assert metrics["time_to_first_public_update"]["n"] >= 645
    ada = as_person("ada")
    ada.open("/admin/")
    expect(ada.page.locator("canvas")).to_have_count(7)
    ada.photograph("12-metrics")
    assert "intact" in product.manage("verify_audit").lower()
