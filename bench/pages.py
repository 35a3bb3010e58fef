"""Lists and pages: through the whole stack in this process, each beside its bare reference."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from django.test import Client

from bench.company import Company
from bench.load import RARE_WORD
from bench.measured import NO_AIM, Act, Aim, Effort, Measured, medians, statements
from bench.names import TOKEN
from incidents.models import Incident

LIST = "/admin/incidents/incident/"
STOCK = "/bare/admin/incidents/incident/"


@dataclass(frozen=True, slots=True)
class Page:
    """Two addresses that show the same rows."""

    name: str
    ours: str
    bare: str | None
    aim: Aim = NO_AIM


def measure(company: Company, database: str, rows: int, effort: Effort) -> Iterator[Measured]:
    """Every page, the newest incident standing for all."""
    program, browser = Client(headers={"Authorization": f"Bearer {TOKEN}"}), Client()
    browser.force_login(company.leader)
    for page in _pages(rows):
        client = program if page.ours.startswith("/api/") else browser
        ours, bare = _get(client, page.ours), page.bare and _get(client, page.bare)
        ours()  # what is made once (templates, urls) is no statement of the page
        sent = statements(ours)
        times = medians(ours, bare or None, effort)
        yield Measured(page.name, database, rows, *times, statements=sent, aim=page.aim)


def _pages(rows: int) -> Iterator[Page]:
    admin = Aim(statements=12, ratio=3)
    newest = Incident.objects.order_by("-declared_at").values_list("pk", flat=True)[:1].get()
    yield Page(
        "list of 50 as JSON", "/api/v1/incidents", "/bare/incidents.json", Aim(6, ratio=1.5)
    )
    yield Page("admin list, beside a stock admin", LIST, STOCK, admin)
    yield Page("admin list, beside a bare table", LIST, "/bare/incidents", Aim(statements=12))
    for name, words in (
        ("by reference", f"OLD-{rows // 2}"),
        ("by a common word", "checkout"),
        ("by a rare word", RARE_WORD),
        ("without a match", "nosuchword"),
    ):
        yield Page(f"search {name}", f"{LIST}?q={words}", f"{STOCK}?q={words}", admin)
    yield Page("incident page", f"{LIST}{newest}/change/", f"/bare/incidents/{newest}", Aim(18))
    yield Page("dashboard", "/admin/", None)
    yield Page("does practice show", "/admin/practice/", None)


def _get(client: Client, address: str) -> Act:
    def get() -> None:
        answer = client.get(address)
        if answer.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{address} answered {answer.status_code}")

    return get
