"""Who may do what in an incident now: every verb possible in its state, whose it is, who holds it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Prefetch, Value, prefetch_related_objects

from incidents.models.adherence import Advice, Delegation
from incidents.models.calling import EscalationCall
from incidents.models.commanding import CommandCall, HandOver
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.operations import mandates, standing
from incidents.rules import authority
from incidents.rules.authority import APPROVED, Mandate
from incidents.rules.phases import State
from incidents.rules.reasons import Reason
from incidents.rules.roles import NAMES
from incidents.rules.verbs import ANYBODY, LEADERSHIP, PARTICIPANT, VERBS, VerbLaw

# What the table reads of an incident; a page that loads these itself makes it cost one query.
READ = (
    Prefetch(
        "assignments", queryset=Assignment.objects.select_related("role", "person", "service")
    ),
    Prefetch("delegations", queryset=Delegation.objects.select_related("role", "giver", "to")),
)
_NAMES = {
    ANYBODY: "Whoever was asked",
    PARTICIPANT: "Everybody with a role here",
    LEADERSHIP: "Leadership",
}


@dataclass(frozen=True, slots=True)
class Who:
    """One role that may act, who holds it, and who acts for them by delegation.

    `role` is a slug, or one of the words of `rules.verbs`; of leadership nobody is listed.
    """

    role: str
    name: str
    people: tuple[Person, ...] = ()
    delegates: tuple[Delegation, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One verb possible now and whose it is; empty where somebody must be assigned first."""

    verb: str
    label: str
    who: tuple[Who, ...]


def table(incident: Incident, *, at: datetime) -> tuple[Row, ...]:
    """Every verb possible in this state with who may, in the order of the law of verbs.

    It agrees with `standing.objections`, which asks for one person's standing permission besides.
    A verb that answers something stands here only while there is something to answer. One query,
    one more where somebody was asked something, two more unless `READ` is prefetched.
    """
    prefetch_related_objects([incident], *READ)
    asked = _asked(incident)
    laws = (law for law in VERBS.values() if State(incident.state) in law.states)
    return tuple(
        Row(law.verb, law.label, _who(incident, law, asked, at))
        for law in laws
        if law.roles != (ANYBODY,) or law.verb in asked
    )


def unasked(law: VerbLaw, row: Row | None, person: Person) -> tuple[Reason, ...]:
    """Why somebody has nothing to answer by a verb that only answers; empty for any other verb."""
    if law.roles != (ANYBODY,) or (row and any(person in who.people for who in row.who)):
        return ()
    message = "Nobody asked you, so there is nothing to answer: add a note instead."
    return (Reason("not_your_role", message),)


def _who(
    incident: Incident, law: VerbLaw, asked: Mapping[str, Sequence[Person]], at: datetime
) -> tuple[Who, ...]:
    if law.roles == (ANYBODY,):
        return (Who(ANYBODY, _NAMES[ANYBODY], tuple(asked[law.verb])),)
    held = standing.held(incident)
    act = mandates.act_of(law.verb)
    filled = {one.role_id for one in held}
    acting = authority.who_may(law.verb, filled, mandates.of(law.verb, incident))
    if law.roles == (PARTICIPANT,):
        everybody = Who(PARTICIPANT, _NAMES[PARTICIPANT], _people(held))
        outside = _outside(incident, law, held)
        if outside:
            everybody = replace(everybody, name=f"{everybody.name} (what stays inside)")
        led = [_role(role, held) for role in acting if role == LEADERSHIP]
        return (everybody, *outside, *led) if filled else tuple(led)
    running = [one for one in incident.delegations.all() if act and one.act in ("", act.code)]
    running = [one for one in running if standing.is_running(one, held, at=at)]
    return tuple(_role(role, held, running) for role in acting)


def _outside(incident: Incident, law: VerbLaw, held: Sequence[Assignment]) -> list[Who]:
    """Whose it is where an update goes outside, if the matrix makes that somebody else's."""
    act = APPROVED.get(law.verb)
    role = mandates.accountable(incident, act.code) if act else ""
    if not role:
        return []
    acting = authority.who_may(law.verb, {one.role_id for one in held}, Mandate(role))
    found = [_role(one, held) for one in acting if one != LEADERSHIP]
    return [replace(who, name=f"{who.name} (what goes outside)") for who in found]


def _role(slug: str, held: Sequence[Assignment], running: Iterable[Delegation] = ()) -> Who:
    own = [one for one in held if one.role_id == slug]
    name = own[0].role.name if own else _NAMES.get(slug) or NAMES.get(slug, slug)
    return Who(slug, name, _people(own), tuple(one for one in running if one.role_id == slug))


def _people(held: Iterable[Assignment]) -> tuple[Person, ...]:
    """Each once: the same person may own several services."""
    return tuple({one.person_id: one.person for one in held}.values())


def _asked(incident: Incident) -> dict[str, list[Person]]:
    """By the verb that answers, who was asked something and has not answered it yet."""
    offered = HandOver.objects.filter(incident=incident, outcome=HandOver.Outcome.OPEN)
    called = EscalationCall.objects.filter(
        incident=incident, ended=EscalationCall.Ended.OPEN, first_called_at__isnull=False
    )
    commands = CommandCall.objects.filter(
        assignment__incident=incident, outcome=CommandCall.Outcome.OPEN
    )
    advising = Advice.objects.filter(consultation__incident=incident, answered_at=None)
    found = [
        rows.order_by().annotate(verb=Value(verb)).values_list("verb", key)
        for verb, rows, key in (
            ("accept_command", offered, "to"),
            ("decline_command", offered, "to"),
            ("answer_call", called, "person"),
            ("answer_call", commands, "assignment__person"),
            ("advise", advising, "person"),
        )
    ]
    first, *others = found
    pairs = [(verb, key) for verb, key in first.union(*others) if key]
    people = Person.objects.in_bulk({key for _, key in pairs}) if pairs else {}
    by_verb: dict[str, list[Person]] = {}
    for verb, key in sorted(pairs):
        by_verb.setdefault(verb, []).append(people[key])
    return by_verb
