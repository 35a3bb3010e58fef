"""A large matrix: opened in its editor, checked, saved, and resolved to two thousand people."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import cycle
from typing import Any

from django.test import Client
from django.urls import reverse

from bench import plain_matrix
from bench.company import Company
from bench.dialect import settle
from bench.measured import Aim, Effort, Measured, median_and_p95, medians, statements
from incidents.models import Absence, MatrixVersion, Person, Qualification, Role
from incidents.operations import matrix, matrix_edit
from incidents.operations.matrix_people import resolve_to_people
from incidents.rules.layers import Case
from incidents.rules.phases import Phase
from incidents.rules.raci import Activity, Grid, Letter, Variation, VariationKind

ACTIVITIES, ROLES, FEW, MANY = 60, 20, 200, 2000
AGREEABLE, QUICK = Aim(p95_ms=300), Aim(p95_ms=50)
_LETTERS = (
    Letter.A,
    *2 * [Letter.R],
    *3 * [Letter.C],
    *6 * [Letter.I],
)  # of twenty roles twelve


class GrowsError(AssertionError):
    """Resolving a matrix sends more statements the more people there are."""


def measure(company: Company, database: str, rows: int, effort: Effort) -> Iterator[Measured]:
    """Last of all parts: its people would take roles in the others' declarations."""
    long = replace(effort, seconds=3 * effort.seconds, most=3 * effort.most)
    draft = _draft(company)
    yield _resolving(company, draft, database, rows, long)
    editor = Editor(company.leader, draft)
    size = f"{ACTIVITIES} x {ROLES}"
    checks = partial(matrix.findings, draft, at=company.at)
    for name, act in (
        (f"matrix {size}: open the editor", editor.open),
        (f"matrix {size}: check", checks),
        (f"matrix {size}: save a letter, checked", editor.save),
    ):
        act()
        sent = statements(act)
        middle, p95 = median_and_p95(act, long)
        yield Measured(name, database, rows, middle, statements=sent, aim=AGREEABLE, p95_ms=p95)


def _resolving(
    company: Company, draft: MatrixVersion, database: str, rows: int, effort: Effort
) -> Measured:
    """Beside plain ORM; raises GrowsError where more people cost more statements."""
    services = company.services[:2]
    ours = partial(
        resolve_to_people, draft, case=Case(severity="sev1"), services=services, at=company.at
    )
    bare = partial(plain_matrix.resolve, draft, services, company.at)
    sent = []
    for number in (FEW, MANY):
        _hire(company, draft, number)
        ours()
        sent.append(statements(ours))
    if sent[0] != sent[1]:
        raise GrowsError(f"{sent[0]} statements among {FEW} people, {sent[1]} among {MANY}")
    settle()
    _, beside = medians(ours, bare, effort)
    middle, p95 = median_and_p95(ours, effort)
    return Measured(
        f"matrix resolved among {MANY:,} people", database, rows, middle, beside,
        statements=sent[-1], aim=QUICK, p95_ms=p95,
    )  # fmt: skip


class Editor:
    """The grid editor as a browser uses it: one letter changed to and fro."""

    def __init__(self, leader: Person, draft: MatrixVersion) -> None:
        self.client, self.revision = Client(), draft.revision
        self.client.force_login(leader)
        name = "admin:incidents_matrixversion_{}".format
        self.page = reverse(name("editor"), args=[draft.pk])
        self.address = reverse(name("save"), args=[draft.pk])
        self.letters = cycle("CI")

    def open(self) -> None:
        """The page with its findings."""
        _ok(self.client.get(self.page))

    def save(self) -> None:
        """One letter, and the findings anew."""
        change = {
            "do": "set", "activity": "a0", "role": _role(ROLES - 1),
            "text": next(self.letters), "variation": "",
        }  # fmt: skip
        said = json.dumps({"revision": self.revision, "changes": [change]})
        answer = _ok(self.client.post(self.address, said, content_type="application/json"))
        self.revision = answer.json()["revision"]


def _ok(answer: Any) -> Any:
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.status_code}: {answer.content[:500]!r}")
    return answer


def _draft(company: Company) -> MatrixVersion:
    """Sixty activities in six phases, twenty roles, and what differs in two cases."""
    known = list(Role.objects.values_list("slug", flat=True))
    Role.objects.bulk_create(
        Role(slug=_role(n), name=f"Role {n}", position=200 + n) for n in range(ROLES)
    )
    roles = [*known, *(_role(n) for n in range(ROLES))][-ROLES:]
    phases = list(Phase)
    activities = tuple(
        Activity(
            phase=phases[n * len(phases) // ACTIVITIES],
            name=f"Do the work of step {n}",
            letters={
                roles[(n + place) % ROLES]: letter for place, letter in enumerate(_LETTERS)
            },
            key=f"a{n}",
        )
        for n in range(ACTIVITIES)
    )
    differs = {each.place: {roles[-1]: Letter.C} for each in activities[:20]}
    variations = (
        Variation(VariationKind.SEVERITY, "sev1", differs),
        Variation(VariationKind.TIER, "1", differs),
    )
    grid = Grid(activities, tuple(roles), variations)
    return matrix_edit.start("Large", source=grid, actor=company.leader, at=company.at)


def _role(number: int) -> str:
    return f"role_{number}"


def _hire(company: Company, draft: MatrixVersion, total: int) -> None:
    """So many people in all, each new one qualified for two roles; some away, lapsed or gone."""
    roles = list(draft.columns.values_list("role", flat=True))
    first = Person.objects.count()
    hired = Person.objects.bulk_create(
        Person(
            username=f"hired{n}", name=f"Hired {n}", email=f"h{n}@example.com",
            team=company.services[n % len(company.services)].team, is_active=n % 50 != 0,
        )
        for n in range(first, total)
    )  # fmt: skip
    today = company.at.date()
    Qualification.objects.bulk_create(
        Qualification(
            person=person, role_id=roles[(n + step) % len(roles)], level="qualified",
            granted_on=today - timedelta(days=200),
            expires_on=today - timedelta(days=1) if n % 20 == 1 else None,
        )
        for n, person in enumerate(hired)
        for step in (0, 7)
    )  # fmt: skip
    Absence.objects.bulk_create(
        Absence(
            person=person,
            starts_at=company.at - timedelta(days=1),
            ends_at=company.at + timedelta(days=3),
        )
        for person in hired[2::20]
    )
