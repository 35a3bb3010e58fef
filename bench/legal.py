"""The law: one evaluation of every regime, the next question, the API, and a page full of clocks."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from itertools import cycle
from typing import Any

from django.test import Client

from bench.company import Company
from bench.measured import Act, Aim, Effort, Measured, median_and_p95, statements
from bench.names import TOKEN
from incidents.calendars import is_holiday
from incidents.models import Incident, LegalClock
from incidents.rules import legal_engine, legal_facts, legal_interview
from incidents.rules.law_pack import Pack
from incidents.rules.legal_clocks import COUNSEL, kind_of
from incidents.rules.legal_interview import Known
from tests.incidents import lawful
from tests.incidents.packs import shipped

EVALUATE, MANY = "/api/v1/legal/evaluate", "/api/v1/legal/evaluate-many"
CLOCKS = 40
ENOUGH = 250  # runs: ten times each worked case
EVALUATION = Aim(p95_ms=5)
QUESTION = Aim(p95_ms=20)
ADDRESS = Aim(statements=2)
PAGE = Aim(statements=21)

Case = Mapping[str, Any]


def measure(company: Company, database: str, rows: int, effort: Effort) -> Iterator[Measured]:
    """The shipped pack through its worked cases, one after the other, then pages with clocks."""
    pack, cases = shipped(), shipped().test_cases
    line = partial(Measured, database=database, rows=rows)
    many = _more(effort)
    regimes = len(pack.regimes)
    for name, each, aim in (
        (f"evaluate {regimes} regimes", _evaluate, EVALUATION),
        (f"next question, {regimes} regimes", _ask, QUESTION),
    ):
        median, p95 = median_and_p95(_through(cases, partial(each, pack)), many)
        yield line(name, ours_ms=median, p95_ms=p95, aim=aim)
    _enact(company)
    program = Client(headers={"Authorization": f"Bearer {TOKEN}"})
    one = _through(cases, partial(_post, program, EVALUATE, asked))
    yield line("evaluate by the API", aim=ADDRESS, **_sent(one, many))
    every = _through([cases], partial(_post, program, MANY, asked_at_once))
    all_at_once = line("evaluate by the API, 25 at once", aim=ADDRESS, **_sent(every, effort))
    yield all_at_once
    yield line(
        "evaluate by the API, 25 at once: ms of each", ours_ms=all_at_once.ours_ms / len(cases)
    )
    yield from _pages(company, line, effort)


def asked(case: Case) -> dict[str, Any]:
    """The body of one evaluation."""
    return {name: case[name] for name in ("facts", "clocks", "submitted")}


def asked_at_once(cases: tuple[Case, ...]) -> dict[str, Any]:
    """The body of many."""
    return {"cases": [asked(case) for case in cases]}


def _evaluate(pack: Pack, case: Case) -> None:
    read = legal_facts.case(pack, case["facts"], case["clocks"], case["submitted"])
    legal_engine.evaluate(pack, read, is_holiday).document()


def _ask(pack: Pack, case: Case) -> None:
    """With the first half of what will be known: at the end there is nothing to ask."""
    said = case["facts"]
    findings = {name: said[name] for name in list(said)[: len(said) // 2]}
    legal_interview.next_question(pack, Known(findings))


def _through(cases: Any, act: Callable[[Any], None]) -> Act:
    """An act that takes the next case at each run."""
    following = cycle(cases)
    return lambda: act(next(following))


def _more(effort: Effort) -> Effort:
    """Long enough for a 95th percentile over all cases; where effort is spared, one run stays one."""
    least = min(effort.least * ENOUGH, ENOUGH) if effort.most > 1 else 1
    return Effort(effort.seconds, least, max(least, effort.most))


def _post(
    program: Client, address: str, body: Callable[[Any], dict[str, Any]], said: Any
) -> None:
    answer = program.post(address, json.dumps(body(said)), content_type="application/json")
    if answer.status_code != HTTPStatus.OK:
        raise RuntimeError(f"{address} answered {answer.status_code}")


def _sent(act: Act, effort: Effort) -> dict[str, Any]:
    act()  # what is made once is no statement of the address
    sent = statements(act)
    median, p95 = median_and_p95(act, effort)
    return {"ours_ms": median, "p95_ms": p95, "statements": sent}


def _enact(company: Company) -> None:
    """The shipped pack, and a controller in Germany and California."""
    since = company.at - timedelta(days=30)
    lawful.pack(effective_from=since)
    where = {"operates_in": ["DE", "US-CA"], "clock_timezone": "Europe/Berlin"}
    lawful.profile({"facts": where}, effective_from=since)


def _pages(
    company: Company, line: Callable[..., Measured], effort: Effort
) -> Iterator[Measured]:
    """Pages of an incident with one clock, then with forty: they must send as many statements."""
    incident = _incident(company)
    browser = Client()
    browser.force_login(company.leader)
    address = f"/admin/incidents/incident/{incident.pk}"
    acts = {
        f"incident page, {CLOCKS} legal clocks": partial(_get, browser, f"{address}/change/"),
        f"legal page, {CLOCKS} legal clocks": partial(_get, browser, f"{address}/law/"),
    }
    _clocks(incident, company, 0, 2)
    few = {}
    for name, act in acts.items():
        act()
        few[name] = statements(act)
    _clocks(incident, company, 2, CLOCKS)
    for name, act in acts.items():
        found = line(name, aim=PAGE if "incident page" in name else Aim(), **_sent(act, effort))
        if found.statements != few[name]:
            raise RuntimeError(f"{name}: {few[name]} statements with two, {found.statements}")
        yield found


def _incident(company: Company) -> Incident:
    """The newest open one, with the law pinned and some of it known."""
    incident = Incident.objects.open().order_by("-declared_at", "-id")[0]
    facts = {"personal_data_exposure": "confirmed", "affected_jurisdictions": ["DE", "US-CA"]}
    incident.facts = {**incident.facts, **facts}
    incident.law_pack, incident.legal_profile = lawful.latest()
    incident.save()
    return incident


def _clocks(incident: Incident, company: Company, first: int, end: int) -> None:
    """Clocks from the pack's own stages; the first is counsel's."""
    stages = [
        (regime, stage) for regime in shipped().regimes.values() for stage in regime.stages
    ]
    for number in range(first, end):
        regime, stage = stages[number]
        LegalClock.objects.create(
            incident=incident,
            kind=kind_of(regime.id, stage.id) if number else COUNSEL,
            regime=regime.id if number else "",
            stage=stage.id if number else "",
            title=f"{regime.name}: {stage.name}"[:300],
            recipients=list(stage.recipients),
            confidence=regime.confidence,
            basis="Personal data is exposed.",
            started_at=company.at,
            due_at=company.at + timedelta(hours=1 + number),
        )


def _get(browser: Client, address: str) -> None:
    answer = browser.get(address)
    if answer.status_code != HTTPStatus.OK:
        raise RuntimeError(f"{address} answered {answer.status_code}")
