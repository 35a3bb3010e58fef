"""What open incidents lack now, and whom the rules would ask: read for all of them at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.db.models import F, Prefetch, Q, QuerySet

from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.commanding import Suggestion
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.models.roles import Absence, Qualification
from incidents.operations import exclusions, law, staffing, standing
from incidents.operations.candidates import candidates
from incidents.operations.escalation import Told
from incidents.rules import assignment, layers
from incidents.rules.candidates import Candidate, Register, absence_of, day
from incidents.rules.exclusions import Exclusions
from incidents.rules.layers import Case
from incidents.rules.plan import Chosen, Need, Rejected, Unfilled
from incidents.rules.roles import COMMANDER, DEPUTY, DOMAIN_OWNER
from incidents.rules.suggestions import Held, Lack, lacks

_Outcome = Suggestion.Outcome


@dataclass(frozen=True, slots=True)
class New:
    """One thing to suggest: what is lacking, and who could, or nobody and why."""

    lack: Lack
    person: Person | None
    service: Service | None
    reason: str
    rejected: Sequence[Rejected]


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be suggested anew for one incident, and which suggestions no longer hold."""

    incident: Incident
    new: list[New] = field(default_factory=list)
    obsolete: list[Suggestion] = field(default_factory=list)


def open_incidents() -> QuerySet[Incident]:
    """Those the sweep looks at; exercises are left to their players."""
    return Incident.objects.open().filter(kind=Incident.Kind.INCIDENT).order_by("pk")


def one(incident: Incident) -> QuerySet[Incident]:
    """Only this one."""
    return Incident.objects.filter(pk=incident.pk)


def look(rows: QuerySet[Incident], at: datetime) -> "Look":
    """Read these incidents with who holds what, what is affected and what was suggested."""
    held = Assignment.objects.filter(Q(ended_at=None) | Q(role=DEPUTY))
    told = Suggestion.objects.filter(outcome__in=(_Outcome.OPEN, _Outcome.DISMISSED))
    services = Service.objects.select_related("owner__team", "team")
    owned = "service__owner__team", "service__team"
    read = rows.select_related("level", "scenario").defer("facts", "provenance")
    read = read.prefetch_related(
        Prefetch("assignments", held.select_related("person", "role", *owned)),
        Prefetch("services", services),
        Prefetch("suggestions", told.select_related("person", "service", "role")),
    )
    return Look(list(read), at)


