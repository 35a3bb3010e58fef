"""Waiting: an act whose line consults somebody and gives them time goes on once they were asked."""

from datetime import datetime

from incidents.models.adherence import Consultation, Performance
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.severity import Audience
from incidents.models.update import Update
from incidents.operations import moves, pinned, reaching, standing
from incidents.rules.acts import ACTS
from incidents.rules.raci import Activity
from incidents.rules.reasons import Reason, Refused

# The one act of a verb; which act an update performs depends on whom it speaks to.
_ACT_OF = {
    act.verb: act.code for act in ACTS.values() if act.verb not in ("", "publish_update")
}


def act_of_update(audience: str) -> str:
    """The act that publishing to this audience performs; "" for what support may say: none."""
    if audience == Audience.SUPPORT:
        return ""
    inside = audience == Audience.INTERNAL
    return "first_internal_update" if inside else "publish_externally"


def require_consulted(incident: Incident, act: str, *, actor: Person, at: datetime) -> None:
    """Return only if nobody is to be waited for. Refuses `consult_first` and `still_consulting`."""
    if reason := why(incident, act, actor=actor, at=at):
        raise Refused(reason)


def objections(
    verb: str,
    incident: Incident,
    person: Person,
    *,
    update: Update | None = None,
    at: datetime,
) -> tuple[Reason, ...]:
    """Every reason why this person may not do this now, whom it waits for included; for pages."""
    found = standing.objections(verb, incident, person, update=update, at=at)
    act = act_of_update(update.audience) if update else _ACT_OF.get(verb, "")
    late = why(incident, act, actor=person, at=at) if act and not found else None
    return (late,) if late else found


def why(incident: Incident, act: str, *, actor: Person, at: datetime) -> Reason | None:
    """Why the act waits: nobody was asked, or somebody may still answer; None if it does not.

    No query where the line gives those it consults no time.
    """
    activity = pinned.governing(incident, act)
    if activity is None or activity.proceed_after is None or not activity.consulted:
        return None
    asked = last_consultation(incident, activity)
    if asked is None:
        return _nobody_asked(incident, activity, actor, at)
    missing = [one.person for one in asked.advice.all() if one.answered_at is None]
    if not missing or at >= asked.proceeds_at:
        return None
    names = ", ".join(dict.fromkeys(map(str, missing)))
    message = (
        f"{names} did not answer yet: it proceeds at {moves.clock(asked.proceeds_at)}, or "
        "as soon as everybody has answered."
    )
    return Reason("still_consulting", message)


def _nobody_asked(
    incident: Incident, activity: Activity, actor: Person, at: datetime
) -> Reason | None:
    """Whom nobody can reach, nobody waits for."""
    held = reaching.holders(incident)
    found = reaching.reach(incident, activity.consulted, held, at=at)
    to_ask = reaching.others(found, actor)
    if not to_ask:
        return None
    names = ", ".join(dict.fromkeys(str(person) for person, _ in to_ask))
    message = (
        f"The matrix has {names} consulted before “{activity.name}”: use “Consult first”. "
        f"It proceeds {activity.proceed_after} min later at the latest."
    )
    return Reason("consult_first", message)


def last_consultation(incident: Incident, activity: Activity) -> Consultation | None:
    """The last one on this line since it was last performed, with its advice; at most three queries."""
    key = pinned.key_of(incident, activity)
    rows = Consultation.objects.filter(incident=incident, activity=key)
    asked = rows.prefetch_related("advice__person").first()
    if asked is None:
        return None
    done = Performance.objects.filter(incident=incident, activity=key)
    return None if done.filter(done_at__gte=asked.asked_at).exists() else asked
