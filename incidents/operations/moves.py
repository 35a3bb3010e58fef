"""What every move of an incident begins and ends with: who may, and who hears."""

from dataclasses import replace
from datetime import UTC, datetime

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.records import AuditEvent
from incidents.operations import composing, escalation, standing, timeline
from incidents.rules.reasons import Refused
from incidents.rules.verbs import VERBS

_MOVES = (
    "acknowledge", "advance", "mitigate", "resolve", "close", "reopen", "cancel", "merge",
)  # fmt: skip


def begin(
    verb: str, incident: Incident, actor: Person, *, at: datetime | None = None
) -> Person | None:
    """Lock the incident and ask who may; who comes second hears who was first.

    Returned is on whose behalf a delegate acts, as `standing.require` does.
    """
    standing.lock(incident)
    standing.permit(verb, actor)
    objections = standing.objections(verb, incident, actor, at=at)
    found = {reason.code: reason for reason in objections}
    moved = found.get("wrong_state")
    # With an incident its roles end, so whoever comes second holds none: the state is the reason.
    if moved and (not incident.is_open or "not_your_role" not in found):
        raise Refused(replace(moved, message=f"{moved.message} {last_move(incident)}".strip()))
    return standing.require(verb, incident, actor, at=at)


def last_move(incident: Incident) -> str:
    """Who moved the incident last, by which verb and when, if an audit line says so."""
    lines = AuditEvent.objects.filter(
        subject_type=incident._meta.label_lower, subject_id=str(incident.pk), verb__in=_MOVES
    )
    last = lines.first()
    if last is None:
        return ""
    return f"The last act was {last.actor_name}'s: {VERBS[last.verb].label}, {clock(last.at)}."


def announce(
    incident: Incident,
    what: str,
    why: str,
    told: list[escalation.Told],
    *,
    giver: Person | None = None,
    actor: Person,
    at: datetime,
) -> None:
    """Put it on the timeline and tell these people."""
    done = standing.signed(what.capitalize(), giver)
    text = f"{done}: {why}" if why else done
    entry = timeline.record(incident, text, at=at, author=actor)
    composing.compose(
        escalation.about(
            incident, told, key=f"{what}:{entry.pk}", kind=what,
            subject=f"{what} by {actor}", body=text,
        ),
        at=at,
    )  # fmt: skip


def provenance(source: str, actor: Person | None, reason: str = "") -> dict[str, str]:
    """Where an instant comes from, as the incident keeps it; by nobody: by the system."""
    return {"source": source, "by": actor.username if actor else "", "reason": reason}


def clock(instant: datetime) -> str:
    """The instant as messages say it."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
