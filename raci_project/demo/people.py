"""Who works at Northwind Pay: six teams, thirty fictional people, what they are ready for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from django.contrib.auth.models import Group
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from incidents.models import (
    Absence,
    Channel,
    ContactProof,
    Person,
    Qualification,
    Role,
    Team,
)
from incidents.operations import roles
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    ENGINEERING,
    EXECUTIVE,
    PRIVACY,
    RESPONDER,
    SCRIBE,
    SUPPORT,
    TEAM_LEAD,
)

DOMAIN = "northwind.example"
PERSONAS = ("ada", "ben", "cleo", "dan")

Everybody: TypeAlias = Mapping[str, Person]

# slug, name, lead
TEAMS = (
    ("office", "Executive office", "wren"),
    ("platform", "Platform", "elif"),
    ("payments", "Payments", "grace"),
    ("ledger", "Ledger and payouts", "jonas"),
    ("trust", "Identity and risk", "maya"),
    ("customers", "Customer operations", "pablo"),
)

_LEADS = (COMMANDER, DEPUTY, DOMAIN_OWNER, TEAM_LEAD)
_HANDS = (RESPONDER, DOMAIN_OWNER)
_NOTES = (RESPONDER, SCRIBE)


@dataclass(frozen=True)
class Employee:
    """One person as the company's directory has them; `ready` are the roles they qualified for."""

    username: str
    name: str
    team: str
    time_zone: str
    manager: str | None
    groups: tuple[str, ...] = ("responder",)
    ready: tuple[str, ...] = ()


# Managers stand before their reports.
EMPLOYEES = (
    Employee("wren", "Wren Ashby", "office", "Europe/London", None, ("auditor",), (EXECUTIVE,)),
    Employee("xavier", "Xavier Dubois", "office", "Europe/Paris", "wren", ("auditor",), (EXECUTIVE,)),
    Employee("ben", "Ben Okafor", "office", "Europe/London", "wren", ("leadership",)),
    Employee("ada", "Ada Lindqvist", "office", "Europe/Stockholm", "ben", ("leadership",), (ENGINEERING,)),
    Employee("uma", "Uma Fischer", "office", "Europe/Zurich", "wren", ready=(COUNSEL,)),
    Employee("viktor", "Viktor Horak", "office", "Europe/Vienna", "uma", ready=(COUNSEL,)),
    Employee("yara", "Yara Costa", "office", "America/Sao_Paulo", "xavier",
             ("auditor", "responder"), (PRIVACY,)),
    Employee("elif", "Elif Demir", "platform", "Europe/Istanbul", "ada", ("responder", "planner"), _LEADS),
    Employee("farid", "Farid Haddad", "platform", "Asia/Dubai", "elif", ready=_NOTES),
    Employee("cleo", "Cleo Marchetti", "platform", "Europe/Rome", "elif"),
    Employee("anton", "Anton Virtanen", "platform", "Europe/Helsinki", "elif",
             ready=(DEPUTY, *_NOTES)),
    Employee("grace", "Grace Mwangi", "payments", "Africa/Nairobi", "ada", ready=_LEADS),
    Employee("hiro", "Hiro Tanaka", "payments", "Asia/Tokyo", "grace", ready=_HANDS),
    Employee("ines", "Inês Carvalho", "payments", "Europe/Lisbon", "grace", ready=_NOTES),
    Employee("theo", "Theo Almeida", "payments", "America/Sao_Paulo", "grace",
             ready=(COMMANDER, DEPUTY, RESPONDER)),
    Employee("jonas", "Jonas Weber", "ledger", "Europe/Berlin", "ada", ready=(COMMANDER, DEPUTY)),
    Employee("kavya", "Kavya Rao", "ledger", "Asia/Kolkata", "jonas", ready=(RESPONDER,)),
    Employee("liam", "Liam Byrne", "ledger", "Europe/Dublin", "jonas", ready=_NOTES),
    Employee("maya", "Maya Cohen", "trust", "Asia/Jerusalem", "ada", ready=(COMMANDER, DEPUTY)),
    Employee("nils", "Nils Berg", "trust", "Europe/Oslo", "maya", ready=_HANDS),
    Employee("olga", "Olga Laine", "trust", "Europe/Helsinki", "maya", ready=_NOTES),
    Employee("zofia", "Zofia Kowal", "trust", "Europe/Warsaw", "maya",
             ready=(PRIVACY, DEPUTY, *_NOTES)),
    Employee("pablo", "Pablo Ruiz", "customers", "Europe/Madrid", "ben",
             ready=(COMMUNICATIONS, SUPPORT)),
    Employee("quinn", "Quinn Taylor", "customers", "America/Toronto", "pablo",
             ready=(COMMUNICATIONS,)),
    Employee("rosa", "Rosa Jiménez", "customers", "America/Mexico_City", "pablo",
             ready=(COMMUNICATIONS,)),
    Employee("sam", "Sam Novák", "customers", "Europe/Prague", "pablo", ready=(SUPPORT,)),
    Employee("tara", "Tara Singh", "customers", "America/Los_Angeles", "pablo", ready=(SUPPORT,)),
    Employee("mei", "Mei Tan", "customers", "Asia/Singapore", "pablo",
             ready=(COMMUNICATIONS, SUPPORT)),
    Employee("dan", "Dan Whitfield", "customers", "America/New_York", "pablo", ()),
    Employee("hugo", "Hugo Brandt", "office", "Europe/Berlin", "ben", ("leadership",)),
)  # fmt: skip

