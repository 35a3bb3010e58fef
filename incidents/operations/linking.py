"""What two incidents are to each other, and the one order in which both are locked."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from incidents.models.incident import Incident
from incidents.models.links import IncidentLink
from incidents.models.people import Person
from incidents.operations import moves, records, standing, timeline, words
from incidents.rules.reasons import Invalid, Reason, Refused

Kind = IncidentLink.Kind
RELATIONS = (Kind.RELATED, Kind.CAUSED)


@transaction.atomic
def relate(
    incident: Incident, *, to: Incident, kind: str, reason: str, actor: Person, at: datetime
) -> IncidentLink:
    """Keep that it is related to the other, or was caused by it, and why.

    Invalid: itself, one this person may not see, another kind. Refuses `linked_already`, and
    `caused_each_other`.
    """
    lock_both(incident, to)
    moves.begin("relate", incident, actor)
    refuse_itself(incident, to, "to")
    require_seen(to, actor, "to")
    if kind not in RELATIONS:
        message = (
            f"It is {' or '.join(RELATIONS)}; what is the same is merged, a part is split off."
        )
        raise Invalid.because("unknown_kind", message, "kind")
    reason = words.required(reason, "reason", "Write how the two hang together.")
    refuse_mixing(incident, to, "to")
    _refuse_linked(incident, to, kind)
    link = keep(incident, Kind(kind), to, reason, actor=actor, at=at)
    said = f"{Kind(kind).label} {to.reference}: {reason}"
    if may_name(incident, to):
        timeline.record(incident, f"It {said}", at=at, author=actor)
    if may_name(to, incident):
        timeline.record(to, f"{incident.reference} {said}", at=at, author=actor)
    records.audit(
        "relate", incident, actor=actor, at=at, kind=kind, to=to.reference, reason=reason
    )
    return link


def keep(
    incident: Incident, kind: Kind, other: Incident, reason: str, *, actor: Person, at: datetime
) -> IncidentLink:
    """Write the link; Refused `linked_already` where another act was faster."""
    try:
        with transaction.atomic():
            return IncidentLink.objects.create(
                incident=incident,
                kind=kind,
                other=other,
                reason=reason,
                made_by=actor,
                made_at=at,
            )
    except IntegrityError as error:
        raise Refused(_linked_already(incident, kind, other)) from error


def lock_both(incident: Incident, other: Incident) -> None:
    """The older first, whichever is named first: two acts never wait for each other."""
    for each in sorted((incident, other), key=lambda one: one.pk):
        standing.lock(each)


def refuse_itself(incident: Incident, other: Incident, field: str) -> None:
    """Invalid `same_incident`."""
    if incident.pk == other.pk:
        message = f"This is {incident.reference} itself: name another incident."
        raise Invalid.because("same_incident", message, field)


def require_seen(other: Incident, actor: Person, field: str) -> None:
    """Invalid `unknown_incident`: of what a person may not see nobody says that it is there."""
    if not Incident.objects.visible_to(actor).filter(pk=other.pk).exists():
        message = f"There is no incident “{other.reference}”: look it up first."
        raise Invalid.because("unknown_incident", message, field)


def refuse_mixing(incident: Incident, other: Incident, field: str) -> None:
    """Refused `exercise_with_real`: nobody may take one for the other."""
    if incident.kind != other.kind:
        message = "One of them is an exercise, the other is real: name another incident."
        raise Refused.because("exercise_with_real", message, field)


def may_name(here: Incident, other: Incident) -> bool:
    """Whether the timeline of one may speak of the other: a private one is not told of outside."""
    return here.is_private or not other.is_private


def duplicate_of(incident: Incident) -> Incident | None:
    """What it was merged into, if it was."""
    link = incident.links.filter(kind=Kind.DUPLICATE).select_related("other").first()
    return link.other if link else None


def _refuse_linked(incident: Incident, to: Incident, kind: str) -> None:
    back = IncidentLink.objects.filter(incident=to, other=incident, kind=kind)
    there = Q(incident=incident, other=to, kind=kind)
    if kind == Kind.CAUSED and back.exists():
        message = f"{to.reference} was caused by this one: it cannot be its cause as well."
        raise Refused.because("caused_each_other", message, "to")
    if back.exists() or IncidentLink.objects.filter(there).exists():
        raise Refused(_linked_already(incident, kind, to))


def _linked_already(incident: Incident, kind: str, other: Incident) -> Reason:
    message = f"{incident.reference} {Kind(kind).label} {other.reference} already."
    return Reason("linked_already", message, "to")
