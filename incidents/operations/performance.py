"""What is done outside the product is ticked off by hand; what departs from the matrix is explained."""

from datetime import datetime

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from incidents.models import matrix
from incidents.models.adherence import Omission, Performance
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.operations import moves, pinned, records, standing, timeline, words
from incidents.operations.routing import Done
from incidents.rules.acts import ACTS
from incidents.rules.phases import Phase
from incidents.rules.reasons import Invalid, Refused
from incidents.rules.verbs import VERBS


@transaction.atomic
def perform(
    incident: Incident,
    *,
    activity: matrix.Activity,
    happened_at: datetime | None = None,
    note: str = "",
    actor: Person,
    at: datetime,
) -> Performance:
    """Tick an activity off that no verb performs; now, unless said otherwise. Told as any act is.

    Refuses `done_by_its_verb`, and a second time (`already_done`).
    """
    standing.lock(incident)
    standing.require("perform", incident, actor)
    line = pinned.line(incident, activity)
    _refuse_verb(line.act)
    if line.phase == Phase.PREPARATION:
        message = "This is done in calm, not in an incident: leave it out here."
        raise Invalid.because("not_of_an_incident", message, "activity")
    _refuse_second(incident, activity)
    instant = timeline.happened(happened_at, at)
    note = words.optional(note, "note")
    text = f"Done: {line.name}" + (f": {note}" if note else "")
    timeline.record(incident, text, at=at, author=actor, happened_at=instant)
    done = Done(incident, line, "", actor, at, instant, note).keep()
    records.audit(
        "perform", incident, actor=actor, at=at, activity=line.name, happened_at=instant,
        note=note, departures=[each["code"] for each in done.departures],
    )  # fmt: skip
    return done


@transaction.atomic
def explain(
    incident: Incident, *, activity: matrix.Activity, reason: str, actor: Person, at: datetime
) -> Incident:
    """Keep why an activity departed from the matrix, or why it was not done; once.

    Refuses `nothing_to_explain` where it was done as the matrix says, or explained before.
    """
    standing.lock(incident)
    standing.require("explain", incident, actor)
    line = pinned.line(incident, activity)
    reason = words.required(reason, "reason", "Write why it was done otherwise, or not at all.")
    rows = list(incident.performances.filter(activity=activity))
    departed = [row for row in rows if row.departures and not row.reason]
    is_omitted = not rows and not incident.omissions.filter(activity=activity).exists()
    if departed:
        for row in departed:
            row.reason, row.reason_by = reason, actor
        bulk_update_with_history(
            departed, Performance, ["reason", "reason_by"], default_user=actor, default_date=at
        )
    elif is_omitted:
        Omission.objects.create(
            incident=incident, activity=activity, reason=reason, explained_by=actor, explained_at=at
        )  # fmt: skip
    else:
        message = f"“{line.name}” owes no explanation: look at the adherence page again."
        raise Refused.because("nothing_to_explain", message, "activity")
    records.audit(
        "explain", incident, actor=actor, at=at,
        activity=line.name, reason=reason, was_done=bool(departed),
    )  # fmt: skip
    return incident


def _refuse_verb(act: str) -> None:
    verb = ACTS[act].verb if act in ACTS else ""
    if verb:
        message = (
            f"This is done by “{VERBS[verb].label}”: do it there, and it is kept by itself."
        )
        raise Refused.because("done_by_its_verb", message, "activity")


def _refuse_second(incident: Incident, activity: matrix.Activity) -> None:
    before = incident.performances.filter(activity=activity).select_related("done_by").last()
    if before:
        message = (
            f"{before.done_by} did it at {moves.clock(before.done_at)}: add what is new to the "
            "timeline."
        )
        raise Refused.because("already_done", message, "activity")