HOME = {employee.username: employee.team for employee in EMPLOYEES}

DESCRIPTIONS = {
    COMMANDER: "Directs the response and has the final word. Fixes nothing with their own hands.",
    DEPUTY: "Hot standby of the commander; takes over tasks, and command if asked.",
    COMMUNICATIONS: "The one voice: drafts and publishes what customers and colleagues hear.",
    SCRIBE: "Keeps the timeline: what happened, what was decided, by whom and when.",
    DOMAIN_OWNER: "Answers for an affected service and knows what is safe to do to it.",
    RESPONDER: "Finds the cause and carries out the fix.",
    SUPPORT: "Brings what customers report to the incident, and its answers back to them.",
    COUNSEL: "Decides on legal notice; is engaged within the hour of a possible exposure.",
    PRIVACY: "Knows whose data we hold where; prepares notices and keeps their record.",
    EXECUTIVE: "Clears obstacles, speaks to regulators and the board; commands nothing.",
    TEAM_LEAD: "Leads the team that runs an affected service; is called when it burns.",
    ENGINEERING: "Answers for engineering; hears at once of the gravest, finds the people.",
}


def found(*, password: str, began: datetime, at: datetime) -> Everybody:
    """Roles, teams and people with their groups and rights; `password` is hashed already.

    Roles and teams changed last when the company `began`: the law knows them as they are.
    """
    roles.make(DESCRIPTIONS)
    described = list(Role.objects.all())
    for role in described:
        role.description = DESCRIPTIONS[role.slug]
    bulk_update_with_history(described, Role, ["description"], default_date=began)
    rows = [Team(slug=slug, name=name) for slug, name, _ in TEAMS]
    teams = {row.slug: row for row in bulk_create_with_history(rows, Team, default_date=began)}
    people: dict[str, Person] = {}
    for employee in EMPLOYEES:
        people[employee.username] = _hire(employee, teams, people, password)
    for slug, _, lead in TEAMS:
        teams[slug].lead = people[lead]
    bulk_update_with_history(list(teams.values()), Team, ["lead"], default_date=began)
    _qualify(people, at)
    _send_away(people, at)
    _prove(people, at)
    return people


def _hire(
    employee: Employee, teams: Mapping[str, Team], hired: Everybody, password: str
) -> Person:
    person = Person.objects.create(
        username=employee.username,
        name=employee.name,
        email=f"{employee.username}@{DOMAIN}",
        # Ofcom keeps these numbers for fiction: nobody can be called by mistake.
        phone=f"+44 20 7946 0{100 + len(hired)}",
        team=teams[employee.team],
        manager=hired[employee.manager] if employee.manager else None,
        time_zone=employee.time_zone,
        password=password,
        is_staff=True,
        is_superuser=employee.username == "ada",
    )
    person.groups.set([Group.objects.get(name=name) for name in employee.groups])
    return person


def _qualify(people: Everybody, at: datetime) -> None:
    """Two years of qualifications, one about to lapse, one lapsed, and one person learning."""
    ends = {
        ("rosa", COMMUNICATIONS): at.date() + timedelta(days=9),
        ("nils", COMMANDER): at.date() - timedelta(days=12),
    }
    ready = {(one.username, role) for one in EMPLOYEES for role in one.ready}
    since = at.date() - timedelta(days=420)
    for username, role in sorted(ready | ends.keys()):
        _grant(people[username], role, since, expires_on=ends.get((username, role)))
    for role in (COMMANDER, SCRIBE):
        _grant(people["cleo"], role, at.date() - timedelta(days=50), level="learning")


def _grant(
    person: Person,
    role: str,
    on: date,
    *,
    level: str = "qualified",
    expires_on: date | None = None,
) -> None:
    Qualification.objects.create(
        person=person,
        role_id=role,
        level=level,
        granted_on=on,
        expires_on=expires_on or on + timedelta(days=730),
    )


def _prove(people: Everybody, at: datetime) -> None:
    """Everybody's mail was shown to reach them, but Quinn's, and Xavier's too long ago."""
    ContactProof.objects.bulk_create(
        ContactProof(
            person=person,
            channel=Channel.EMAIL,
            address=person.email,
            means=ContactProof.Means.CODE,
            proved_at=at - timedelta(days=300 if person.username == "xavier" else 30),
            proved_by=person,
        )
        for person in people.values()
        if person.username != "quinn"
    )


def _send_away(people: Everybody, at: datetime) -> None:
    """Liam is on leave; ada and ben come back from an offsite a few minutes ago."""
    leave = at - timedelta(days=3), at + timedelta(days=11)
    offsite = at - timedelta(hours=9), at - timedelta(minutes=10)
    for username, (start, end), why in (
        ("liam", leave, "Annual leave"),
        ("ada", offsite, "Leadership offsite"),
        ("ben", offsite, "Leadership offsite"),
    ):
        person = people[username]
        Absence.objects.create(person=person, starts_at=start, ends_at=end, reason=why)
