"""How far a person is with a role: what it asks for, what is there, and the grant itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from incidents.models import Incident, Obligation, Person, Qualification, Role
from incidents.models.calendar import today
from incidents.operations import people
from incidents.rules.candidates import day
from incidents.rules.reasons import Reason
from training.models import Evidence, Proof
from training.operations import role_standards
from training.rules import competence as rules
from training.rules.competence import Asked, Met, Shown, Standard

# On the board: how a person stands with a role.
QUALIFIED, LAPSING, LAPSED, LEARNING = "qualified", "lapsing", "lapsed", "learning"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one person is with one role; without a standard there is nothing to be met.

    Every proof counts, whoever reads; `evidence` is what the reader may see, `unseen` how many more.
    """

    person: Person
    role: Role
    held: Qualification | None
    state: str
    standard: Standard | None
    met: tuple[Met, ...]
    evidence: tuple[Evidence, ...]
    unseen: int = 0

    @property
    def missing(self) -> tuple[str, ...]:
        """What the role asks for and is not there, in words."""
        return tuple(in_words(one) for one in self.met if not one.is_met)

    @property
    def path(self) -> tuple[tuple[Met, str], ...]:
        """Each thing the role asks for, with its words."""
        return tuple((one, asked_for(one.asked)) for one in self.met)

    @property
    def next_step(self) -> str:
        """What to do first."""
        if self.standard is None:
            return "Nobody has said yet what this role asks for."
        if self.missing:
            return f"Next: {self.missing[0]}."
        if self.state in (QUALIFIED, LAPSING):
            return "Everything the role asks for is there."
        return "Everything is there: ask somebody who holds the role to grant it."


def in_words(met: Met) -> str:
    """What is still to come, such as "incident taken part in, 2 more"."""
    more = f", {met.missing} more" if met.asked.count > 1 else ""
    return f"{_what(met.asked)}{more}"


def asked_for(asked: Asked) -> str:
    """What is asked for, such as "played the role in an exercise, within 730 days, 2 times"."""
    times = f", {asked.count} times" if asked.count > 1 else ""
    return f"{_what(asked)}{times}"


def _what(asked: Asked) -> str:
    title = f" “{asked.title}”" if asked.title else ""
    within = f", within {asked.within_days} days" if asked.within_days else ""
    return f"{Proof(asked.kind).label}{title}{within}"


def standing(
    person: Person, role: Role, *, reader: Person | None = None, at: datetime
) -> Standing:
    """How far this person is with this role today, as this reader sees it; at most five queries."""
    held = Qualification.objects.filter(person=person, role=role).first()
    shown = (
        Evidence.objects.counting()
        .filter(person=person, role=role)
        .select_related("incident", "game_day", "recorded_by")
    )
    hidden = _hidden(shown, reader)
    return _standing(person, role, held, role_standards.of(role), shown, hidden, today(at))


def standings(
    person: Person, *, reader: Person | None = None, at: datetime
) -> tuple[Standing, ...]:
    """The same for every role they have, learn, or have shown something for; at most six queries."""
    on = today(at)
    held = {one.role_id: one for one in person.qualifications.select_related("role")}
    shown: dict[str, list[Evidence]] = defaultdict(list)
    rows = person.evidence.counting().select_related("incident", "game_day", "role")
    hidden = _hidden(rows, reader)
    for one in rows:
        shown[one.role_id].append(one)
    standards = role_standards.everything()
    return tuple(
        _standing(
            person, role, held.get(role.slug), standards.get(role.slug), shown[role.slug],
            hidden, on,
        )
        for role in Role.objects.filter(slug__in={*held, *shown})
    )  # fmt: skip


@transaction.atomic
def qualify(
    person: Person, role: Role, *, reason: str = "", actor: Person, at: datetime
) -> Qualification:
    """Grant the role for as long as its standard says, as `people.grant_qualification` does.

    That refuses what is missing (`still_open`) unless a reason says why the person may all the
    same; it stays on the row.
    """
    standard = role_standards.of(role)
    days = standard.valid_days if standard else None
    return people.grant_qualification(
        person, role, level=Qualification.Level.QUALIFIED,
        expires_on=today(at) + timedelta(days=days) if days else None,
        reason=reason, actor=actor, at=at,
    )  # fmt: skip


def still_open(person: Person, role: Role, at: datetime) -> tuple[Reason, ...]:
    """What the role asks for and is not there, one reason each: `requirements_open`."""
    return tuple(
        Reason("requirements_open", f"Still to come: {one}.")
        for one in standing(person, role, at=at).missing
    )


def to_renew(row: Obligation, at: datetime) -> str:
    """What the reminder of a qualification that lapses adds: what is still to come, by name."""
    held = Qualification.objects.select_related("person", "role").filter(pk=row.subject_id or 0)
    qualification = held.first()
    if qualification is None:
        return ""
    found = standing(qualification.person, qualification.role, at=at)
    if found.standard is None:
        return ""
    if not found.missing:
        return (
            "Everything the role asks for is there: ask somebody who holds it to grant it anew."
        )
    lines = "\n".join(f"- {one}" for one in found.missing)
    return f"Still to come before it can be granted anew:\n{lines}"


def state_of(held: Qualification | None, on: date) -> str:
    """How it stands on this day; "" where there is nothing."""
    if held is None:
        return ""
    if held.level != Qualification.Level.QUALIFIED:
        return LEARNING
    if held.expires_on is None or held.expires_on > on + rules.SOON:
        return QUALIFIED
    return LAPSING if held.expires_on > on else LAPSED


def until(held: Qualification) -> str:
    """Until when, in words."""
    return f"until {day(held.expires_on)}" if held.expires_on else "without end"


def _standing(
    person: Person,
    role: Role,
    held: Qualification | None,
    standard: Standard | None,
    shown: Iterable[Evidence],
    hidden: Collection[int | None],
    on: date,
) -> Standing:
    """A role is granted on everything that was shown: what is hidden counts, and says no more."""
    rows = tuple(shown)
    seen = tuple(one for one in rows if one.incident_id not in hidden)
    found = (_shown(one, is_hidden=one.incident_id in hidden) for one in rows)
    met = rules.judge(standard, found, on) if standard else ()
    return Standing(
        person, role, held, state_of(held, on), standard, met, seen, len(rows) - len(seen)
    )


def _hidden(rows: Iterable[Evidence], reader: Person | None) -> Collection[int | None]:
    """The private incidents among them that this reader may not see; nothing is hidden from None."""
    private = {one.incident.pk for one in rows if one.incident and one.incident.is_private}
    if reader is None or not private:
        return ()
    named = Incident.objects.filter(pk__in=private).hidden_from(reader)
    return frozenset(named.values_list("pk", flat=True))


def _shown(one: Evidence, *, is_hidden: bool) -> Shown:
    return Shown(one.kind, one.happened_on, one.title, _source(one), is_hidden)


def _source(one: Evidence) -> str:
    """Which incident or exercise it is of."""
    if one.incident_id:
        return f"incident {one.incident_id}"
    return f"exercise {one.game_day_id}" if one.game_day_id else ""


def named(asked: Collection[Asked]) -> str:
    """A standard in one line."""
    return "; ".join(map(asked_for, asked))
