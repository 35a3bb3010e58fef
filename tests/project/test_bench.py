"""The benchmark itself at a tiny size: every measurement runs, and no page sends more than it may."""

import json
from collections.abc import Callable
from unittest.mock import patch

import pytest

from bench import company, declaring, plain, planning, status, suite, table
from bench import measured as measurement
from bench.company import Company
from bench.measured import Aim, Effort, Measured, read
from incidents.models import (
    Assignment,
    AuditEvent,
    Incident,
    OutboxMessage,
    TimelineEntry,
    UpdateClock,
)
from incidents.operations import declaration
from tests.factories import NOW

ROWS = 120
PAGES = {
    "list of 50 as JSON": 6,
    "admin list, beside a stock admin": 12,
    "admin list, beside a bare table": 12,
    "search by reference": 12,
    "search by a common word": 12,
    "search by a rare word": 12,
    "search without a match": 12,
    "incident page": 18,
    "incident page, 1,000 entries": 18,
    "live: something new": 19,
    "live: nothing new": 4,
    "evaluate by the API": 2,
    "evaluate by the API, 25 at once": 2,
    "incident page, 40 legal clocks": 21,
    "legal page, 40 legal clocks": 21,
    "dashboard": 41,  # a dozen of them ask what is in force and what is owed outside of incidents
    "does practice show": 16,
}
ACTS = {
    "live: 20 open pages, 4 requests/s: ms of each second",
    "declare, beside plain ORM",
    "declare, beside bare inserts",
    "nudge",
    "second tick, adds none",
    "matrix 60 x 20: open the editor",
    "matrix 60 x 20: check",
    "matrix 60 x 20: save a letter, checked",
    "matrix resolved among 2,000 people",
    "assign 12 roles among 5,000 people",
    "send 200 messages, beside raw smtplib",
    "first of 120 pages among 120 digests leaves",
    "claim 100 due of 1,200 rows, beside 120",
    "publish to 120 subscribers, beside none",
    "compose to 120 subscribers, beside plain inserts",
    "evaluate 54 regimes",
    "next question, 54 regimes",
    "evaluate by the API, 25 at once: ms of each",
}


def measured(**changed) -> Measured:
    given = {"name": "dashboard", "database": "sqlite", "rows": 10, "ours_ms": 30.0}
    return Measured(**given | changed)


@pytest.fixture
def found(db) -> dict[str, Measured]:
    once = Effort(seconds=0, least=1, most=1)
    run = suite.run("sqlite", ROWS, at=NOW, effort=once)
    return {one.name.split(" 1 ")[0].split(" 2 ")[0]: one for one in run}


def test_every_measurement_runs_and_no_page_sends_more_statements_than_it_may(found):
    assert found.keys() == PAGES.keys() | ACTS
    over = {
        name: found[name].statements for name in PAGES if found[name].statements > PAGES[name]
    }
    assert over == {}


WRITTEN = (
    Incident, Incident.history.model, Incident.services.through, Assignment,
    Assignment.history.model, TimelineEntry, UpdateClock, UpdateClock.history.model,
    OutboxMessage, AuditEvent,
)  # fmt: skip


def written(declare: Callable[..., Incident], made: Company, part: int) -> dict[str, int]:
    """How many rows of each table one declaration writes."""
    before = {table: table._base_manager.count() for table in WRITTEN}
    declare(
        title="Checkout fails",
        services=made.services[part : part + 2],
        facts={"customers_affected": 2000},
        actor=made.leader,
        at=NOW,
    )
    declaring.release()
    return {
        table.__name__: table._base_manager.count() - count for table, count in before.items()
    }


def test_resolving_a_matrix_sends_no_more_statements_than_it_may(found):
    assert found["matrix resolved among 2,000 people"].statements <= 13


def test_a_declaration_sends_no_more_statements_than_promised(found):
    # Two of them ask which law pack and which legal profile are in force.
    assert found["declare, beside plain ORM"].statements <= 36


def test_plain_orm_writes_as_many_rows_of_each_table_as_ours(db):
    made = company.found(NOW)
    ours = written(declaration.declare, made, 0)
    assert written(plain.declare, made, 2) == ours
    assert min(ours.values()) > 0


def test_an_aim_is_met_only_if_statements_and_ratio_are():
    aim = Aim(statements=6, ratio=1.5)
    assert measured(bare_ms=20.0, statements=6, aim=aim).is_met is True
    assert measured(bare_ms=19.0, statements=6, aim=aim).is_met is False
    assert measured(bare_ms=20.0, statements=7, aim=aim).is_met is False
    assert measured(bare_ms=20.0).is_met is None


def test_an_aim_of_milliseconds_speaks_of_95_of_100_runs():
    aim = Aim(p95_ms=50)
    assert measured(ours_ms=40.0, p95_ms=49.0, aim=aim).is_met is True
    assert measured(ours_ms=40.0, p95_ms=51.0, aim=aim).is_met is False
    taken = iter([0.0, *(float(n) for n in range(1, 101))])  # the warm-up, then 1 to 100
    with patch.object(measurement, "_milliseconds", lambda act: next(taken)):
        effort = Effort(seconds=99, least=1, most=100)
        assert measurement.median_and_p95(measurement.nothing, effort) == (50.5, 95.0)


def test_a_page_that_grows_with_the_rows_is_not_flat():
    small, flat, grown = (
        measured(rows=rows, ours_ms=ms) for rows, ms in ((10, 30.0), (100, 40.0), (1000, 50.0))
    )
    assert [one.is_met for one in table.grown([small, flat, grown])] == [True, False]


def test_figures_survive_the_file_they_are_kept_in():
    one = measured(bare_ms=20.0, statements=6, aim=Aim(statements=6, ratio=1.5))
    assert read(json.loads(json.dumps(one.as_dict()))) == one


def test_the_table_says_plainly_what_is_missed():
    aim = Aim(ratio=1.5)
    _, met, missed = table.lines(
        [measured(bare_ms=30.0, aim=aim), measured(bare_ms=3.0, aim=aim)]
    )
    assert (met.split()[-1], missed.split()[-1]) == ("yes", "NO")


@pytest.mark.processes
def test_the_status_page_is_measured_beside_another_file_of_the_same_server(monkeypatch):
    monkeypatch.setattr(status, "REQUESTS", 10)
    monkeypatch.setattr(status, "ROUNDS", 1)
    found = status.measure()
    assert found.bare_ms
    assert found.aim == status.AIM


def test_a_year_is_planned_beside_a_patient_person_and_the_lot():
    solved, patient, random = planning.measure(((40, 20.0, 0.0),))
    assert solved.name == "plan a year, gap 0.0%"
    assert all(one.ratio and one.ratio >= 1 for one in (patient, random))
