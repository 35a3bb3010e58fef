"""Later changes of who holds what: suggested by the rules, accepted or dismissed by a person.

Nobody is ever reassigned silently. A sweep looks at what is open: a holder who was deactivated,
went away or lapsed, a role that can be filled now, a role the matrix needs since the case changed.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from incidents.models.commanding import Suggestion
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.operations import (
    command,
    composing,
    escalation,
    lacking,
    records,
    taking,
    timeline,
    words,
)
from incidents.operations.composing import Message
from incidents.operations.lacking import Change, Look
from incidents.operations.moves import begin
from incidents.operations.nudges import Say
from incidents.operations.staffing import REASON_LENGTH
from incidents.rules.reasons import Invalid, Refused

_Outcome = Suggestion.Outcome
logger = logging.getLogger(__name__)


def sweep(at: datetime, say: Say | None = None) -> None:
    """Suggest what is lacking, once, and take back what is no longer true; `say` hears each.

    The same few queries however many incidents are open; only those where something changed are
    written to. Exercises are left to their players.
    """
    look = lacking.look(lacking.open_incidents(), at)
    for change in look.changes():
        try:
            with transaction.atomic():
                lines = _write(change, look) if _is_unchanged(change.incident) else []
        except Exception as error:  # whatever one incident does, the others must be seen to
            # The error's own text may quote what people wrote: only its kind is logged.
            logger.error(
                "suggestions for incident %s failed: %s",
                change.incident.pk, type(error).__name__,
            )  # fmt: skip
            continue
        if say:
            for line in lines:
                say(line)


def accept_suggestion(
    incident: Incident, *, suggestion: Suggestion, actor: Person, at: datetime
) -> Assignment:
    """Give the role to whom the rules suggest, in the place of who held it.

    All rules of `assign` hold. Invalid `suggestion_of_another`. Refuses `suggestion_decided`,
    `nobody_suggested`, and what no longer holds (`suggestion_outdated`): that is renewed.
    """
    with transaction.atomic():
        begin("accept_suggestion", incident, actor, at=at)
        row = _open_one(incident, suggestion)
        if row.person is None:
            message = (
                "Nobody could be found for it: assign somebody, or dismiss the suggestion."
            )
            raise Refused.because("nobody_suggested", message, "suggestion")
        look = lacking.look(lacking.one(incident), at)
        if look.still_holds(row):
            return _accept(incident, row, row.person, actor=actor, at=at)
        for change in look.changes():
            _write(change, look)
    message = f"{row.person} is no longer whom the rules suggest: look again."
    raise Refused.because("suggestion_outdated", message, "suggestion")


@transaction.atomic
def dismiss_suggestion(
    incident: Incident, *, suggestion: Suggestion, reason: str, actor: Person, at: datetime
) -> Suggestion:
    """Leave the role as it is; the same is not suggested again for the same cause.

    Invalid `reason_missing`, `suggestion_of_another`. Refuses `suggestion_decided`.
    """
    begin("dismiss_suggestion", incident, actor, at=at)
    row = _open_one(incident, suggestion)
    ask = "Say why the role is left as it is: whoever reads it later wants to know."
    note = words.required(reason, "reason", ask)
    _decide(row, _Outcome.DISMISSED, actor=actor, at=at, note=note)
    text = f"Suggestion for {row.role.name} dismissed ({row.why}): {note}"
    timeline.record(incident, text, at=at, author=actor)
    records.audit(
        "dismiss_suggestion", incident, actor=actor, at=at, suggestion=row.pk,
        role=row.role_id, person=_name(row.person), reason=note,
    )  # fmt: skip
    return row


def _open_one(incident: Incident, suggestion: Suggestion) -> Suggestion:
    """The suggestion as it is now, if it may still be decided."""
    rows = Suggestion.objects.select_related("person", "role", "service", "instead_of__person")
    row = rows.get(pk=suggestion.pk)
    if row.incident_id != incident.pk:
        message = "This was suggested for another incident: choose one of this incident's."
        raise Invalid.because("suggestion_of_another", message, "suggestion")
    if row.outcome != _Outcome.OPEN:
        by = f" by {row.decided_by}" if row.decided_by else ""
        message = f"It is {row.get_outcome_display()}{by} already: look again."
        raise Refused.because("suggestion_decided", message, "suggestion")
    return row


def _accept(
    incident: Incident, row: Suggestion, person: Person, *, actor: Person, at: datetime
) -> Assignment:
    taken = command.assign(
        incident, role=row.role, person=person, service=row.service,
        reason=f"{row.why}. {row.reason}"[:REASON_LENGTH], actor=actor, at=at,
    )  # fmt: skip
    taken.rejected = row.rejected
    taken.save(update_fields=["rejected"])
    _relieve(row, taken, actor=actor, at=at)
    _decide(row, _Outcome.ACCEPTED, actor=actor, at=at)
    records.audit(
        "accept_suggestion", incident, actor=actor, at=at, suggestion=row.pk,
        role=row.role_id, person=person.username, why=row.why,
    )  # fmt: skip
    return taken


def _relieve(row: Suggestion, taken: Assignment, *, actor: Person, at: datetime) -> None:
    """Whoever could not any more leaves, also where several may hold the role."""
    if row.instead_of is None:
        return
    old = Assignment.objects.open().filter(pk=row.instead_of.pk)
    leaving = list(old.select_related("person", "role"))
    for one in leaving:
        one.ended_at, one.end_reason = max(at, one.assigned_at), row.why[:200]
    bulk_update_with_history(
        leaving, Assignment, ["ended_at", "end_reason"], default_user=actor, default_date=at
    )
    composing.compose(taking.messages(taken, leaving), at=at)


def _decide(
    row: Suggestion, outcome: str, *, actor: Person | None, at: datetime, note: str = ""
) -> None:
    row.outcome, row.decided_by, row.decided_at, row.decision_note = outcome, actor, at, note
    row.save(update_fields=["outcome", "decided_by", "decided_at", "decision_note"])


def _is_unchanged(incident: Incident) -> bool:
    """Hold the incident; left to the next sweep where somebody acts on it, or acted since."""
    free = Incident.objects.open().select_for_update(skip_locked=True, of=("self",))
    return free.filter(pk=incident.pk, revision=incident.revision).exists()


def _write(change: Change, look: Look) -> list[str]:
    """Take back what is no longer true, suggest what is new, tell who decides; what was done."""
    incident, at = change.incident, look.at
    for row in change.obsolete:
        _decide(row, _Outcome.OBSOLETE, actor=None, at=at)
    made = [
        Suggestion.objects.create(
            incident=incident,
            role_id=new.lack.need.role,
            service=new.service,
            person=new.person,
            instead_of_id=new.lack.instead_of,
            why=new.lack.why[:REASON_LENGTH],
            reason=new.reason[:REASON_LENGTH],
            rejected=[asdict(each) for each in new.rejected],
            made_at=at,
        )
        for new in change.new
    ]
    composing.compose([each for row in made for each in _told(row, look)], at=at)
    records.audit(
        "suggest", incident, actor=None, at=at,
        suggested=[f"{row.role_id}: {_name(row.person)}" for row in made],
        obsolete=[row.pk for row in change.obsolete],
    )  # fmt: skip
    reference = incident.reference
    return [
        *(f"suggestion {reference}: {row.role_id} to {_name(row.person)}" for row in made),
        *(f"suggestion {reference}: {row.role_id} is obsolete" for row in change.obsolete),
    ]


def _name(person: Person | None) -> str:
    return person.username if person else "nobody"


def _told(row: Suggestion, look: Look) -> list[Message]:
    """The commander, if it is not their own place; else leadership."""
    here = look.commander(row.incident, beside=row.instead_of_id)
    who = f"{row.person} could be {row.role.name}" if row.person else f"{row.role.name}: nobody"
    messages = escalation.about(
        row.incident,
        here or look.leaders,
        key=f"suggested:{row.pk}",
        kind="suggested",
        subject=f"{who} ({row.why})",
        body=f"{row.why}. {row.reason}\n\nAccept it, assign somebody else, or dismiss it.",
        priority=escalation.PAGE,
    )
    return list(messages)


def waiting(incident: Incident) -> Sequence[Suggestion]:
    """What is suggested and not decided, with all that a page shows; one query."""
    rows = incident.suggestions.filter(outcome=_Outcome.OPEN)
    return list(rows.select_related("role", "person", "service", "instead_of__person"))
