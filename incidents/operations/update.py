"""Updates: drafted, approved by another person, published; and the clocks that ask for them."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from incidents.models.incident import Incident
from incidents.models.nudging import NudgePolicy
from incidents.models.people import Person
from incidents.models.severity import Audience
from incidents.models.statement import HoldingStatement
from incidents.models.update import Update, UpdateClock
from incidents.operations import (
    composing,
    escalation,
    moves,
    nudges,
    policies,
    records,
    routing,
    standing,
    timeline,
    waiting,
    words,
)
from incidents.operations.law import level_law
from incidents.operations.moves import provenance
from incidents.operations.statement import fill_in, require_usable
from incidents.rules.cadence import Cadence, next_due_at
from incidents.rules.reasons import Invalid, Reason, Refused

_CLOCK_FIELDS = ["due_at", "next_nudge_at", "nudged_through"]
_FIRST = {
    Audience.INTERNAL: "first_internal_update_at",
    Audience.PUBLIC: "first_public_update_at",
}


@transaction.atomic
def draft(
    incident: Incident,
    *,
    audience: str,
    text: str,
    statement: HoldingStatement | None = None,
    values: Mapping[str, str | datetime] | None = None,
    promised_next_at: datetime | None = None,
    actor: Person,
    at: datetime,
) -> Update:
    """Keep the text of an update; without one the statement's words, its blanks filled.

    The statement must be in use and meant for this audience. Invalid where text or blanks are
    missing, or the next update is promised for a time that has passed.
    """
    standing.lock(incident)
    standing.require("draft_update", incident, actor)
    if audience not in Audience.values:
        known = ", ".join(Audience.values)
        raise Invalid.because("unknown_audience", f"Choose one of {known}.", "audience")
    promised_at = timeline.ahead(promised_next_at, at, "promised_next_at")
    if statement is not None:
        require_usable(statement, audience, at)
        known_now = {"next_update": promised_at} if promised_at else {}
        text = text.strip() or fill_in(statement, incident, {**known_now, **(values or {})}, at)
    update = Update.objects.create(
        incident=incident,
        audience=audience,
        text=words.required(text, "text", "Write the update, or choose a holding statement."),
        statement=statement,
        promised_next_at=promised_at,
        drafted_by=actor,
        drafted_at=at,
    )
    _audit("draft_update", update, statement=statement and statement.pk, actor=actor, at=at)
    return update


@transaction.atomic
def approve(update: Update, *, actor: Person, at: datetime) -> Update:
    """A second person agrees to the words. Refuses the drafter (`approve_own_update`)."""
    incident = _lock(update)
    standing.require("approve_update", incident, actor, update=update)
    _in_turn("approve_update", update)
    update.status = Update.Status.APPROVED
    update.approved_by, update.approved_at = actor, at
    update.save()
    _audit("approve_update", update, actor=actor, at=at)
    return update


@transaction.atomic
def publish(update: Update, *, actor: Person, at: datetime) -> Update:
    """Say it, once, to everybody with a role here; the audience's clock starts anew.

    Refuses what nobody approved (`not_approved`) and what was said (`already_published`).
    """
    incident = _lock(update)
    giver = standing.require("publish_update", incident, actor, update=update, at=at)
    _in_turn("publish_update", update)
    act = waiting.act_of_update(update.audience)
    waiting.require_consulted(incident, act, actor=actor, at=at)
    update.status = Update.Status.PUBLISHED
    update.published_by, update.published_at = actor, at
    update.save()
    _keep_first(update, actor, at)
    text = standing.signed(f"Update published ({update.audience})", giver)
    timeline.record(incident, text, at=at, author=actor)
    start_clocks(incident, actor=actor, at=at)
    told = escalation.participants(incident)
    composing.compose(
        escalation.about(
            incident, told, key=f"update:{update.pk}",
            kind="update", subject=f"{update.audience} update", body=update.text,
        ),
        at=at,
    )  # fmt: skip
    people = [person for person, _ in told]
    routing.performed(incident, act, actor=actor, at=at, note=update.text, told=people)
    _audit("publish_update", update, actor=actor, at=at, **standing.on_behalf(giver))
    return update


def _lock(update: Update) -> Incident:
    """First the incident, then the update: every act takes its locks in this order."""
    incident = update.incident
    standing.lock(incident)
    update.refresh_from_db(from_queryset=Update.objects.select_for_update())
    update.incident = incident
    return incident


def objections(
    verb: str, update: Update, person: Person, *, at: datetime
) -> tuple[Reason, ...]:
    """Why this person may not approve or publish it now, its turn included; for pages."""
    late = out_of_turn(verb, update)
    if late or verb != "publish_update":
        now = standing.objections(verb, update.incident, person, update=update, at=at)
    else:
        now = waiting.objections(verb, update.incident, person, update=update, at=at)
    return (late, *now) if late else now


def out_of_turn(verb: str, update: Update) -> Reason | None:
    """Why it is not the turn of this verb: drafted, approved, published, in this order, once."""
    if update.status == Update.Status.PUBLISHED:
        when = _clock(update.published_at)
        message = f"{update.published_by} published it at {when}: draft a new update instead."
        return Reason("already_published", message)
    if verb == "publish_update" and update.status == Update.Status.DRAFT:
        message = "Nobody approved it yet: ask a person other than its drafter to do so."
        return Reason("not_approved", message)
    if verb == "approve_update" and update.status == Update.Status.APPROVED:
        when = _clock(update.approved_at)
        return Reason(
            "already_approved", f"{update.approved_by} approved it at {when}: publish it."
        )
    return None


def _in_turn(verb: str, update: Update) -> None:
    if reason := out_of_turn(verb, update):
        raise Refused(reason)


def _keep_first(update: Update, actor: Person, at: datetime) -> None:
    """The incident keeps when its first internal and its first public update were published."""
    incident, field = update.incident, _FIRST.get(Audience(update.audience))
    if field is None or getattr(incident, field) is not None:
        return
    setattr(incident, field, at)
    incident.provenance[field] = provenance("auto", actor)
    incident.save(update_fields=[field, "provenance"])


def _audit(verb: str, update: Update, *, actor: Person, at: datetime, **detail: object) -> None:
    detail = {"update": update.pk, "audience": update.audience, **detail}
    records.audit(verb, update.incident, actor=actor, at=at, **detail)


def _clock(instant: datetime | None) -> str:
    return moves.clock(instant) if instant else ""


def start_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """One clock an audience, by the cadences of the level; repeating it changes nothing.

    A level set later owes nothing earlier than now, unless it was owed already. Once an incident
    is resolved no clock starts.
    """
    if incident.resolved_at is not None or not incident.is_open:
        return
    last = _last_published(incident)
    clocks = {clock.audience: clock for clock in incident.update_clocks.all()}
    _start(incident, clocks, last, actor=actor, at=at)


def start_first_clocks(incident: Incident, *, actor: Person, at: datetime) -> None:
    """Of an incident that is being declared: nothing was said yet and no clock runs."""
    _start(incident, {}, {}, actor=actor, at=at)


def _start(
    incident: Incident,
    clocks: dict[str, UpdateClock],
    last: Mapping[str, Update],
    *,
    actor: Person | None,
    at: datetime,
) -> None:
    cadences = _cadences(incident)
    for audience in (cadences.keys() | last.keys()) - clocks.keys():
        clocks[audience] = UpdateClock(incident=incident, audience=audience)
    changed = []
    for audience, clock in sorted(clocks.items()):
        due_at = _due_at(incident, cadences.get(audience, Cadence()), last.get(audience))
        due_at = due_at and max(due_at, min(clock.due_at or at, at))
        if due_at != clock.due_at:
            clock.due_at = due_at
            changed.append(clock)
    if changed:
        policy = policies.of(NudgePolicy.What.UPDATE)
        for clock in changed:
            nudges.schedule(clock, policy, at=at)
    _write(changed, actor, at=at)


def stop_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """No update is owed any more; each may still be published."""
    clocks = list(incident.update_clocks.exclude(due_at=None))
    for clock in clocks:
        nudges.end(clock)
    _write(clocks, actor, at=at)


def _write(clocks: list[UpdateClock], actor: Person | None, *, at: datetime) -> None:
    new = [clock for clock in clocks if clock.pk is None]
    known = [clock for clock in clocks if clock.pk is not None]
    if new:
        bulk_create_with_history(new, UpdateClock, default_user=actor, default_date=at)
    if known:
        bulk_update_with_history(
            known, UpdateClock, _CLOCK_FIELDS, default_user=actor, default_date=at
        )


def _due_at(incident: Incident, cadence: Cadence, last: Update | None) -> datetime | None:
    """When the audience must hear again; None if neither cadence nor promise says so."""
    said_at, promised_at = (last.published_at, last.promised_next_at) if last else (None, None)
    return next_due_at(cadence, incident.declared_at, said_at, promised_at)


def _cadences(incident: Incident) -> Mapping[str, Cadence]:
    law = level_law(incident.level)
    return law.cadences if law else {}


def _last_published(incident: Incident) -> dict[str, Update]:
    """The latest published update of each audience."""
    published = incident.updates.filter(status=Update.Status.PUBLISHED)
    return {update.audience: update for update in published.order_by("published_at", "pk")}
