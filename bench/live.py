"""The incident page when much has happened, and what it costs to keep twenty of them up to date."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

from django.test import Client

from bench.company import Company
from bench.measured import Act, Aim, Effort, Measured, median_and_p95, statements
from incidents.models import Incident, TimelineEntry

ENTRIES = 1000
OPEN_PAGES = 20
EVERY_SECONDS = 5  # static/governance/live.js
PAGE = Aim(statements=18, p95_ms=150)
NEWS = Aim(statements=19, p95_ms=150)  # the page, and the revision before it
NOTHING_NEW = Aim(statements=4)


def measure(company: Company, database: str, rows: int, effort: Effort) -> Iterator[Measured]:
    """One open incident with a long timeline, as a leader's browser asks for it."""
    incident = _long(company)
    browser = Client()
    browser.force_login(company.leader)
    address = f"/admin/incidents/incident/{incident.pk}"
    page = _get(browser, f"{address}/change/", HTTPStatus.OK)
    page()  # what is made once (templates, urls) is no statement of the page
    yield _measured(f"incident page, {ENTRIES:,} entries", page, database, rows, effort, PAGE)
    news = _get(browser, f"{address}/live/?seen=x", HTTPStatus.OK)
    yield _measured("live: something new", news, database, rows, effort, NEWS)
    asked = f"{address}/live/?seen={incident.revision}"
    nothing = _get(browser, asked, HTTPStatus.NO_CONTENT)
    one = _measured("live: nothing new", nothing, database, rows, effort, NOTHING_NEW)
    yield one
    yield _twenty(one)


def _long(company: Company) -> Incident:
    """The newest open incident, with so many entries that its page must leave some out."""
    incident = Incident.objects.open().order_by("-declared_at", "-id")[0]
    TimelineEntry.objects.bulk_create(
        TimelineEntry(
            incident=incident,
            at=incident.declared_at + timedelta(seconds=number),
            text="Looked at the graphs of the last hour and wrote down what changed",
            author=company.people[number % len(company.people)],
            recorded_at=company.at,
        )
        for number in range(ENTRIES)
    )
    return incident


def _measured(
    name: str, act: Act, database: str, rows: int, effort: Effort, aim: Aim
) -> Measured:
    sent = statements(act)
    median, p95 = median_and_p95(act, effort)
    return Measured(name, database, rows, median, statements=sent, aim=aim, p95_ms=p95)


def _twenty(one: Measured) -> Measured:
    """What all of them together take of each second of one process."""
    requests = OPEN_PAGES / EVERY_SECONDS
    share = requests * one.ours_ms
    name = f"live: {OPEN_PAGES} open pages, {requests:g} requests/s: ms of each second"
    return Measured(name, one.database, one.rows, share)


def _get(browser: Client, address: str, wanted: HTTPStatus) -> Act:
    def get() -> None:
        answer = browser.get(address)
        if answer.status_code != wanted:
            raise RuntimeError(f"{address} answered {answer.status_code}")

    return get
