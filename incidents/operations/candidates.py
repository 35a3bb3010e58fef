"""Who is weighed for a role, read in few queries however many people there are."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

from django.db.models import (
    CharField,
    Count,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast

from incidents.models.calendar import today
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.models.roles import Absence, Qualification
from incidents.models.rotation import Shift
from incidents.rules import hours
from incidents.rules.candidates import NO_SHIFT, NOTHING, Candidate
from incidents.rules.hours import Hours
from incidents.rules.phases import OPEN_STATES
from incidents.rules.roles import COMMANDER, DOMAIN_OWNER

# Roles in open incidents, the incident commanded, whether it is an exercise, roles in exercises.
Load = tuple[int, str | None, bool, int]
_IDLE: Load = (0, None, False, 0)
_NONE: frozenset[str] = frozenset()
_TRUE = ("1", "true")  # as SQLite and PostgreSQL write it

# Zone, works from, works until, works on weekends: as the database writes them.
HoursKey = tuple[str, str | None, str | None, str]
# Person, role, the day it ends, username, name, team, and the four of the hours.
Row = tuple[int, str, str | None, str, str, str | None, str, str | None, str | None, str]


def candidates(
    roles: Iterable[str],
    owners: Iterable[Person],
    *,
    teams: Iterable[str] | None = None,
    at: datetime,
) -> list[Candidate]:
    """The active people ever qualified for one of these roles, and these owners; nobody else.

    Owners come with their team loaded. As domain owners only those of `teams` count, where these
    are known: nobody answers for the service of another team.
    """
    wanted = set(roles)
    qualified = Qualification.objects.filter(
        role__in=wanted, level=Qualification.Level.QUALIFIED, person__is_active=True
    )
    if teams is not None and DOMAIN_OWNER in wanted:
        near = Q(role=DOMAIN_OWNER, person__team__slug__in=set(teams))
        qualified = qualified.filter(near | Q(role__in=wanted - {DOMAIN_OWNER}))
    rows = list(_rows(qualified))
    able, lapsed = _qualifications(rows, today(at).isoformat())
    known = {row[0]: row for row in rows}
    known |= {each.pk: _row_of(each) for each in owners if each.pk not in known}
    # Of the whole company: those away and those busy today are few, naming whom to ask costs more.
    (away, shifts), loads = _away(at, wanted), _loads()
    last = _last(qualified) if COMMANDER in wanted else {}
    outside = _Outside(at)
    found = []
    for pk, row in known.items():
        open_roles, commands, is_practising, practised = loads.get(pk, _IDLE)
        found.append(
            Candidate(
                row[3], row[4], row[5] or "", able.get(pk, _NONE), lapsed.get(pk, NOTHING),
                away.get(pk), commands, open_roles, last.get(pk), outside[row[6:]],
                shifts.get(pk, NO_SHIFT), is_practising, practised,
            )
        )  # fmt: skip
    return found


def _qualifications(
    rows: Iterable[Row], day: str
) -> tuple[dict[int, frozenset[str]], dict[int, dict[str, date]]]:
    """Who is qualified for what, and since when no longer. Thousands of rows: nothing is made
    twice, so that people with the same roles share one set of them."""
    able: dict[int, frozenset[str]] = {}
    lapsed: dict[int, dict[str, date]] = {}
    grown: dict[tuple[frozenset[str], str], frozenset[str]] = {}
    for row in rows:
        pk, role, ends = row[0], row[1], row[2]
        if ends is not None and ends <= day:
            lapsed.setdefault(pk, {})[role] = date.fromisoformat(ends)
            continue
        step = (able.get(pk, _NONE), role)
        if step not in grown:
            grown[step] = step[0] | {role}
        able[pk] = grown[step]
    return able, lapsed


class _Outside(dict[HoursKey, str]):
    """Why it is not their hours, asked once for all who keep the same hours in the same zone."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def __missing__(self, key: HoursKey) -> str:
        zone, begins, ends, weekends = key
        kept = Hours(zone, _time(begins), _time(ends), weekends in _TRUE)
        self[key] = said = hours.outside(kept, self.at)
        return said


def hours_of(person: Person) -> Hours:
    """When this person works."""
    return Hours(person.time_zone, person.works_from, person.works_until, person.works_weekends)


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _rows(qualified: QuerySet[Qualification]) -> Iterable[Row]:
    """One row a qualification. Days, times and truths come as text, which needs no conversion: of
    thousands only few are looked at."""
    rows = qualified.order_by().annotate(
        ends=Cast("expires_on", CharField()),
        begins=Cast("person__works_from", CharField()),
        until=Cast("person__works_until", CharField()),
        weekends=Cast("person__works_weekends", CharField()),
    )
    return rows.values_list(
        "person", "role", "ends", "person__username", "person__name", "person__team__slug",
        "person__time_zone", "begins", "until", "weekends",
    )  # fmt: skip


def _row_of(person: Person) -> Row:
    """The same of an owner, whether qualified or not."""
    begins = person.works_from.isoformat() if person.works_from else None
    until = person.works_until.isoformat() if person.works_until else None
    team = person.team.slug if person.team else None
    return (
        person.pk, "", None, person.username, person.name, team,
        person.time_zone, begins, until, "true" if person.works_weekends else "0",
    )  # fmt: skip


def _last(qualified: QuerySet[Qualification]) -> Mapping[int, datetime]:
    """When each commander took command last: an index probe each, and one for each exercise since.

    Whoever commanded an exercise has not had their turn by it.
    """
    commands = Assignment.objects.filter(
        role=COMMANDER, person=OuterRef("person"), incident__kind=Incident.Kind.INCIDENT
    )
    last = Subquery(commands.order_by("-assigned_at").values("assigned_at")[:1])
    rows = qualified.filter(role=COMMANDER).order_by().annotate(last=last)
    return dict(rows.exclude(last=None).values_list("person", F("last")))


def _away(
    at: datetime, roles: set[str]
) -> tuple[dict[int, datetime], dict[int, dict[str, datetime]]]:
    """Who is away and who is on shift for one of these roles, each until when; one query."""
    absences = Absence.objects.covering(at).order_by()
    serving = Shift.objects.covering(at).filter(role__in=roles, person__isnull=False).order_by()
    none = Value("", CharField())
    rows = absences.values_list("person", none, "ends_at").union(
        serving.values_list("person", "role", "ends_at"), all=True
    )
    away: dict[int, datetime] = {}
    shifts: dict[int, dict[str, datetime]] = {}
    for person, role, until in rows:
        if role:
            mine = shifts.setdefault(person, {})
            mine[role] = max(until, mine.get(role, until))
        else:
            away[person] = max(until, away.get(person, until))
    return away, shifts


def _loads() -> dict[int, Load]:
    """Per person, whoever holds a role in an open incident."""
    held, is_open = Assignment.objects.open().order_by(), Q(incident__state__in=OPEN_STATES)
    exercise = Q(incident__kind=Incident.Kind.EXERCISE)
    rows = held.values_list("person").annotate(
        here=Count("id", filter=is_open),
        commands=Max("incident__reference", filter=Q(role=COMMANDER)),
        practises=Count("id", filter=exercise & Q(role=COMMANDER)),
        practised=Count("id", filter=exercise & is_open),
    )
    return {
        person: (here, commands, bool(practises), practised)
        for person, here, commands, practises, practised in rows
    }
