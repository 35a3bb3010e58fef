"""What the players of an exercise are told: its injects, and that it was stopped."""

from collections.abc import Iterable, Iterator

from django.db.models import Q, QuerySet

from incidents.models import Incident, OutboxMessage, Person
from incidents.operations import composing, escalation
from incidents.operations.composing import Message
from training.models import Delivery, GameDay, Inject

PAGE, NOTICE = OutboxMessage.Priority.PAGE, OutboxMessage.Priority.NOTICE
_RINGS = (Inject.Method.ALERT, Inject.Method.CALL)


def as_told(inject: Inject) -> str:
    """The inject as its players read it: its number, how it came and from whom, its words."""
    came = str(inject.get_method_display())
    by = f" from {inject.sender}" if inject.sender else ""
    head = f"Inject {inject.number} ({came}{by})"
    return (
        f"{head}: {inject.title}\n{inject.text}" if inject.title else f"{head}: {inject.text}"
    )


def messages(game_day: GameDay, incident: Incident, row: Delivery) -> Iterator[Message]:
    """To whom it is for, by the ways they are reached in earnest; an alert and a call ring."""
    inject = row.inject
    what = inject.title or inject.get_method_display()
    by = f" from {inject.sender}" if inject.sender else ""
    told = heard_by(game_day, incident, inject)
    yield from escalation.about(
        incident, [(person, inject.to_role_id or "") for person in told],
        key=f"inject:{row.pk}", kind="inject",
        subject=f"{what}{by}",
        body=f"{as_told(inject)}\n\nAct on it in {incident.reference}, as you would in earnest. "
        "Tell nobody who does not play.",
        priority=PAGE if inject.method in _RINGS else NOTICE,
    )  # fmt: skip


def heard_by(game_day: GameDay, incident: Incident, inject: Inject) -> list[Person]:
    """Who holds the role now with those who stand beside it; all players where nobody does."""
    if inject.to_role_id is not None:
        role = Q(assignments__in=incident.assignments.open().filter(role=inject.to_role_id))
        beside = game_day.roles.filter(role=inject.to_role_id, is_shadow=True)
        people = Person.objects.filter(role, is_active=True).distinct()
        if holders := list(people):
            others = Person.objects.filter(pk__in=beside.values("person"), is_active=True)
            return list(dict.fromkeys([*holders, *others]))
    return list(everybody(game_day, incident))


def everybody(game_day: GameDay, incident: Incident | None = None) -> QuerySet[Person]:
    """The players, those who stand beside them, and whoever holds a role in the exercise by now."""
    plays = Q(pk__in=game_day.roles.values("person"))
    if incident is not None:
        plays |= Q(pk__in=incident.assignments.open().values("person"))
    return Person.objects.filter(plays, is_active=True).order_by("pk")


def staff(game_day: GameDay) -> QuerySet[Person]:
    """Who helps to run or judge it, and does not play; and who organised it."""
    helps = Q(pk__in=game_day.staff.values("person")) | Q(pk=game_day.organiser_id)
    rows = Person.objects.filter(helps, is_active=True)
    return rows.exclude(pk__in=game_day.roles.values("person")).order_by("pk")


def stopped(
    game_day: GameDay, incident: Incident, told: Iterable[Person], reason: str, by: Person
) -> Iterator[Message]:
    """Everybody in it hears at once that nothing of it goes on."""
    yield from escalation.about(
        incident, [(person, "") for person in told],
        key=f"{game_day._meta.label_lower}:{game_day.pk}:stopped", kind="exercise-stopped",
        subject="STOP, the exercise is over",
        body=f"{by} stopped the exercise: {reason}\n\nWhat you were told in it was a story. Do "
        "nothing more for it.",
        priority=PAGE,
    )  # fmt: skip


def begins(game_day: GameDay, incident: Incident) -> Iterator[Message]:
    """Staff hear that it runs and where they steer or judge it; who stands beside, beside whom."""
    for person in staff(game_day):
        yield _begun(game_day, incident, person, "it runs", "The exercise has begun.")
    for part in game_day.roles.filter(is_shadow=True).select_related("person", "role"):
        words = (
            f"You stand beside the {part.role.name.lower()} and learn: watch, ask afterwards."
        )
        yield _begun(game_day, incident, part.person, f"beside the {part.role.name}", words)


def _begun(
    game_day: GameDay, incident: Incident, person: Person, subject: str, words: str
) -> Message:
    return Message(
        key=f"{game_day._meta.label_lower}:{game_day.pk}:begun:{person.pk}",
        kind="exercise-begun",
        to=person,
        subject=f"{escalation.called(incident)}: {subject}",
        body=f"{incident.title}\n\n{words}",
        link=composing.page_of(game_day),
        topic=incident.reference,
    )