class Look:
    """Several incidents at one instant; whoever could help is read once, and only if needed."""

    def __init__(self, incidents: Sequence[Incident], at: datetime) -> None:
        self.incidents, self.at = incidents, at
        self._needed: dict[tuple[int, Case], frozenset[str]] = {}

    def changes(self) -> Iterator[Change]:
        """One an incident where something is to be said or taken back."""
        for incident in self.incidents:
            found = self._change(incident)
            if found.new or found.obsolete:
                yield found

    def still_holds(self, row: Suggestion) -> bool:
        """Whether the role still lacks somebody for the same cause, and this person could."""
        for incident in self.incidents:
            for lack in self.lacks[incident.pk]:
                if _is_about(row, lack):
                    return bool(self._able(incident, lack, row, self._holds(incident)))
        return False

    def commander(self, incident: Incident, *, beside: int | None) -> list[Told]:
        """Who commands here and is active; nobody where it is the assignment `beside`."""
        return [
            (one.person, COMMANDER)
            for one in incident.assignments.all()
            if one.role_id == COMMANDER and one.ended_at is None and one.pk != beside
            if one.person.is_active
        ]

    @cached_property
    def leaders(self) -> list[Told]:
        """Leadership, asked for once."""
        return [(person, "") for person in standing.leaders()]

    @cached_property
    def lacks(self) -> dict[int, list[Lack]]:
        """What each incident lacks."""
        return {incident.pk: self._lacks(incident) for incident in self.incidents}

    @cached_property
    def register(self) -> Register:
        """Everybody who could take one of the roles lacking anywhere."""
        needs = [lack.need for found in self.lacks.values() for lack in found]
        roles = {need.role for need in needs}
        owners = [
            service.owner
            for incident in self.incidents
            for service in incident.services.all()
            if service.owner.is_active
        ]
        people = [*(owners if DOMAIN_OWNER in roles else ()), *self.leads.values()]
        return Register(candidates(roles, people, at=self.at), roles)

    @cached_property
    def leads(self) -> dict[str, Person]:
        """Who leads the teams of services that lack an owner, by team."""
        found = (lack.need.service for some in self.lacks.values() for lack in some)
        return staffing.leads_of(found)

    @cached_property
    def exclusions(self) -> Exclusions:
        """Which roles exclude each other now."""
        return exclusions.now()

    def _lacks(self, incident: Incident) -> list[Lack]:
        rows = list(incident.assignments.all())
        held = [self._held(each) for each in rows if each.ended_at is None]
        deputies = [str(each.person) for each in rows if each.role_id == DEPUTY]
        unfilled = [(each["role"], each["service"]) for each in incident.unfilled]
        return lacks(self._needs(incident), held, unfilled, deputies)

    def _needs(self, incident: Incident) -> tuple[Need, ...]:
        services = list(incident.services.all())
        wanted: frozenset[str] = frozenset()
        if incident.matrix_version_id is not None:
            key = incident.matrix_version_id, staffing.case_of(incident, services)
            if key not in self._needed:
                grid = layers.resolve(law.pinned_grid(key[0]), key[1]).grid
                self._needed[key] = frozenset(layers.holding(grid))
            wanted = self._needed[key]
        return assignment.needs(sorted(wanted), map(staffing.as_rule, services))

    def _held(self, row: Assignment) -> Held:
        service = staffing.as_rule(row.service) if row.service else None
        return Held(row.pk, row.role_id, str(row.person), service, self._trouble(row))

    def _trouble(self, row: Assignment) -> str:
        """Why this holder cannot any more; who was away or lapsed when chosen was so knowingly."""
        if not row.person.is_active:
            return f"{row.person} is deactivated"
        for starts_at, ends_at in self.away.get(row.person_id, ()):
            if starts_at >= row.assigned_at:
                gone = Candidate(row.person.username, "", "", away_until=ends_at)
                return f"{row.person} is {absence_of(gone)}"
        ended = self.lapsed.get((row.person_id, row.role_id))
        is_own = row.service is not None and row.service.owner_id == row.person_id
        if ended and not is_own and ended > today(row.assigned_at):
            return f"{row.person} is no longer qualified as {row.role.name}: lapsed on {day(ended)}"
        return ""

    @cached_property
    def away(self) -> dict[int, list[tuple[datetime, datetime]]]:
        """The absences that run now of those who hold a role somewhere."""
        holders = Assignment.objects.open().values("person")
        rows = Absence.objects.covering(self.at).filter(person__in=holders).order_by("-ends_at")
        found: dict[int, list[tuple[datetime, datetime]]] = {}
        for person, starts_at, ends_at in rows.values_list("person", "starts_at", "ends_at"):
            found.setdefault(person, []).append((starts_at, ends_at))
        return found

    @cached_property
    def lapsed(self) -> dict[tuple[int, str], date]:
        """When the qualifications of holders for what they hold ended, where they did."""
        rows = Qualification.objects.filter(
            level=Qualification.Level.QUALIFIED,
            expires_on__lte=today(self.at),
            person__assignments__ended_at=None,
            person__assignments__role=F("role"),
        ).order_by()
        return {
            (person, role): ended
            for person, role, ended in rows.values_list("person", "role", "expires_on")
            if ended
        }

    def _holds(self, incident: Incident) -> dict[str, list[str]]:
        holds: dict[str, list[str]] = {}
        for each in incident.assignments.all():
            if each.ended_at is None:
                holds.setdefault(each.person.username, []).append(each.role_id)
        return holds

    def _change(self, incident: Incident) -> Change:
        """What was suggested stays while it is true: the best of this minute is not the question."""
        told = list(incident.suggestions.all())
        waiting = [row for row in told if row.outcome == _Outcome.OPEN]
        dismissed = [row for row in told if row.outcome == _Outcome.DISMISSED]
        change, holds = Change(incident), self._holds(incident)
        asked: list[Lack] = []
        for lack in self.lacks[incident.pk]:
            row = next((one for one in waiting if _is_about(one, lack)), None)
            if row and row.person and self._able(incident, lack, row, holds):
                holds.setdefault(row.person.username, []).append(row.role_id)
                waiting.remove(row)
            elif not any(_is_about(one, lack) for one in dismissed):
                asked.append(lack)
        for lack, answer in self._answers(asked, holds):
            known = next((one for one in waiting if _is_about(one, lack)), None)
            if known and known.person is None and isinstance(answer, Unfilled):
                waiting.remove(known)
            elif isinstance(answer, Chosen) or not lack.if_found:
                change.new.append(self._new(incident, lack, answer))
        change.obsolete.extend(waiting)
        return change

    def _answers(
        self, asked: Sequence[Lack], holds: dict[str, list[str]]
    ) -> Iterable[tuple[Lack, Chosen | Unfilled]]:
        if not asked:
            return
        needs = [staffing.led(lack.need, self.leads) for lack in asked]
        plan = assignment.fill_from(self.register, needs, self.exclusions, holds)
        found: list[Chosen | Unfilled] = [*plan.assignments, *plan.unfilled]
        for lack, need in zip(asked, needs, strict=True):
            same = (
                each for each in found if (each.role, each.service) == (need.role, need.service)
            )
            yield lack, next(same)

    def _able(
        self, incident: Incident, lack: Lack, row: Suggestion, holds: dict[str, list[str]]
    ) -> bool:
        """Whether the person suggested could still take it, were nobody else there."""
        person = self.register.people.get(row.person.username) if row.person else None
        if person is None:
            return False
        only = Register([person], [lack.need.role])
        need = staffing.led(lack.need, self.leads)
        return bool(assignment.fill_from(only, [need], self.exclusions, holds).assignments)

    def _new(self, incident: Incident, lack: Lack, answer: Chosen | Unfilled) -> New:
        slug = lack.need.service.slug if lack.need.service else None
        service = next((one for one in incident.services.all() if one.slug == slug), None)
        if isinstance(answer, Unfilled):
            rejected = [Rejected("", reason) for reason in answer.reasons[1:]]
            return New(lack, None, service, answer.reasons[0], rejected)
        person = Person.objects.get(username=answer.username)
        return New(lack, person, service, answer.reason, answer.rejected)


def _is_about(row: Suggestion, lack: Lack) -> bool:
    """The same role or service, for the same cause."""
    slug = row.service.slug if row.service else None
    same_cause = row.instead_of_id == lack.instead_of and row.why == lack.why[:300]
    return (row.role_id, slug) == lack.key and same_cause
