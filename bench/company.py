"""The company of the benchmark: people, services, the law in force, and who looks at it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import Group

from bench.names import TOKEN
from incidents.models import (
    ApiToken,
    MatrixVersion,
    Person,
    Qualification,
    Role,
    Service,
    SeverityLevel,
    SeverityScheme,
    Team,
)
from incidents.models.access import digest
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, DOMAIN_OWNER, SCRIBE
from reviews.models import CauseClass
from tests import factories
from training.models import Evidence, Proof

ROLES = (COMMANDER, DEPUTY, COMMUNICATIONS, DOMAIN_OWNER, SCRIBE)
PEOPLE = 200
SERVICES = 40
CAUSES = 20
# Each role has this many qualified people; a quarter of the commanders are busy.
QUALIFIED = 80
_MATRIX = {
    ("triage", "Direct the response"): {COMMANDER: "A/R", DEPUTY: "R", COMMUNICATIONS: "I"},
    ("mitigation", "Mend the service"): {COMMANDER: "A", DOMAIN_OWNER: "R", SCRIBE: "R"},
}


@dataclass(frozen=True, slots=True)
class Company:
    """The rows everything else points at; ids of people, services and causes are consecutive."""

    at: datetime
    people: list[Person]
    services: list[Service]
    causes: list[CauseClass]
    levels: list[SeverityLevel]
    matrix: MatrixVersion
    scheme: SeverityScheme

    @property
    def leader(self) -> Person:
        """Looks at every page and declares: staff in the group leadership, no superuser."""
        return self.people[0]


def found(at: datetime) -> Company:
    """Make the company as it stands at `at`."""
    effective_from = at - timedelta(days=3 * 365)
    matrix = factories.matrix_version(_MATRIX, effective_from=effective_from)
    scheme = factories.severity_scheme(effective_from=effective_from)
    teams = Team.objects.bulk_create(Team(slug=f"t{n}", name=f"Team {n}") for n in range(10))
    people = Person.objects.bulk_create(_person(n, teams) for n in range(PEOPLE))
    _qualify(people)
    _practise(people, at)
    _let_in(people[0], at)
    return Company(
        at,
        people,
        Service.objects.bulk_create(_service(n, people, teams) for n in range(SERVICES)),
        CauseClass.objects.bulk_create(
            CauseClass(slug=f"cause-{n}", name=f"Cause {n}") for n in range(CAUSES)
        ),
        list(scheme.levels.order_by("rank")),
        matrix,
        scheme,
    )


def _person(n: int, teams: list[Team]) -> Person:
    name = f"Person {n}"
    return Person(
        username=f"p{n}", name=name, email=f"p{n}@example.com", team=teams[n % len(teams)],
        is_staff=n == 0,
    )  # fmt: skip


def _service(n: int, people: list[Person], teams: list[Team]) -> Service:
    owner, team = people[QUALIFIED + n], teams[n % len(teams)]
    return Service(slug=f"s{n}", name=f"Service {n}", owner=owner, team=team, tier=1 + n % 4)


def _qualify(people: list[Person]) -> None:
    """Each role its own stretch of people; they overlap, as they do in a company."""
    reports = people[1:]
    for person in reports:
        person.manager = people[0]
    Person.objects.bulk_update(reports, ["manager"])
    granted_on = factories.NOW.date()
    Qualification.objects.bulk_create(
        Qualification(
            person=people[(start * 20 + n) % PEOPLE], role=role, level="qualified",
            granted_on=granted_on,
        )
        for start, role in enumerate(Role.objects.filter(slug__in=ROLES))
        for n in range(QUALIFIED)
    )  # fmt: skip


def _practise(people: list[Person], at: datetime) -> None:
    """Every third of who may command led an exercise in each of the last eight quarters."""
    role = Role.objects.get(slug=COMMANDER)
    Evidence.objects.bulk_create(
        Evidence(
            person=person, role=role, kind=Proof.LED, title="Led an exercise", recorded_at=at,
            happened_on=at.date() - timedelta(days=91 * quarter),
        )
        for person in people[:QUALIFIED:3]
        for quarter in range(8)
    )  # fmt: skip


def _let_in(leader: Person, at: datetime) -> None:
    leader.groups.add(Group.objects.get(name="leadership"))
    ApiToken.objects.create(
        person=leader, digest=digest(TOKEN), label="benchmark", created_at=at
    )
