"""Evidence: recorded by somebody else, or seen by the product itself; withdrawn, never deleted."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from simple_history.utils import bulk_create_with_history

from incidents.models import Assignment, Incident, Person, Role
from incidents.models.calendar import today
from incidents.operations import records, standing, words
from incidents.rules.phases import State
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused
from training.models import Answer, Evidence, GameDay, GameDayStaff, Proof
from training.rules.competence import HELD, LED, PLAYED, REVERSE, SEEN, SHADOWED

RECORD, WITHDRAW = "training.record_evidence", "training.withdraw_evidence"
# What whoever held a role in an incident saw somebody else do there.
WITNESSED = (SEEN, SHADOWED, REVERSE)
_RUNS_IT = (GameDayStaff.Duty.DIRECTOR, GameDayStaff.Duty.FACILITATOR)
# A closed incident is looked at once. So far back reaches the oldest proof a shipped standard takes.
LOOK_BACK = timedelta(days=730)
_BATCH = 200


@transaction.atomic
def record(
    person: Person,
    *,
    role: Role,
    kind: str,
    title: str,
    happened_on: date,
    incident: Incident | None = None,
    link: str = "",
    actor: Person,
    at: datetime,
) -> Evidence:
    """This person did this, says somebody who may record it.

    Whoever held the role in the incident may say who took part in it, shadowed them, or held the
    role beside them (`WITNESSED`). Refuses evidence about oneself (`about_oneself`),
    `unknown_proof`, `title_missing`, `happens_later`, an incident the recorder may not see
    (`unknown_incident`), a link that is no web address (`unusable_link`), and what stands there
    already (`recorded_already`).
    """
    if person.pk == actor.pk:
        message = "Nobody records evidence about themselves: ask who was there."
        raise NotPermitted.because("about_oneself", message, "person")
    if kind not in WITNESSED or not _held_it(actor, role, incident):
        standing.permit_to(actor, RECORD)
    if reasons := tuple(_faults(kind, happened_on, incident, link, actor, at)):
        raise Invalid(*reasons)
    row = Evidence(
        person=person, role=role, kind=kind, happened_on=happened_on, incident=incident,
        title=words.required(title, "title", "Say what it was.", longest=200), link=link,
        recorded_at=at, recorded_by=actor,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        message = f"{person} has this evidence for {role} from {incident} already."
        raise Refused.because("recorded_already", message, "incident") from error
    records.audit(
        "record_evidence", row, actor=actor, at=at, person=person.username, role=role.slug,
        kind=kind, happened_on=happened_on,
    )  # fmt: skip
    return row


def _faults(
    kind: str,
    happened_on: date,
    incident: Incident | None,
    link: str,
    actor: Person,
    at: datetime,
) -> Iterator[Reason]:
    if kind not in Proof.values:
        yield Reason("unknown_proof", "Choose what kind of proof it is.", "kind")
    if happened_on > today(at):
        message = "It lies ahead: record it once it has happened."
        yield Reason("happens_later", message, "happened_on")
    if incident and not Incident.objects.visible_to(actor).filter(pk=incident.pk).exists():
        yield Reason("unknown_incident", "There is no such incident.", "incident")
    if link and not link.startswith(("https://", "http://")):
        message = "Give the whole address, with https:// before it."
        yield Reason("unusable_link", message, "link")


@transaction.atomic
def withdraw(evidence: Evidence, *, reason: str, actor: Person, at: datetime) -> Evidence:
    """It no longer counts, and says why; the row stays. Refuses `withdrawn_already`."""
    standing.permit_to(actor, WITHDRAW)
    row = Evidence.objects.select_for_update().get(pk=evidence.pk)
    if reasons := objections(row):
        raise Refused(*reasons)
    row.withdrawn_reason = words.required(reason, "reason", "Say why.", longest=300)
    row.withdrawn_at, row.withdrawn_by = at, actor
    row.save()
    records.audit("withdraw_evidence", row, actor=actor, at=at, reason=row.withdrawn_reason)
    return row


def objections(evidence: Evidence) -> tuple[Reason, ...]:
    """Why it cannot be withdrawn; empty if it can."""
    if evidence.withdrawn_at is None:
        return ()
    return (Reason("withdrawn_already", "It was withdrawn already: nothing is left to do."),)


def from_game_day(game_day: GameDay, *, at: datetime) -> int:
    """What its people have shown by it, once; how many rows are new. Who declined showed nothing."""
    on = today(game_day.starts_at)
    there = [
        *(
            (part.person_id, part.role_id, SHADOWED if part.is_shadow else PLAYED)
            for part in game_day.roles.exclude(answer=Answer.DECLINED)
        ),
        *((person, role, LED) for person, role in _leaders(game_day)),
    ]
    known = set(game_day.evidence.counting().values_list("person", "role", "kind"))
    return _keep(
        Evidence(
            person_id=person, role_id=role, kind=kind, title=f"Exercise: {game_day}"[:200],
            happened_on=on, game_day=game_day, recorded_at=at,
        )
        for person, role, kind in dict.fromkeys(there)
        if (person, role, kind) not in known
    )  # fmt: skip


def from_incidents(at: datetime) -> int:
    """What people showed in real incidents that have closed and were not looked at; how many rows.

    Who held a role has held it, and has seen an incident in the roles they learn. A private
    incident gives its reference and no title.
    """
    fresh = Incident.objects.filter(
        ~Exists(Evidence.objects.filter(incident=OuterRef("pk"), recorded_by=None)),
        Exists(Assignment.objects.filter(incident=OuterRef("pk"))),
        kind=Incident.Kind.INCIDENT,
        state=State.CLOSED,
        closed_at__gt=at - LOOK_BACK,
        closed_at__lte=at,
    ).order_by("closed_at")
    incidents = list(fresh[:_BATCH])
    if not incidents:
        return 0
    with transaction.atomic():
        return _keep(row for incident in incidents for row in _of_incident(incident, at))


def _leaders(game_day: GameDay) -> Iterator[tuple[int, str]]:
    """Whoever led the exercise, for each role they hold or learn."""
    staff = game_day.staff.filter(duty__in=_RUNS_IT).exclude(answer=Answer.DECLINED)
    yield from staff.filter(person__qualifications__isnull=False).values_list(
        "person", "person__qualifications__role"
    )


def _of_incident(incident: Incident, at: datetime) -> Iterator[Evidence]:
    held = list(incident.assignments.values_list("person", "role").distinct())
    learning = Person.objects.filter(pk__in={person for person, _ in held}).values_list(
        "pk", "qualifications__role"
    )
    rows = [
        *((person, role, HELD) for person, role in held),
        *(
            (person, role, SEEN)
            for person, role in learning
            if role is not None and (person, role) not in held
        ),
    ]
    on = today(incident.closed_at or at)
    title = incident.reference if incident.is_private else str(incident)
    known = set(
        Evidence.objects.counting()
        .filter(incident=incident)
        .values_list("person", "role", "kind")
    )
    for person, role, kind in dict.fromkeys(rows):
        if (person, role, kind) in known:
            continue
        yield Evidence(
            person_id=person, role_id=role, kind=kind, title=title[:200], happened_on=on,
            incident=incident, recorded_at=at,
        )  # fmt: skip


def _keep(rows: Iterable[Evidence]) -> int:
    new = list(rows)
    bulk_create_with_history(new, Evidence, batch_size=500)
    return len(new)


def may_record(actor: Person) -> bool:
    """Whether they may record any: about whatever, or about an incident in which they held a role."""
    return actor.has_perm(RECORD) or actor.assignments.exists()


def _held_it(actor: Person, role: Role, incident: Incident | None) -> bool:
    """Who held the role in an incident knows who shadowed them there."""
    if incident is None:
        return False
    return Assignment.objects.filter(incident=incident, role=role, person=actor).exists()
